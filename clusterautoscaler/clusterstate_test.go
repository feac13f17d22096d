package clusterautoscaler_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ca "github.com/scalemath/scalemath/clusterautoscaler"
)

// unready makes a node not ready since some time.
func unready(n *corev1.Node) *corev1.Node {
	n.Status.Conditions[0].Status = corev1.ConditionFalse
	return n
}

// groupLoop is a loop over one group, whose target may differ from the nodes there are.
func groupLoop(t *testing.T, at time.Time, o ca.Options, g ca.NodeGroup, st ca.State, nodes []*corev1.Node, pods ...*corev1.Pod) (ca.Loop, ca.State) {
	t.Helper()
	l, next, err := ca.Plan(o, ca.Input{Now: at, Cluster: ca.Cluster{Nodes: nodes, Pods: pods}, Groups: []ca.NodeGroup{g}}, st)
	if err != nil {
		t.Fatal(err)
	}
	return l, next
}

// A scale-up is awaited, gives its room to pending pods, and ends when its nodes are there.
func TestR72R75Upcoming(t *testing.T) {
	n := readyNode("n0")
	g, o := groupOf("g", 0, 10, n), ca.DefaultOptions()
	full, waiting := on("n0", pod("full", "cpu", "4")), pod("waiting", "cpu", "3")
	l, st := groupLoop(t, now, o, g, ca.State{}, []*corev1.Node{n}, full, waiting)
	if want := (ca.ScaleUpRequest{Increase: 1, Time: now, Deadline: now.Add(15 * time.Minute)}); grownTo(l) != 2 || st.Requests["g"] != want || !st.LastScaleUp.Equal(now) {
		t.Fatalf("%s, state %+v", l.String(), st)
	}
	g.Target = 2
	l, st = groupLoop(t, now.Add(time.Minute), o, g, st, []*corev1.Node{n}, full, waiting)
	if l.Fitting != 1 || l.Health.Groups[0].Upcoming != 1 || l.ScaleUps[0].Result != ca.ScaleUpNotNeeded {
		t.Fatalf("%s, health %+v", l.String(), l.Health)
	}
	// More pods than fit there: the request grows, and its deadline moves.
	l, st = groupLoop(t, now.Add(2*time.Minute), o, g, st, []*corev1.Node{n}, full, waiting, pod("more", "cpu", "3"))
	if grownTo(l) != 3 || st.Requests["g"].Increase != 2 || !st.Requests["g"].Deadline.Equal(now.Add(17*time.Minute)) {
		t.Fatalf("%s, state %+v", l.String(), st.Requests)
	}
	n1, n2 := readyNode("n1"), readyNode("n2")
	l, st = groupLoop(t, now.Add(20*time.Minute), o, groupOf("g", 0, 10, n, n1, n2), st, []*corev1.Node{n, n1, n2}, full)
	if len(st.Requests) != 0 || len(st.Backoffs) != 0 {
		t.Fatalf("complete, though late to be seen: %+v, %+v", st.Requests, st.Backoffs)
	}
}

// A node that has not started stands aside for the picture of one that has, but only where nodes are awaited.
func TestR75NotStarted(t *testing.T) {
	n, young := readyNode("n0"), unready(readyNode("n1"))
	young.CreationTimestamp = metav1.NewTime(now.Add(-time.Minute))
	g := groupOf("g", 0, 10, n, young)
	full, waiting := on("n0", pod("full", "cpu", "4")), pod("waiting", "cpu", "3")
	st := ca.State{Requests: map[string]ca.ScaleUpRequest{"g": {Increase: 1, Time: now, Deadline: now.Add(time.Minute)}}}
	l, _ := groupLoop(t, now, ca.DefaultOptions(), g, st, []*corev1.Node{n, young}, full, waiting)
	if h := l.Health.Groups[0]; h.NotStarted != 1 || h.Upcoming != 1 || l.Fitting != 1 {
		t.Errorf("%s: %+v", l.String(), h)
	}
	if len(l.ScaleDown.Nodes) != 2 || slices.ContainsFunc(l.ScaleDown.Empty, func(r ca.Removal) bool { return r.Node == "n1" }) {
		t.Errorf("scale-down: %+v", l.ScaleDown.Nodes)
	}
}

func TestR73Deadline(t *testing.T) {
	n := readyNode("n0")
	g := groupOf("g", 0, 10, n)
	g.Target = 4
	st := ca.State{Requests: map[string]ca.ScaleUpRequest{"g": {Increase: 3, Time: now.Add(-time.Hour), Deadline: now}}}
	full, waiting := on("n0", pod("full", "cpu", "4")), pod("waiting", "cpu", "3")
	l, kept := groupLoop(t, now, ca.DefaultOptions(), g, st, []*corev1.Node{n}, full, waiting)
	if len(kept.Requests) != 1 || len(kept.Backoffs) != 0 {
		t.Errorf("at the deadline itself it has not failed: %s", l.String())
	}
	later := now.Add(time.Nanosecond)
	l, failed := groupLoop(t, later, ca.DefaultOptions(), g, st, []*corev1.Node{n}, full, waiting)
	h := l.Health.Groups[0]
	if !h.Lower || h.To != 1 || len(failed.Requests) != 0 || !failed.Backoffs["g"].Active(later) || failed.Backoffs["g"].Code != "timeout" {
		t.Errorf("%+v, %+v", h, failed)
	}
	if l.ScaleUps[0].Result != ca.ScaleUpNoOptions || l.ScaleUps[0].Skipped[0].Reasons[0] != "in backoff after failed scale-up" {
		t.Errorf("%+v", l.ScaleUps[0])
	}
	if len(st.Requests) != 1 || len(st.Backoffs) != 0 {
		t.Error("the state passed in was modified")
	}
}

func TestR74Health(t *testing.T) {
	o := ca.DefaultOptions()
	for name, c := range map[string]struct {
		ready, bad, target int
		healthy            bool
	}{
		"empty":                          {0, 0, 0, true},
		"none there, some wanted":        {0, 0, 4, false},
		"three missing are few":          {1, 0, 4, true},
		"four of eight are too many":     {4, 4, 8, false},
		"four of nine are 44 percent":    {5, 4, 9, true},
		"more than there should be":      {9, 0, 3, true},
		"unready ones beyond the target": {3, 9, 3, true},
	} {
		var nodes []*corev1.Node
		for i := range c.ready + c.bad {
			n := readyNode(string(rune('a' + i)))
			if i >= c.ready {
				n = unready(n)
			}
			nodes = append(nodes, n)
		}
		g := groupOf("g", 0, 20, nodes...)
		g.Target = c.target
		o.OKTotalUnreadyCount, o.MaxTotalUnreadyPercentage = 3, 45
		l, _ := groupLoop(t, now, o, g, ca.State{}, nodes)
		if h := l.Health.Groups[0]; h.Healthy != c.healthy || (h.Why == "") != c.healthy {
			t.Errorf("%s: %+v", name, h)
		}
	}
}

func TestR76Classes(t *testing.T) {
	starting := unready(readyNode("n1"))
	starting.CreationTimestamp = metav1.NewTime(now.Add(-14 * time.Minute))
	asleep := unready(readyNode("n2"))
	asleep.Status.Conditions = append(asleep.Status.Conditions, corev1.NodeCondition{Type: "Suspended", Status: corev1.ConditionTrue})
	tainted := readyNode("n3")
	tainted.Spec.Taints = []corev1.Taint{{Key: "startup-taint.cluster-autoscaler.kubernetes.io/driver", Effect: corev1.TaintEffectNoSchedule}}
	driverless := readyNode("n4")
	driverless.Labels["gpu"] = "a100"
	nodes := []*corev1.Node{readyNode("n0"), starting, asleep, tainted, driverless, unready(readyNode("n5"))}
	o := ca.DefaultOptions()
	o.GPULabel = "gpu"
	l, _ := groupLoop(t, now, o, groupOf("g", 0, 10, nodes...), ca.State{}, nodes)
	if h := l.Health.Groups[0]; h.Ready != 1 || h.NotStarted != 1 || h.Suspended != 1 || h.Unready != 3 {
		t.Errorf("%+v", h)
	}
	if tainted.Status.Conditions[0].Status != corev1.ConditionTrue {
		t.Error("the input was modified")
	}
}

func TestR77Unregistered(t *testing.T) {
	n := readyNode("n0")
	o := ca.DefaultOptions()
	lost := func(least, target int) ca.NodeGroup {
		g := groupOf("g", least, 10, n)
		g.Target = target
		g.Instances = append(g.Instances, ca.Instance{ID: "lost", Since: now.Add(-16 * time.Minute)}, ca.Instance{ID: "new", Since: now.Add(-15 * time.Minute)},
			ca.Instance{ID: "going", State: ca.InstanceDeleting, Since: now.Add(-time.Hour)})
		return g
	}
	l, _ := groupLoop(t, now, o, lost(0, 3), ca.State{}, []*corev1.Node{n})
	if h := l.Health.Groups[0]; h.Unregistered != 1 || h.LongUnregistered != 1 || !slices.Equal(h.Delete, []string{"lost"}) {
		t.Errorf("%+v", h)
	}
	l, _ = groupLoop(t, now, o, lost(3, 3), ca.State{}, []*corev1.Node{n})
	if h := l.Health.Groups[0]; len(h.Delete) != 0 {
		t.Errorf("at the minimum nothing is deleted: %+v", h)
	}
	o.ForceDeleteUnregistered = true
	l, _ = groupLoop(t, now, o, lost(3, 3), ca.State{}, []*corev1.Node{n})
	if h := l.Health.Groups[0]; len(h.Delete) != 1 {
		t.Errorf("unless forced: %+v", h)
	}
}

// An error backs the group off once, not in every loop in which the machine is still listed.
func TestR78Failures(t *testing.T) {
	n := readyNode("n0")
	g := groupOf("g", 0, 10, n)
	g.Target = 3
	g.Instances = append(g.Instances, ca.Instance{ID: "bad", ErrorCode: "InsufficientInstanceCapacity", OutOfResources: true})
	st := ca.State{Requests: map[string]ca.ScaleUpRequest{"g": {Increase: 2, Time: now, Deadline: now.Add(time.Hour)}}}
	l, st := groupLoop(t, now, ca.DefaultOptions(), g, st, []*corev1.Node{n})
	b := st.Backoffs["g"]
	if b.Code != "InsufficientInstanceCapacity" || !b.OutOfResources || b.Until != now.Add(5*time.Minute) || st.Requests["g"].Increase != 1 || !slices.Equal(l.Health.Groups[0].Delete, []string{"bad"}) {
		t.Errorf("%+v, %+v", l.Health.Groups[0], st)
	}
	_, again := groupLoop(t, now.Add(time.Minute), ca.DefaultOptions(), g, st, []*corev1.Node{n})
	if again.Backoffs["g"] != b || again.Requests["g"].Increase != 1 {
		t.Errorf("counted twice: %+v", again)
	}
	g.Options.ZeroOrMax = true // R80
	if l, _ = groupLoop(t, now, ca.DefaultOptions(), g, ca.State{}, []*corev1.Node{n}); len(l.Health.Groups[0].Delete) != 2 {
		t.Errorf("all or none: %+v", l.Health.Groups[0])
	}
}

func TestR79SizeRepair(t *testing.T) {
	n := readyNode("n0")
	g, o := groupOf("g", 0, 10, n), ca.DefaultOptions()
	g.Target = 3
	_, st := groupLoop(t, now, o, g, ca.State{}, []*corev1.Node{n})
	_, st = groupLoop(t, now.Add(15*time.Minute), o, g, st, []*corev1.Node{n})
	l, done := groupLoop(t, now.Add(15*time.Minute+time.Second), o, g, st, []*corev1.Node{n})
	if !l.Health.Groups[0].Lower || l.Health.Groups[0].To != 1 || !strings.Contains(l.Halt, "corrected to 1") || len(done.WrongSizes) != 0 {
		t.Errorf("%s: %+v", l.String(), l.Health.Groups[0])
	}
	g.Target = 4 // it changed: the time begins anew
	l, _ = groupLoop(t, now.Add(time.Hour), o, g, st, []*corev1.Node{n})
	if l.Health.Groups[0].Lower || l.Halt != "" {
		t.Errorf("%s: %+v", l.String(), l.Health.Groups[0])
	}
}

func TestR81R82Halts(t *testing.T) {
	nodes := []*corev1.Node{readyNode("n0"), unready(readyNode("n1")), unready(readyNode("n2")), unready(readyNode("n3"))}
	st := ca.State{ScaleDown: ca.ScaleDownState{UnneededSince: map[string]time.Time{"n0": now}}}
	o := ca.DefaultOptions()
	if l, next := groupLoop(t, now, o, groupOf("g", 0, 10, nodes...), st, nodes); l.Halt != "" || l.ScaleDown == nil || next.ScaleDown.UnneededSince == nil {
		t.Errorf("three unready nodes are allowed: %s", l.Halt)
	}
	nodes = append(nodes, unready(readyNode("n4")))
	if l, next := groupLoop(t, now, o, groupOf("g", 0, 10, nodes...), st, nodes); l.Halt == "" || l.ScaleDown != nil || next.ScaleDown.UnneededSince != nil {
		t.Errorf("four of five are too many: %s", l.String())
	}
	none := []*corev1.Node{unready(readyNode("n0"))}
	if l, _ := groupLoop(t, now, o, groupOf("g", 0, 10, none...), st, none); l.Halt != "" {
		t.Error(l.Halt)
	}
	o.ScaleUpFromZero = false
	if l, next := groupLoop(t, now, o, groupOf("g", 0, 10, none...), st, none); l.Halt == "" || next.ScaleDown.UnneededSince != nil {
		t.Errorf("no node is ready: %s", l.String())
	}
}
