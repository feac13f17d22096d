package clusterautoscaler_test

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"

	ca "github.com/scalemath/scalemath/clusterautoscaler"
)

// study is the cluster of a published study of node scaling: three nodes whose pods can have 1930m of their 2 CPU, and the
// pods that every cluster has. The group may grow to six.
func study(deployment int) ca.Input {
	in := ca.Input{Now: now}
	for i := range 3 {
		n := readyNode(fmt.Sprintf("node-%d", i), "cpu", "1930m", "memory", "3389516Ki", "pods", "17")
		n.Status.Capacity = list("cpu", "2", "memory", "3943372Ki", "pods", "17")
		in.Cluster.Nodes = append(in.Cluster.Nodes, n)
		in.Cluster.Pods = append(in.Cluster.Pods,
			on(n.Name, ownedBy("DaemonSet", "aws-node", pod(fmt.Sprintf("aws-node-%d", i), "cpu", "50m"))),
			on(n.Name, ownedBy("DaemonSet", "kube-proxy", pod(fmt.Sprintf("kube-proxy-%d", i), "cpu", "100m"))))
	}
	in.Cluster.Pods = append(in.Cluster.Pods,
		on("node-0", ownedBy("ReplicaSet", "coredns", pod("coredns-0", "cpu", "100m", "memory", "70Mi"))),
		on("node-1", ownedBy("ReplicaSet", "coredns", pod("coredns-1", "cpu", "100m", "memory", "70Mi"))),
		on("node-2", ownedBy("ReplicaSet", "autoscaler", pod("cluster-autoscaler", "cpu", "100m", "memory", "600Mi"))))
	in.Cluster.Pods = append(in.Cluster.Pods, replicas("app", deployment, "cpu", "500m", "memory", "512Mi")...)
	in.Groups = []ca.NodeGroup{groupOf("workers", 3, 6, in.Cluster.Nodes...)}
	return in
}

// Fifteen pods of 500m: each node has room for three, so nine fit, and six need two nodes more.
func TestStudyScaleUp(t *testing.T) {
	in := study(15)
	l, _ := plan(t, ca.DefaultOptions(), in, ca.State{})
	if got := fmt.Sprint(l.ScaleUps[0].Increases); got != "[{workers 3 5}]" || l.Fitting != 9 {
		t.Fatalf("%s, %d fit", got, l.Fitting)
	}
	// Requests decide, whatever is used: pods without requests fit anywhere, up to the number of pods of a node.
	for i := range in.Cluster.Pods {
		if in.Cluster.Pods[i].Spec.NodeName == "" {
			in.Cluster.Pods[i].Spec.Containers[0].Resources.Requests = nil
		}
	}
	if l, _ = plan(t, ca.DefaultOptions(), in, ca.State{}); l.ScaleUps[0].Result != ca.ScaleUpNotNeeded {
		t.Errorf("without requests: %s", l.String())
	}
}

// With the maximum at six there is no room for thirty pods: three nodes more hold nine of them.
func TestStudyMaximum(t *testing.T) {
	l, _ := plan(t, ca.DefaultOptions(), study(30), ca.State{})
	u := l.ScaleUps[0]
	if got := fmt.Sprint(u.Increases); got != "[{workers 3 6}]" || u.Options[0].Estimate.Limit != ca.GroupCapacity || u.Groups[0].Triggered != 9 || len(u.Groups[0].Pods) != 21 {
		t.Errorf("%s: %+v", got, u.Options[0].Estimate)
	}
}

// The next loops: the nodes come, and the pods find their places without another scale-up.
func TestStudyNextLoops(t *testing.T) {
	in := study(15)
	_, st := plan(t, ca.DefaultOptions(), in, ca.State{})
	in.Groups[0].Target = 5
	l, st := plan(t, ca.DefaultOptions(), in, st)
	if l.Fitting != 15 || l.ScaleUps[0].Result != ca.ScaleUpNotNeeded {
		t.Fatalf("awaited: %s, %d fit", l.String(), l.Fitting)
	}
	var nodes []*corev1.Node
	for i := range 5 {
		n := readyNode(fmt.Sprintf("node-%d", i), "cpu", "1930m", "memory", "3389516Ki", "pods", "17")
		nodes = append(nodes, n)
	}
	in.Cluster.Nodes, in.Groups = nodes, []ca.NodeGroup{groupOf("workers", 3, 6, nodes...)}
	l, st = plan(t, ca.DefaultOptions(), in, st)
	if l.Fitting != 15 || len(st.Requests) != 0 {
		t.Errorf("there: %s, %d fit, %+v", l.String(), l.Fitting, st.Requests)
	}
}
