package karpenter

import (
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/scalemath/scalemath/cloudprovider"
)

// one is a cluster of one node with a pod, that may be consolidated.
func one() (*Snapshot, *Node) {
	types := shop(2)
	n := machine("n", "p", types[3], pod("web", 500, 500))
	n.Pods[0].Labels = map[string]string{"app": "web"}
	return &Snapshot{Now: noon, NodePools: []*NodePool{anyPool("p")}, InstanceTypes: map[string][]*cloudprovider.InstanceType{"": types}, Nodes: []*Node{n}}, n
}

func disruptionBudget(name string, allowed int32) *policyv1.PodDisruptionBudget {
	return &policyv1.PodDisruptionBudget{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default"},
		Spec:       policyv1.PodDisruptionBudgetSpec{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}}},
		Status:     policyv1.PodDisruptionBudgetStatus{DisruptionsAllowed: allowed},
	}
}

// Rules 60, 61, 62, 68 and 69: each obstacle alone, and when it goes away.
func TestObstacles(t *testing.T) {
	hour := time.Hour
	started := func(p *corev1.Pod, ago time.Duration) { at := metav1.NewTime(noon.Add(-ago)); p.Status.StartTime = &at }
	for _, c := range []struct {
		name   string
		method Method
		change func(*Snapshot, *Node)
		want   []ObstacleKind
		until  time.Time
	}{
		{"none", SingleNode, func(*Snapshot, *Node) {}, nil, time.Time{}},
		{"under way", SingleNode, func(_ *Snapshot, n *Node) { n.Disrupting = true }, []ObstacleKind{AlreadyDisrupting}, time.Time{}},
		{"not managed", SingleNode, func(_ *Snapshot, n *Node) { n.NodePool = "" }, []ObstacleKind{Unmanaged}, time.Time{}},
		{"not initialized", SingleNode, func(_ *Snapshot, n *Node) { n.Uninitialized = true }, []ObstacleKind{NotInitialized}, time.Time{}},
		{"deleting", SingleNode, func(_ *Snapshot, n *Node) { n.Deleting = true }, []ObstacleKind{MarkedForDeletion}, time.Time{}},
		{"nominated", SingleNode, func(_ *Snapshot, n *Node) { n.NominatedUntil = noon.Add(1) }, []ObstacleKind{Nominated}, noon.Add(1)},
		{"nominated until now", SingleNode, func(_ *Snapshot, n *Node) { n.NominatedUntil = noon }, nil, time.Time{}},
		{"annotated", SingleNode, func(_ *Snapshot, n *Node) { n.Object.Annotations = map[string]string{AnnotationDoNotDisrupt: "true"} }, []ObstacleKind{NodeDoNotDisrupt}, time.Time{}},
		{"a duration on a node is nothing", SingleNode, func(_ *Snapshot, n *Node) { n.Object.Annotations = map[string]string{AnnotationDoNotDisrupt: "1h"} }, nil, time.Time{}},
		{"pool gone", SingleNode, func(s *Snapshot, _ *Node) { s.NodePools = nil }, []ObstacleKind{NodePoolNotFound}, time.Time{}},
		{"pod protected", SingleNode, func(_ *Snapshot, n *Node) { n.Pods[0].Annotations = map[string]string{AnnotationDoNotDisrupt: "true"} }, []ObstacleKind{PodDoNotDisrupt}, time.Time{}},
		{"pod protected for a while", SingleNode, func(_ *Snapshot, n *Node) {
			n.Pods[0].Annotations = map[string]string{AnnotationDoNotDisrupt: "1h"}
			started(n.Pods[0], 59*time.Minute)
		}, []ObstacleKind{PodDoNotDisrupt}, noon.Add(time.Minute)},
		{"pod's while is over", SingleNode, func(_ *Snapshot, n *Node) {
			n.Pods[0].Annotations = map[string]string{AnnotationDoNotDisrupt: "1h"}
			started(n.Pods[0], hour)
		}, nil, time.Time{}},
		{"start not known", SingleNode, func(_ *Snapshot, n *Node) { n.Pods[0].Annotations = map[string]string{AnnotationDoNotDisrupt: "1h"} }, []ObstacleKind{PodDoNotDisrupt}, time.Time{}},
		{"neither true nor a duration", SingleNode, func(_ *Snapshot, n *Node) { n.Pods[0].Annotations = map[string]string{AnnotationDoNotDisrupt: "yes"} }, nil, time.Time{}},
		{"a daemon protected", SingleNode, func(_ *Snapshot, n *Node) {
			d := daemonPod("d", 1, 1)
			d.Annotations = map[string]string{AnnotationDoNotDisrupt: "true"}
			n.Pods = append(n.Pods, d)
		}, []ObstacleKind{PodDoNotDisrupt}, time.Time{}},
		{"an ended pod protects nothing", SingleNode, func(_ *Snapshot, n *Node) {
			p := pod("done", 1, 1)
			p.Status.Phase, p.Annotations = corev1.PodSucceeded, map[string]string{AnnotationDoNotDisrupt: "true"}
			n.Pods = append(n.Pods, p)
		}, nil, time.Time{}},
		{"PDB without room", SingleNode, func(s *Snapshot, _ *Node) { s.PDBs = append(s.PDBs, disruptionBudget("a", 0)) }, []ObstacleKind{PDBExhausted}, time.Time{}},
		{"PDB with room", SingleNode, func(s *Snapshot, _ *Node) { s.PDBs = append(s.PDBs, disruptionBudget("a", 1)) }, nil, time.Time{}},
		{"two PDBs with room", SingleNode, func(s *Snapshot, _ *Node) {
			s.PDBs = append(s.PDBs, disruptionBudget("a", 1), disruptionBudget("b", 1))
		}, []ObstacleKind{PDBsOverlap}, time.Time{}},
		{"PDB of another namespace", SingleNode, func(s *Snapshot, _ *Node) {
			s.PDBs = append(s.PDBs, disruptionBudget("a", 0))
			s.PDBs[0].Namespace = "other"
		}, nil, time.Time{}},
		{"PDB that lets unready pods go", SingleNode, func(s *Snapshot, n *Node) {
			b, always := disruptionBudget("a", 0), policyv1.AlwaysAllow
			b.Spec.UnhealthyPodEvictionPolicy = &always
			s.PDBs = append(s.PDBs, b)
			n.Pods[0].Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionFalse}}
		}, nil, time.Time{}},
		{"static pool", SingleNode, func(s *Snapshot, _ *Node) { one := int64(1); s.NodePools[0].Spec.Replicas = &one }, []ObstacleKind{StaticNodePool}, time.Time{}},
		{"type unknown", SingleNode, func(_ *Snapshot, n *Node) { n.Object.Labels[corev1.LabelInstanceTypeStable] = "x" }, []ObstacleKind{InstanceTypeUnknown}, time.Time{}},
		{"type unknown is fine when empty", Emptiness, func(_ *Snapshot, n *Node) { n.Object.Labels[corev1.LabelInstanceTypeStable], n.Pods = "x", nil }, nil, time.Time{}},
		{"zone unknown", MultiNode, func(_ *Snapshot, n *Node) { delete(n.Object.Labels, corev1.LabelTopologyZone) }, []ObstacleKind{LabelMissing}, time.Time{}},
		{"empty", SingleNode, func(_ *Snapshot, n *Node) { n.Pods = nil }, []ObstacleKind{NodeEmpty}, time.Time{}},
		{"worthless pods are nothing", SingleNode, func(_ *Snapshot, n *Node) {
			n.Pods[0].Annotations = map[string]string{corev1.PodDeletionCost: "-2147483647"}
		}, []ObstacleKind{NodeEmpty}, time.Time{}},
		{"not empty", Emptiness, func(*Snapshot, *Node) {}, []ObstacleKind{NodeNotEmpty}, time.Time{}},
		{"policy", SingleNode, func(s *Snapshot, _ *Node) { s.NodePools[0].Spec.Disruption.ConsolidationPolicy = WhenEmpty }, []ObstacleKind{OnlyWhenEmpty}, time.Time{}},
		{"never", SingleNode, func(s *Snapshot, _ *Node) { s.NodePools[0].Spec.Disruption.ConsolidateAfter = Never() }, []ObstacleKind{ConsolidationOff}, time.Time{}},
		{"unset is never", SingleNode, func(s *Snapshot, _ *Node) { s.NodePools[0].Spec.Disruption.ConsolidateAfter = NillableDuration{} }, []ObstacleKind{ConsolidationOff}, time.Time{}},
		{"busy", SingleNode, func(s *Snapshot, n *Node) {
			s.NodePools[0].Spec.Disruption.ConsolidateAfter = After(hour)
			n.LastPodEvent = noon.Add(-hour + time.Second)
		}, []ObstacleKind{Quiet}, noon.Add(time.Second)},
		{"quiet to the instant", SingleNode, func(s *Snapshot, n *Node) {
			s.NodePools[0].Spec.Disruption.ConsolidateAfter = After(hour)
			n.LastPodEvent = noon.Add(-hour)
		}, nil, time.Time{}},
		{"initialized lately, without pod events", SingleNode, func(s *Snapshot, n *Node) {
			s.NodePools[0].Spec.Disruption.ConsolidateAfter = After(hour)
			n.Initialized = noon.Add(-time.Minute)
		}, []ObstacleKind{Quiet}, noon.Add(59 * time.Minute)},
		{"not drifted", Drift, func(*Snapshot, *Node) {}, []ObstacleKind{NotDrifted}, time.Time{}},
		{"drifted pods are pardoned with a grace period", Drift, func(s *Snapshot, n *Node) {
			n.Drifted, n.TerminationGracePeriod = noon, &hour
			s.PDBs = append(s.PDBs, disruptionBudget("a", 0))
		}, nil, time.Time{}},
		{"and not without", Drift, func(s *Snapshot, n *Node) {
			n.Drifted = noon
			s.PDBs = append(s.PDBs, disruptionBudget("a", 0))
		}, []ObstacleKind{PDBExhausted}, time.Time{}},
		{"nor for consolidation", SingleNode, func(s *Snapshot, n *Node) {
			n.TerminationGracePeriod = &hour
			s.PDBs = append(s.PDBs, disruptionBudget("a", 0))
		}, []ObstacleKind{PDBExhausted}, time.Time{}},
		{"drift of a static pool", StaticDrift, func(s *Snapshot, n *Node) { one := int64(1); s.NodePools[0].Spec.Replicas, n.Drifted = &one, noon }, nil, time.Time{}},
		{"all at once", SingleNode, func(s *Snapshot, n *Node) {
			n.NominatedUntil = noon.Add(hour)
			n.Pods[0].Annotations = map[string]string{AnnotationDoNotDisrupt: "true"}
			s.NodePools[0].Spec.Disruption.ConsolidationPolicy = WhenEmpty
		}, []ObstacleKind{Nominated, PodDoNotDisrupt, OnlyWhenEmpty}, noon.Add(hour)},
	} {
		s, n := one()
		c.change(s, n)
		list, err := Candidates(s, c.method, Options{})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var kinds []ObstacleKind
		var until time.Time
		for _, o := range list[0].Obstacles {
			kinds = append(kinds, o.Kind)
			if until.IsZero() {
				until = o.Until
			}
		}
		if !slices.Equal(kinds, c.want) || !until.Equal(c.until) || (list[0].Candidate != nil) != (len(c.want) == 0) {
			t.Errorf("%s: %v", c.name, list[0])
		}
	}
}

// Rules 63 and 65.
func TestRule63EvictionCost(t *testing.T) {
	for _, c := range []struct {
		cost     string
		priority int32
		want     float64
	}{
		{"", 0, 1}, {"134217728", 0, 2}, {"-134217728", 0, 0}, {"x", 0, 1}, {"", 33554432, 2}, {"", 1000000000, 10},
		{"-2147483647", -2147483648, -10}, {"NaN", 0, 1}, {"67108864", -16777216, 1},
	} {
		p := pod("p", 1, 1)
		if c.cost != "" {
			p.Annotations = map[string]string{corev1.PodDeletionCost: c.cost}
		}
		if c.priority != 0 {
			p.Spec.Priority = &c.priority
		}
		if got := EvictionCost(p); got != c.want {
			t.Errorf("%q %d: %v", c.cost, c.priority, got)
		}
	}
	cheap, plain := pod("cheap", 1, 1), pod("plain", 1, 1)
	cheap.Annotations = map[string]string{corev1.PodDeletionCost: "-1342177280"}
	if got := RescheduleCost([]*corev1.Pod{cheap, plain, daemonPod("d", 1, 1), nil}); got != 2 {
		t.Errorf("a negative cost does not make up for others: %v", got)
	}
}

// B12: what releases before decided otherwise.
func TestUntil1_13(t *testing.T) {
	s, n := one()
	n.Pods[0].Annotations = map[string]string{corev1.PodDeletionCost: "-2147483647"}
	old := Options{Profile: Until1_13()}
	if c, ok, err := EmptyNodes(s, Options{}); err != nil || !ok || len(c.Candidates) != 1 {
		t.Errorf("a node with worthless pods is empty: %v %v %v", c, ok, err)
	}
	if _, ok, err := EmptyNodes(s, old); err != nil || ok {
		t.Errorf("it was not before: %v", err)
	}
	delete(n.Object.Labels, corev1.LabelTopologyZone)
	for _, c := range []struct {
		o    Options
		want float64
	}{{Options{}, 0}, {old, s.InstanceTypes[""][3].Offerings[0].Price}} {
		d, err := NewDisruptor(s, c.o)
		if err != nil || d.nodes[0].Price != c.want {
			t.Errorf("price %v, want %v (%v)", d.nodes[0].Price, c.want, err)
		}
	}
}

// Rules 24 and B12: a node that has been busy takes no pods of nodes removed since 1.14, except of drifted ones.
func TestRule24BusyDestinations(t *testing.T) {
	build := func() *Snapshot {
		s, n := one()
		s.NodePools[0].Spec.Disruption.ConsolidateAfter = After(time.Minute)
		n.LastPodEvent = noon.Add(-time.Hour)
		other := machine("busy", "p", s.InstanceTypes[""][3], pod("x", 100, 100))
		other.LastPodEvent = noon
		s.Nodes = append(s.Nodes, other)
		n.Drifted = noon
		return s
	}
	single := func(o Options) Decision {
		d, err := NewDisruptor(build(), o)
		if err != nil {
			t.Fatal(err)
		}
		return d.Single(0).Command.Decision
	}
	if got := single(Options{}); got != Replace {
		t.Errorf("the busy node takes the pod: %q", got)
	}
	if got := single(Options{Profile: Until1_13()}); got != Delete {
		t.Errorf("the busy node took the pod before: %q", got)
	}
	if c, ok, err := DriftedNodes(build(), Options{}); err != nil || !ok || c.Decision != Delete {
		t.Errorf("drift does not mind: %v %v", c, err)
	}
}

// Rule 70 leaves out pods that no budget will ever let go.
func TestNeverAllows(t *testing.T) {
	zero, percent, all, half := intstr.FromInt32(0), intstr.FromString("0%"), intstr.FromString("100%"), intstr.FromString("50%")
	for _, c := range []struct {
		spec policyv1.PodDisruptionBudgetSpec
		want bool
	}{
		{policyv1.PodDisruptionBudgetSpec{MaxUnavailable: &zero}, true}, {policyv1.PodDisruptionBudgetSpec{MaxUnavailable: &percent}, true},
		{policyv1.PodDisruptionBudgetSpec{MinAvailable: &all}, true}, {policyv1.PodDisruptionBudgetSpec{MinAvailable: &half}, false},
		{policyv1.PodDisruptionBudgetSpec{}, false},
	} {
		if neverAllows(&c.spec) != c.want {
			t.Errorf("%+v", c.spec)
		}
	}
}
