package karpenter

// Profile says in what the answers leave Karpenter 1.14.1. The zero value leaves it nowhere.
type Profile struct {
	V1_13 V1_13 // what the release before did otherwise
	// ExactGroups keeps spread constraints apart that differ only in the values of the pods' node selection. Upstream
	// compares the keys alone, and counts for all of them on the nodes that the first one selects.
	ExactGroups bool
	// OverridesReplace lets the capacity and overhead of an offering replace the type's, as is documented. Upstream adds
	// the two.
	OverridesReplace bool
}

// V1_13 is what releases up to 1.13 did otherwise.
type V1_13 struct{}

// V1_14 is the profile of Karpenter 1.14.1: the zero value.
func V1_14() Profile { return Profile{} }
