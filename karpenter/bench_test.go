package karpenter

import (
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
