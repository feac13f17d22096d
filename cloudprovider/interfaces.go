package cloudprovider

import (
	"context"

	corev1 "k8s.io/api/core/v1"
)

// InstanceTypes tells what can be launched.
type InstanceTypes interface {
	// InstanceTypes lists the types with their offerings, in an order that does not change.
	InstanceTypes(ctx context.Context) ([]*InstanceType, error)
}

// LaunchRequest asks for one machine.
type LaunchRequest struct {
	// Offerings are those that would do, the most wanted first; the cloud takes the first that it has. See [Cheapest].
	Offerings []OfferingRef `json:"offerings"`
	// Labels and Taints are given to the node.
	Labels map[string]string `json:"labels,omitempty"`
	Taints []corev1.Taint    `json:"taints,omitempty"` // see Labels
}

// Launcher launches single machines.
type Launcher interface {
	// Launch asks for a machine. The error is an [*InsufficientCapacityError] where none of the offerings is to be had.
	Launch(ctx context.Context, r LaunchRequest) (Instance, error)
	// Terminate ends a machine. The error wraps [ErrNotFound] where there is none of that id, or no longer.
	Terminate(ctx context.Context, id string) error
	// Instances lists the machines that are not gone, those of groups too, oldest first.
	Instances(ctx context.Context) ([]Instance, error)
}

// NodeGroups scales groups of machines.
type NodeGroups interface {
	// NodeGroups lists the ids, in an order that does not change.
	NodeGroups(ctx context.Context) ([]string, error)
	// NodeGroup describes a group as it is now.
	NodeGroup(ctx context.Context, id string) (NodeGroup, error)
	// SetTarget sets the size wanted. The error wraps [ErrOutOfBounds] where the group may not have it.
	SetTarget(ctx context.Context, id string, target int) error
	// TerminateIn ends one machine of a group and takes it off the size wanted. The error wraps [ErrOutOfBounds] where the
	// group is at its minimum.
	TerminateIn(ctx context.Context, id, instance string) error
}
