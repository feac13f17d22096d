package clusterautoscaler

import (
	"fmt"
	"io"
	"maps"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Loop is what one whole loop decides.
type Loop struct {
	Health    Health                    `json:"health"`              // what is known of nodes and groups
	Templates map[string]TemplateSource `json:"templates,omitempty"` // where the picture of each group's nodes comes from
	// Fitting is how many pending pods have a place on nodes that are there or awaited. Of the others, DaemonSet are those
	// that wait for their own node, and Young those that have not waited for long enough (R10, R11).
	Fitting   int        `json:"fitting,omitempty"`
	DaemonSet int        `json:"daemonSet,omitempty"` // see Fitting
	Young     int        `json:"young,omitempty"`     // see Fitting
	Minimums  []Increase `json:"minimums,omitempty"`  // groups that grow to their minimum (R66)
	ScaleUps  []ScaleUp  `json:"scaleUps"`            // one, or several where SalvoScaleUps says so
	ScaleDown *ScaleDown `json:"scaleDown,omitempty"` // nil where it was not looked at
	Halt      string     `json:"halt,omitempty"`      // why the loop ended early
}

// Plan is one whole loop: the pods that count, those that have a place already, scale-up and scale-down. The state is what
// to pass to the next loop, if what the loop decided was done. The error wraps [ErrInvalid].
func Plan(o Options, in Input, st State) (Loop, State, error) {
	if err := Validate(o, in); err != nil {
		return Loop{}, st, err
	}
	selected := SelectPods(in.Cluster.Pods, &o)
	cluster := in.Cluster
	cluster.Nodes = settled(in.Cluster.Nodes, &o)
	cluster.Pods = selected.Occupying
	selected.Pending = append(selected.Pending, leaving(cluster.Nodes, selected.Occupying)...)
	in.Cluster.Nodes = cluster.Nodes
	w, err := newWorld(&cluster, in.Groups, selected.Pending...)
	if err != nil {
		return Loop{}, st, err
	}
	l := looper{o: &o, in: &in, w: w, st: st.clone()}
	if l.out.Health = w.health(&o, &in, &l.st); l.out.Health.Halt != "" {
		l.out.Halt = l.out.Health.Halt
		l.st.ScaleDown.UnneededSince = nil // R81, D32
		return l.out, l.st, nil
	}
	if err := l.run(selected); err != nil {
		return Loop{}, st, err
	}
	return l.out, l.st, nil
}

// clone copies what a loop changes in place.
func (s State) clone() State {
	s.Backoffs, s.Requests = maps.Clone(s.Backoffs), maps.Clone(s.Requests)
	s.Failed, s.WrongSizes = maps.Clone(s.Failed), maps.Clone(s.WrongSizes)
	return s
}

// looper is one run of Plan.
type looper struct {
	o         *Options
	in        *Input
	w         *world
	st        State
	out       Loop
	templates map[string]*Template
}

func (l *looper) run(selected Selection) error {
	l.templates, l.out.Templates, l.st.Templates = l.w.templates(l.o, l.in, l.st.Templates)
	if err := l.w.await(&l.out.Health, l.templates, l.notStarted); err != nil {
		return err
	}
	left, hints, err := l.w.pack(selected.Pending, l.st.Hints)
	if err != nil {
		return err
	}
	l.st.Hints = hints
	l.out.Fitting = len(selected.Pending) - len(left)
	wait, err := l.scaleUp(l.helpful(left))
	if err != nil {
		return err
	}
	if wait { // D1
		l.minimums()
		return nil
	}
	down, state, err := l.w.scaleDown(l.o, l.in, l.st.ScaleDown, l.st.LastScaleUp)
	if err != nil {
		return err
	}
	l.out.ScaleDown, l.st.ScaleDown = &down, state
	l.minimums()
	return nil
}

// helpful leaves out pods without a place that a new node does not help, or not yet (R10, R11).
func (l *looper) helpful(left []*corev1.Pod) []*corev1.Pod {
	var out []*corev1.Pod
	for _, p := range left {
		switch {
		case isDaemonSetPod(p):
			l.out.DaemonSet++
		case !oldEnough(p, l.in.Now, l.o.NewPodScaleUpDelay):
			l.out.Young++
		default:
			out = append(out, p)
		}
	}
	return out
}

// notStarted tells whether a node is still starting up (R76).
func (l *looper) notStarted(i int) bool {
	c := groupCheck{o: l.o, now: l.in.Now, group: &l.w.groups[l.w.groupOf[i]]}
	c.node(l.w.nodes[i].object)
	return c.out.NotStarted > 0
}

// unusable is why groups may not grow, for their health (R16).
func (l *looper) unusable() map[string]string {
	out := map[string]string{}
	for i := range l.out.Health.Groups {
		if g := &l.out.Health.Groups[i]; g.Why != "" {
			out[g.ID] = g.Why
		}
	}
	return out
}

// scaleUp makes one scale-up, or several; wait tells that scale-down is not to be looked at in this loop (R12).
func (l *looper) scaleUp(pending []*corev1.Pod) (wait bool, err error) {
	switch {
	case len(pending) == 0:
		l.out.ScaleUps = []ScaleUp{{Result: ScaleUpNotNeeded}}
		return false, nil
	case l.o.MaxNodesTotal > 0 && l.out.Health.Ready >= l.o.MaxNodesTotal:
		l.out.ScaleUps = []ScaleUp{{Result: ScaleUpLimited, Error: fmt.Sprintf("max-nodes-total of %d is reached: %d nodes are ready", l.o.MaxNodesTotal, l.out.Health.Ready)}}
		return false, nil
	case len(l.o.BypassedSchedulers) == 0 && tooNew(pending, l.in.Now):
		l.out.ScaleUps = []ScaleUp{{Result: ScaleUpInCooldown, Error: "pods are so new that the scheduler may still be placing them"}}
		return true, nil
	}
	for range max(1, l.o.SalvoScaleUps) {
		u, err := DecideScaleUp(*l.o, l.scaleUpInput(pending))
		if err != nil {
			return false, err
		}
		l.out.ScaleUps = append(l.out.ScaleUps, u)
		if u.Result != ScaleUpSuccessful {
			break
		}
		for _, i := range u.Increases {
			l.grow(i)
		}
		l.st.LastScaleUp = l.in.Now // D3
		if pending, err = l.settle(&u, pending); err != nil {
			return false, err
		}
		if len(pending) == 0 {
			break
		}
	}
	return false, nil
}

func (l *looper) scaleUpInput(pending []*corev1.Pod) ScaleUpInput {
	in := ScaleUpInput{
		Snapshot: l.w.snapshot, Pending: pending, Groups: l.w.groups, Templates: l.templates, Unusable: l.unusable(), GroupOf: map[string]string{},
	}
	for i := range l.w.nodes {
		if l.w.absent[i] {
			continue
		}
		in.Nodes = append(in.Nodes, l.w.nodes[i].object)
		if g := l.w.groupOf[i]; g >= 0 {
			in.GroupOf[l.w.nodes[i].object.Name] = l.w.groups[g].ID
		}
	}
	return in
}

// grow notes the new target size of a group.
func (l *looper) grow(i Increase) {
	for g := range l.w.groups {
		if group := &l.w.groups[g]; group.ID == i.ID {
			provision := l.o.MaxNodeProvisionTime
			if t := group.Options.MaxNodeProvisionTime; t != nil {
				provision = *t
			}
			l.st.requested(group, i.To-i.From, l.in.Now, provision)
			l.st.ScaleDown.note(group.ID, func(t *GroupTimes) { t.ScaleUp = l.in.Now })
			group.Target = i.To
		}
	}
}

// settle puts the nodes of a scale-up into the cluster with the pods they are for, so that another can follow (R65).
func (l *looper) settle(u *ScaleUp, pending []*corev1.Pod) ([]*corev1.Pod, error) {
	if l.o.SalvoScaleUps <= 1 {
		return nil, nil
	}
	for _, i := range u.Increases {
		for g := range l.w.groups {
			if l.w.groups[g].ID != i.ID {
				continue
			}
			for range i.To - i.From {
				if err := l.w.addUpcoming(g, l.w.upcoming, l.templates[i.ID]); err != nil {
					return nil, err
				}
			}
		}
	}
	left, _, err := l.w.pack(pending, nil)
	return left, err
}

// String is the loop in one line.
func (l *Loop) String() string {
	if l.Halt != "" {
		return "halted: " + l.Halt
	}
	var parts []string
	for i := range l.ScaleUps {
		parts = append(parts, l.ScaleUps[i].String())
	}
	if l.ScaleDown != nil {
		parts = append(parts, l.ScaleDown.String())
	}
	return strings.Join(parts, "; ")
}

// Explain writes what became of pods and groups, and why every node stays that stays.
func (l *Loop) Explain(w io.Writer) error {
	var b strings.Builder
	if l.Halt != "" {
		fmt.Fprintln(&b, l)
	}
	if l.Fitting > 0 {
		fmt.Fprintf(&b, "%d pending pods have a place on nodes that are there or awaited\n", l.Fitting)
	}
	if l.DaemonSet > 0 {
		fmt.Fprintf(&b, "%d pending pods of DaemonSets wait for room on their own nodes, which a new node does not help\n", l.DaemonSet)
	}
	if l.Young > 0 {
		fmt.Fprintf(&b, "%d pending pods are too young to count\n", l.Young)
	}
	for i := range l.Health.Groups {
		l.Health.Groups[i].explain(&b)
	}
	for _, i := range l.Minimums {
		fmt.Fprintf(&b, "group %s grows from %d to its minimum %d\n", i.ID, i.From, i.To)
	}
	for i := range l.ScaleUps {
		if err := l.ScaleUps[i].Explain(&b); err != nil {
			return err
		}
	}
	if l.ScaleDown != nil {
		if err := l.ScaleDown.Explain(&b); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (g *GroupHealth) explain(b *strings.Builder) {
	var parts []string
	for _, c := range []struct {
		n    int
		what string
	}{{g.Unready, "not ready"}, {g.NotStarted, "starting"}, {g.Upcoming, "awaited"}, {g.LongUnregistered, "never registered"}, {g.Failed, "failed"}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	if g.Why != "" {
		parts = append(parts, g.Why)
	}
	if len(parts) > 0 {
		fmt.Fprintf(b, "group %s: %d ready, %s\n", g.ID, g.Ready, strings.Join(parts, ", "))
	}
}
