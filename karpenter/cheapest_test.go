package karpenter

import (
	"fmt"
	"math"
	"math/rand"
	"reflect"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// checkCheapest holds a plan against upstream's, by what is written in it alone.
func checkCheapest(t testing.TB, s *Snapshot, upstream, cheapest *Plan, o Options) {
	t.Helper()
	cost := func(p *Plan) float64 { return p.Price + o.PerNode*float64(len(p.Claims)) }
	if cost(cheapest) > cost(upstream) {
		t.Fatalf("costs %v, upstream's %v", cost(cheapest), cost(upstream))
	}
	if cheapest.Upstream != upstream.Price {
		t.Fatalf("upstream's price is %v, not %v", upstream.Price, cheapest.Upstream)
	}
	if cheapest.Bound > cheapest.Price || cheapest.Bound > upstream.Price*(1+1e-9) {
		t.Fatalf("bound %v is above price %v or upstream's %v", cheapest.Bound, cheapest.Price, upstream.Price)
	}
	if len(upstream.Placements) != len(cheapest.Placements) {
		t.Fatalf("%d placements, upstream %d", len(cheapest.Placements), len(upstream.Placements))
	}
	onClaims := map[*corev1.Pod]int{}
	for i := range cheapest.Placements {
		p, q := &upstream.Placements[i], &cheapest.Placements[i]
		if p.Pod != q.Pod || p.Node != q.Node || p.From != q.From || (p.Failure == nil) != (q.Failure == nil) || (p.Claim < 0) != (q.Claim < 0) || !slices.Equal(p.Relaxed, q.Relaxed) {
			t.Fatalf("placed otherwise: upstream %v, here %v", p, q)
		}
		if q.Claim >= 0 {
			onClaims[q.Pod] = q.Claim
		}
	}
	price, times := 0.0, 0
	for i := range cheapest.Claims {
		m := &cheapest.Claims[i]
		price += m.Cheapest.Price
		if len(m.Types) == 0 || len(m.Pods) == 0 {
			t.Fatalf("claim %d has %d types and %d pods", i, len(m.Types), len(m.Pods))
		}
		for _, pod := range m.Pods {
			times++
			if at, ok := onClaims[pod]; !ok || at != i {
				t.Fatalf("pod %s is on claim %d, and placed on %d", pod.Name, i, at)
			}
		}
		checkFits(t, m)
	}
	if times != len(onClaims) {
		t.Fatalf("%d pods on claims, %d placed there", times, len(onClaims))
	}
	if math.Abs(price-cheapest.Price) > 1e-9*price {
		t.Fatalf("price %v, sum of claims %v", cheapest.Price, price)
	}
}

// checkFits adds up by quantities what a claim holds, daemons aside, and compares it with what each of its types has.
func checkFits(t testing.TB, m *Claim) {
	t.Helper()
	total := corev1.ResourceList{}
	for _, pod := range m.Pods {
		for name, q := range kube.Requests(pod) {
			sum := total[name]
			sum.Add(q)
			total[name] = sum
		}
	}
	for name, q := range total {
		if have := m.Requests[name]; have.Cmp(q) < 0 {
			t.Fatalf("claim asks for %s of %s, its pods for %s", have.String(), name, q.String())
		}
		for _, it := range m.Types {
			if len(it.Offerings) > 0 && len(it.Offerings[0].Capacity) > 0 {
				continue // an offering that overrides the type's capacity
			}
			room := it.Allocatable()[name]
			if q.Cmp(room) > 0 {
				t.Fatalf("claim of %v: %s of %s wanted, type %s has %s", m.Cheapest, q.String(), name, it.Name, room.String())
			}
		}
	}
}

func TestCheapestIsNeverDearer(t *testing.T) {
	won, plans, saved, bounded := 0, 0, 0.0, 0.0
	for seed := range int64(1500) {
		w := world{rand.New(rand.NewSource(seed))}
		s := w.snapshot(w.Intn(60), w.Intn(6))
		o := Options{IgnorePreferences: w.chance(20), MinValuesBestEffort: w.chance(20), ReservedFallback: w.chance(10)}
		if w.chance(20) {
			o.PerNode = w.Float64() / 5
		}
		upstream, err := Provision(s, o)
		if err != nil {
			t.Fatal(err)
		}
		before := planText(upstream)
		o.Packing = Cheapest
		c, err := Compile(s, o)
		if err != nil {
			t.Fatal(err)
		}
		cheapest := c.Provision()
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			checkCheapest(t, s, &upstream, &cheapest, o)
			checkRules(t, s, &cheapest, o)
			checkZones(t, &upstream, &cheapest)
			checkHosts(t, &cheapest, nil)
			if again := c.Provision(); planText(again) != planText(cheapest) {
				t.Fatalf("asked again:\n%s\nbefore:\n%s", planText(again), planText(cheapest))
			}
			c.options.Packing = Upstream
			if again := c.Provision(); planText(again) != before {
				t.Fatalf("upstream's plan is another one afterwards:\n%s\nbefore:\n%s", planText(again), before)
			}
		})
		if len(upstream.Claims) > 0 {
			plans++
			bounded += cheapest.Bound / upstream.Price
		}
		if cheapest.Packing == Cheapest {
			won++
			saved += 1 - cheapest.Price/upstream.Price
		}
	}
	t.Logf("%d of %d plans are cheaper, by %.1f%% on average; the bound is %.0f%% of upstream's price on average", won, plans, 100*saved/float64(won), 100*bounded/float64(plans))
	if won < plans/20 {
		t.Errorf("only %d of %d plans are cheaper: the test looks at nothing", won, plans)
	}
}

// checkRules asks for each pod of a claim, by requirements as the user reads them, whether the claim may have it.
func checkRules(t testing.TB, s *Snapshot, plan *Plan, o Options) {
	t.Helper()
	wellKnown := map[string]bool{}
	for _, k := range WellKnownLabels() {
		wellKnown[k] = true
	}
	pools := map[string]*NodePool{}
	for _, p := range s.NodePools {
		pools[p.Name] = p
	}
	for i := range plan.Placements {
		q := &plan.Placements[i]
		if q.Claim < 0 || len(q.Relaxed) > 0 {
			continue
		}
		m := &plan.Claims[q.Claim]
		all, _, err := podRequirements(q.Pod, o.IgnorePreferences)
		if err != nil {
			t.Fatal(err)
		}
		if conflict := m.Requirements.Compatible(all, func(k string) bool { return wellKnown[k] }); !conflict.OK() {
			t.Fatalf("pod %s on claim %d: %s", q.Pod.Name, q.Claim, conflict.String())
		}
		if taint := untolerated(pools[m.NodePool].Spec.Template.Spec.Taints, q.Pod.Spec.Tolerations, false); taint != nil {
			t.Fatalf("pod %s on claim %d does not tolerate %s", q.Pod.Name, q.Claim, taint.ToString())
		}
	}
}

// FuzzCheapest plans random clusters both ways.
func FuzzCheapest(f *testing.F) {
	for seed := range int64(8) {
		f.Add(seed, uint8(20), uint8(3), uint16(0))
	}
	f.Add(int64(99), uint8(200), uint8(0), uint16(50))
	f.Fuzz(func(t *testing.T, seed int64, pods, nodes uint8, perNode uint16) {
		w := world{rand.New(rand.NewSource(seed))}
		s := w.snapshot(int(pods), int(nodes%16))
		o := Options{IgnorePreferences: w.chance(30), ReservedFallback: w.chance(30), PerNode: float64(perNode) / 1000}
		upstream, err := Provision(s, o)
		if err != nil {
			t.Fatal(err)
		}
		o.Packing = Cheapest
		cheapest, err := Provision(s, o)
		if err != nil {
			t.Fatal(err)
		}
		checkCheapest(t, s, &upstream, &cheapest, o)
		checkRules(t, s, &cheapest, o)
		checkZones(t, &upstream, &cheapest)
		checkHosts(t, &cheapest, nil)
	})
}

// checkHosts looks at each two pods of a claim: ports, required anti-affinity and spread over hosts.
func checkHosts(t testing.TB, plan *Plan, namespaces map[string]map[string]string) {
	t.Helper()
	for i := range plan.Claims {
		list := plan.Claims[i].Pods
		for a, p := range list {
			affinity, err := kube.NewPodAffinity(p)
			if err != nil {
				t.Fatal(err)
			}
			spread, err := kube.SpreadConstraints(p)
			if err != nil {
				t.Fatal(err)
			}
			with := make([]int, len(spread))
			for b, q := range list {
				if a != b && conflict(hostPorts(p), hostPorts(q)) {
					t.Fatalf("claim %d: pods %s and %s want the same port", i, p.Name, q.Name)
				}
				for _, term := range affinity.AntiAffinity {
					if a != b && term.TopologyKey == corev1.LabelHostname && term.Selector.Namespace(q.Namespace, namespaces[q.Namespace]) && term.Selector.Labels(q.Labels) {
						t.Fatalf("claim %d: pod %s is to be away from %s", i, p.Name, q.Name)
					}
				}
				for j := range spread {
					if r := &p.Spec.TopologySpreadConstraints[j]; spread[j].Hard && r.TopologyKey == corev1.LabelHostname && reflect.DeepEqual(q.Spec.TopologySpreadConstraints, p.Spec.TopologySpreadConstraints) &&
						spread[j].Selector.Namespace(q.Namespace, nil) && spread[j].Selector.Labels(p.Labels) && spread[j].Selector.Labels(q.Labels) {
						if with[j]++; with[j] > int(spread[j].MaxSkew) {
							t.Fatalf("claim %d: more than %d pods like %s", i, spread[j].MaxSkew, p.Name)
						}
					}
				}
			}
		}
	}
}
