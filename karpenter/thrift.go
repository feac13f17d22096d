package karpenter

import (
	"fmt"
	"math"
	"time"
)

// Thrift is what consolidation does beyond Karpenter. The zero value is Karpenter's behavior.
//
// Karpenter replaces by one node at most, takes any saving however small, and does not ask how long a node has been there.
// Thrift may replace by several, asks for a saving worth the trouble, and leaves young nodes alone. With several
// replacements a round never saves less than Karpenter's own command would: where nothing is cheaper, that one stands.
type Thrift struct {
	// MostReplacements is how many nodes one command may launch in place of those that it removes. 0 and 1: one, as
	// Karpenter does.
	MostReplacements int
	// MinSavings is the least that a command must save, per hour. Default 0: any saving will do, even none.
	MinSavings float64
	// MinShare is the least share of the price of the nodes removed that a command must save, from 0 to 1. Default 0.
	MinShare float64
	// MinLifetime keeps nodes that are younger from being consolidated. Empty nodes go nevertheless. Default 0.
	MinLifetime time.Duration
	// PodMoveCost is what moving a pod costs, in the currency of prices; it is taken off what a command saves before
	// MinSavings and MinShare are asked, spread over Horizon hours. Defaults 0, so that moving is free, and 1 hour.
	PodMoveCost float64
	Horizon     float64 // see PodMoveCost
}

func (t *Thrift) validate() error {
	for _, f := range []struct {
		name  string
		value float64
	}{{"minSavings", t.MinSavings}, {"minShare", t.MinShare}, {"podMoveCost", t.PodMoveCost}, {"horizon", t.Horizon}} {
		if math.IsNaN(f.value) || math.IsInf(f.value, 0) || f.value < 0 {
			return fmt.Errorf("%w: thrift.%s: %v is no amount", ErrInvalid, f.name, f.value)
		}
	}
	switch {
	case t.MinShare > 1:
		return fmt.Errorf("%w: thrift.minShare: %v is more than all", ErrInvalid, t.MinShare)
	case t.MostReplacements < 0:
		return fmt.Errorf("%w: thrift.mostReplacements: %d is negative", ErrInvalid, t.MostReplacements)
	case t.MinLifetime < 0:
		return fmt.Errorf("%w: thrift.minLifetime: %v is negative", ErrInvalid, t.MinLifetime)
	}
	return nil
}

// worth says whether a command saves enough.
func (t *Thrift) worth(c *Command) *Obstacle {
	if t.MinSavings == 0 && t.MinShare == 0 && t.PodMoveCost == 0 {
		return nil
	}
	price, moves := 0.0, 0
	for i := range c.Candidates {
		price += c.Candidates[i].Price
		moves += len(c.Candidates[i].Pods)
	}
	horizon := t.Horizon
	if horizon == 0 {
		horizon = 1
	}
	have := c.Savings - t.PodMoveCost*float64(moves)/horizon
	if want := max(t.MinSavings, t.MinShare*price); have < want {
		return &Obstacle{Kind: BelowThreshold, Have: have, Want: want}
	}
	return nil
}

// young is what keeps a node that is younger than MinLifetime.
func (t *Thrift) young(n *Node, now time.Time) (time.Time, bool) {
	if t.MinLifetime == 0 {
		return time.Time{}, false
	}
	until := n.created().Add(t.MinLifetime)
	return until, now.Before(until)
}

// ThriftNote is what makes a command one that Karpenter would not have found.
type ThriftNote struct {
	// Cores is the limit on the cores of a type under which the replacements were packed: smaller machines than Karpenter
	// would fill.
	Cores int64 `json:"cores"`
	// Worst is the most that the replacements can cost together, whichever of their types and offerings are launched.
	Worst float64 `json:"worst"`
	// Bound is proven: no new nodes for the pods that move to new nodes can cost less, in the zones and capacity types that
	// these may have. Daemons are not in it.
	Bound float64 `json:"bound"`
	// Instead is what Karpenter's own command would have saved; 0 where it had none.
	Instead float64 `json:"instead"`
}
