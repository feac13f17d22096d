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
	st, plan := &d.status[i], &d.plan
	d.drainer.planInto(plan, d.seats.on(i))
	if plan.Blocking != nil {
		verdict := plan.Verdict
		st.Reason, st.Blocking, st.Verdict, st.Detail = BlockedByPod, plan.Blocking, &verdict, verdict.Detail
		st.Pod = podName(plan.Blocking)
		return false
	}
	s := d.w.snapshot
	mark := s.Mark()
	self := kube.NodeID(i)
	d.vacate(self)
	if stuck := d.placeAll(i); stuck != nil {
		s.Undo(mark)
		st.Reason, st.Blocking, st.Pod = NoPlaceToMovePods, stuck, podName(stuck)
		return false
	}
	s.Keep(mark)
	d.leave(self)
	for k, id := range d.moved {
		d.seats.move(id, d.w.byName[d.moves[k].To])
	}
	st.Vacant = len(plan.Move) == 0
	if len(plan.OnCompletion) > 0 {
		d.awaits[i] = plan.OnCompletion[0]
	}
	d.removals[i] = Removal{Node: st.Name, Group: st.Group, Moves: slices.Clone(d.moves), Risky: d.drainer.pdbs.take(plan.Move)}
	return true
}

func podName(p *corev1.Pod) string { return p.Namespace + "/" + p.Name }

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

// placeAll finds places for the pods of a node that goes, the important ones first; of equals those with a hint (R7). It
// stops at the first that fits nowhere, and leaves the others in d.moves.
func (d *descent) placeAll(node int) (stuck *corev1.Pod) {
	d.moves, d.moved = d.moves[:0], d.moved[:0]
	order := d.order[:0]
	for _, at := range d.plan.moveAt {
		order = append(order, d.seats.here[at])
	}
	d.order = order
	byPriority := func(a, b int32) int { return cmp.Compare(priority(d.seats.pods[b]), priority(d.seats.pods[a])) }
	if !slices.IsSortedFunc(order, byPriority) {
		slices.SortStableFunc(order, byPriority)
	}
	for from := 0; from < len(order); {
		end := from + 1
		for end < len(order) && byPriority(order[from], order[end]) == 0 {
			end++
		}
		rest := order[from:from]
		for _, id := range order[from:end] {
			if to := d.byHint(node, id); to >= 0 {
				d.move(id, to)
			} else {
				rest = append(rest, id)
			}
		}
		for _, id := range rest {
			to := d.search(node, d.seats.classes[id])
			if to < 0 {
				return d.seats.pods[id]
			}
			d.move(id, to)
		}
		from = end
	}
	return nil
}

func priority(p *corev1.Pod) int32 {
	if p.Spec.Priority == nil {
		return 0
	}
	return *p.Spec.Priority
}

// byHint places a pod on the node that was found for it before, or nowhere: -1.
func (d *descent) byHint(node int, id int32) kube.NodeID {
	to := d.seats.hints[id]
	if to < 0 {
		to = d.oldHint(id)
	}
	if to < 0 || int(to) == node || d.gone[to] {
		return -1
	}
	c := d.seats.classes[id]
	if !d.w.snapshot.Fits(c, to) || d.w.snapshot.Place(c, to) != nil {
		return -1
	}
	return to
}

// oldHint is the node that was found in the last loop, or -1.
func (d *descent) oldHint(id int32) kube.NodeID {
	if len(d.old.Hints) == 0 {
		return -1
	}
	name, ok := d.old.Hints[string(d.hintKey(d.seats.pods[id]))]
	if !ok {
		return -1
	}
	to, ok := d.w.byName[name]
	if !ok {
		return -1
	}
	return kube.NodeID(to)
}

// search places a pod anywhere but on the node that goes, looking around from behind the last match (N2).
func (d *descent) search(node int, c kube.Class) kube.NodeID {
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

// find is the first node of a range that a class fits on, but neither the one that goes nor one on its way (D7).
func (d *descent) find(c kube.Class, from, end, self kube.NodeID) kube.NodeID {
	for from < end {
		n := d.w.snapshot.FirstFitIn(c, from, from, end)
		if n < 0 || n != self && !d.gone[n] {
			return n
		}
		from = n + 1
	}
	return -1
}

// move notes that a pod has a place.
func (d *descent) move(id int32, to kube.NodeID) {
	d.seats.hints[id] = to
	d.moves = append(d.moves, Move{Pod: d.seats.pods[id], To: d.w.nodes[to].object.Name})
	d.moved = append(d.moved, id)
}

// hintKey names a pod in the state. The result is good until the next call.
func (d *descent) hintKey(p *corev1.Pod) []byte {
	d.key = append(d.key[:0], p.UID...)
	if len(d.key) == 0 {
		d.key = append(append(append(d.key, p.Namespace...), '/'), p.Name...)
	}
	return d.key
}

// keepHints writes the places found in this loop into the state.
func (d *descent) keepHints() {
	found := 0
	for _, to := range d.seats.hints {
		if to >= 0 {
			found++
		}
	}
	d.state.Hints = make(map[string]string, found)
	for id, to := range d.seats.hints {
		if to < 0 {
			continue
		}
		p, key := d.seats.pods[id], string(d.seats.pods[id].UID)
		if key == "" {
			key = podName(p)
		}
		d.state.Hints[key] = d.w.nodes[to].object.Name
	}
}
