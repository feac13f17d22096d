package clusterautoscaler_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"

	ca "github.com/scalemath/scalemath/clusterautoscaler"
)

// empties is a group of so many empty nodes, with no minimum.
func empties(count int) ca.Input {
	in := ca.Input{Now: now}
	for k := range count {
		in.Cluster.Nodes = append(in.Cluster.Nodes, readyNode(fmt.Sprintf("n%d", k)))
	}
	in.Groups = []ca.NodeGroup{groupOf("g", 0, 100, in.Cluster.Nodes...)}
	return in
}

// atOnce are the defaults without the timer.
func atOnce() ca.Options {
	o := ca.DefaultOptions()
	o.ScaleDown.UnneededTime = 0
	return o
}

func count(d ca.ScaleDown) map[ca.NodeReason]int {
	out := map[ca.NodeReason]int{}
	for _, r := range reasonsOf(d) {
		out[r]++
	}
	return out
}

func wantCounts(t *testing.T, what string, d ca.ScaleDown, want map[ca.NodeReason]int) {
	t.Helper()
	if got := count(d); !maps.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestD1Disabled(t *testing.T) {
	o := atOnce()
	o.ScaleDown.Disabled = true
	if d := once(t, o, empties(2)); !d.Disabled || len(d.Empty) != 0 || len(d.Nodes) != 2 {
		t.Error(d.String())
	}
}

func TestD2Cooldowns(t *testing.T) {
	o := atOnce()
	o.ScaleDown.DelayAfterDelete = time.Minute
	for _, c := range []struct {
		what string
		st   ca.State
		ends time.Duration
	}{
		{"a scale-up", ca.State{LastScaleUp: now}, 10 * time.Minute},
		{"a failed deletion", ca.State{ScaleDown: ca.ScaleDownState{LastFailure: now}}, 3 * time.Minute},
		{"a deletion", ca.State{ScaleDown: ca.ScaleDownState{LastDeletion: now}}, time.Minute},
	} {
		in := empties(2)
		in.Now = now.Add(c.ends - time.Second)
		l, st, err := ca.Plan(o, in, c.st)
		if err != nil {
			t.Fatal(err)
		}
		d := l.ScaleDown
		if len(d.Empty) != 0 || d.Cooldown != c.what || !d.CooldownUntil.Equal(now.Add(c.ends)) || len(st.ScaleDown.UnneededSince) != 2 {
			t.Errorf("%s: %+v", c.what, d)
		}
		wantCounts(t, c.what, *d, map[ca.NodeReason]int{ca.InCooldown: 2})
		in.Now = now.Add(c.ends) // not after now any more
		if l, _, err = ca.Plan(o, in, c.st); err != nil || len(l.ScaleDown.Empty) != 2 {
			t.Errorf("%s is over: %s, %v", c.what, l.String(), err)
		}
	}
}

// TestD4DelaysOfGroups: only the group that grew waits, and its nodes are not even looked at.
func TestD4DelaysOfGroups(t *testing.T) {
	a, b := readyNode("a"), readyNode("b")
	in := ca.Input{Now: now.Add(time.Minute), Cluster: ca.Cluster{Nodes: []*corev1.Node{a, b}}, Groups: []ca.NodeGroup{groupOf("a", 0, 5, a), groupOf("b", 0, 5, b)}}
	o := atOnce()
	o.ScaleDown.DelayLocal = true
	st := ca.State{LastScaleUp: now, ScaleDown: ca.ScaleDownState{Groups: map[string]ca.GroupTimes{"a": {ScaleUp: now}}}}
	l, next, err := ca.Plan(o, in, st)
	if err != nil {
		t.Fatal(err)
	}
	if got := reasonsOf(*l.ScaleDown); got["a"] != ca.InCooldown || got["b"] != ca.NodeRemovable || len(l.ScaleDown.Unneeded) != 1 {
		t.Error(got)
	}
	if g := next.ScaleDown.Groups; !g["b"].Deletion.Equal(in.Now) || !g["a"].Deletion.IsZero() || st.ScaleDown.Groups["b"] != (ca.GroupTimes{}) {
		t.Error(g, st.ScaleDown.Groups)
	}
}

func TestD5AtMinimum(t *testing.T) {
	in := empties(3)
	in.Groups[0].Min = 3
	in.Cluster.Nodes = append(in.Cluster.Nodes, readyNode("free"))
	wantCounts(t, "at its minimum", once(t, atOnce(), in), map[ca.NodeReason]int{ca.AtGroupMinimum: 3, ca.NotAutoscaled: 1})
}

func TestD6Order(t *testing.T) {
	in := empties(4)
	in.Cluster.Pods = []*corev1.Pod{
		on("n0", ownedBy("ReplicaSet", "web", pod("web", "cpu", "100m"))),
		on("n1", with(pod("job"), annotated(ca.AnnotationSafeToEvict, "on-completion"))),
	}
	d, _, err := ca.DecideScaleDown(ca.DefaultOptions(), in, ca.ScaleDownState{UnneededSince: map[string]time.Time{"n3": now}})
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, n := range d.Nodes {
		order = append(order, n.Name)
	}
	if !slices.Equal(order, []string{"n3", "n2", "n1", "n0"}) {
		t.Error(order)
	}
}

// TestD7NodesOnTheirWay: they are neither candidates nor places for pods, and count against the budgets.
func TestD7NodesOnTheirWay(t *testing.T) {
	in := empties(3)
	in.Groups[0].Instances[2].State = ca.InstanceDeleting
	in.Cluster.Pods = []*corev1.Pod{
		on("n0", ownedBy("ReplicaSet", "web", pod("web", "cpu", "1"))), on("n1", ownedBy("ReplicaSet", "big", pod("big", "cpu", "2", "memory", "5Gi"))),
		on("n1", ownedBy("ReplicaSet", "full", pod("full", "cpu", "1500m"))),
	}
	d := once(t, atOnce(), in)
	if got := reasonsOf(d); got["n2"] != ca.CurrentlyBeingDeleted || got["n0"] != ca.NoPlaceToMovePods {
		t.Error(got)
	}
	in.Groups[0].Instances[2].State = ca.InstanceRunning
	if d := once(t, atOnce(), in); len(d.Empty) != 1 {
		t.Error("the same node empty, not on its way:", d.String())
	}
}

func TestD10Eligibility(t *testing.T) {
	in := empties(3)
	for i, n := range in.Cluster.Nodes[:2] {
		at := now.Add(-time.Duration(i) * (5*time.Minute + time.Second))
		n.Spec.Taints = []corev1.Taint{{Key: ca.TaintToBeDeleted, Value: strconv.FormatInt(at.Unix(), 10), Effect: corev1.TaintEffectNoSchedule}}
	}
	in.Cluster.Nodes[2].Status.Allocatable = list("cpu", "4", "pods", "10")
	got := reasonsOf(once(t, atOnce(), in))
	if got["n0"] != ca.CurrentlyBeingDeleted || got["n1"] != ca.NodeRemovable || got["n2"] != ca.UnexpectedNodeError {
		t.Error(got)
	}
}

// TestD10Equality: a node at the threshold is underutilized.
func TestD10Equality(t *testing.T) {
	in := empties(1)
	in.Cluster.Pods = []*corev1.Pod{on("n0", ownedBy("DaemonSet", "agent", pod("agent", "cpu", "2")))}
	if d := once(t, atOnce(), in); len(d.Empty) != 1 || d.Empty[0].Node != "n0" {
		t.Error(d.String())
	}
	in.Cluster.Pods[0].Spec.Containers[0].Resources.Requests["cpu"] = list("cpu", "2001m")["cpu"]
	wantCounts(t, "above", once(t, atOnce(), in), map[ca.NodeReason]int{ca.NotUnderutilized: 1})
}

func TestD26RiskyNodesGoLast(t *testing.T) {
	in := empties(4)
	for i := range 3 {
		for range 2 - i/2 { // two pods on n0 and n1, one on n2
			in.Cluster.Pods = append(in.Cluster.Pods, on(fmt.Sprintf("n%d", i), ownedBy("ReplicaSet", "web", pod(fmt.Sprintf("web-%d", len(in.Cluster.Pods)), "cpu", "100m"))))
		}
	}
	in.Cluster.Nodes[3].Annotations = map[string]string{ca.AnnotationScaleDownDisabled: "true"}
	in.Cluster.PDBs = []*policyv1.PodDisruptionBudget{budget("default", 1)}
	o := atOnce()
	o.ScaleDown.MaxDrainParallelism = 10
	d := once(t, o, in)
	if len(d.Drain) != 1 || d.Drain[0].Node != "n0" || !d.Drain[0].Risky {
		t.Errorf("%+v", d.Drain)
	}
	if got := count(d); got[ca.BlockedByPod] != 2 {
		t.Error("one disruption was taken twice, so the budget is exhausted:", got)
	}
}

func TestD27Limit(t *testing.T) {
	o := atOnce()
	o.ScaleDown.MaxParallelism = 2
	// min(0 + 2p, p * 1 + p) = 4
	wantCounts(t, "first loop", once(t, o, empties(9)), map[ca.NodeReason]int{ca.NodeRemovable: 2, ca.OverBudget: 2, ca.NotReached: 5})
}

func TestD29Recheck(t *testing.T) {
	in := empties(1)
	in.Cluster.Pods = []*corev1.Pod{on("n0", pod("lonely"))}
	d, st, err := ca.DecideScaleDown(atOnce(), in, ca.ScaleDownState{})
	if err != nil {
		t.Fatal(err)
	}
	if n := d.Nodes[0]; n.Reason != ca.BlockedByPod || n.Pod != "default/lonely" || n.Verdict.Rule != "replicated" || n.Upstream() != "BlockedByPod:NotReplicated:lonely" {
		t.Error(n.String())
	}
	in.Cluster.Pods = nil
	for at, want := range map[time.Duration]ca.NodeReason{5*time.Minute - time.Second: ca.RecentlyUnremovable, 5 * time.Minute: ca.NodeRemovable} {
		in.Now = now.Add(at)
		d, _, err := ca.DecideScaleDown(atOnce(), in, st)
		if n := d.Nodes[0]; err != nil || n.Reason != want {
			t.Errorf("%v: %s, %v", at, n.String(), err)
		} else if want == ca.RecentlyUnremovable && (!strings.Contains(n.Detail, "lonely") || !n.FreeAt.Equal(now.Add(5*time.Minute)) || n.Rest != time.Second) {
			t.Errorf("it does not say why: %s", n.String())
		}
	}
}

// TestD30Timers: they run out strictly after their time; readiness changes the time, not the timer.
func TestD30Timers(t *testing.T) {
	in := empties(1)
	_, st, err := ca.DecideScaleDown(ca.DefaultOptions(), in, ca.ScaleDownState{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at      time.Duration
		unready bool
		want    ca.NodeReason
	}{
		{10 * time.Minute, false, ca.NotUnneededLongEnough}, {10*time.Minute + 1, false, ca.NodeRemovable},
		{10*time.Minute + 1, true, ca.NotUnreadyLongEnough}, {20*time.Minute + 1, true, ca.NodeRemovable},
	} {
		in := empties(1)
		in.Now = now.Add(c.at)
		wait := 10 * time.Minute
		if c.unready {
			unready(in.Cluster.Nodes[0])
			wait = 20 * time.Minute
		}
		d, _, err := ca.DecideScaleDown(ca.DefaultOptions(), in, st)
		if err != nil {
			t.Fatal(err)
		}
		if n := d.Nodes[0]; n.Reason != c.want || c.want != ca.NodeRemovable && !n.FreeAt.Equal(now.Add(wait)) {
			t.Errorf("%v, unready %v: %s", c.at, c.unready, n.String())
		}
	}
}

func TestD31TimersOverARestart(t *testing.T) {
	in := empties(3)
	for i, age := range []time.Duration{11 * time.Minute, 31 * time.Minute} {
		in.Cluster.Nodes[i].Spec.Taints = []corev1.Taint{{Key: ca.TaintDeletionCandidate, Value: strconv.FormatInt(now.Add(-age).Unix(), 10), Effect: corev1.TaintEffectPreferNoSchedule}}
	}
	o := ca.DefaultOptions()
	wantCounts(t, "without", once(t, o, in), map[ca.NodeReason]int{ca.NotUnneededLongEnough: 3})
	o.ScaleDown.CandidateTTL = 30 * time.Minute
	if d := once(t, o, in); len(d.Empty) != 1 || d.Empty[0].Node != "n0" {
		t.Error(d.String())
	}
}

func TestD34D35Minimums(t *testing.T) {
	in := empties(5)
	in.Groups[0].Min = 3
	wantCounts(t, "group", once(t, atOnce(), in), map[ca.NodeReason]int{ca.NodeRemovable: 2, ca.NodeGroupMinSizeReached: 3})
	o := atOnce()
	o.ScaleDown.MinCores = 9
	wantCounts(t, "cores", once(t, o, empties(5)), map[ca.NodeReason]int{ca.NodeRemovable: 2, ca.MinimalResourceLimit: 3})
	o = atOnce()
	o.ScaleDown.MinMemory = 8 << 30
	wantCounts(t, "memory", once(t, o, empties(3)), map[ca.NodeReason]int{ca.NodeRemovable: 2, ca.MinimalResourceLimit: 1})
}

func TestD36OnCompletion(t *testing.T) {
	in := empties(1)
	in.Cluster.Pods = []*corev1.Pod{on("n0", with(pod("job"), annotated(ca.AnnotationSafeToEvict, "on-completion")))}
	d := once(t, atOnce(), in)
	if n := d.Nodes[0]; n.Reason != ca.BlockedByOnCompletionPod || n.Pod != "default/job" || len(d.Unneeded) != 1 {
		t.Error(n.String())
	}
}

func TestD37D38Budgets(t *testing.T) {
	in := empties(6)
	for i := range 3 {
		in.Cluster.Pods = append(in.Cluster.Pods, on(fmt.Sprintf("n%d", i), ownedBy("ReplicaSet", "web", pod(fmt.Sprintf("web-%d", i), "cpu", "100m"))))
	}
	in.Cluster.Nodes[5].Annotations = map[string]string{ca.AnnotationScaleDownDisabled: "true"}
	d := once(t, atOnce(), in)
	if len(d.Empty) != 2 || len(d.Drain) != 1 {
		t.Error(d.String())
	}
	in.Groups[0].Instances[0].State = ca.InstanceDeleting // and still has a pod to move: a drain in progress
	d = once(t, atOnce(), in)
	if len(d.Empty) != 2 || len(d.Drain) != 0 || count(d)[ca.OverBudget] != 2 {
		t.Error(d.String(), count(d))
	}
}

func TestD39D40WholeGroups(t *testing.T) {
	in := empties(3)
	in.Groups[0].Options.ZeroOrMax = true
	o := atOnce()
	o.ScaleDown.MaxParallelism = 2
	if d := once(t, o, in); len(d.Empty) != 3 {
		t.Error("the first whole group may overflow the budget:", d.String())
	}
	in.Cluster.Nodes[1].Annotations = map[string]string{ca.AnnotationScaleDownDisabled: "true"}
	wantCounts(t, "one is held", once(t, o, in), map[ca.NodeReason]int{ca.AtomicScaleDownFailed: 2, ca.ScaleDownDisabledOnNode: 1})
}

func ExampleDecideScaleDown() {
	in := empties(3)
	in.Groups[0].Min = 1
	in.Cluster.Pods = []*corev1.Pod{
		on("n0", ownedBy("ReplicaSet", "web", pod("web", "cpu", "3"))),
		on("n1", pod("lonely", "cpu", "1")),
	}
	d, _, err := ca.DecideScaleDown(ca.DefaultOptions(), in, ca.ScaleDownState{})
	if err != nil {
		fmt.Println(err)
		return
	}
	d.Explain(os.Stdout)
	// Output:
	// no node goes; 1 unneeded
	//   n2 stays: NotUnneededLongEnough: unneeded for 0s, needs more than 10m0s, until 2026-11-01T12:10:00Z (10m0s left)
	//   n0 stays: NotUnderutilized: 75% of its cpu is requested, the threshold is 50%
	//   n1 stays: BlockedByPod, rule replicated: default/lonely: made by nothing, which would not make it anew elsewhere
}

func ExampleSimulateRemoval() {
	in := empties(2)
	in.Cluster.Pods = []*corev1.Pod{on("n0", ownedBy("ReplicaSet", "web", pod("web", "cpu", "3")))}
	s, err := ca.SimulateRemoval(ca.DefaultOptions(), in, "n0")
	fmt.Println(s.Removable(), s.Removal.Moves[0].Name(), "to", s.Removal.Moves[0].To, err)
	in.Cluster.Pods = append(in.Cluster.Pods, on("n1", ownedBy("ReplicaSet", "big", pod("big", "cpu", "2"))))
	s, err = ca.SimulateRemoval(ca.DefaultOptions(), in, "n0")
	fmt.Println(s.Removable(), s.Reason, s.Pod, err)
	// Output:
	// true default/web to n1 <nil>
	// false NoPlaceToMovePods default/web <nil>
}

// TestScaleDownRefuses: input that makes no sense is an error that names the object.
func TestScaleDownRefuses(t *testing.T) {
	negative := -time.Second
	for _, c := range []struct {
		name, want string
		break_     func(*ca.Options, *ca.Input)
	}{
		{"unknown node", `pod default/lost: spec.nodeName: there is no node "nowhere"`, func(_ *ca.Options, in *ca.Input) {
			in.Cluster.Pods = append(in.Cluster.Pods, on("nowhere", pod("lost")))
		}},
		{"negative timer", "options.scaleDown.unneededTime: -1s", func(o *ca.Options, _ *ca.Input) { o.ScaleDown.UnneededTime = negative }},
		{"negative timer of a group", "group g: options.unneededTime: -1s", func(_ *ca.Options, in *ca.Input) { in.Groups[0].Options.UnneededTime = &negative }},
		{"node twice", "node n0 is there twice", func(_ *ca.Options, in *ca.Input) { in.Cluster.Nodes = append(in.Cluster.Nodes, readyNode("n0")) }},
		{"no node", "cluster.nodes[2]", func(_ *ca.Options, in *ca.Input) { in.Cluster.Nodes = append(in.Cluster.Nodes, nil) }},
		{"group twice", `group "g" is there twice`, func(_ *ca.Options, in *ca.Input) { in.Groups = append(in.Groups, in.Groups[0]) }},
		{"minimum above maximum", "group g: max: 1 is below min 2", func(_ *ca.Options, in *ca.Input) { in.Groups[0].Min, in.Groups[0].Max = 2, 1 }},
		{"no budget", "cluster.pdbs[0]", func(_ *ca.Options, in *ca.Input) { in.Cluster.PDBs = make([]*policyv1.PodDisruptionBudget, 1) }},
		{"negative parallelism", "options.scaleDown.maxParallelism: -1", func(o *ca.Options, _ *ca.Input) { o.ScaleDown.MaxParallelism = -1 }},
	} {
		o, in := ca.DefaultOptions(), empties(2)
		c.break_(&o, &in)
		if _, _, err := ca.DecideScaleDown(o, in, ca.ScaleDownState{}); !errors.Is(err, ca.ErrInvalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := ca.SimulateRemoval(ca.DefaultOptions(), empties(1), "other"); !errors.Is(err, ca.ErrInvalid) || !strings.Contains(err.Error(), `"other"`) {
		t.Error(err)
	}
}
