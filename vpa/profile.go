package vpa

// Profile says which of upstream's defects are repaired, one switch each. The zero value is release 1.8.1 as it is;
// [Fixed] repairs all of them.
type Profile struct {
	// ZeroPeak lets a memory window that was opened by a sample of 0 bytes see later peaks. Upstream ignores them for
	// the whole window (M5).
	ZeroPeak bool `json:"zeroPeak,omitempty"`
	// OOMClock keeps an accepted late out-of-memory kill from moving the memory clock back, after which upstream accepts
	// usage samples that are older than what it has (M2).
	OOMClock bool `json:"oomClock,omitempty"`
	// GlobalMaximum keeps the global maximum for a resource whose policy says "0". Upstream drops both (P6).
	GlobalMaximum bool `json:"globalMaximum,omitempty"`
	// MemoryCounts keeps an aggregate that has memory samples but none of CPU from being collected as empty (G1).
	MemoryCounts bool `json:"memoryCounts,omitempty"`
	// UnknownOwners gives pods of an owner whose replicas nobody can count a budget: the live pods are taken for the
	// configured ones. Upstream takes 0, and so evicts all of them in one pass (B7).
	UnknownOwners bool `json:"unknownOwners,omitempty"`
	// BoostedSiblings keeps the least number of replicas for a group in which a pod is boosted (B2).
	BoostedSiblings bool `json:"boostedSiblings,omitempty"`
	// InPlaceDeferral lets a deferral hold in mode InPlace, where upstream sends the resize all the same (N4).
	InPlaceDeferral bool `json:"inPlaceDeferral,omitempty"`
	// PodLimits scales only what is there to a pod LimitRange. Upstream crashes on a container without a recommendation,
	// and gives one without a value a memory of -1 byte (K3).
	PodLimits bool `json:"podLimits,omitempty"`
	// ResizeClock forgets when a pod was first seen resizing once it no longer is. Upstream never does, and evicts at the
	// second resize at once (N5).
	ResizeClock bool `json:"resizeClock,omitempty"`
	// EmptyRecommendation leaves pods alone for which nothing is recommended, where a threshold of 0 makes upstream crash.
	EmptyRecommendation bool `json:"emptyRecommendation,omitempty"`
	// BoostWithoutCPU ignores a startup boost that says nothing about CPU, on which upstream's webhook crashes.
	BoostWithoutCPU bool `json:"boostWithoutCPU,omitempty"`
	// EmptyPatch leaves out the patch that makes an empty resources object and a note of nothing (W2).
	EmptyPatch bool `json:"emptyPatch,omitempty"`
}

// Fixed is the profile without any of the known defects.
func Fixed() Profile {
	return Profile{
		ZeroPeak: true, OOMClock: true, GlobalMaximum: true, MemoryCounts: true, UnknownOwners: true, BoostedSiblings: true,
		InPlaceDeferral: true, PodLimits: true, ResizeClock: true, EmptyRecommendation: true, BoostWithoutCPU: true, EmptyPatch: true,
	}
}

// V1_8 is the profile of release 1.8.1: nothing is repaired.
func V1_8() Profile { return Profile{} }
