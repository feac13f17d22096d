package karpenter

import (
	"fmt"
	"math/rand"
	"testing"
)

// planText is everything in a plan that can be told apart.
func planText(p Plan) string {
	text := fmt.Sprintf("%.9f\n", p.Price)
	for i := range p.Placements {
		q := &p.Placements[i]
		text += fmt.Sprintf("%s/%s from %q: node %q claim %d failed %v relaxed %v\n", q.Pod.Namespace, q.Pod.Name, q.From, q.Node, q.Claim, q.Failure != nil, q.Relaxed)
	}
	for i := range p.Claims {
		c := &p.Claims[i]
		text += fmt.Sprintf("%s %s %v types %d %v\n", c.NodePool, c.Requirements, c.Requests, len(c.Types), c.Cheapest)
	}
	return text
}

// TestSimulateTakesBack asks one compiled cluster many times and holds each answer against a cluster that is fresh.
func TestSimulateTakesBack(t *testing.T) {
	for seed := range int64(150) {
		w := world{rand.New(rand.NewSource(seed))}
		s := w.snapshot(w.Intn(12), 1+w.Intn(12))
		o := Options{IgnorePreferences: w.chance(20), MinValuesBestEffort: w.chance(20)}
		c, err := Compile(s, o)
		if err != nil {
			t.Fatal(err)
		}
		for range 8 {
			var remove []string
			for _, n := range s.Nodes {
				if !n.Deleting && w.chance(30) {
					remove = append(remove, n.Object.Name)
				}
			}
			fresh, err := Simulate(s, remove, o)
			if err != nil {
				t.Fatal(err)
			}
			again, err := c.Simulate(remove...)
			if err != nil {
				t.Fatal(err)
			}
			if a, b := planText(fresh), planText(again); a != b {
				t.Fatalf("seed %d, remove %v: fresh\n%s\nasked before\n%s", seed, remove, a, b)
			}
			if w.chance(30) {
				whole, _ := Provision(s, o)
				if a, b := planText(whole), planText(c.Provision()); a != b {
					t.Fatalf("seed %d: Provision fresh\n%s\nasked before\n%s", seed, a, b)
				}
			}
		}
	}
}
