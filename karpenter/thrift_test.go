package karpenter

import (
	"fmt"
	"math/rand"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/cloudprovider"
)

// steep is a catalogue in which large machines cost more per core than small ones.
func steep() []*cloudprovider.InstanceType {
	var out []*cloudprovider.InstanceType
	for _, t := range []struct {
		cores int64
		price float64
	}{{2, 0.1}, {4, 0.2}, {8, 0.8}, {16, 2}} {
		out = append(out, &cloudprovider.InstanceType{
			Name: fmt.Sprintf("t%d", t.cores),
			Capacity: corev1.ResourceList{
				corev1.ResourceCPU: *resource.NewQuantity(t.cores, resource.DecimalSI), corev1.ResourcePods: resource.MustParse("110"),
				corev1.ResourceMemory: *resource.NewQuantity(t.cores<<32, resource.BinarySI),
			},
			Offerings: []cloudprovider.Offering{{Zone: "a", CapacityType: cloudprovider.OnDemand, Price: t.price}},
		})
	}
	return out
}

// crowded is machines of 8 cores with four pods of 1.5 cores each.
func crowded(nodes int) *Snapshot {
	s := &Snapshot{Now: noon, NodePools: []*NodePool{anyPool("p")}, InstanceTypes: map[string][]*cloudprovider.InstanceType{"": steep()}}
	for i := range nodes {
		var pods []*corev1.Pod
		for j := range 4 {
			pods = append(pods, pod(fmt.Sprintf("%d-%d", i, j), 1500, 1000))
		}
		s.Nodes = append(s.Nodes, machine(fmt.Sprint(i), "p", s.InstanceTypes[""][2], pods...))
	}
	return s
}

func TestThriftSplits(t *testing.T) {
	if c, ok, err := Consolidate(crowded(1), Options{}); err != nil || ok {
		t.Fatalf("Karpenter replaces one node by one: %v %v", c, err)
	}
	c, ok, err := Consolidate(crowded(1), Options{Thrift: Thrift{MostReplacements: 4}})
	if err != nil || !ok || len(c.Replacements) != 2 || c.Thrift == nil {
		t.Fatal(c, ok, err)
	}
	// Two machines of 4 cores hold two pods each; four of 2 cores would cost as much. 6 cores of 8 at 0.05 a core is the bound.
	if c.Savings < 0.4-1e-9 || c.Savings > 0.4+1e-9 || c.Thrift.Worst > 0.4+1e-9 || c.Thrift.Bound < 0.3-1e-9 || c.Thrift.Bound > 0.4+1e-9 {
		t.Errorf("%v %+v", c, c.Thrift)
	}
	if _, ok, _ := Consolidate(crowded(1), Options{Thrift: Thrift{MostReplacements: 1}}); ok {
		t.Error("one replacement is not enough")
	}
	// Several by several.
	c, ok, err = Consolidate(crowded(3), Options{Thrift: Thrift{MostReplacements: 6}})
	if err != nil || !ok || len(c.Candidates) != 3 || len(c.Replacements) != 6 {
		t.Error(c, ok, err)
	}
	if v, err := Validate(crowded(3), Options{Thrift: Thrift{MostReplacements: 6}}, c); err != nil || !v.Valid {
		t.Error(v, err)
	}
}

func TestThriftThresholds(t *testing.T) {
	s := func() *Snapshot { return fleet(1, 2, 900) } // a node of 8 cores with two small pods
	plain, ok, err := Consolidate(s(), Options{})
	if err != nil || !ok || plain.Decision != Replace {
		t.Fatal(plain, err)
	}
	for _, c := range []struct {
		name   string
		thrift Thrift
		ok     bool
	}{
		{"below", Thrift{MinSavings: plain.Savings - 1e-6}, true},
		{"above", Thrift{MinSavings: plain.Savings + 1e-6}, false},
		{"share", Thrift{MinShare: 0.99}, false},
		{"moving is dear", Thrift{PodMoveCost: plain.Savings}, false},
		{"but earned back in a day", Thrift{PodMoveCost: plain.Savings, Horizon: 24}, true},
		{"young", Thrift{MinLifetime: 25 * time.Hour}, false},
		{"old enough", Thrift{MinLifetime: 24 * time.Hour}, true},
	} {
		if got, ok, err := Consolidate(s(), Options{Thrift: c.thrift}); err != nil || ok != c.ok {
			t.Errorf("%s: %v %v", c.name, got, err)
		}
	}
	verdicts, err := Candidates(s(), SingleNode, Options{Thrift: Thrift{MinLifetime: 25 * time.Hour}})
	if err != nil || verdicts[0].Obstacles[0].Kind != TooYoung || !verdicts[0].Obstacles[0].Until.Equal(noon.Add(time.Hour)) {
		t.Error(verdicts[0], err)
	}
}

// With several replacements a round never saves less than without, and what it finds holds.
func TestThriftIsNeverWorse(t *testing.T) {
	better := 0
	for seed := range int64(250) {
		w := world{rand.New(rand.NewSource(seed))}
		var s *Snapshot
		if seed%2 == 0 {
			s = w.snapshot(int(seed%3), 2+int(seed%6))
			for _, p := range s.NodePools {
				p.Spec.Disruption.ConsolidateAfter = After(0)
			}
		} else {
			s = crowded(1 + int(seed%5))
			for _, n := range s.Nodes {
				n.Pods = n.Pods[:1+w.Intn(4)]
			}
		}
		plain, ok, err := Consolidate(s, Options{})
		if err != nil {
			t.Fatal(seed, err)
		}
		o := Options{Thrift: Thrift{MostReplacements: 2 + int(seed%5)}}
		d, err := NewDisruptor(s, o)
		if err != nil {
			t.Fatal(seed, err)
		}
		c, found := d.Consolidate()
		if ok && (!found || c.Savings < plain.Savings-1e-9) {
			t.Fatalf("seed %d: %v, Karpenter: %v", seed, c, plain)
		}
		if c.Thrift == nil {
			if ok != found || ok && c.String() != plain.String() {
				t.Fatalf("seed %d: %v, Karpenter: %v", seed, c, plain)
			}
			continue
		}
		better++
		if len(c.Replacements) > o.Thrift.MostReplacements || c.Thrift.Bound > c.Thrift.Worst+1e-6 {
			t.Fatalf("seed %d: %v %+v", seed, c, c.Thrift)
		}
		price := 0.0
		for _, n := range c.Candidates {
			price += n.Price
		}
		if ok && price-c.Thrift.Worst < plain.Savings || price-c.Thrift.Worst < 0 {
			t.Fatalf("seed %d: at worst %v for %v, Karpenter saves %v", seed, c.Thrift.Worst, price, plain.Savings)
		}
		if v := d.Validate(c); !v.Valid {
			t.Fatalf("seed %d: %v", seed, v)
		}
		for _, p := range c.Placements {
			if p.Failure != nil {
				t.Fatalf("seed %d: %v", seed, p.Failure)
			}
		}
	}
	if better < 20 {
		t.Errorf("only %d commands to look at", better)
	}
}
