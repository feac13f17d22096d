package clusterautoscaler

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

// NodeGroup is a set of equal nodes whose size can be set, such as an Auto Scaling group.
type NodeGroup struct {
	ID       string // unique
	Min, Max int    // bounds of its size
	Target   int    // the size that was asked for last
	// Missing tells that the group would first have to be made.
	Missing bool
	// Template is what the cloud says a new node would be like; nil where it does not say. A good node that runs is
	// preferred (R19).
	Template  *Template
	Instances []Instance   // its machines
	Options   GroupOptions // where it differs from the flags
}

// Template is what a new node is like: the node, and the pods that come with it.
type Template struct {
	Node *corev1.Node  // labels, taints, capacity and allocatable
	Pods []*corev1.Pod // of DaemonSets, and static ones
}

// InstanceState is what the cloud says of a machine.
type InstanceState string

// The states.
const (
	InstanceRunning  InstanceState = ""         // it runs, or is about to join
	InstanceCreating InstanceState = "Creating" // it is being made
	InstanceDeleting InstanceState = "Deleting" // it is being deleted: a deletion in progress (D7, D34, D37)
)

// Instance is one machine of a node group.
type Instance struct {
	ID             string        // spec.providerID of its node, or the node's name where it has none
	State          InstanceState // what the cloud says of it
	ErrorCode      string        // why it cannot be had; empty where nothing is wrong
	OutOfResources bool          // the error is a lack of capacity or quota
	Since          time.Time     // since when it is known; zero: it counts as new
}

// GroupOptions are the flags that a group may set for itself. Nil means the flag's value.
type GroupOptions struct {
	UtilizationThreshold    *float64       // scale-down-utilization-threshold
	GPUUtilizationThreshold *float64       // scale-down-gpu-utilization-threshold
	UnneededTime            *time.Duration // scale-down-unneeded-time
	UnreadyTime             *time.Duration // scale-down-unready-time
	MaxNodeProvisionTime    *time.Duration // max-node-provision-time
	MaxNodeStartupTime      *time.Duration // max-node-startup-time
	IgnoreDaemonSets        *bool          // ignore-daemonsets-utilization
	// ZeroOrMax tells that the group has either no nodes or all: it grows and shrinks in one step.
	ZeroOrMax bool
	// AllowNonAtomicScaleUpToMax lets a ZeroOrMax group that is part way grow on to its maximum.
	AllowNonAtomicScaleUpToMax bool
}
