package clusterautoscaler_test

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"pgregory.net/rapid"

	ca "github.com/scalemath/scalemath/clusterautoscaler"
)

// naiveRemoval places the pods of a node one after another on a list of free cpu: all other nodes, then the emptied one,
// which takes nothing. Each search begins one behind the last match (N2).
func naiveRemoval(self int, free []int64, pods []int64) ([]int, bool) {
	var list []int
	for i := range free {
		if i != self {
			list = append(list, i)
		}
	}
	list = append(list, self)
	last := 0
	var to []int
	for _, cpu := range pods {
		found := false
		for k := range list {
			at := (last + 1 + k) % len(list)
			if n := list[at]; n != self && free[n] >= cpu {
				free[n] -= cpu
				to, last, found = append(to, n), at, true
				break
			}
		}
		if !found {
			return nil, false
		}
	}
	return to, true
}

// TestD25RemovalByHand holds one removal against the plain search.
func TestD25RemovalByHand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := ca.Input{Now: now}
		count := rapid.IntRange(1, 12).Draw(t, "nodes")
		free := make([]int64, count)
		self := rapid.IntRange(0, count-1).Draw(t, "self")
		var pods []int64
		for i := range count {
			n := readyNode(fmt.Sprintf("n%d", i), "cpu", "2", "memory", "4Gi", "pods", "110")
			in.Cluster.Nodes = append(in.Cluster.Nodes, n)
			free[i] = 2000
			for p := range rapid.IntRange(0, 5).Draw(t, "pods") {
				cpu := int64(rapid.IntRange(1, 8).Draw(t, "cpu") * 100)
				if free[i] < cpu {
					break
				}
				free[i] -= cpu
				in.Cluster.Pods = append(in.Cluster.Pods, on(n.Name, ownedBy("ReplicaSet", "web", pod(fmt.Sprintf("n%d-p%d", i, p), "cpu", fmt.Sprintf("%dm", cpu)))))
				if i == self {
					pods = append(pods, cpu)
				}
			}
		}
		want, ok := naiveRemoval(self, free, pods)
		got, err := ca.SimulateRemoval(ca.DefaultOptions(), in, fmt.Sprintf("n%d", self))
		if err != nil {
			t.Fatal(err)
		}
		if got.Removable() != ok || ok && len(got.Removal.Moves) != len(want) {
			t.Fatalf("removable %v, by hand %v: %+v", got.Removable(), ok, got)
		}
		for i, m := range got.Removal.Moves {
			if m.To != fmt.Sprintf("n%d", want[i]) {
				t.Fatalf("%s goes to %s, by hand to n%d", m.Name(), m.To, want[i])
			}
		}
	})
}

func BenchmarkDrainVerdict(b *testing.B) {
	in := empties(1)
	in.Cluster.Controllers = map[ca.Controller]int32{{Kind: "ReplicaSet", Namespace: "default", Name: "web"}: 3}
	d, err := ca.NewDrainer(&in.Cluster, now, ca.DefaultDrainOptions())
	if err != nil {
		b.Fatal(err)
	}
	p := on("n0", ownedBy("ReplicaSet", "web", pod("web", "cpu", "100m")))
	b.ReportAllocs()
	for b.Loop() {
		if d.Judge(p).Outcome != ca.DrainUndefined {
			b.Fatal("blocked")
		}
	}
}

func BenchmarkUtilization(b *testing.B) {
	n := readyNode("n")
	pods := make([]*corev1.Pod, 30)
	for i := range pods {
		pods[i] = on("n", ownedBy("ReplicaSet", "web", pod(fmt.Sprintf("web-%d", i), "cpu", "100m", "memory", "100Mi")))
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ca.Utilization(n, pods, now, ca.UtilizationOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestDrainVerdictAllocatesNothing: only a pod that holds its node costs a text.
func TestDrainVerdictAllocatesNothing(t *testing.T) {
	in := empties(1)
	d, err := ca.NewDrainer(&in.Cluster, now, ca.DefaultDrainOptions())
	if err != nil {
		t.Fatal(err)
	}
	p := on("n0", ownedBy("ReplicaSet", "web", pod("web", "cpu", "100m")))
	if n := testing.AllocsPerRun(100, func() { d.Judge(p) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
