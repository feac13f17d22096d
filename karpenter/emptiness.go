package karpenter

// Empty deletes the nodes that no pod would have to leave at a cost, as many as budgets allow, dearest first.
func (d *Disruptor) Empty() (Command, bool) {
	list := d.candidates(Emptiness)
	d.rank(list)
	room := d.room(Empty)
	gone := list[:0]
	for _, c := range list {
		if room[c.pool] == 0 {
			d.noteBudget(c, Emptiness)
			continue
		}
		room[c.pool]--
		gone = append(gone, c)
	}
	if len(gone) == 0 {
		return Command{}, false
	}
	return d.newCommand(Emptiness, gone, nil, nil), true
}
