package clusterautoscaler

import "sort"

// GroupSize is a group that may take part of a scale-up.
type GroupSize struct {
	ID   string `json:"id"`   // of the group
	Size int    `json:"size"` // now
	Max  int    `json:"max"`  // at most
}

// Increase is by how much a group grows.
type Increase struct {
	ID   string `json:"id"`   // of the group
	From int    `json:"from"` // its target size before
	To   int    `json:"to"`   // its target size after
}

// unstable is up to how many groups Go's sort keeps the order of equals.
const unstable = 12

// Balance spreads new nodes over groups so that their sizes come as close together as can be (R58). Groups at their maximum
// take none, and what has no room in any group is left out. Only groups that grow are returned, in the order of the sweep.
func Balance(groups []GroupSize, nodes int) []Increase {
	var b sweep
	room := uint64(0)
	for _, g := range groups {
		if g.Size < g.Max {
			more := uint64(g.Max) - uint64(g.Size)
			room = max(room+more, room, more) // no more than there are numbers
		}
		// A group above its maximum takes part, is found full, and so has a say in who gets the odd nodes.
		if g.Size != g.Max {
			b.open = append(b.open, growing{Increase{g.ID, g.Size, g.Size}, g.Max})
		}
	}
	if nodes > 0 && uint64(nodes) > room {
		nodes = int(room)
	}
	less := func(i, j int) bool { return b.open[i].From < b.open[j].From }
	if len(b.open) <= unstable {
		sort.SliceStable(b.open, less)
	} else {
		sort.Slice(b.open, less)
	}
	for nodes > 0 {
		if many := b.rounds(nodes); many > 0 {
			nodes -= many
		} else if b.step() {
			nodes--
		}
	}
	var out []Increase
	for _, g := range b.open {
		if g.To != g.From {
			out = append(out, g.Increase)
		}
	}
	return out
}

// growing is a group in the sweep.
type growing struct {
	Increase
	max int
}

// sweep gives nodes one by one: it moves right while a group became larger than its right neighbour, and else returns to
// the first group that is not known to be full.
type sweep struct {
	open      []growing
	first, at int // groups before first are full
}

// step gives one node, or finds a group full; such a group leaves only when its turn comes again, which decides who gets
// the odd nodes.
func (b *sweep) step() (given bool) {
	if g := &b.open[b.at]; g.To < g.max {
		g.To++
		given = true
	} else {
		b.open[b.first], b.open[b.at] = b.open[b.at], b.open[b.first]
		b.first++
	}
	if b.at+1 < len(b.open) && b.open[b.at].To > b.open[b.at+1].To {
		b.at++
	} else {
		b.at = b.first
	}
	return given
}

// rounds gives what the sweep would in several whole rounds over groups of one size at its beginning: as many as come before
// one of them is full or they reach the next larger one. It returns how many nodes that were.
func (b *sweep) rounds(nodes int) int {
	if b.at != b.first {
		return 0
	}
	size, end := b.open[b.first].To, b.first
	most := nodes
	for ; end < len(b.open) && b.open[end].To == size; end++ {
		if b.open[end].max <= size {
			return 0
		}
		most = atMost(most, b.open[end].max, size)
	}
	if end < len(b.open) {
		if b.open[end].To < size {
			return 0
		}
		most = atMost(most, b.open[end].To, size)
	}
	each := min(most, nodes/(end-b.first))
	for i := b.first; i < end; i++ {
		b.open[i].To += each
	}
	return each * (end - b.first)
}

// atMost is the smaller of a number and the distance from low up to high.
func atMost(n, high, low int) int {
	if distance := uint64(high) - uint64(low); distance < uint64(n) {
		return int(distance)
	}
	return n
}
