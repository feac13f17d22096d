package karpenter

import "slices"

// Single looks for the first candidate, in their order and with the pools taking turns (rule 76), that can go, replaced by
// one cheaper node at most. The limit is how many candidates are simulated, all where it is 0; Karpenter stops after three
// minutes. The pools named first take their turn first: those that the last search did not get to, which Unseen of its
// answer names.
func (d *Disruptor) Single(limit int, first ...string) SingleSearch {
	list := d.candidates(SingleNode)
	d.rank(list)
	queue, pools := d.takeTurns(list, first)
	out := SingleSearch{}
	room := d.room(Underutilized)
	for i, c := range queue {
		if limit > 0 && out.Tried >= limit {
			out.Unseen = unseen(queue[:i], pools)
			return out
		}
		if room[c.pool] == 0 {
			d.noteBudget(c, SingleNode)
			continue
		}
		if s, no := hopeless(c); no {
			d.note(SingleNode, unbalanced(s), c)
			continue
		}
		out.Tried++
		command, obstacle := d.singleOf(c)
		if obstacle == nil {
			out.Command, out.Found = command, true
			return out
		}
		d.note(SingleNode, obstacle, c)
	}
	return out
}

// SingleSearch is what a search for one node found.
type SingleSearch struct {
	Command Command  `json:"command,omitzero"` // where Found
	Found   bool     `json:"found"`            // whether there is one
	Tried   int      `json:"tried"`            // candidates simulated
	Unseen  []string `json:"unseen,omitempty"` // pools that the limit kept it from getting to
}

func (d *Disruptor) singleOf(c *Candidate) (Command, *Obstacle) {
	list := []*Candidate{c}
	command, obstacle := d.consolidate(SingleNode, list)
	if obstacle != nil {
		return Command{}, obstacle
	}
	return d.approved(command, list)
}

// takeTurns interleaves the candidates of the pools: the first of each, then the second of each. Pools without precedence
// come in the order of their best candidate; Karpenter leaves that to chance.
func (d *Disruptor) takeTurns(list []*Candidate, first []string) (queue []*Candidate, pools []*poolFacts) {
	of := map[*poolFacts][]*Candidate{}
	for _, name := range first {
		if p := d.pools[name]; p != nil && !slices.Contains(pools, p) {
			pools = append(pools, p)
		}
	}
	for _, c := range list {
		if len(of[c.pool]) == 0 && !slices.Contains(pools, c.pool) {
			pools = append(pools, c.pool)
		}
		of[c.pool] = append(of[c.pool], c)
	}
	queue = make([]*Candidate, 0, len(list))
	for i := 0; len(queue) < len(list); i++ {
		for _, p := range pools {
			if i < len(of[p]) {
				queue = append(queue, of[p][i])
			}
		}
	}
	return queue, pools
}

// unseen are the pools that none of the candidates is of.
func unseen(queue []*Candidate, pools []*poolFacts) []string {
	var names []string
	for _, p := range pools {
		if !slices.ContainsFunc(queue, func(c *Candidate) bool { return c.pool == p }) {
			names = append(names, p.object.Name)
		}
	}
	return names
}
