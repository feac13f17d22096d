package vpa

import (
	"errors"
	"fmt"
)

// The reasons to refuse. Every error of the package wraps one of them and names the field and the value.
var (
	// ErrInvalid marks input that makes no sense, such as a negative interval or an unknown mode.
	ErrInvalid = errors.New("invalid")
	// ErrCheckpoint marks a checkpoint that cannot be loaded: another version, or weights that no recommender writes.
	ErrCheckpoint = errors.New("unusable checkpoint")
	// ErrUpstreamCrash marks input on which the Vertical Pod Autoscaler itself crashes; the decision is to do nothing.
	ErrUpstreamCrash = errors.New("upstream crashes on this")
)

func invalid(field string, value any, why string) error {
	return fmt.Errorf("%w: %s: %v %s", ErrInvalid, field, value, why)
}
