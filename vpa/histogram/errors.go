package histogram

import (
	"errors"
	"fmt"
)

// The reasons to refuse. Every error of the package wraps one of them and names the field and the value.
var (
	// ErrInvalid marks an argument that makes no sense, such as a weight that is not a number.
	ErrInvalid = errors.New("invalid")
	// ErrCorrupt marks a checkpoint or a state that no histogram of the layout can have written.
	ErrCorrupt = errors.New("corrupt")
	// ErrDifferent marks two histograms that cannot be merged: their layouts or half-lives differ.
	ErrDifferent = errors.New("histograms differ")
)

func invalid(field string, value any, why string) error {
	return fmt.Errorf("%w: %s: %v %s", ErrInvalid, field, value, why)
}

func corrupt(field string, value any, why string) error {
	return fmt.Errorf("%w: %s: %v %s", ErrCorrupt, field, value, why)
}
