package karpenter

import "slices"

// Method is a way to find nodes to disrupt.
type Method string

// The methods, in the order in which a round tries them.
const (
	Emptiness   Method = "emptiness"    // delete nodes that no pod would have to leave
	StaticDrift Method = "static-drift" // replace drifted nodes of pools with a number of nodes
	Drift       Method = "drift"        // replace drifted nodes of other pools
	MultiNode   Method = "multi"        // delete several nodes, or replace them by one
	SingleNode  Method = "single"       // delete one node, or replace it by a cheaper one
)

// Methods are all methods in the order in which a round tries them.
func Methods() []Method { return []Method{Emptiness, StaticDrift, Drift, MultiNode, SingleNode} }

// Reason is what budgets know the method by (rule 81).
func (m Method) Reason() Reason {
	switch m {
	case Emptiness:
		return Empty
	case Drift, StaticDrift:
		return Drifted
	}
	return Underutilized
}

func (m Method) valid() bool { return slices.Contains(Methods(), m) }
