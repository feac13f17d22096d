package karpenter

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/cloudprovider"
)

// The old ttlSecondsAfterEmpty: 30 is policy WhenEmpty with consolidateAfter 30s: a node that is empty, daemons aside, goes
// at 30 seconds and not before, and one that takes a pod in between stays.
func TestTTLSecondsAfterEmpty(t *testing.T) {
	build := func(now time.Duration, lastPod time.Duration, pods ...*corev1.Pod) *Snapshot {
		s, n := lone()
		s.Now = noon.Add(now)
		s.NodePools[0].Spec.Disruption.ConsolidationPolicy = WhenEmpty
		s.NodePools[0].Spec.Disruption.ConsolidateAfter = After(30 * time.Second)
		n.Pods = append([]*corev1.Pod{daemonPod("agent", 100, 100)}, pods...)
		n.LastPodEvent = noon.Add(lastPod)
		return s
	}
	for _, c := range []struct {
		name    string
		s       *Snapshot
		removed bool
	}{
		{"emptied just now", build(0, 0), false},
		{"a nanosecond early", build(30*time.Second-1, 0), false},
		{"at 30 seconds", build(30*time.Second, 0), true},
		{"later", build(time.Hour, 0), true},
		{"refilled after 10 seconds", build(30*time.Second, 10*time.Second, pod("late", 100, 100)), false},
		{"refilled, and still there an hour later", build(time.Hour, 10*time.Second, pod("late", 100, 100)), false},
		{"refilled after 10 seconds, emptied again after 20", build(49*time.Second, 20*time.Second), false},
		{"and 30 seconds after that", build(50*time.Second, 20*time.Second), true},
	} {
		r, err := Disrupt(c.s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !c.removed {
			if len(r.Commands) != 0 {
				t.Errorf("%s: %v", c.name, r.Commands)
			}
			continue
		}
		if len(r.Commands) != 1 || r.Commands[0].Reason != Empty || r.Commands[0].Decision != Delete || r.Commands[0].Candidates[0].Node != "n" {
			t.Errorf("%s: %v", c.name, r.Commands)
		}
	}
	d, err := NewDisruptor(build(0, 0), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if why, err := d.Why("n"); err != nil || !why.Next.Equal(noon.Add(30*time.Second)) {
		t.Errorf("it is not told when it goes: %v %v", why, err)
	}
}

// Rule 74: up to 101 nodes.
func TestRule74Multi(t *testing.T) {
	s := fleet(120, 1, 990)
	d, err := NewDisruptor(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, ok := d.Multi()
	if !ok || len(c.Candidates) != 101 {
		t.Errorf("%d nodes", len(c.Candidates))
	}
	s.NodePools[0].Spec.Disruption.Budgets = []Budget{{Nodes: "7"}}
	if d, err = NewDisruptor(s, Options{}); err != nil {
		t.Fatal(err)
	}
	if c, _ = d.Multi(); len(c.Candidates) != 7 {
		t.Errorf("%d nodes with a budget of 7", len(c.Candidates))
	}
}

// Rule 72: a pool that says nothing of capacity types is narrowed to spot, even where spot is not offered.
func TestRule72NarrowsToSpot(t *testing.T) {
	s, _ := lone()
	s.NodePools[0].Spec.Template.Spec.Requirements = nil
	for _, it := range s.InstanceTypes[""] {
		it.Offerings = slices.DeleteFunc(it.Offerings, func(o cloudprovider.Offering) bool { return o.CapacityType == cloudprovider.Spot })
	}
	for _, c := range []struct {
		o    Options
		spot bool
	}{{Options{}, true}, {Options{Profile: Fixed()}, false}} {
		d, err := NewDisruptor(s, c.o)
		if err != nil {
			t.Fatal(err)
		}
		r := d.Single(0)
		if !r.Found || len(r.Command.Replacements) != 1 {
			t.Fatal(r)
		}
		if on := allows(r.Command.Replacements[0].Requirements, LabelCapacityType, cloudprovider.OnDemand); on == c.spot {
			t.Errorf("on demand still possible: %v", on)
		}
	}
}

// Rule 73: spot for spot needs the gate, and for one node at least 15 cheaper types, of which it keeps 15.
func TestRule73SpotToSpot(t *testing.T) {
	build := func(families int) *Snapshot {
		types := shop(families)
		n := machine("n", "p", types[6], pod("web", 100, 100))
		n.Object.Labels[LabelCapacityType] = cloudprovider.Spot
		p := anyPool("p")
		p.Spec.Template.Spec.Requirements[0].Values = []string{"spot"}
		return &Snapshot{Now: noon, NodePools: []*NodePool{p}, InstanceTypes: map[string][]*cloudprovider.InstanceType{"": types}, Nodes: []*Node{n}}
	}
	for _, c := range []struct {
		families int
		gate     bool
		want     ObstacleKind
	}{{3, false, SpotToSpotOff}, {1, true, TooFewSpotTypes}, {3, true, ""}} {
		d, err := NewDisruptor(build(c.families), Options{SpotToSpot: c.gate})
		if err != nil {
			t.Fatal(err)
		}
		command, o := d.singleOf(&d.nodes[0].Candidate)
		switch {
		case c.want == "" && (o != nil || len(command.Replacements[0].Types) != spotTypes):
			t.Errorf("%+v: %v %v", c, command, o)
		case c.want != "" && (o == nil || o.Kind != c.want):
			t.Errorf("%+v: %v %v", c, command, o)
		}
	}
}

// Rule 76: the pools take turns, and those missed last time come first.
func TestRule76TakesTurns(t *testing.T) {
	s := &Snapshot{Now: noon, InstanceTypes: map[string][]*cloudprovider.InstanceType{"": shop(1)}}
	for _, pool := range []string{"a", "b", "c"} {
		s.NodePools = append(s.NodePools, anyPool(pool))
		for i := range 3 {
			s.Nodes = append(s.Nodes, machine(fmt.Sprintf("%s%d", pool, i), pool, s.InstanceTypes[""][6-i], pod(fmt.Sprintf("%s%d", pool, i), 10, 10)))
		}
	}
	d, err := NewDisruptor(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	list := d.candidates(SingleNode)
	d.rank(list)
	for _, c := range []struct {
		first []string
		want  string
	}{{nil, "a0 b0 c0 a1 b1 c1 a2 b2 c2"}, {[]string{"c", "gone", "c"}, "c0 a0 b0 c1 a1 b1 c2 a2 b2"}} {
		queue, _ := d.takeTurns(list, c.first)
		var names []string
		for _, n := range queue {
			names = append(names, n.Node)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%v: %s", c.first, got)
		}
	}
	s.NodePools[0].Spec.Disruption.Budgets = []Budget{{Nodes: "0"}}
	if d, err = NewDisruptor(s, Options{ExplainRound: true}); err != nil {
		t.Fatal(err)
	}
	if r := d.Disrupt(nil); !r.Constrained || len(r.Passed) == 0 || r.Passed[0].Obstacle.Kind != BudgetExhausted {
		t.Errorf("%+v", r)
	}
	r := d.Single(1, "a")
	if !r.Found || r.Command.Candidates[0].NodePool != "b" {
		t.Errorf("%+v", r)
	}
}

// Rule 82: empty ones first, then the one that has drifted longest; replaced whatever it costs.
func TestRule82Drift(t *testing.T) {
	s := &Snapshot{Now: noon, NodePools: []*NodePool{anyPool("p")}, InstanceTypes: map[string][]*cloudprovider.InstanceType{"": shop(1)}}
	for i, hours := range []int{1, 5, 3} {
		n := machine(fmt.Sprint(i), "p", s.InstanceTypes[""][0], pod(fmt.Sprint(i), 900, 900))
		n.Drifted = noon.Add(-time.Duration(hours) * time.Hour)
		s.Nodes = append(s.Nodes, n)
	}
	c, ok, err := DriftedNodes(s, Options{})
	if err != nil || !ok || c.Candidates[0].Node != "1" || c.Decision != Replace || c.Reason != Drifted {
		t.Errorf("%v %v", c, err)
	}
	s.Nodes[2].Pods = nil
	if c, _, _ = DriftedNodes(s, Options{}); c.Candidates[0].Node != "2" || c.Decision != Delete {
		t.Errorf("%v", c)
	}
	s.NodePools[0].Spec.Disruption.Budgets = []Budget{{Nodes: "0", Reasons: []Reason{Drifted}}}
	if c, ok, _ = DriftedNodes(s, Options{}); ok {
		t.Errorf("%v", c)
	}
}

// Rule 83.
func TestRule83StaticDrift(t *testing.T) {
	s := &Snapshot{Now: noon, NodePools: []*NodePool{anyPool("p")}, InstanceTypes: map[string][]*cloudprovider.InstanceType{"": shop(1)}}
	replicas := int64(4)
	s.NodePools[0].Spec.Replicas = &replicas
	for i := range 4 {
		n := machine(fmt.Sprint(i), "p", s.InstanceTypes[""][0])
		n.Drifted = noon
		s.Nodes = append(s.Nodes, n)
	}
	count := func() int {
		r, err := Disrupt(s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return len(r.Commands)
	}
	if n := count(); n != 4 {
		t.Errorf("%d commands", n)
	}
	s.NodePools[0].Spec.Disruption.Budgets = []Budget{{Nodes: "3"}}
	if n := count(); n != 3 {
		t.Errorf("%d commands with a budget of 3", n)
	}
	s.NodePools[0].Spec.Limits = corev1.ResourceList{"nodes": resource.MustParse("4")}
	if n := count(); n != 0 {
		t.Errorf("%d commands above the limit on nodes", n)
	}
	s.NodePools[0].Spec.Limits = nil
	replicas = 3
	if n := count(); n != 0 {
		t.Errorf("%d commands while scaling down", n)
	}
}

// Rule 78.
func TestRule78Balanced(t *testing.T) {
	for _, c := range []struct {
		savings, disruption, cost, all float64
		value                          float64
		approved                       bool
	}{
		{1, 1, 10, 10, 1, true}, {1, 2, 10, 10, 0.5, true}, {1, 2.0001, 10, 10, 0.49998, false}, {-1, 1, 10, 10, 0, false},
		{0, 0, 10, 10, 0, false}, {1, 1, 0, 10, 0, false}, {5, 2, 10, 20, 5, true},
	} {
		s := ScoreMove(c.savings, c.disruption, c.cost, c.all)
		if d := s.Value() - c.value; d > 1e-5 || d < -1e-5 || s.Approved() != c.approved {
			t.Errorf("%+v: %v", c, s)
		}
	}
	// A cheap node full of pods in a dear pool is not worth moving; without the policy it is.
	s := fleet(10, 8, 950)
	s.Nodes = append(s.Nodes, machine("crowded", "default", s.InstanceTypes[""][0]))
	for i := range 40 {
		s.Nodes[10].Pods = append(s.Nodes[10].Pods, pod(fmt.Sprintf("tiny-%d", i), 10, 10))
	}
	s.NodePools[0].Spec.Disruption.ConsolidationPolicy = Balanced
	d, err := NewDisruptor(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, o := d.singleOf(&d.nodes[10].Candidate); o == nil || o.Kind != Unbalanced {
		t.Error(o)
	}
	if score, no := hopeless(&d.nodes[10].Candidate); !no {
		t.Error(score)
	}
	if c, o := d.singleOf(&d.nodes[0].Candidate); o != nil || len(c.Scores) != 1 {
		t.Error(c, o)
	}
}

// Rule 85: nothing changed is valid; each change has its rejection.
func TestRule85Validation(t *testing.T) {
	build := func() *Snapshot { return fleet(6, 2, 800) }
	found, ok, err := Consolidate(build(), Options{})
	if err != nil || !ok {
		t.Fatal(found, err)
	}
	for _, c := range []struct {
		name   string
		change func(*Snapshot)
		want   Rejection
	}{
		{"nothing", func(*Snapshot) {}, ""},
		{"nominated", func(s *Snapshot) { s.Nodes[0].NominatedUntil = noon.Add(time.Minute) }, Churned},
		{"gone", func(s *Snapshot) { s.Nodes = s.Nodes[1:] }, Churned},
		{"budget", func(s *Snapshot) { s.NodePools[0].Spec.Disruption.Budgets = []Budget{{Nodes: "1"}} }, OverBudget},
		{"new pods", func(s *Snapshot) {
			for _, n := range s.Nodes {
				n.Pods = append(n.Pods, pod("new-"+n.Object.Name, 5000, 5000))
			}
		}, NewScheduling},
	} {
		s := build()
		c.change(s)
		v, err := Validate(s, Options{}, found)
		if err != nil || v.Rejection != c.want || v.Valid != (c.want == "") {
			t.Errorf("%s: %v %v", c.name, v, err)
		}
	}
	// A command for empty nodes goes on with those that are still empty.
	s := fleet(3, 0, 0)
	command, _, err := EmptyNodes(s, Options{})
	if err != nil || len(command.Candidates) != 3 {
		t.Fatal(command, err)
	}
	s.Nodes[1].Pods = []*corev1.Pod{pod("new", 1, 1)}
	if v, _ := Validate(s, Options{}, command); !v.Valid || len(v.Command.Candidates) != 2 || !slices.Equal(v.Dropped, []string{"n-0001"}) {
		t.Error(v)
	}
}

// What commands promise, on random clusters: pods have a place, the price falls, budgets hold, the answer is the same
// again, it is valid at once, and a fresh simulation agrees.
func TestCommandsHold(t *testing.T) {
	found := map[Method]int{}
	for seed := range int64(300) {
		s := (world{rand.New(rand.NewSource(seed))}).snapshot(int(seed%4), 2+int(seed%7))
		for _, p := range s.NodePools {
			if p.Spec.Disruption.ConsolidateAfter.Set {
				continue
			}
			p.Spec.Disruption.ConsolidateAfter = After(0)
		}
		o := Options{SpotToSpot: seed%2 == 0}
		d, err := NewDisruptor(s, o)
		if err != nil {
			t.Fatal(seed, err)
		}
		for _, m := range []Method{Emptiness, MultiNode, SingleNode} {
			c, ok := ask(d, m)
			if !ok {
				continue
			}
			found[m]++
			if again, _ := ask(d, m); again.String() != c.String() {
				t.Fatalf("seed %d: %v, then %v", seed, c, again)
			}
			if v := d.Validate(c); !v.Valid {
				t.Fatalf("seed %d: %v: %v", seed, c, v)
			}
			holds(t, seed, s, o, c)
		}
	}
	for _, m := range []Method{Emptiness, MultiNode, SingleNode} {
		if found[m] < 10 {
			t.Errorf("%s: only %d commands to look at", m, found[m])
		}
	}
}

func ask(d *Disruptor, m Method) (Command, bool) {
	switch m {
	case Emptiness:
		return d.Empty()
	case MultiNode:
		return d.Multi()
	}
	r := d.Single(0)
	return r.Command, r.Found
}

func holds(t *testing.T, seed int64, s *Snapshot, o Options, c Command) {
	t.Helper()
	var names []string
	gone := map[string]int{}
	price := 0.0
	for _, n := range c.Candidates {
		names = append(names, n.Node)
		gone[n.NodePool]++
		price += n.Price
	}
	for _, p := range s.NodePools {
		if a := AllowedDisruptions(p, c.Reason, s.Nodes, s.Now, o.Profile); gone[p.Name] > a.Allowed {
			t.Fatalf("seed %d: %d nodes of %s, %v", seed, gone[p.Name], p.Name, a)
		}
	}
	if c.Method == Emptiness {
		return
	}
	plan, err := Simulate(s, names, o)
	if err != nil || misplaced(&plan) != nil || len(plan.Claims) != len(c.Replacements) {
		t.Fatalf("seed %d: %v: %v %v", seed, c, plan, err)
	}
	for i := range c.Replacements {
		for _, it := range c.Replacements[i].Types {
			// A type with reserved capacity is judged by that alone, before the claim is narrowed to spot.
			if slices.ContainsFunc(it.Offerings, func(o cloudprovider.Offering) bool { return o.CapacityType == cloudprovider.Reserved }) {
				continue
			}
			for j := range it.Offerings {
				f := &it.Offerings[j]
				if !f.Unavailable && f.CapacityType == c.Replacements[i].Cheapest.CapacityType && allows(c.Replacements[i].Requirements, corev1.LabelTopologyZone, f.Zone) &&
					allows(c.Replacements[i].Requirements, LabelCapacityType, f.CapacityType) && f.Price >= price {
					t.Fatalf("seed %d: %v may cost %v at %s, the nodes cost %v", seed, c, f.Price, it.Name, price)
				}
			}
		}
	}
	if _, err := json.Marshal(c); err != nil {
		t.Fatal(err)
	}
}

func TestDisruptBadInput(t *testing.T) {
	s, _ := lone()
	for name, change := range map[string]func(*Snapshot, *Options){
		"pool":       func(s *Snapshot, _ *Options) { s.NodePools = append(s.NodePools, nil) },
		"pool twice": func(s *Snapshot, _ *Options) { s.NodePools = append(s.NodePools, s.NodePools[0]) },
		"node":       func(s *Snapshot, _ *Options) { s.Nodes = append(s.Nodes, nil) },
		"node twice": func(s *Snapshot, _ *Options) { s.Nodes = append(s.Nodes, s.Nodes[0]) },
		"pod": func(s *Snapshot, _ *Options) {
			s.Nodes = []*Node{machine("x", "p", &shopOne)}
			s.Nodes[0].Pods = []*corev1.Pod{nil}
		},
		"pdb":    func(s *Snapshot, _ *Options) { s.PDBs = append(s.PDBs, nil) },
		"thrift": func(_ *Snapshot, o *Options) { o.Thrift.MinSavings = -1 },
	} {
		bad, o := *s, Options{}
		change(&bad, &o)
		if _, err := Disrupt(&bad, o); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Disrupt(nil, Options{}); !errors.Is(err, ErrInvalid) {
		t.Error(err)
	}
	if _, err := Candidates(s, "by hand", Options{}); !errors.Is(err, ErrInvalid) {
		t.Error(err)
	}
	if _, err := WhatIf(s, Options{}, "nobody"); !errors.Is(err, ErrInvalid) {
		t.Error(err)
	}
}
