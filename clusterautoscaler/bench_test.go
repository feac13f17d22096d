package clusterautoscaler_test

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	ca "github.com/scalemath/scalemath/clusterautoscaler"
)

// alike is a group of so many pods that are the same object; only the first is ever looked at.
func alike(p *corev1.Pod, count int) ca.PodGroup {
	g := ca.PodGroup{Pods: make([]*corev1.Pod, count)}
	for i := range g.Pods {
		g.Pods[i] = p
	}
	return g
}

// manyPods is the question of upstream's own benchmark of its estimator: 51,000 pods of two sizes.
func manyPods() (groups []ca.PodGroup, template *ca.Template, old *corev1.Node) {
	small, large := pod("small", "cpu", "50m", "memory", "100"), pod("large", "cpu", "95m", "memory", "190")
	template = &ca.Template{Node: readyNode("template", "cpu", "1", "memory", "5000Mi", "pods", "100")}
	return []ca.PodGroup{alike(small, 50_000), alike(large, 1_000)}, template, readyNode("old", "cpu", "100m", "memory", "100Mi", "pods", "10")
}

func estimateMany(tb testing.TB, groups []ca.PodGroup, template *ca.Template, old *corev1.Node, fast bool) ca.Estimation {
	s, err := kube.NewSnapshot(kube.Options{}, groups[0].Pods[0], groups[1].Pods[0])
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := s.AddNode(old); err != nil {
		tb.Fatal(err)
	}
	e, err := ca.Estimate(ca.EstimateInput{Snapshot: s, Template: template, Groups: groups, FastPath: fast, Limits: ca.Limits{MaxNodesPerScaleUp: 3000, GroupRoom: -1}})
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// TestUpstreamBenchmark holds the answer that upstream's benchmark asserts.
func TestUpstreamBenchmark(t *testing.T) {
	groups, template, old := manyPods()
	if e := estimateMany(t, groups, template, old, false); e.Nodes != 2595 || e.Pods() != 51_000 || e.Limit != ca.NoLimit {
		t.Errorf("%d nodes for %d pods (%s), want 2595 for 51000", e.Nodes, e.Pods(), e.Limit)
	}
}

func BenchmarkEstimate(b *testing.B) {
	for _, fast := range []bool{false, true} {
		b.Run(fmt.Sprintf("51000pods/fast=%v", fast), func(b *testing.B) {
			groups, template, old := manyPods()
			b.ReportAllocs()
			for b.Loop() {
				estimateMany(b, groups, template, old, fast)
			}
		})
	}
}

// largeCluster has 1,000 full nodes in four groups, and pending pods of so many controllers.
func largeCluster(controllers, pending int) ca.Input {
	in := ca.Input{Now: now}
	for g := range 4 {
		var nodes []*corev1.Node
		for k := range 250 {
			n := readyNode(fmt.Sprintf("g%d-n%d", g, k), "cpu", fmt.Sprint(8*(g+1)), "memory", fmt.Sprintf("%dGi", 32*(g+1)), "pods", "110")
			nodes = append(nodes, n)
			for j := range 30 {
				in.Cluster.Pods = append(in.Cluster.Pods, on(n.Name, ownedBy("ReplicaSet", fmt.Sprintf("old-%d", j), pod(fmt.Sprintf("%s-p%d", n.Name, j), "cpu", fmt.Sprintf("%dm", 8000*(g+1)/30), "memory", "1Gi"))))
			}
		}
		in.Cluster.Nodes = append(in.Cluster.Nodes, nodes...)
		in.Groups = append(in.Groups, groupOf(fmt.Sprintf("g%d", g), 0, 3000, nodes...))
	}
	for i := range pending {
		c := i % controllers
		in.Cluster.Pods = append(in.Cluster.Pods, ownedBy("ReplicaSet", fmt.Sprintf("new-%d", c), pod(fmt.Sprintf("new-%d-%d", c, i), "cpu", fmt.Sprintf("%dm", 100+10*(c%40)), "memory", fmt.Sprintf("%dMi", 200+50*(c%7)))))
	}
	return in
}

func benchmarkPlan(b *testing.B, controllers, pending int) {
	in := largeCluster(controllers, pending)
	o := ca.DefaultOptions()
	o.ScaleDown.Disabled = true
	b.ReportAllocs()
	for b.Loop() {
		l, _, err := ca.Plan(o, in, ca.State{})
		if err != nil || l.ScaleUps[0].Result != ca.ScaleUpSuccessful {
			b.Fatal(l.String(), err)
		}
	}
}

func BenchmarkPlan(b *testing.B) {
	for _, controllers := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("1000nodes/30000bound/20000pending/%dcontrollers", controllers), func(b *testing.B) { benchmarkPlan(b, controllers, 20_000) })
	}
	b.Run("1000nodes/30000bound/50000pending/100controllers", func(b *testing.B) { benchmarkPlan(b, 100, 50_000) })
	b.Run("to1000nodes/50000lone", benchmarkLonePods)
}

// benchmarkLonePods is the question of upstream's benchmark of its loop: a group grows to 1,000 nodes for 50,000 pods without
// controllers, each of which is a group of its own.
func benchmarkLonePods(b *testing.B) {
	first := readyNode("n0", "cpu", "10", "memory", "100Gi", "pods", "110")
	in := ca.Input{Now: now, Cluster: ca.Cluster{Nodes: []*corev1.Node{first}}, Groups: []ca.NodeGroup{groupOf("g", 0, 2000, first)}}
	for i := range 50_000 {
		in.Cluster.Pods = append(in.Cluster.Pods, pod(fmt.Sprintf("lone-%d", i), "cpu", "200m", "memory", "200Mi"))
	}
	o := ca.DefaultOptions()
	o.ScaleDown.Disabled = true
	b.ReportAllocs()
	for b.Loop() {
		l, _, err := ca.Plan(o, in, ca.State{})
		if err != nil || len(l.ScaleUps[0].Increases) != 1 || l.ScaleUps[0].Increases[0].To != 1000 {
			b.Fatal(l.String(), err)
		}
	}
}
