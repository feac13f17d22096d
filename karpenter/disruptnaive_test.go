package karpenter

import (
	"fmt"
	"math"
	"math/rand"
	"slices"
	"sort"
	"testing"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
)

// Everything here is the slow and obvious way to the same answer.

// naiveWorst is rule 72's price, by the requirements of each offering.
func naiveWorst(it *cloudprovider.InstanceType, claim kube.Requirements) float64 {
	wellKnown := func(key string) bool { return slices.Contains(WellKnownLabels(), key) }
	for _, capacity := range []string{cloudprovider.Reserved, cloudprovider.Spot, cloudprovider.OnDemand} {
		worst, found := 0.0, false
		for i := range it.Offerings {
			o := &it.Offerings[i]
			absent, _ := kube.NewRequirement(LabelReservationID, kube.DoesNotExist)
			if o.CapacityType == cloudprovider.Reserved {
				absent = kube.LabelRequirement(LabelReservationID, o.ReservationID)
			}
			own := kube.NewRequirements(kube.LabelRequirement(corev1.LabelTopologyZone, o.Zone), kube.LabelRequirement(LabelCapacityType, o.CapacityType), absent)
			if !o.Unavailable && o.CapacityType == capacity && claim.Compatible(own, wellKnown).OK() {
				worst, found = max(worst, o.Price), true
			}
		}
		if found {
			return worst
		}
	}
	return math.MaxFloat64
}

func TestLaunchPricesAgree(t *testing.T) {
	seen := 0
	for seed := range int64(300) {
		s := (world{rand.New(rand.NewSource(seed))}).snapshot(6, 4)
		d, err := NewDisruptor(s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		plan := d.cluster.Provision()
		for i := range plan.Claims {
			c := plan.Claims[i]
			for range 2 {
				for _, it := range s.InstanceTypes[""] {
					if got, want := d.launchOf(c.Requirements).of(it).worst, naiveWorst(it, c.Requirements); got != want {
						t.Fatalf("seed %d: %s under %v: %v, not %v", seed, it.Name, c.Requirements, got, want)
					}
					seen++
				}
				if allows(c.Requirements, LabelCapacityType, cloudprovider.Spot) {
					narrowToSpot(&c)
				}
			}
		}
	}
	if seen < 1000 {
		t.Errorf("only %d prices to look at", seen)
	}
}

// naiveSingle is rules 70 to 73 and 76 for pools without policy Balanced and without minValues: a fresh simulation of
// each candidate.
func naiveSingle(t *testing.T, s *Snapshot, o Options) string {
	d, err := newSurvey(s, o)
	if err != nil {
		t.Fatal(err)
	}
	byPool := map[string][]*Candidate{}
	var pools []string
	var list []*Candidate
	for i := range d.nodes {
		if v := d.verdict(i, SingleNode); v.Candidate != nil {
			list = append(list, v.Candidate)
		}
	}
	sort.SliceStable(list, func(i, j int) bool {
		return list[i].Price/list[i].RescheduleCost > list[j].Price/list[j].RescheduleCost
	})
	for _, c := range list {
		if byPool[c.NodePool] == nil {
			pools = append(pools, c.NodePool)
		}
		byPool[c.NodePool] = append(byPool[c.NodePool], c)
	}
	for i := range list {
		for _, pool := range pools {
			if i >= len(byPool[pool]) {
				continue
			}
			c := byPool[pool][i]
			if AllowedDisruptions(c.pool.object, Underutilized, s.Nodes, s.Now, o.Profile).Allowed == 0 {
				continue
			}
			if text := naiveOne(t, s, o, c); text != "" {
				return text
			}
		}
	}
	return ""
}

func naiveOne(t *testing.T, s *Snapshot, o Options, c *Candidate) string {
	plan, err := Simulate(s, []string{c.Node}, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range plan.Placements {
		if p.From != "" && p.Failure != nil {
			return ""
		}
	}
	if len(plan.Claims) == 0 {
		return "delete " + c.Node
	}
	if len(plan.Claims) > 1 {
		return ""
	}
	claim := plan.Claims[0]
	spot := allows(claim.Requirements, LabelCapacityType, cloudprovider.Spot)
	toSpot := c.CapacityType == cloudprovider.Spot && spot
	requirements := claim.Requirements
	if toSpot {
		if !o.SpotToSpot {
			return ""
		}
		requirements = requirements.With(kube.LabelRequirement(LabelCapacityType, cloudprovider.Spot))
	}
	var names []string
	for _, it := range claim.Types {
		if naiveWorst(it, requirements) < c.Price {
			names = append(names, it.Name)
		}
	}
	if len(names) == 0 || toSpot && len(names) < 15 {
		return ""
	}
	return fmt.Sprintf("replace %s by %d", c.Node, len(names))
}

func TestSingleIsTheNaiveOne(t *testing.T) {
	found := 0
	for seed := range int64(400) {
		s := (world{rand.New(rand.NewSource(seed))}).snapshot(int(seed%3), 2+int(seed%8))
		for _, p := range s.NodePools {
			p.Spec.Disruption.ConsolidateAfter = After(0)
			for i := range p.Spec.Template.Spec.Requirements {
				p.Spec.Template.Spec.Requirements[i].MinValues = nil
			}
			if p.Spec.Disruption.ConsolidationPolicy == Balanced {
				p.Spec.Disruption.ConsolidationPolicy = WhenEmptyOrUnderutilized
			}
		}
		o := Options{SpotToSpot: seed%2 == 0}
		d, err := NewDisruptor(s, o)
		if err != nil {
			t.Fatal(seed, err)
		}
		got := ""
		if r := d.Single(0); r.Found {
			found++
			got = fmt.Sprintf("%s %s", r.Command.Decision, r.Command.Candidates[0].Node)
			if r.Command.Decision == Replace {
				n := len(r.Command.Replacements[0].Types)
				got += fmt.Sprintf(" by %d", n)
			}
		}
		if want := naiveSingle(t, s, o); got != want {
			t.Fatalf("seed %d: %q, the naive way: %q", seed, got, want)
		}
	}
	if found < 50 {
		t.Errorf("only %d commands to look at", found)
	}
}

func TestPDBsByLabelAgree(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	value := func() string { return string(rune('a' + r.Intn(3))) }
	for range 500 {
		var list []*policyv1.PodDisruptionBudget
		for i := range r.Intn(6) {
			b := disruptionBudget(fmt.Sprint(i), int32(r.Intn(2)))
			switch r.Intn(4) {
			case 0:
				b.Spec.Selector = &metav1.LabelSelector{}
			case 1:
				b.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"x": value(), "y": value()}}
			case 2:
				b.Spec.Selector = &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{
					{Key: "x", Operator: metav1.LabelSelectorOpNotIn, Values: []string{value()}}, {Key: "y", Operator: metav1.LabelSelectorOpIn, Values: []string{value(), value()}},
				}}
			case 3:
				b.Spec.Selector = nil
			}
			list = append(list, b)
		}
		index, err := newPDBs(list)
		if err != nil {
			t.Fatal(err)
		}
		p := pod("p", 1, 1)
		p.Labels = map[string]string{"x": value(), "y": value()}
		var names []string
		room := true
		for _, b := range list {
			selector, _ := metav1.LabelSelectorAsSelector(b.Spec.Selector)
			if selector.Matches(labels.Set(p.Labels)) {
				names = append(names, "default/"+b.Name)
				room = b.Status.DisruptionsAllowed > 0
			}
		}
		if len(names) == 1 && room {
			names = nil
		}
		if got := index.blocking(p, noon, false); !slices.Equal(got, names) {
			t.Fatalf("%v, the naive way: %v", got, names)
		}
	}
}
