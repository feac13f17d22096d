package aws

import (
	"errors"

	"github.com/scalemath/scalemath/clusterautoscaler"
)

// ErrInvalid is what every error of this package wraps. It is that of package clusterautoscaler.
var ErrInvalid = clusterautoscaler.ErrInvalid

var (
	// ErrNoZone tells that a group has no availability zone, so that no node of it can be imagined.
	ErrNoZone = errors.New("the group has no availability zone")
	// ErrUnknownType tells that nothing is known of a group's instance type, so that no node of it can be imagined.
	ErrUnknownType = errors.New("nothing is known of the instance type")
	// ErrRefused tells that a group must not change as asked, because of its bounds or its machines.
	ErrRefused = errors.New("refused")
)
