package karpenter

import "time"

// DefaultBatchMax is how long provisioning gathers pods at most.
const DefaultBatchMax = 10 * time.Second

// NominatedUntil is how long a node that a pending pod was promised to is kept from being disrupted: twice the longest
// time that provisioning gathers pods, and at least 10 seconds.
func NominatedUntil(now time.Time, batchMax time.Duration) time.Time {
	return now.Add(max(2*batchMax, 10*time.Second))
}

// Nominate returns the nodes with those marked that a plan promises to pending pods. Nodes that it promises to none are
// returned as they are.
func Nominate(nodes []*Node, plan Plan, now time.Time, batchMax time.Duration) []*Node {
	promised := map[string]bool{}
	for i := range plan.Placements {
		if p := &plan.Placements[i]; p.Node != "" && p.From == "" && p.Failure == nil {
			promised[p.Node] = true
		}
	}
	out := make([]*Node, len(nodes))
	for i, n := range nodes {
		out[i] = n
		if n != nil && n.Object != nil && promised[n.Object.Name] {
			c := *n
			c.NominatedUntil = NominatedUntil(now, batchMax)
			out[i] = &c
		}
	}
	return out
}
