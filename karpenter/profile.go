package karpenter

// Profile says in what the answers leave Karpenter 1.14.1. The zero value leaves it nowhere.
type Profile struct {
	V1_13 V1_13 // what the release before did otherwise
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
	DaemonsByPool    bool // all types of a NodePool make room for the same daemons, those that its template attracts
	BusyDestinations bool // nodes take pods of nodes removed even within their consolidateAfter
}

// V1_14 is the profile of Karpenter 1.14.1: the zero value.
func V1_14() Profile { return Profile{} }

// Fixed is Karpenter 1.14.1 without its defects.
func Fixed() Profile {
	return Profile{ExactGroups: true, LimitsCountNodes: true, OverridesReplace: true}
}
