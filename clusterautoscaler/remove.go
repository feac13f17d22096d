package clusterautoscaler

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// remove tries to do without a node: its pods must be allowed to go and fit elsewhere (D25). What it finds stays in the
// snapshot if it succeeds, and leaves no trace if not.
func (d *descent) remove(i int) bool {
	st, plan := &d.status[i], &d.plans[i]
	pods := d.w.nodes[i].pods
	if here := d.arrived[i]; len(here) > 0 {
		pods = slices.Concat(pods, here) // a node before this one sent them, and they would have to move on
	}
	d.drainer.planInto(plan, pods)
	if plan.Blocking != nil {
		verdict := plan.Verdict
		st.Reason, st.Blocking, st.Verdict, st.Detail = BlockedByPod, plan.Blocking, &verdict, verdict.Detail
		st.Pod = plan.Blocking.Namespace + "/" + plan.Blocking.Name
		return false
	}
	s := d.w.snapshot
	mark := s.Mark()
	self := kube.NodeID(i)
	d.vacate(self)
	moves, stuck := d.placeAll(i, plan.Move)
	if stuck != nil {
		s.Undo(mark)
		st.Reason, st.Blocking, st.Pod = NoPlaceToMovePods, stuck, stuck.Namespace+"/"+stuck.Name
		return false
	}
	s.Keep(mark)
	d.leave(self)
	for _, m := range moves {
		to := d.w.byName[m.To]
		d.arrived[to] = append(d.arrived[to], m.Pod)
	}
	risky := d.drainer.pdbs.take(plan.Move)
	d.removals[i] = &Removal{Node: st.Name, Group: st.Group, Moves: moves, Risky: risky}
	return true
}

// vacate empties a node. Its pods are nowhere then, and nothing may go there, but it still is one of its domains.
func (d *descent) vacate(n kube.NodeID) {
	for pods := d.w.snapshot.Pods(n); len(pods) > 0; pods = d.w.snapshot.Pods(n) {
		if d.w.snapshot.Remove(pods[len(pods)-1], n) != nil {
			return
		}
	}
}

// leave takes a node out of the cluster for the candidates that follow.
func (d *descent) leave(n kube.NodeID) {
	if err := d.w.snapshot.RemoveNode(n); err != nil {
		return
	}
	d.gone[n] = true
	if at, ok := slices.BinarySearch(d.alive, n); ok {
		d.alive = slices.Delete(d.alive, at, at+1)
	}
}

// placeAll finds places for pods of a node that goes, the important ones first; of equals those with a hint (R7). It stops
// at the first that fits nowhere.
func (d *descent) placeAll(node int, pods []*corev1.Pod) ([]Move, *corev1.Pod) {
	if len(pods) == 0 {
		return nil, nil
	}
	order := slices.Clone(pods)
	slices.SortStableFunc(order, func(a, b *corev1.Pod) int { return cmp.Compare(priority(b), priority(a)) })
	moves := make([]Move, 0, len(order))
	for from := 0; from < len(order); {
		end := from + 1
		for end < len(order) && priority(order[end]) == priority(order[from]) {
			end++
		}
		var rest []*corev1.Pod
		for _, p := range order[from:end] {
			if to, ok := d.byHint(node, p); ok {
				moves = append(moves, d.moved(p, to))
			} else {
				rest = append(rest, p)
			}
		}
		for _, p := range rest {
			to := d.search(node, p)
			if to < 0 {
				return nil, p
			}
			moves = append(moves, d.moved(p, to))
		}
		from = end
	}
	return moves, nil
}

func priority(p *corev1.Pod) int32 {
	if p.Spec.Priority == nil {
		return 0
	}
	return *p.Spec.Priority
}

// byHint tries the node that was found for the pod before.
func (d *descent) byHint(node int, p *corev1.Pod) (kube.NodeID, bool) {
	hint, ok := d.hint(p)
	if !ok {
		return -1, false
	}
	to, ok := d.w.byName[hint]
	if !ok || to == node || d.gone[to] {
		return -1, false
	}
	c, err := d.w.snapshot.Class(p)
	if err != nil || !d.w.snapshot.Fits(c, kube.NodeID(to)) || d.w.snapshot.Place(c, kube.NodeID(to)) != nil {
		return -1, false
	}
	return kube.NodeID(to), true
}

// search looks everywhere but on the node that goes, around from behind the last match (N2).
func (d *descent) search(node int, p *corev1.Pod) kube.NodeID {
	c, err := d.w.snapshot.Class(p)
	if err != nil {
		return -1
	}
	s, self := d.w.snapshot, kube.NodeID(node)
	// Upstream lists the emptied copy of the node behind all others.
	at, _ := slices.BinarySearch(d.alive, self)
	start := (d.state.Cursor + 1) % len(d.alive)
	begin := kube.NodeID(0)
	if start < len(d.alive)-1 {
		if start >= at {
			start++
		}
		begin = d.alive[start]
	}
	end := kube.NodeID(len(d.status))
	n := d.find(c, begin, end, self)
	if n < 0 {
		n = d.find(c, 0, begin, self)
	}
	if n < 0 || s.Place(c, n) != nil {
		return -1
	}
	if d.state.Cursor, _ = slices.BinarySearch(d.alive, n); d.state.Cursor > at {
		d.state.Cursor--
	}
	return n
}

// find is the first node of a range that a class fits on, but not the one that goes.
func (d *descent) find(c kube.Class, from, end, self kube.NodeID) kube.NodeID {
	if from <= self && self < end {
		if n := d.find(c, from, self, -1); n >= 0 {
			return n
		}
		from = self + 1
	}
	if from >= end {
		return -1
	}
	return d.w.snapshot.FirstFitIn(c, from, from, end)
}

func (d *descent) moved(p *corev1.Pod, to kube.NodeID) Move {
	name := d.w.nodes[to].object.Name
	d.state.Hints[hintKey(p)] = name
	return Move{Pod: p, Name: p.Namespace + "/" + p.Name, To: name}
}

func (d *descent) hint(p *corev1.Pod) (string, bool) {
	if n, ok := d.state.Hints[hintKey(p)]; ok {
		return n, true
	}
	n, ok := d.old.Hints[hintKey(p)]
	return n, ok
}

func hintKey(p *corev1.Pod) string {
	if p.UID != "" {
		return string(p.UID)
	}
	return p.Namespace + "/" + p.Name
}
