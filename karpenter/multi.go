package karpenter

// multiNodes is how many nodes more than one a search for several begins with: so that one command takes up to 101.
const multiNodes = 100

// Multi looks for the longest list of candidates, in their order, that can go at once, replaced by one node at most: by
// halving (rule 74), as if a shorter list always could where a longer one can.
func (d *Disruptor) Multi() (Command, bool) {
	list := d.candidates(MultiNode)
	d.rank(list)
	list = d.affordable(list, MultiNode)
	if len(list) < 2 {
		return Command{}, false
	}
	var found Command
	ok := false
	low, high := 1, min(multiNodes, len(list)-1)
	for low <= high {
		mid := (low + high) / 2
		command, obstacle := d.multiOf(list[:mid+1])
		if obstacle == nil {
			found, ok = command, true
			low = mid + 1
			continue
		}
		d.note(MultiNode, obstacle, list[:mid+1]...)
		high = mid - 1
	}
	return found, ok
}

// multiOf tries the first candidates together.
func (d *Disruptor) multiOf(list []*Candidate) (Command, *Obstacle) {
	command, obstacle := d.consolidate(MultiNode, list)
	if obstacle != nil {
		return Command{}, obstacle
	}
	return d.approved(command, list)
}

// approved asks pools with policy Balanced, and Thrift.
func (d *Disruptor) approved(command Command, list []*Candidate) (Command, *Obstacle) {
	scores, ok := approve(list, command.Savings)
	command.Scores = scores
	if ok {
		return command, d.options.Thrift.worth(&command)
	}
	for _, s := range scores {
		if !s.Approved() {
			return Command{}, unbalanced(s)
		}
	}
	return Command{}, &Obstacle{Kind: Unbalanced}
}

func unbalanced(s Score) *Obstacle {
	return &Obstacle{Kind: Unbalanced, Have: s.Value(), Want: s.Threshold(), Detail: s.String()}
}

// affordable are the candidates, in order, until each pool's budget is used up.
func (d *Disruptor) affordable(list []*Candidate, m Method) []*Candidate {
	room := d.room(m.Reason())
	kept := list[:0]
	for _, c := range list {
		if room[c.pool] == 0 {
			d.noteBudget(c, m)
			continue
		}
		room[c.pool]--
		kept = append(kept, c)
	}
	return kept
}
