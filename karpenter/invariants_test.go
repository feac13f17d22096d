package karpenter

import (
	"fmt"
	"math"
	"math/rand"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
)

// TestPlanHoldsTogether checks on random clusters what must be true of every plan, by plain arithmetic on the objects.
func TestPlanHoldsTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := world{rand.New(rand.NewSource(rapid.Int64().Draw(t, "seed")))}
		s := w.snapshot(rapid.IntRange(0, 40).Draw(t, "pods"), rapid.IntRange(0, 8).Draw(t, "nodes"))
		o := Options{IgnorePreferences: w.chance(30), MinValuesBestEffort: w.chance(30), MaxInstanceTypes: w.one2(600, 3)}
		plan, err := Provision(s, o)
		if err != nil {
			t.Fatal(err)
		}
		everyPodOnce(t, s, plan)
		for i := range plan.Claims {
			claimHolds(t, s, &plan.Claims[i], o)
			if o.MaxInstanceTypes == 600 {
				claimIsWide(t, s, &plan.Claims[i])
			}
		}
		nodesHold(t, s, plan)
		for i := range plan.Placements {
			if q := &plan.Placements[i]; q.Failure != nil && q.String() == "" {
				t.Fatal("a failure without words")
			}
		}
	})
}

func (w world) one2(a, b int) int {
	if w.chance(70) {
		return a
	}
	return b
}

func everyPodOnce(t *rapid.T, s *Snapshot, plan Plan) {
	if len(plan.Placements) < len(s.Pending) {
		t.Fatalf("%d placements for %d pending pods", len(plan.Placements), len(s.Pending))
	}
	at := map[*corev1.Pod]int{}
	for i := range plan.Claims {
		for _, pod := range plan.Claims[i].Pods {
			if _, twice := at[pod]; twice {
				t.Fatalf("pod %s is on two claims", pod.Name)
			}
			at[pod] = i
		}
	}
	for i := range plan.Placements {
		p := &plan.Placements[i]
		if i < len(s.Pending) && p.Pod != s.Pending[i] {
			t.Fatalf("placement %d is of pod %s, not %s", i, p.Pod.Name, s.Pending[i].Name)
		}
		claim, on := at[p.Pod]
		if on != (p.Claim >= 0) || on && claim != p.Claim {
			t.Fatalf("pod %s: placed on claim %d, listed on %d", p.Pod.Name, p.Claim, claim)
		}
		places := 0
		for _, there := range []bool{p.Claim >= 0, p.Node != "", p.Failure != nil} {
			if there {
				places++
			}
		}
		if places != 1 {
			t.Fatalf("pod %s: %s", p.Pod.Name, p)
		}
		delete(at, p.Pod)
	}
	if len(at) > 0 {
		t.Fatalf("%d pods on claims were not asked about", len(at))
	}
}

// claimHolds checks that each type of a claim holds its pods, and that its price is that of the cheapest offering.
func claimHolds(t *rapid.T, s *Snapshot, c *Claim, o Options) {
	var need corev1.ResourceList
	for _, pod := range c.Pods {
		need = plus(need, kube.Requests(pod))
	}
	cheapest := math.Inf(1)
	for _, it := range c.Types {
		overrides := slices.ContainsFunc(it.Offerings, func(o cloudprovider.Offering) bool { return len(o.Capacity) > 0 })
		have := it.Allocatable()
		for name, q := range need {
			if room := have[name]; q.Cmp(room) > 0 && !overrides {
				t.Fatalf("type %s has %s %s for %s", it.Name, room.String(), name, q.String())
			}
		}
		if room := have["pods"]; room.Cmp(*resource.NewQuantity(int64(len(c.Pods)), resource.DecimalSI)) < 0 {
			t.Fatalf("type %s has room for %s pods of %d", it.Name, room.String(), len(c.Pods))
		}
		cheapest = min(cheapest, cheapestOffering(it, c))
	}
	if c.Cheapest.Price != cheapest {
		t.Fatalf("claim costs %v, but its cheapest offering %v", c.Cheapest.Price, cheapest)
	}
	if r, _ := c.LaunchRequirements().Get(corev1.LabelInstanceTypeStable); r.Len() != len(c.Types) {
		t.Fatalf("%s for %d types", r, len(c.Types))
	}
	if r, _ := c.LaunchRequirements().Get(LabelCapacityType); !r.Has(c.Cheapest.CapacityType) {
		t.Fatalf("%s leaves out %s", r, c.Cheapest)
	}
	if len(c.Types) > o.MaxInstanceTypes {
		t.Fatalf("%d types", len(c.Types))
	}
}

// claimIsWide holds the types of a claim against the plain way to filter: every type of the catalogue that the claim's
// requirements, its pods and an offering leave. Limits, daemons and offerings with capacities of their own aside.
func claimIsWide(t *rapid.T, s *Snapshot, c *Claim) {
	pool := s.NodePools[slices.IndexFunc(s.NodePools, func(p *NodePool) bool { return p.Name == c.NodePool })]
	if len(pool.Spec.Limits) > 0 || len(s.DaemonSets) > 0 {
		return
	}
	var want, got []string
	for _, it := range s.InstanceTypes[""] {
		if slices.ContainsFunc(it.Offerings, func(o cloudprovider.Offering) bool {
			return len(o.Capacity) > 0 || o.CapacityType == cloudprovider.Reserved
		}) {
			return
		}
		fits := !math.IsInf(cheapestOffering(it, c), 1)
		have := it.Allocatable()
		for name, q := range c.Requests {
			fits = fits && q.Cmp(have[name]) <= 0
		}
		for _, r := range c.Requirements.All() {
			values, known := it.Labels[r.Key()]
			switch {
			case r.Key() == corev1.LabelInstanceTypeStable:
				values, known = []string{it.Name}, true
			case r.Key() == corev1.LabelOSStable:
				values, known = []string{"linux"}, true
			case r.Key() == corev1.LabelTopologyZone || r.Key() == LabelCapacityType || !slices.Contains(WellKnownLabels(), r.Key()) || r.Key() == LabelNodePool:
				continue // asked of the offerings, or not of the type
			}
			fits = fits && (slices.ContainsFunc(values, r.Has) || !known && r.AllowsAbsent())
		}
		if fits {
			want = append(want, it.Name)
		}
	}
	for _, it := range c.Types {
		got = append(got, it.Name)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Fatalf("types %v, want %v for %s with %v", got, want, c.Requirements, c.Requests)
	}
}

func cheapestOffering(it *cloudprovider.InstanceType, c *Claim) float64 {
	cheapest := math.Inf(1)
	for i := range it.Offerings {
		if o := &it.Offerings[i]; !o.Unavailable && c.Admits(o) {
			cheapest = min(cheapest, o.Price)
		}
	}
	return cheapest
}

// nodesHold checks that nodes are not overfull where they were not before.
func nodesHold(t *rapid.T, s *Snapshot, plan Plan) {
	added := map[string][]*corev1.Pod{}
	for i := range plan.Placements {
		if p := &plan.Placements[i]; p.Node != "" {
			added[p.Node] = append(added[p.Node], p.Pod)
		}
	}
	for _, n := range s.Nodes {
		pods := added[n.Object.Name]
		if len(pods) == 0 {
			continue
		}
		if n.Deleting {
			t.Fatalf("pods on node %s, which is being deleted", n.Object.Name)
		}
		var need corev1.ResourceList
		for _, pod := range append(slices.Clone(n.Pods), pods...) {
			need = plus(need, kube.Requests(pod))
		}
		for name, q := range need {
			if room := n.Object.Status.Allocatable[name]; q.Cmp(room) > 0 {
				t.Fatalf("node %s has %s %s for %s", n.Object.Name, room.String(), name, q.String())
			}
		}
	}
}

// TestNothingIsModified compiles, provisions and simulates on a snapshot whose text must stay the same.
func TestNothingIsModified(t *testing.T) {
	for seed := range int64(60) {
		w := world{rand.New(rand.NewSource(seed))}
		s := w.snapshot(10, 6)
		before := snapshotText(s)
		if _, err := Provision(s, Options{}); err != nil {
			t.Fatal(err)
		}
		if _, err := Simulate(s, nil, Options{}); err != nil {
			t.Fatal(err)
		}
		if after := snapshotText(s); after != before {
			t.Fatalf("seed %d: the snapshot was changed", seed)
		}
	}
}

func snapshotText(s *Snapshot) string {
	text := ""
	for _, p := range s.Pending {
		text += p.String()
	}
	for _, p := range s.DaemonSets {
		text += p.String()
	}
	for _, n := range s.Nodes {
		text += n.Object.String()
		for _, p := range n.Pods {
			text += p.String()
		}
	}
	for _, types := range s.InstanceTypes {
		for _, it := range types {
			text += fmt.Sprint(*it)
		}
	}
	for _, p := range s.NodePools {
		text += fmt.Sprint(p.Spec)
	}
	return text
}

// FuzzProvision makes clusters of any seed and size; plans must hold together, and two runs agree.
func FuzzProvision(f *testing.F) {
	f.Add(int64(1), uint8(20), uint8(5), true)
	f.Add(int64(2), uint8(80), uint8(0), false)
	f.Fuzz(func(t *testing.T, seed int64, pods, nodes uint8, ignore bool) {
		w := world{rand.New(rand.NewSource(seed))}
		s := w.snapshot(int(pods), int(nodes%32))
		o := Options{IgnorePreferences: ignore, ExplainMoves: true}
		c, err := Compile(s, o)
		if err != nil {
			t.Fatal(err)
		}
		first := c.Provision()
		for _, n := range s.Nodes {
			if !n.Deleting {
				if _, err := c.Simulate(n.Object.Name); err != nil {
					t.Fatal(err)
				}
			}
		}
		if a, b := planText(first), planText(c.Provision()); a != b {
			t.Fatalf("first\n%s\nlater\n%s", a, b)
		}
	})
}

// TestManyDistinctPods bounds what pods that are all different cost: each is explained or refused, and soon.
func TestManyDistinctPods(t *testing.T) {
	m := newMix()
	s := &Snapshot{NodePools: []*NodePool{onePool("default")}, InstanceTypes: map[string][]*cloudprovider.InstanceType{"": fakeTypes(20)}}
	for i := range 20000 {
		p := m.sized(map[string]string{"job": fmt.Sprint(i)}, "100m", "64Mi")
		if i%2 == 0 {
			p.Spec.NodeSelector = map[string]string{"team": fmt.Sprint(i)}
		}
		s.Pending = append(s.Pending, p)
	}
	plan, err := Provision(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range plan.Placements {
		if failed := plan.Placements[i].Failure != nil; failed != (i%2 == 0) {
			t.Fatalf("pod %d: %s", i, &plan.Placements[i])
		}
	}
}

// TestManyPinnedPods bounds what pods cost that each demand a value of their own of a label that the NodePool leaves open:
// each gets a claim of its own, without asking all the others.
func TestManyPinnedPods(t *testing.T) {
	m := newMix()
	p := onePool("default")
	p.Spec.Template.Spec.Requirements = []RequirementSpec{{Key: "team", Operator: "Exists"}}
	s := &Snapshot{NodePools: []*NodePool{p}, InstanceTypes: map[string][]*cloudprovider.InstanceType{"": fakeTypes(20)}}
	const n = 10000
	for i := range n {
		q := m.sized(nil, "100m", "64Mi")
		q.Spec.NodeSelector = map[string]string{"team": fmt.Sprint(i / 2)}
		s.Pending = append(s.Pending, q)
	}
	plan, err := Provision(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Claims) != n/2 {
		t.Fatalf("%d claims", len(plan.Claims))
	}
	for i := range plan.Claims {
		if c := &plan.Claims[i]; len(c.Pods) != 2 || c.Pods[0].Spec.NodeSelector["team"] != c.Pods[1].Spec.NodeSelector["team"] {
			t.Fatalf("claim %d: %s", i, c)
		}
	}
}
