package clusterautoscaler_test

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	ca "github.com/scalemath/scalemath/clusterautoscaler"
)

// workers is a group of five equal nodes with a minimum of three, each with a pod of a DaemonSet.
func workers() ca.Input {
	in := ca.Input{Now: now}
	for k := range 5 {
		n := readyNode(fmt.Sprintf("worker-%d", k), "cpu", "2", "memory", "4Gi", "pods", "110")
		in.Cluster.Nodes = append(in.Cluster.Nodes, n)
		in.Cluster.Pods = append(in.Cluster.Pods, on(n.Name, ownedBy("DaemonSet", "agent", pod("agent-"+n.Name, "cpu", "100m", "memory", "64Mi"))))
	}
	in.Groups = []ca.NodeGroup{groupOf("workers", 3, 6, in.Cluster.Nodes...)}
	return in
}

// busy has the fifteen pods of 500m and 512Mi of a Deployment, three to a node.
func busy() ca.Input {
	in := workers()
	for i, p := range replicas("web", 15, "cpu", "500m", "memory", "512Mi") {
		in.Cluster.Pods = append(in.Cluster.Pods, on(fmt.Sprintf("worker-%d", i/3), p))
	}
	return in
}

// without takes nodes that went out of a cluster, as the cloud does.
func without(in ca.Input, d *ca.ScaleDown) ca.Input {
	gone := map[string]bool{}
	for _, r := range append(d.Empty, d.Drain...) {
		gone[r.Node] = true
	}
	var nodes []*corev1.Node
	for _, n := range in.Cluster.Nodes {
		if !gone[n.Name] {
			nodes = append(nodes, n)
		}
	}
	var pods []*corev1.Pod
	for _, p := range in.Cluster.Pods {
		if !gone[p.Spec.NodeName] {
			pods = append(pods, p)
		}
	}
	in.Cluster.Nodes, in.Cluster.Pods = nodes, pods
	in.Groups = []ca.NodeGroup{groupOf(in.Groups[0].ID, in.Groups[0].Min, in.Groups[0].Max, nodes...)}
	return in
}

// loops runs whole loops every ten seconds and does what they decide, until a time after the start.
func loops(t *testing.T, o ca.Options, in ca.Input, st ca.State, until time.Duration, each func(at time.Duration, l *ca.Loop, left int)) (ca.Input, ca.State) {
	t.Helper()
	for at := time.Duration(0); at <= until; at += 10 * time.Second {
		in.Now = now.Add(at)
		l, next, err := ca.Plan(o, in, st)
		if err != nil {
			t.Fatal(at, err)
		}
		st, in = next, without(in, l.ScaleDown)
		each(at, &l, len(in.Cluster.Nodes))
	}
	return in, st
}

// TestGroupReturnsToItsMinimum: the Deployment is gone, and ten minutes later, not before, the group is at its minimum.
func TestGroupReturnsToItsMinimum(t *testing.T) {
	o := ca.DefaultOptions()
	_, st := loops(t, o, busy(), ca.State{}, time.Minute, func(at time.Duration, l *ca.Loop, left int) {
		if left != 5 || len(l.ScaleDown.Unneeded) != 0 {
			t.Errorf("busy at %v: %d nodes, unneeded %v", at, left, l.ScaleDown.Unneeded)
		}
	})
	st.ScaleDown.LastLoop = time.Time{} // the clock begins anew below
	end, _ := loops(t, o, workers(), st, 30*time.Minute, func(at time.Duration, l *ca.Loop, left int) {
		want := 5
		if at > 10*time.Minute {
			want = 3
		}
		if left != want {
			t.Errorf("%v after the Deployment went: %d nodes, want %d", at, left, want)
		}
	})
	if len(end.Cluster.Nodes) != 3 {
		t.Errorf("%d nodes are left", len(end.Cluster.Nodes))
	}
}

// TestAnnotationHoldsNode: with the annotation a node stays, and says so.
func TestAnnotationHoldsNode(t *testing.T) {
	in := workers()
	in.Groups[0].Min = 0
	held := in.Cluster.Nodes[1]
	held.Annotations = map[string]string{ca.AnnotationScaleDownDisabled: "true"}
	end, _ := loops(t, ca.DefaultOptions(), in, ca.State{}, 20*time.Minute, func(at time.Duration, l *ca.Loop, left int) {
		for _, n := range l.ScaleDown.Nodes {
			if n.Name == held.Name && n.Reason != ca.ScaleDownDisabledOnNode {
				t.Errorf("%v: %s", at, n.String())
			}
		}
	})
	if len(end.Cluster.Nodes) != 1 || end.Cluster.Nodes[0] != held {
		t.Errorf("%d nodes are left", len(end.Cluster.Nodes))
	}
	for _, other := range []string{"True", "1", "false", ""} { // only the very word holds
		held.Annotations[ca.AnnotationScaleDownDisabled] = other
		if d := once(t, ca.DefaultOptions(), in); len(d.Unneeded) != 5 {
			t.Errorf("with %q: %v", other, d.Unneeded)
		}
	}
}

// TestRequestsDecide: a node whose pods request much stays, however idle they are; one whose pods request nothing goes,
// however busy they are.
func TestRequestsDecide(t *testing.T) {
	in := workers()
	in.Groups[0].Min = 0
	in.Cluster.Pods = append(in.Cluster.Pods, on("worker-0", ownedBy("ReplicaSet", "idle", pod("idle", "cpu", "1"))),
		on("worker-1", ownedBy("ReplicaSet", "hungry", pod("hungry"))))
	reasons := reasonsOf(once(t, ca.DefaultOptions(), in))
	if reasons["worker-0"] != ca.NotUnderutilized || reasons["worker-1"] != ca.NotUnneededLongEnough {
		t.Error(reasons)
	}
}

// once is one loop of scale-down from a fresh start.
func once(t *testing.T, o ca.Options, in ca.Input) ca.ScaleDown {
	t.Helper()
	d, _, err := ca.DecideScaleDown(o, in, ca.ScaleDownState{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func reasonsOf(d ca.ScaleDown) map[string]ca.NodeReason {
	out := map[string]ca.NodeReason{}
	for i := range d.Nodes {
		out[d.Nodes[i].Name] = d.Nodes[i].Reason
	}
	return out
}
