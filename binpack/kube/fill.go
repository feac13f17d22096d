package kube

import (
	"fmt"
	"slices"
)

// Fill places pods of a class on a node for as long as they fit, at most some number, and returns how many it placed: what
// [Snapshot.Fits] and [Snapshot.Place] in turn would. Where no rule between pods of the class itself speaks against it,
// all are placed in one step.
func (s *Snapshot) Fill(c Class, n NodeID, most int) int {
	done := 0
	for done < most && s.Fits(c, n) {
		count := s.alike(c, n, most-done)
		if s.tooMuch(c, n) >= 0 {
			break
		}
		s.placeMany(c, n, count)
		s.record(change{op: placed, node: n, class: c, index: int32(count)})
		done += count
	}
	return done
}

// FillFirst places pods of a class on the first nodes that they fit on, going around from a node, as many as fit on one
// before the next is looked for; at most some number. It returns how many it placed and the last node used, -1 where
// none.
func (s *Snapshot) FillFirst(c Class, from NodeID, most int) (placed int, last NodeID) {
	last = -1
	for placed < most {
		n := s.FirstFit(c, from)
		if n < 0 {
			return placed, last
		}
		got := s.Fill(c, n, most-placed)
		if got == 0 {
			return placed, last
		}
		placed, last, from = placed+got, n, n
	}
	return placed, last
}

// alike is how many pods of a class surely fit on a node that one fits on, at most some number. One: look again.
func (s *Snapshot) alike(c Class, n NodeID, most int) int {
	k, x := &s.classes[c], &s.nodes[n]
	if len(k.ports) > 0 || len(k.needs.Single) > 0 || len(k.needs.disks) > 0 {
		return 1
	}
	for i := range k.spread {
		if slices.Contains(k.bumps, k.spread[i].counter) {
			return 1
		}
	}
	for i := range k.anti {
		if slices.Contains(k.bumps, k.anti[i].counter) {
			return 1
		}
	}
	for _, id := range k.repelled {
		if slices.Contains(k.bumps, id) {
			return 1
		}
	}
	// More of affinity's own kind only help; and volumes are attached once for all.
	room := min(int64(most), x.maxPods-int64(len(x.pods)), 1<<30)
	at := int(n) * s.stride
	for _, a := range k.amounts {
		if a.amount < 0 {
			return 1
		}
		if a.amount > 0 {
			room = min(room, (s.alloc[at+int(a.column)]-s.used[at+int(a.column)])/a.amount)
		}
	}
	return int(max(1, room))
}

// tooMuch is the column of a resource whose sum on a node would leave the range that can be counted; -1: none.
func (s *Snapshot) tooMuch(c Class, n NodeID) int32 {
	used := s.used[int(n)*s.stride : (int(n)+1)*s.stride]
	for _, a := range s.classes[c].amounts {
		if used[a.column] > 1<<61 || used[a.column] < -1<<61 {
			return a.column
		}
	}
	return -1
}

// Place puts a pod of a class on a node, whether it fits or not: pods that run already need not fit by the rules.
func (s *Snapshot) Place(c Class, n NodeID) error {
	if !s.has(n) {
		return fmt.Errorf("%w: node %d: unknown", ErrInvalid, n)
	}
	if c < 0 || int(c) >= len(s.classes) {
		return fmt.Errorf("%w: class %d: unknown", ErrInvalid, c)
	}
	if column := s.tooMuch(c, n); column >= 0 {
		return fmt.Errorf("%w: node %s: the requests of %s add up to more than can be counted", ErrInvalid, s.nodes[n].object.Name, s.resource[column])
	}
	s.placeMany(c, n, 1)
	s.record(change{op: placed, node: n, class: c, index: 1})
	return nil
}

// placeMany puts some pods of a class on a node.
func (s *Snapshot) placeMany(c Class, n NodeID, count int) {
	k, x := &s.classes[c], &s.nodes[n]
	used := s.used[int(n)*s.stride : (int(n)+1)*s.stride]
	for _, a := range k.amounts {
		used[a.column] += a.amount * int64(count)
	}
	for range count {
		x.pods = append(x.pods, c)
		x.ports = append(x.ports, k.ports...)
	}
	for _, v := range k.needs.Attach {
		if i := slices.IndexFunc(x.attach, func(a attached) bool { return a.volume == v }); i >= 0 {
			x.attach[i].users += int32(count)
		} else {
			x.attach = append(x.attach, attached{v, int32(count)})
		}
	}
	s.bump(c, n, int32(count))
}

// withdraw takes the last pods off a node, all of the class.
func (s *Snapshot) withdraw(c Class, n NodeID, count int) {
	k, x := &s.classes[c], &s.nodes[n]
	x.pods = x.pods[:len(x.pods)-count]
	s.vacate(k, n, count)
	s.bump(c, n, -int32(count))
	s.free(n, c)
}

// vacate gives back what pods of a class took of a node.
func (s *Snapshot) vacate(k *class, n NodeID, count int) {
	x := &s.nodes[n]
	used := s.used[int(n)*s.stride : (int(n)+1)*s.stride]
	for _, a := range k.amounts {
		used[a.column] -= a.amount * int64(count)
	}
	for range count {
		for _, p := range k.ports {
			j := slices.Index(x.ports, p)
			x.ports[j] = x.ports[len(x.ports)-1]
			x.ports = x.ports[:len(x.ports)-1]
		}
	}
	for _, v := range k.needs.Attach {
		j := slices.IndexFunc(x.attach, func(a attached) bool { return a.volume == v })
		if x.attach[j].users -= int32(count); x.attach[j].users == 0 {
			x.attach[j] = x.attach[len(x.attach)-1]
			x.attach = x.attach[:len(x.attach)-1]
		}
	}
}
