package karpenter

import (
	"errors"
	"fmt"
	"math"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/cloudprovider"
)

// sized is a type on demand in zones a and b, with nothing taken off what it has.
func sized(name string, cpu int, price float64) *cloudprovider.InstanceType {
	return &cloudprovider.InstanceType{
		Name: name,
		Capacity: corev1.ResourceList{
			"cpu": resource.MustParse(fmt.Sprint(cpu)), "memory": resource.MustParse(fmt.Sprintf("%dGi", 4*cpu)), "pods": resource.MustParse("110"),
		},
		Offerings: []cloudprovider.Offering{
			{Zone: "a", CapacityType: cloudprovider.OnDemand, Price: price}, {Zone: "b", CapacityType: cloudprovider.OnDemand, Price: price * 2},
		},
	}
}

// dearLarge is a pool and a catalogue in which four small machines cost less than the large one that upstream ends with.
func dearLarge(pods int) *Snapshot {
	s := &Snapshot{
		NodePools:     []*NodePool{named("p")},
		InstanceTypes: map[string][]*cloudprovider.InstanceType{"": {sized("small", 2, 1), sized("large", 8, 10)}},
	}
	m := newMix()
	for range pods {
		s.Pending = append(s.Pending, m.sized(map[string]string{"app": "a"}, "1", "1Gi"))
	}
	return s
}

func named(name string) *NodePool {
	p := &NodePool{}
	p.Name = name
	return p
}

func each(pods []*corev1.Pod, f func(i int, p *corev1.Pod)) {
	for i, p := range pods {
		f(i, p)
	}
}

func TestCheapestRules(t *testing.T) {
	one, high := 1, int32(10)
	for _, c := range []struct {
		name   string
		change func(s *Snapshot, o *Options)
		price  float64 // of the plan; upstream's is 10 for one large machine where nothing is said
		up     float64
		claims int
	}{
		{"small machines are cheaper", func(*Snapshot, *Options) {}, 4, 10, 4},
		{"a node that costs more than it saves is not opened", func(_ *Snapshot, o *Options) { o.PerNode = 3 }, 10, 10, 1},
		{"limits hold for all claims together", func(s *Snapshot, _ *Options) {
			s.InstanceTypes[""][0].Capacity["cpu"] = resource.MustParse("3")
			s.InstanceTypes[""][0].Overhead = corev1.ResourceList{"cpu": resource.MustParse("1")}
			s.NodePools[0].Spec.Limits = corev1.ResourceList{"cpu": resource.MustParse("11")}
		}, 10, 10, 1},
		{"limits of nodes hold where upstream holds them", func(s *Snapshot, _ *Options) {
			s.NodePools[0].Spec.Limits = corev1.ResourceList{"nodes": resource.MustParse("3")}
		}, 10, 10, 1},
		{"minValues are upstream's matter", func(s *Snapshot, _ *Options) {
			s.NodePools[0].Spec.Template.Spec.Requirements = []RequirementSpec{{Key: corev1.LabelArchStable, Operator: "Exists", MinValues: &one}}
		}, 10, 10, 1},
		{"reservations are upstream's matter", func(s *Snapshot, _ *Options) {
			large := s.InstanceTypes[""][1]
			large.Offerings = append(large.Offerings, cloudprovider.Offering{Zone: "a", CapacityType: cloudprovider.Reserved, ReservationID: "r", ReservationCapacity: 1, Price: 9})
		}, 9, 9, 1},
		{"a pool of less weight is no way to save", func(s *Snapshot, _ *Options) {
			s.NodePools = append(s.NodePools, named("cheap"))
			s.NodePools[0].Spec.Weight = &high
			s.InstanceTypes["cheap"] = []*cloudprovider.InstanceType{sized("gift", 2, 0.01)}
		}, 4, 10, 4},
		{"among pools of equal weight the price decides", func(s *Snapshot, _ *Options) {
			s.NodePools = append(s.NodePools, named("cheap"))
			s.InstanceTypes["cheap"] = []*cloudprovider.InstanceType{sized("gift", 2, 0.01)}
		}, 0.04, 10, 4},
		{"pods of one zone are packed for its prices", func(s *Snapshot, _ *Options) {
			each(s.Pending, func(i int, p *corev1.Pod) {
				if i%2 == 0 {
					p.Spec.NodeSelector = map[string]string{corev1.LabelTopologyZone: "b"}
				}
			})
		}, 6, 20, 4},
		{"pods that want different values of a label that the pool leaves open are kept apart", func(s *Snapshot, _ *Options) {
			s.NodePools[0].Spec.Template.Spec.Requirements = []RequirementSpec{{Key: "team", Operator: "In", Values: []string{"x", "y"}}}
			each(s.Pending, func(i int, p *corev1.Pod) { p.Spec.NodeSelector = map[string]string{"team": []string{"x", "y"}[i%2]} })
		}, 4, 20, 4},
		{"a port of the host is taken once", func(s *Snapshot, _ *Options) {
			s.InstanceTypes[""] = append(s.InstanceTypes[""], sized("tiny", 1, 0.9))
			each(s.Pending, func(i int, p *corev1.Pod) {
				if i < 2 {
					p.Spec.Containers[0].Ports = []corev1.ContainerPort{{HostPort: 80}}
				}
			})
		}, 4, 20, 4},
		{"spread over zones keeps each pod in its zone", func(s *Snapshot, _ *Options) { spreading(s.Pending, corev1.LabelTopologyZone, 1) }, 6, 30, 4},
		{"spread over hosts is kept to", func(s *Snapshot, _ *Options) { spreading(s.Pending, corev1.LabelHostname, 1) }, 8, 8, 8},
		{"what stands there is used first", func(s *Snapshot, _ *Options) {
			s.Nodes = []*Node{{NodePool: "p", Object: &corev1.Node{Status: corev1.NodeStatus{Allocatable: s.InstanceTypes[""][1].Capacity, Capacity: s.InstanceTypes[""][1].Capacity}}}}
			s.Nodes[0].Object.Name = "n"
		}, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, o := dearLarge(8), Options{}
			c.change(s, &o)
			upstream, err := Provision(s, o)
			if err != nil {
				t.Fatal(err)
			}
			o.Packing = Cheapest
			plan, err := Provision(s, o)
			if err != nil {
				t.Fatal(err)
			}
			checkCheapest(t, s, &upstream, &plan, o)
			checkRules(t, s, &plan, o)
			checkZones(t, &upstream, &plan)
			checkHosts(t, &plan, nil)
			if math.Abs(plan.Price-c.price) > 1e-9 || math.Abs(upstream.Price-c.up) > 1e-9 || len(plan.Claims) != c.claims {
				t.Errorf("$%v on %d claims, want $%v on %d; upstream $%v, want $%v", plan.Price, len(plan.Claims), c.price, c.claims, upstream.Price, c.up)
			}
		})
	}
}

// TestCheapestTypes: a new claim lists the types that cost no more than the one that was chosen.
func TestCheapestTypes(t *testing.T) {
	s := dearLarge(8)
	s.InstanceTypes[""] = append(s.InstanceTypes[""], sized("twin", 2, 1), sized("dear", 2, 1.01))
	plan, err := Provision(s, Options{Packing: Cheapest})
	if err != nil {
		t.Fatal(err)
	}
	for i := range plan.Claims {
		if m := &plan.Claims[i]; len(m.Types) != 2 || m.Types[0].Name != "small" || m.Types[1].Name != "twin" {
			t.Errorf("claim %d: %v", i, m)
		}
	}
}

func TestPackingOptions(t *testing.T) {
	for _, o := range []Options{{Packing: 2}, {Packing: -1}, {PerNode: -1}, {PerNode: math.NaN()}, {PerNode: math.Inf(1)}} {
		if _, err := Provision(&Snapshot{}, o); !errors.Is(err, ErrInvalid) {
			t.Errorf("%v %v: %v", int(o.Packing), o.PerNode, err)
		}
	}
	for p, want := range map[Packing]string{Upstream: "Upstream", Cheapest: "Cheapest"} {
		if text, _ := p.MarshalText(); string(text) != want {
			t.Errorf("%s, want %s", text, want)
		}
	}
}
