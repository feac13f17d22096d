package karpenter

// Profile says in what the answers leave Karpenter 1.14.1. The zero value leaves it nowhere.
type Profile struct {
	V1_13 V1_13 // what the release before did otherwise
}

// V1_13 is what releases up to 1.13 did otherwise.
type V1_13 struct{}

// V1_14 is the profile of Karpenter 1.14.1: the zero value.
func V1_14() Profile { return Profile{} }
