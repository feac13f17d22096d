package karpenter

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/cloudprovider"
)

const ec2Types = "../../shared/data/ec2_instance_types.json"

// ec2 are the types of EC2 whose names begin with one of the letters, of generation five or later, on demand in one zone.
func ec2(t testing.TB, letters string) (out []*cloudprovider.InstanceType) {
	data, err := os.ReadFile(ec2Types)
	if err != nil {
		t.Skipf("the EC2 instance types are absent: %v", err)
	}
	var list []struct {
		Name               string
		Labels             map[string][]string
		Capacity, Overhead corev1.ResourceList
		Price              float64
	}
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		family, _, _ := strings.Cut(m.Name, ".")
		at := strings.IndexAny(family, "0123456789")
		if at != 1 || !strings.Contains(letters, family[:1]) || family[at] < '5' || m.Price <= 0 {
			continue
		}
		out = append(out, &cloudprovider.InstanceType{
			Name: m.Name, Labels: m.Labels, Capacity: m.Capacity, Overhead: m.Overhead,
			Offerings: []cloudprovider.Offering{
				{Zone: "a", CapacityType: cloudprovider.OnDemand, Price: m.Price},
				{Zone: "b", CapacityType: cloudprovider.OnDemand, Price: m.Price},
			},
		})
	}
	return out
}

// BenchmarkCheapest plans 1000 pods on the c, m and r types of EC2, the time to compile included.
func BenchmarkCheapest(b *testing.B) {
	for _, c := range []struct {
		name string
		pods func(*mix) []*corev1.Pod
		o    Options
	}{
		{"upstream", func(m *mix) []*corev1.Pod { return m.heterogeneous(1000) }, Options{}},
		{"heterogeneous", func(m *mix) []*corev1.Pod { return m.heterogeneous(1000) }, Options{Packing: Cheapest}},
		{"heterogeneous-10-cents-a-node", func(m *mix) []*corev1.Pod { return m.heterogeneous(1000) }, Options{Packing: Cheapest, PerNode: 0.1}},
		{"homogeneous", func(m *mix) []*corev1.Pod { return m.homogeneous(1000) }, Options{Packing: Cheapest}},
		{"diverse", func(m *mix) []*corev1.Pod { return m.diverse(1000) }, Options{Packing: Cheapest}},
		{"host-anti-affinity", func(m *mix) []*corev1.Pod { return avoiding(m.heterogeneous(1000), 4) }, Options{Packing: Cheapest}},
		{"heterogeneous-20000", func(m *mix) []*corev1.Pod { return m.heterogeneous(20000) }, Options{Packing: Cheapest}},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := &Snapshot{
				NodePools: []*NodePool{onePool("default")}, Pending: c.pods(newMix()),
				InstanceTypes: map[string][]*cloudprovider.InstanceType{"": ec2(b, "cmr")},
			}
			b.ReportAllocs()
			var plan Plan
			for b.Loop() {
				var err error
				if plan, err = Provision(s, c.o); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(plan.Claims)), "nodes")
			b.ReportMetric(plan.Upstream, "$upstream/h")
			b.ReportMetric(plan.Price, "$/h")
			b.ReportMetric(plan.Bound, "$bound/h")
		})
	}
}
