package karpenter

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/cloudprovider"
)

// BenchmarkProvision packs upstream's mixes of pods onto 400 instance types, the time to compile included.
func BenchmarkProvision(b *testing.B) {
	zone, host := corev1.LabelTopologyZone, corev1.LabelHostname
	for _, c := range []struct {
		name string
		pods func(*mix) []*corev1.Pod
		o    Options
	}{
		{"diverse-1000", func(m *mix) []*corev1.Pod { return m.diverse(1000) }, Options{}},
		{"diverse-5000", func(m *mix) []*corev1.Pod { return m.diverse(5000) }, Options{}},
		{"diverse-20000", func(m *mix) []*corev1.Pod { return m.diverse(20000) }, Options{}},
		{"preferences-4000", func(m *mix) []*corev1.Pod { return m.preferences(4000) }, Options{}},
		{"preferences-ignored-4000", func(m *mix) []*corev1.Pod { return m.preferences(4000) }, Options{IgnorePreferences: true}},
		{"homogeneous-1000", func(m *mix) []*corev1.Pod { return m.homogeneous(1000) }, Options{}},
		{"homogeneous-100000", func(m *mix) []*corev1.Pod { return m.homogeneous(100000) }, Options{}},
		{"heterogeneous-1000", func(m *mix) []*corev1.Pod { return m.heterogeneous(1000) }, Options{}},
		{"heterogeneous-10000", func(m *mix) []*corev1.Pod { return m.heterogeneous(10000) }, Options{}},
		{"heterogeneous-100000", func(m *mix) []*corev1.Pod { return m.heterogeneous(100000) }, Options{}},
		{"zone-spread-1000", func(m *mix) []*corev1.Pod { return spreading(m.heterogeneous(1000), zone, 1) }, Options{}},
		{"host-spread-1000", func(m *mix) []*corev1.Pod { return spreading(m.heterogeneous(1000), host, 2) }, Options{}},
		{"host-anti-affinity-1000", func(m *mix) []*corev1.Pod { return avoiding(m.heterogeneous(1000), 4) }, Options{}},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := &Snapshot{
				NodePools: []*NodePool{onePool("default")}, Pending: c.pods(newMix()),
				InstanceTypes: map[string][]*cloudprovider.InstanceType{"": fakeTypes(400)},
			}
			b.ReportAllocs()
			var plan Plan
			for b.Loop() {
				var err error
				if plan, err = Provision(s, c.o); err != nil {
					b.Fatal(err)
				}
			}
			for i := range plan.Placements {
				if plan.Placements[i].Failure != nil {
					b.Fatalf("%s: %v", plan.Placements[i].Pod.Name, plan.Placements[i].Failure)
				}
			}
			b.ReportMetric(float64(len(plan.Claims)), "nodes")
			b.ReportMetric(float64(len(s.Pending))/b.Elapsed().Seconds()*float64(b.N), "pods/s")
		})
	}
}

// BenchmarkSimulate removes nodes of a fleet on trial: 4 small pods on each node of 8 cores. The cluster is compiled once.
func BenchmarkSimulate(b *testing.B) {
	for _, nodes := range []int{100, 1000, 5000} {
		m := newMix()
		types := fakeTypes(400)
		s := &Snapshot{NodePools: []*NodePool{onePool("default")}, InstanceTypes: map[string][]*cloudprovider.InstanceType{"": types}}
		for i := range nodes {
			name := fmt.Sprintf("n%05d", i)
			n := &Node{NodePool: "default", Object: &corev1.Node{}}
			n.Object.Name = name
			n.Object.Labels = map[string]string{corev1.LabelHostname: name, corev1.LabelTopologyZone: fmt.Sprintf("test-zone-%d", 1+i%3), LabelNodePool: "default"}
			n.Object.Status.Capacity, n.Object.Status.Allocatable = types[7].Capacity, types[7].Allocatable()
			n.Pods = m.heterogeneous(4)
			s.Nodes = append(s.Nodes, n)
		}
		for _, remove := range []int{1, 20} {
			b.Run(fmt.Sprintf("remove-%d-of-%d", remove, nodes), func(b *testing.B) {
				c, err := Compile(s, Options{})
				if err != nil {
					b.Fatal(err)
				}
				names := make([]string, remove)
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					for j := range names {
						names[j] = s.Nodes[(i*remove+j)%nodes].Object.Name
					}
					if _, err := c.Simulate(names...); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkCompile makes a snapshot of 400 types and 1000 pods ready.
func BenchmarkCompile(b *testing.B) {
	s := &Snapshot{
		NodePools: []*NodePool{onePool("default")}, Pending: newMix().heterogeneous(1000),
		InstanceTypes: map[string][]*cloudprovider.InstanceType{"": fakeTypes(400)},
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compile(s, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAgain provisions for 1000 pods of 40 deployments on a cluster that is compiled.
func BenchmarkAgain(b *testing.B) {
	s := &Snapshot{
		NodePools: []*NodePool{onePool("default")}, Pending: newMix().heterogeneous(1000),
		InstanceTypes: map[string][]*cloudprovider.InstanceType{"": fakeTypes(400)},
	}
	c, err := Compile(s, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		c.Provision()
	}
}
