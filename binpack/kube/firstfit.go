package kube

import (
	"math/bits"
	"slices"
)

// search is what is known of the nodes that a class cannot go to: a bit for each where it fails a rule that only taking
// pods away can mend, so not spread and not affinity. Bits are set as nodes are tried, and cleared where room is made.
type search struct {
	calls  int8
	epoch  int32 // of the list of freed room that the position is in
	at     int   // how much of that list is taken in
	closed []uint64
}

// freed is a pod that went away, or with class -1 a node that came or went.
type freed struct {
	node  NodeID
	class Class
}

// FirstFit returns the first node that a pod of a class fits on, going around from a node; -1 where there is none. Nodes
// found full are skipped from then on, until something is taken off them.
func (s *Snapshot) FirstFit(c Class, from NodeID) NodeID {
	return s.FirstFitIn(c, from, 0, NodeID(len(s.nodes)))
}

// FirstFitIn is [Snapshot.FirstFit] among the nodes from first to the one before end. A start outside of them is first.
func (s *Snapshot) FirstFitIn(c Class, from, first, end NodeID) NodeID {
	first, end = max(first, 0), min(end, NodeID(len(s.nodes)))
	if c < 0 || int(c) >= len(s.classes) || first >= end {
		return -1
	}
	k := &s.classes[c]
	if k.err != nil || k.needs.Problem != "" {
		return -1
	}
	if from < first || from >= end {
		from = first
	}
	s.catchUp(k)
	if n := s.scan(k, from, end); n >= 0 {
		return n
	}
	return s.scan(k, first, from)
}

func (s *Snapshot) scan(k *class, from, end NodeID) NodeID {
	for n := from; n < end; n++ {
		if w := int(n >> 6); w < len(k.search.closed) {
			open := ^k.search.closed[w] >> (n & 63)
			if open == 0 {
				n |= 63
				continue
			}
			if n += NodeID(bits.TrailingZeros64(open)); n >= end {
				return -1
			}
		}
		if s.nodes[n].gone || !s.holds(k, n) || !s.away(k, n) {
			k.search.close(n)
		} else if s.spreads(k, n) && s.together(k, n) {
			return n
		}
	}
	return -1
}

func (x *search) close(n NodeID) {
	if w := int(n >> 6); w < len(x.closed) {
		x.closed[w] |= 1 << (n & 63)
	}
}

func (x *search) open(n NodeID) {
	if w := int(n >> 6); w < len(x.closed) {
		x.closed[w] &^= 1 << (n & 63)
	}
}

// catchUp takes in what was freed since the class last searched. A class that searches only once needs no memory of it.
func (s *Snapshot) catchUp(k *class) {
	x := &k.search
	if x.calls < 2 {
		x.calls++
		return
	}
	for len(x.closed) <= len(s.nodes)>>6 {
		x.closed = append(x.closed, 0)
	}
	s.searched = true
	if x.epoch != s.freedEpoch {
		clear(x.closed)
		x.epoch, x.at = s.freedEpoch, 0
	}
	for ; x.at < len(s.freed); x.at++ {
		f := s.freed[x.at]
		x.open(f.node)
		if f.class >= 0 && s.mends(k, &s.classes[f.class]) {
			clear(x.closed)
		}
	}
}

// mends tells whether a pod's going may make room for a class on other nodes than its own.
func (s *Snapshot) mends(k, gone *class) bool {
	for _, claim := range k.needs.Single {
		if slices.Contains(gone.needs.Single, claim) {
			return true
		}
	}
	wide := func(id int32) bool {
		return s.topologies[s.counters[id].topology].shared && slices.Contains(gone.bumps, id)
	}
	for i := range k.anti {
		if wide(k.anti[i].counter) {
			return true
		}
	}
	return slices.ContainsFunc(k.repelled, wide)
}

// free notes that room was made. Where nobody caught up for long, all start over.
func (s *Snapshot) free(n NodeID, c Class) {
	if !s.searched {
		return
	}
	if len(s.freed) > 2*len(s.nodes)+64 {
		s.freed = s.freed[:0]
		s.freedEpoch++
	}
	s.freed = append(s.freed, freed{n, c})
}
