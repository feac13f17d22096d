package cloudprovider

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrNotFound is what every error about a group, an instance or an instance type that does not exist wraps.
	ErrNotFound = errors.New("not found")
	// ErrOutOfBounds is what every error about a size below a group's minimum or above its maximum wraps.
	ErrOutOfBounds = errors.New("size out of bounds")
)

// OfferingRef names one way to have a machine.
type OfferingRef struct {
	InstanceType string `json:"instanceType"` // its name
	Zone         string `json:"zone"`         // of the offering
	CapacityType string `json:"capacityType"` // Reserved, Spot or OnDemand
}

// String is type/zone/capacity type.
func (r OfferingRef) String() string { return r.InstanceType + "/" + r.Zone + "/" + r.CapacityType }

// InsufficientCapacityError says that the cloud has no machine left of the offerings asked for. Others may still be had,
// and these again later.
type InsufficientCapacityError struct {
	// Offerings are those that were tried, in that order.
	Offerings []OfferingRef `json:"offerings"`
}

// Error names the offerings.
func (e *InsufficientCapacityError) Error() string {
	names := make([]string, len(e.Offerings))
	for i, o := range e.Offerings {
		names[i] = o.String()
	}
	return "insufficient capacity: " + strings.Join(names, ", ")
}

func invalid(field, format string, args ...any) error {
	return fmt.Errorf("%w: %s: %s", ErrInvalid, field, fmt.Sprintf(format, args...))
}

func notFound(kind, name string) error { return fmt.Errorf("%s %q: %w", kind, name, ErrNotFound) }
