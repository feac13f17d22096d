package proportional

import "errors"

// ErrInvalid marks input that makes no sense: a config that does not parse, a default config that is not JSON, a target
// without a name. The message names the key and the value.
var ErrInvalid = errors.New("invalid")

// ErrOutOfRange marks an answer that does not fit the 32 bits of spec.replicas, or the 64 bits of a quantity in
// thousandths.
var ErrOutOfRange = errors.New("out of range")

// Profile says which of upstream's surprises are left out; each has a switch of its own. The zero value is
// cluster-proportional-autoscaler v1.10.3 with all of them.
type Profile struct {
	// KeepLastGood keeps the last good config in force when the new one does not parse. Upstream drops its controller
	// and scales nothing until a good config appears (C8).
	KeepLastGood bool `json:"keepLastGood,omitempty"`
	// MaxIsFinal keeps single point protection from going above max. Upstream answers 2 even where max is 1 (C15).
	MaxIsFinal bool `json:"maxIsFinal,omitempty"`
	// RefuseOverflow refuses configs and answers beyond 32 bits with [ErrOutOfRange], and negative sizes, which a sum
	// beyond 32 bits gives. Upstream wraps: min 3,000,000,000 asks for -1,294,967,296 replicas (C4, C17).
	RefuseOverflow bool `json:"refuseOverflow,omitempty"`
	// StrictConfig refuses what upstream reads silently in some way: fields that are unknown, written with other capital
	// letters, given twice or null; ladder steps that are not pairs; two steps with one threshold; a ladder without any
	// step, which scales to zero (C6, C19, C20, C22).
	StrictConfig bool `json:"strictConfig,omitempty"`
	// StatefulSets lets [Profile.ParseTargets] take stateful sets. Upstream's client can scale them, but its flag check
	// refuses them.
	StatefulSets bool `json:"statefulSets,omitempty"`
}

// Upstream is the profile of cluster-proportional-autoscaler v1.10.3: no surprise is left out.
func Upstream() Profile { return Profile{} }

// Fixed is the profile without any of the known surprises.
func Fixed() Profile {
	return Profile{KeepLastGood: true, MaxIsFinal: true, RefuseOverflow: true, StrictConfig: true, StatefulSets: true}
}
