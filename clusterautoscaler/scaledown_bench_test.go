package clusterautoscaler_test

import (
	"fmt"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	ca "github.com/scalemath/scalemath/clusterautoscaler"
)

// halfEmpty is the question of upstream's benchmark of its loop: 2,000 nodes at 40 percent with 40 pods each, all of
// which fit on 800 of them.
func halfEmpty(controllers int) (ca.Options, ca.Input) {
	in := ca.Input{Now: now}
	for n := range 2000 {
		node := readyNode(fmt.Sprintf("n%d", n), "cpu", "10", "memory", "100Gi", "pods", "110")
		in.Cluster.Nodes = append(in.Cluster.Nodes, node)
		for p := range 40 {
			c := (40*n + p) % controllers
			web := on(node.Name, ownedBy("ReplicaSet", fmt.Sprintf("web-%d", c), pod(fmt.Sprintf("web-%d-%d", n, p), "cpu", "100m", "memory", "100Mi")))
			web.UID = types.UID(web.Name)
			in.Cluster.Pods = append(in.Cluster.Pods, web)
		}
	}
	in.Groups = []ca.NodeGroup{groupOf("g", 0, 2000, in.Cluster.Nodes...)}
	o := ca.DefaultOptions()
	o.ScaleDown.MaxParallelism, o.ScaleDown.MaxDrainParallelism, o.ScaleDown.UnneededTime = 2000, 2000, 0
	return o, in
}

func BenchmarkScaleDown(b *testing.B) {
	for _, controllers := range []int{1, 100, 2000} {
		b.Run(fmt.Sprintf("2000nodes/80000pods/%dcontrollers", controllers), func(b *testing.B) {
			o, in := halfEmpty(controllers)
			b.ReportAllocs()
			for b.Loop() {
				d, _, err := ca.DecideScaleDown(o, in, ca.ScaleDownState{})
				if err != nil || len(d.Drain) != 1200 {
					b.Fatal(len(d.Drain), err)
				}
			}
			b.ReportMetric(1200*float64(b.N)/b.Elapsed().Seconds(), "removed/s")
		})
	}
	b.Run("2000nodes/80000pods/second loop", func(b *testing.B) {
		o, in := halfEmpty(100)
		_, st, err := ca.DecideScaleDown(o, in, ca.ScaleDownState{})
		if err != nil {
			b.Fatal(err)
		}
		in.Now = in.Now.Add(10 * time.Second)
		b.ReportAllocs()
		for b.Loop() {
			if d, _, err := ca.DecideScaleDown(o, in, st); err != nil || len(d.Drain) != 1200 {
				b.Fatal(len(d.Drain), err)
			}
		}
	})
	b.Run("one removal of 2000 nodes", func(b *testing.B) {
		o, in := halfEmpty(100)
		o.ScaleDown.MaxParallelism = 1
		b.ReportAllocs()
		for b.Loop() {
			if d, _, err := ca.DecideScaleDown(o, in, ca.ScaleDownState{}); err != nil || len(d.Unneeded) != 2 {
				b.Fatal(d.String(), err)
			}
		}
	})
}

// TestScaleDownAllocatesPerNode: four times the pods on as many nodes cost hardly more allocations.
func TestScaleDownAllocatesPerNode(t *testing.T) {
	cost := func(perNode int) float64 {
		in := empties(50)
		for n := range in.Cluster.Nodes {
			for p := range perNode {
				web := on(fmt.Sprintf("n%d", n), ownedBy("ReplicaSet", "web", pod(fmt.Sprintf("web-%d-%d", n, p), "cpu", "10m")))
				web.UID = types.UID(web.Name)
				in.Cluster.Pods = append(in.Cluster.Pods, web)
			}
		}
		o := atOnce()
		o.ScaleDown.MaxParallelism, o.ScaleDown.MaxDrainParallelism = 30, 30
		return testing.AllocsPerRun(3, func() {
			if d, _, err := ca.DecideScaleDown(o, in, ca.ScaleDownState{}); err != nil || len(d.Drain) != 30 {
				t.Fatal(d.String(), err)
			}
		})
	}
	if few, many := cost(10), cost(40); many-few > 300 { // for 1500 pods more
		t.Errorf("%v allocations for 500 pods, %v for 2000", few, many)
	}
}
