package kube

// Mark is a state of a snapshot to come back to.
type Mark int

type operation uint8

const (
	placed operation = iota
	displaced
	addedNode
	removedNode
)

// change is what it takes to undo one step.
type change struct {
	op    operation
	node  NodeID
	class Class
	index int32 // displaced: where it was; placed: how many
}

func (s *Snapshot) record(c change) {
	if s.marks > 0 {
		s.log = append(s.log, c)
	}
}

// Mark notes the state for [Snapshot.Undo]. Marks nest; each ends with one Undo or one Keep.
func (s *Snapshot) Mark() Mark {
	s.marks++
	return Mark(len(s.log))
}

// Undo takes back what was placed, removed and added since the mark, in no more steps than it took to do it. Classes
// stay known.
func (s *Snapshot) Undo(m Mark) {
	for len(s.log) > int(m) {
		c := s.log[len(s.log)-1]
		s.log = s.log[:len(s.log)-1]
		switch c.op {
		case placed:
			s.withdraw(c.class, c.node, int(c.index))
		case displaced:
			s.placeMany(c.class, c.node, 1)
			pods := s.nodes[c.node].pods
			last := len(pods) - 1
			pods[c.index], pods[last] = pods[last], pods[c.index]
		case removedNode:
			s.restoreNode(c.node)
		case addedNode:
			s.popNode()
		}
	}
	s.Keep(m)
}

// Keep ends a mark and leaves everything as it is; a mark around it can still take it back.
func (s *Snapshot) Keep(Mark) {
	if s.marks > 0 {
		s.marks--
	}
	if s.marks == 0 {
		s.log = s.log[:0]
	}
}

// popNode takes the last node away for good. Nothing is on it by now.
func (s *Snapshot) popNode() {
	n := NodeID(len(s.nodes) - 1)
	for i := range s.extents {
		s.countNode(&s.extents[i], n, -1)
	}
	s.free(n, -1)
	s.nodes = s.nodes[:n]
	s.alloc, s.used = s.alloc[:int(n)*s.stride], s.used[:int(n)*s.stride]
	s.shapeOf = s.shapeOf[:n]
	for i := range s.topologies {
		s.topologies[i].pop(n)
	}
}
