package karpenter

import (
	"fmt"
	"math"
)

// balancedK is how many times its share of the savings a move's share of the disruption may be, under policy Balanced.
const balancedK = 2

// Score is whether a move is worth its disruption to one pool with policy Balanced (rule 78): the share of the pool's cost
// that it saves, against the share of the pool's disruption that it causes.
type Score struct {
	NodePool   string  `json:"nodePool,omitempty"` // the pool's name
	Savings    float64 `json:"savings"`            // share of the cost of the pool's nodes
	Disruption float64 `json:"disruption"`         // share of the reschedule cost of the pool's nodes
}

// ScoreMove relates what a move saves and disrupts to what a pool costs and would disrupt in all. A pool that costs
// nothing scores nothing.
func ScoreMove(savings, disruption, poolCost, poolDisruption float64) Score {
	if !(poolCost > 0) || !(poolDisruption > 0) {
		return Score{}
	}
	return Score{Savings: savings / poolCost, Disruption: disruption / poolDisruption}
}

// Value is the one share divided by the other; 0 where nothing is saved, infinite where nothing is disrupted.
func (s Score) Value() float64 {
	switch {
	case !(s.Savings > 0):
		return 0
	case s.Disruption == 0:
		return math.Inf(1)
	}
	return s.Savings / s.Disruption
}

// Threshold is the least value that passes: one half.
func (s Score) Threshold() float64 { return 1.0 / balancedK }

// Approved tells whether the move passes.
func (s Score) Approved() bool { return s.Value() >= s.Threshold() }

// String says it in one line.
func (s Score) String() string {
	word := "rejected"
	if s.Approved() {
		word = "approved"
	}
	return fmt.Sprintf("%s: saves %.3g%% of the cost for %.3g%% of the disruption, score %.4g of %.4g: %s",
		s.NodePool, s.Savings*100, s.Disruption*100, s.Value(), s.Threshold(), word)
}

// approve is rule 78 for a whole move: every pool with policy Balanced must agree to its share of it.
func approve(candidates []*Candidate, savings float64) ([]Score, bool) {
	var scores []Score
	ok := true
	total, pools := 0.0, 0
	for i, c := range candidates {
		total += c.Price
		if firstOfPool(candidates, i) {
			pools++
		}
	}
	for i, c := range candidates {
		if !firstOfPool(candidates, i) || c.pool.object.Spec.Disruption.ConsolidationPolicy != Balanced {
			continue
		}
		cost, disruption := 0.0, 0.0
		for _, other := range candidates[i:] {
			if other.pool == c.pool {
				cost += other.Price
				disruption += other.RescheduleCost
			}
		}
		share := savings
		if total > 0 && pools > 1 {
			share = savings * (cost / total)
		}
		s := ScoreMove(share, disruption, c.pool.cost, c.pool.disruption)
		s.NodePool = c.NodePool
		scores = append(scores, s)
		ok = ok && s.Approved()
	}
	return scores, ok
}

// firstOfPool tells whether no candidate before is of the same pool.
func firstOfPool(candidates []*Candidate, i int) bool {
	for _, c := range candidates[:i] {
		if c.pool == candidates[i].pool {
			return false
		}
	}
	return true
}

// hopeless tells that not even deleting the node would pass, so that nothing need be simulated.
func hopeless(c *Candidate) (Score, bool) {
	if c.pool.object.Spec.Disruption.ConsolidationPolicy != Balanced || c.pool.cost <= 0 {
		return Score{}, false
	}
	s := ScoreMove(c.Price, c.RescheduleCost, c.pool.cost, c.pool.disruption)
	s.NodePool = c.NodePool
	return s, !s.Approved()
}
