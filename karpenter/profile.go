package karpenter

// Profile says in what the answers leave Karpenter 1.14.1. The zero value leaves it nowhere.
type Profile struct {
	V1_13 V1_13 // what the release before did otherwise
	// BrokenBudgetsByReason lets a budget that makes no sense block only the reasons that it is for. Karpenter lets it
	// block all.
	BrokenBudgetsByReason bool
	// ImpossibleSchedulesNeverHold keeps a budget whose schedule never hits, such as 30 February, from holding. In
	// Karpenter it holds always.
	ImpossibleSchedulesNeverHold bool
	// SpotOnlyWhereOffered narrows a replacement to spot only where a type left offers spot. Karpenter narrows whenever
	// the pool allows both, and the launch can then fail for want of any offering (rule 72).
	SpotOnlyWhereOffered bool
	// ExactGroups keeps spread constraints apart that differ only in minDomains or in the values of the pods' node
	// selection. Upstream compares neither, and lets the first one speak for all of them (rule 48).
	ExactGroups bool
	// LimitsCountNodes takes the claims of a plan off a limit on nodes at once. Upstream does so only when they are nodes,
	// so that one plan may hold more than the limit allows (rule 40).
	LimitsCountNodes bool
	// OverridesReplace lets the capacity and overhead of an offering replace the type's, as is documented. Upstream adds
	// the two.
	OverridesReplace bool
}

// V1_13 is what releases up to 1.13 did otherwise.
type V1_13 struct {
	DaemonsByPool bool // all types of a NodePool make room for the same daemons, those that its template attracts
	// OrderByDisruptionCost tries the candidates in ascending order of what their pods say it costs to evict them, times
	// the share of the node's lifetime that is left. Since 1.14 it is price per disruption, descending (rule 66).
	OrderByDisruptionCost bool
	// EmptyWithoutPods takes a node for empty only where no pod would have to move. Since 1.14 pods that cost nothing to
	// evict do not count (rule 65).
	EmptyWithoutPods bool
	// BusyDestinations lets nodes that have been busy lately (consolidateAfter) take pods of nodes removed. Since 1.14
	// they do not (rule 24).
	BusyDestinations bool
	// CheapestPrice prices a node at the cheapest offering that its labels go with. Since 1.14 it is the one of exactly
	// its zone and capacity type (rule 67).
	CheapestPrice bool
}

// V1_14 is the profile of Karpenter 1.14.1: the zero value.
func V1_14() Profile { return Profile{} }

// Until1_13 is the profile of releases up to 1.13, as far as they differ.
func Until1_13() Profile {
	return Profile{V1_13: V1_13{OrderByDisruptionCost: true, DaemonsByPool: true, EmptyWithoutPods: true, BusyDestinations: true, CheapestPrice: true}}
}

// Fixed is the profile without the defects that are known.
func Fixed() Profile {
	return Profile{ExactGroups: true, LimitsCountNodes: true, OverridesReplace: true, BrokenBudgetsByReason: true, ImpossibleSchedulesNeverHold: true, SpotOnlyWhereOffered: true}
}
