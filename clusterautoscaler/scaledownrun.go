package clusterautoscaler

import (
	"maps"
	"slices"
	"sort"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// descent is one run of scale-down.
type descent struct {
	w       *world
	o       *Options
	s       *ScaleDownOptions
	in      *Input
	now     time.Time
	old     ScaleDownState
	state   ScaleDownState
	drainer *Drainer
	out     ScaleDown
	status  []NodeStatus // by node
	usage   classUsage

	candidates []int     // in the order in which they are looked at
	removable  []int     // in that order
	removals   []Removal // by node
	gone       []bool    // by node: removed in the simulation, or on its way
	alive      []kube.NodeID
	awaits     []*corev1.Pod // by node: a pod whose end it waits for

	seats *seats    // where pods are in the simulation
	plan  DrainPlan // of the node at hand
	order []int32   // of its pods
	moves []Move    // of its pods
	moved []int32   // the same by number
	key   []byte    // of a hint
}

func (w *world) scaleDown(o *Options, in *Input, st ScaleDownState, lastScaleUp time.Time) (ScaleDown, ScaleDownState, error) {
	d, err := w.newDescent(o, in, st)
	if err != nil {
		return ScaleDown{}, st, err
	}
	if d.s.Disabled { // D1
		d.out.Disabled = true
		d.out.Nodes = d.status
		return d.out, st, nil
	}
	d.restore()
	d.remember()
	d.choose()
	d.begin()
	mark := w.snapshot.Mark()
	d.simulate()
	w.snapshot.Undo(mark)
	d.keepHints()
	d.runTimers()
	d.cooldown(lastScaleUp)
	d.delete()
	d.report()
	return d.out, d.state, nil
}

// remember begins the state of this loop: expired marks fall away, and the shortest interval is kept (D27, D29).
func (d *descent) remember() {
	d.state = d.old
	d.state.LastLoop = d.now
	if !d.old.LastLoop.IsZero() {
		if step := d.now.Sub(d.old.LastLoop); d.old.Interval == 0 || step < d.old.Interval {
			d.state.Interval = step
		}
	}
	d.state.UnremovableUntil, d.state.Unremovable = map[string]time.Time{}, map[string]string{}
	for name, until := range d.old.UnremovableUntil {
		if until.After(d.now) {
			d.state.UnremovableUntil[name], d.state.Unremovable[name] = until, d.old.Unremovable[name]
		}
	}
	d.state.UnneededSince = map[string]time.Time{}
}

// choose is D5 to D7: which nodes are looked at, and in which order.
func (d *descent) choose() {
	for i := range d.w.nodes[:len(d.status)] {
		g := d.w.groupOf[i]
		switch {
		case d.gone[i]:
		case g < 0:
			d.status[i].Reason = NotAutoscaled
		case d.w.groups[g].Target <= d.w.groups[g].Min:
			d.status[i].Reason = AtGroupMinimum
		case d.coolingGroup(i):
		default:
			d.candidates = append(d.candidates, i)
			d.status[i].Reason = NotReached
		}
	}
	d.sort()
}

// rank is how early a node is looked at: empty ones first, then those without pods to wait for, then those that were
// unneeded in the last loop (D6).
func (d *descent) sort() {
	blind := Drainer{options: d.s.Drain, now: d.now, pdbs: &budgets{}}
	rank := make([]int, len(d.w.nodes))
	for _, i := range d.candidates {
		switch empty, waits := blind.empty(d.w.nodes[i].pods); {
		case !empty:
			rank[i] += 4
		case waits:
			rank[i] += 2
		}
		if _, unneeded := d.old.UnneededSince[d.status[i].Name]; !unneeded {
			rank[i]++
		}
	}
	less := func(a, b int) bool { return rank[d.candidates[a]] < rank[d.candidates[b]] }
	if len(d.candidates) <= unstable {
		sort.SliceStable(d.candidates, less)
	} else {
		sort.Slice(d.candidates, less)
	}
}

// begin prepares for taking nodes away.
func (d *descent) begin() {
	for i := range d.w.nodes[:len(d.status)] {
		if !d.w.absent[i] {
			d.alive = append(d.alive, kube.NodeID(i)) // awaited nodes take no pods of others
		}
	}
	d.seats = newSeats(d.w.nodes)
	d.removals, d.awaits = make([]Removal, len(d.w.nodes)), make([]*corev1.Pod, len(d.w.nodes))
}

// simulate takes candidates away one after another, each on what the ones before left (D25 to D28).
func (d *descent) simulate() {
	limit, found := d.limit(), 0
	for _, i := range d.candidates {
		if !d.eligible(i) {
			continue
		}
		if found >= limit {
			d.status[i].Reason = NotReached
			continue
		}
		if d.remove(i) {
			d.removable = append(d.removable, i)
			if !d.group(i).Options.ZeroOrMax {
				found++
			}
		} else {
			d.state.UnremovableUntil[d.status[i].Name] = d.now.Add(d.s.RecheckTimeout)
			d.state.Unremovable[d.status[i].Name] = d.status[i].String()
		}
	}
}

func (d *descent) group(i int) *NodeGroup { return &d.w.groups[d.w.groupOf[i]] }

// limit is how many removable nodes are enough (D27).
func (d *descent) limit() int {
	p := d.s.MaxParallelism
	interval := d.state.Interval
	if interval == 0 {
		interval = d.s.UnneededTime
	}
	steps := 1
	if interval > 0 {
		steps = int(max(d.s.UnneededTime, interval) / interval)
	}
	return min(len(d.old.UnneededSince)+2*p, p*steps+p)
}

// report puts the nodes in the order in which they were looked at.
func (d *descent) report() {
	for i := range d.status {
		if st := &d.status[i]; !st.FreeAt.IsZero() {
			st.Rest = st.FreeAt.Sub(d.now)
		}
	}
	listed := make([]bool, len(d.status))
	for _, i := range d.candidates {
		d.out.Nodes = append(d.out.Nodes, d.status[i])
		listed[i] = true
	}
	for i := range d.status {
		if !listed[i] {
			d.out.Nodes = append(d.out.Nodes, d.status[i])
		}
	}
	d.out.Unneeded = slices.Sorted(maps.Keys(d.state.UnneededSince))
}
