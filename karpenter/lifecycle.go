package karpenter

import (
	"fmt"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// How long a claim may take.
const (
	LaunchTimeout       = 5 * time.Minute  // to be launched, since it began to wait for that
	RegistrationTimeout = 15 * time.Minute // to join the cluster, since it began to wait for that
)

// ClaimProgress is how far a claim has come.
type ClaimProgress struct {
	Launched   bool `json:"launched"`   // there is a machine
	Registered bool `json:"registered"` // its node has joined
	// LaunchSince and RegisterSince are when it began to wait for the one and for the other: the time of the condition.
	LaunchSince   time.Time `json:"launchSince,omitzero"`
	RegisterSince time.Time `json:"registerSince,omitzero"` // see LaunchSince
}

// LivenessVerdict is whether a claim is given up.
type LivenessVerdict struct {
	Delete bool      `json:"delete"`           // it is: delete it, and provisioning will make another
	Reason string    `json:"reason,omitempty"` // launch_timeout or registration_timeout
	At     time.Time `json:"at,omitzero"`      // when it will be, or was to be; the zero time: it has joined
}

// String says it in one line.
func (v LivenessVerdict) String() string {
	switch {
	case v.At.IsZero():
		return "registered"
	case v.Delete:
		return "delete: " + v.Reason
	}
	return v.Reason + " at " + v.At.UTC().Format(time.RFC3339)
}

// Liveness says whether a claim that has not joined is to be given up: not launched within 5 minutes, or not registered
// within 15.
func Liveness(p ClaimProgress, now time.Time) LivenessVerdict {
	if p.Registered {
		return LivenessVerdict{}
	}
	v := LivenessVerdict{Reason: "registration_timeout", At: p.RegisterSince.Add(RegistrationTimeout)}
	if !p.Launched {
		v.Reason, v.At = "launch_timeout", p.LaunchSince.Add(LaunchTimeout)
	}
	v.Delete = !now.Before(v.At)
	return v
}

// InitializationBlock is why a node that has joined is not ready for pods yet.
type InitializationBlock string

// The blocks, in the order in which they are looked for.
const (
	NodeNotReady              InitializationBlock = "NodeNotReady"              // its condition Ready is not True
	StartupTaintsExist        InitializationBlock = "StartupTaintsExist"        // a startup taint of its claim is still there
	KnownEphemeralTaintsExist InitializationBlock = "KnownEphemeralTaintsExist" // a taint that vanishes by itself is
	ResourceNotRegistered     InitializationBlock = "ResourceNotRegistered"     // a resource that was asked for is not there
)

// Initialization is whether a node is ready for pods.
type Initialization struct {
	Initialized bool                `json:"initialized"`      // it is
	Block       InitializationBlock `json:"block,omitempty"`  // why not; empty where it is
	Detail      string              `json:"detail,omitempty"` // which taint or resource
}

// String says it in one line.
func (i Initialization) String() string {
	switch {
	case i.Initialized:
		return "initialized"
	case i.Detail == "":
		return string(i.Block)
	}
	return fmt.Sprintf("%s: %s", i.Block, i.Detail)
}

// Initialize says whether a node that has joined is ready for pods: it is Ready, the startup taints of its claim are
// gone and so are those that vanish by themselves, and every resource that its claim was made for is there. Once a node
// is initialized it stays so.
func Initialize(n *Node, requested corev1.ResourceList) Initialization {
	if n == nil || n.Object == nil || !nodeReady(n.Object) {
		return Initialization{Block: NodeNotReady}
	}
	for i := range n.StartupTaints {
		for j := range n.Object.Spec.Taints {
			if t := &n.Object.Spec.Taints[j]; n.StartupTaints[i].MatchTaint(t) {
				return Initialization{Block: StartupTaintsExist, Detail: t.ToString()}
			}
		}
	}
	for j := range n.Object.Spec.Taints {
		if t := &n.Object.Spec.Taints[j]; ephemeral(t) {
			return Initialization{Block: KnownEphemeralTaintsExist, Detail: t.ToString()}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(requested)) {
		want := requested[name]
		if have := n.Object.Status.Allocatable[name]; !want.IsZero() && have.IsZero() {
			return Initialization{Block: ResourceNotRegistered, Detail: string(name)}
		}
	}
	return Initialization{Initialized: true}
}

// LaunchError is why one offering could not be launched.
type LaunchError struct {
	InstanceType string `json:"instanceType,omitempty"` // which was asked for
	Zone         string `json:"zone,omitempty"`         // which was asked for
	CapacityType string `json:"capacityType,omitempty"` // which was asked for
	Capacity     bool   `json:"capacity"`               // for want of capacity: others may do
	Message      string `json:"message,omitempty"`      // what the cloud said
}

// LaunchOutcome is what becomes of a claim whose launch failed.
type LaunchOutcome struct {
	// Delete tells that the claim is given up, so that its pods are placed anew without what could not be had. Otherwise
	// the same launch is tried again.
	Delete      bool        `json:"delete"`
	Unavailable Unavailable `json:"unavailable"` // what cannot be had for a while, to be kept
}

// AfterLaunch says what to do after a launch that gave no machine: what failed for want of capacity is not asked for again
// for a while, and where nothing else failed the claim is given up (rules 102 and 103).
func AfterLaunch(errs []LaunchError, u Unavailable, now time.Time) LaunchOutcome {
	out := LaunchOutcome{Delete: len(errs) > 0, Unavailable: u.Expire(now)}
	for _, e := range errs {
		if !e.Capacity {
			out.Delete = false
			continue
		}
		out.Unavailable = out.Unavailable.Fail(e.InstanceType, e.Zone, e.CapacityType, now, 0)
	}
	return out
}
