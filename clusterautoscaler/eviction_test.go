package clusterautoscaler_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	ca "github.com/scalemath/scalemath/clusterautoscaler"
)

func important(p *corev1.Pod, priority int32, grace int64) *corev1.Pod {
	p.Spec.Priority, p.Spec.TerminationGracePeriodSeconds = &priority, &grace
	return p
}

func ExamplePlanEviction() {
	o := ca.DefaultEvictionOptions()
	o.Priorities = []ca.EvictionPriority{{Priority: 1000, Grace: 5 * time.Minute}, {Priority: 0, Grace: time.Minute}}
	e := ca.PlanEviction(ca.DrainPlan{Move: []*corev1.Pod{
		important(pod("database"), 5000, 600), important(pod("batch"), -5, 20), important(pod("web"), 10, 90),
	}}, o)
	for _, s := range e.Steps {
		for _, p := range s.Pods {
			fmt.Println(s.Priority, p.Name, p.Grace)
		}
	}
	// Output:
	// 0 default/batch 20s
	// 0 default/web 1m0s
	// 1000 default/database 5m0s
}

// TestD42Grace: a pod's own grace, within the limit; none is 30 s, and a limit of 0 is none.
func TestD42Grace(t *testing.T) {
	own := int64(1200)
	long := pod("long")
	long.Spec.TerminationGracePeriodSeconds = &own
	for limit, want := range map[time.Duration][2]time.Duration{
		10 * time.Minute: {10 * time.Minute, 30 * time.Second}, 0: {20 * time.Minute, 30 * time.Second}, 10 * time.Second: {10 * time.Second, 10 * time.Second},
	} {
		e := ca.PlanEviction(ca.DrainPlan{Move: []*corev1.Pod{long, pod("plain")}}, ca.EvictionOptions{MaxGracefulTermination: limit, MaxPodEvictionTime: time.Minute})
		if s := e.Steps[0]; s.Pods[0].Grace != want[0] || s.Pods[1].Grace != want[1] || s.Vanish != limit+30*time.Second || e.GiveUp != time.Minute {
			t.Errorf("limit %v: %+v", limit, e)
		}
	}
}

// TestD44DaemonSetEviction: the annotation decides, or else a flag for empty and one for occupied nodes.
func TestD44DaemonSetEviction(t *testing.T) {
	plain, yes, no := pod("plain"), with(pod("yes"), annotated(ca.AnnotationDaemonSetEviction, "true")), with(pod("no"), annotated(ca.AnnotationDaemonSetEviction, "x"))
	plan := ca.DrainPlan{DaemonSet: []*corev1.Pod{plain, yes, no}}
	o := ca.DefaultEvictionOptions()
	if e := ca.PlanEviction(plan, o); !slices.Equal(e.Staying, []string{"default/plain", "default/no"}) || e.DaemonSets {
		t.Errorf("empty: %+v", e)
	}
	plan.Move = []*corev1.Pod{pod("web")}
	if e := ca.PlanEviction(plan, o); !slices.Equal(e.Staying, []string{"default/no"}) {
		t.Errorf("occupied: %+v", e)
	}
	o.Priorities = []ca.EvictionPriority{{}}
	if e := ca.PlanEviction(plan, o); !e.DaemonSets {
		t.Error("with priorities, pods of DaemonSets must go too")
	}
}

func tainted(name, key, value string) *corev1.Node {
	n := readyNode(name)
	n.Spec.Taints = []corev1.Taint{{Key: key, Value: value, Effect: corev1.TaintEffectPreferNoSchedule}}
	return n
}

func ExamplePlanSoftTaints() {
	nodes := []*corev1.Node{readyNode("a"), tainted("b", ca.TaintDeletionCandidate, "1"), readyNode("c"), readyNode("d"), tainted("e", ca.TaintToBeDeleted, "1")}
	s := ca.PlanSoftTaints(nodes, []string{"a", "c", "e"}, now, 2)
	fmt.Println("remove", s.Remove, "add", s.Add, s.Value, "left", s.Left)
	// Output:
	// remove [b] add [a] 1793534400 left 1
}

// TestD45SoftTaintsSettle: repeated, the taints are on just the unneeded nodes, and then nothing changes.
func TestD45SoftTaintsSettle(t *testing.T) {
	var nodes []*corev1.Node
	var unneeded []string
	for i := range 30 {
		n := readyNode(fmt.Sprintf("n%02d", i))
		if i%3 == 0 {
			n = tainted(n.Name, ca.TaintDeletionCandidate, "1")
		}
		if i%2 == 0 {
			unneeded = append(unneeded, n.Name)
		}
		nodes = append(nodes, n)
	}
	for loop := 0; ; loop++ {
		s := ca.PlanSoftTaints(nodes, unneeded, now, 4)
		changes := len(s.Add) + len(s.Remove)
		if changes > 4 || s.Left > 0 && changes < 4 || loop > 10 {
			t.Fatalf("loop %d: %+v", loop, s)
		}
		if changes == 0 {
			break
		}
		for i, n := range nodes {
			switch {
			case slices.Contains(s.Add, n.Name):
				nodes[i] = tainted(n.Name, ca.TaintDeletionCandidate, s.Value)
			case slices.Contains(s.Remove, n.Name):
				nodes[i] = readyNode(n.Name)
			}
		}
	}
	for i, n := range nodes {
		if got := len(n.Spec.Taints) > 0; got != (i%2 == 0) {
			t.Errorf("%s: tainted %v", n.Name, got)
		}
	}
	if s := ca.PlanSoftTaints(nodes, nil, now, 0); len(s.Remove) != 0 {
		t.Error("0 changes nothing")
	}
}
