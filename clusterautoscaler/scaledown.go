package clusterautoscaler

import (
	"encoding/json"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// NodeReason is why a node stays.
type NodeReason string

// The reasons. The last group is where upstream records nothing (section 4.1 of what it documents).
const (
	NodeRemovable            NodeReason = ""                             // it goes now
	ScaleDownDisabledOnNode  NodeReason = "ScaleDownDisabledAnnotation"  // its annotation says so
	ScaleDownUnreadyDisabled NodeReason = "ScaleDownUnreadyDisabled"     // it is not ready, and such nodes stay
	NotAutoscaled            NodeReason = "NotAutoscaled"                // it is of no group
	NotUnneededLongEnough    NodeReason = "NotUnneededLongEnough"        // its timer still runs
	NotUnreadyLongEnough     NodeReason = "NotUnreadyLongEnough"         // the same for one that is not ready
	NodeGroupMinSizeReached  NodeReason = "NodeGroupMinSizeReached"      // its group would be too small
	AtomicScaleDownFailed    NodeReason = "AtomicScaleDownFailed"        // its group goes whole or not at all
	MinimalResourceLimit     NodeReason = "MinimalResourceLimitExceeded" // the cluster would have too little
	CurrentlyBeingDeleted    NodeReason = "CurrentlyBeingDeleted"        // it is on its way
	NotUnderutilized         NodeReason = "NotUnderutilized"             // too much of it is requested
	RecentlyUnremovable      NodeReason = "RecentlyUnremovable"          // it could not go a short while ago
	NoPlaceToMovePods        NodeReason = "NoPlaceToMovePods"            // a pod of it fits nowhere else
	BlockedByPod             NodeReason = "BlockedByPod"                 // a pod holds it
	BlockedByOnCompletionPod NodeReason = "BlockedByOnCompletionPod"     // it waits for a pod's end
	UnexpectedNodeError      NodeReason = "UnexpectedError"              // its utilization cannot be computed

	StartingUp     NodeReason = "StartingUp"     // it is not ready for its first time yet (D33)
	AtGroupMinimum NodeReason = "AtGroupMinimum" // its group is at its minimum, so it was not looked at (D5)
	NotReached     NodeReason = "NotReached"     // enough nodes were found before it (D27)
	InCooldown     NodeReason = "InCooldown"     // nothing is deleted now (D2)
	OverBudget     NodeReason = "OverBudget"     // as many as may be are being deleted (D38)
)

// ScaleDown is which nodes go, and why every other stays.
type ScaleDown struct {
	Empty    []Removal    `json:"empty,omitempty"`    // nodes to delete that have no pods to move
	Drain    []Removal    `json:"drain,omitempty"`    // nodes to drain and delete
	Nodes    []NodeStatus `json:"nodes"`              // every node, in the order in which it was looked at, others behind
	Unneeded []string     `json:"unneeded,omitempty"` // nodes that could go, sorted: their timers run
	// CooldownUntil is when deletions are allowed again, and Cooldown what began it; zero where they are (D2).
	CooldownUntil time.Time `json:"cooldownUntil,omitzero"`
	Cooldown      string    `json:"cooldown,omitempty"` // see CooldownUntil
	Disabled      bool      `json:"disabled,omitempty"` // nothing was looked at (D1)
}

// Removal is a node that goes.
type Removal struct {
	Node  string `json:"node"`            // its name
	Group string `json:"group"`           // its group
	Moves []Move `json:"moves,omitempty"` // where its pods can go
	Risky bool   `json:"risky,omitempty"` // a disruption budget may not allow all of it at once (D26)
}

// Move is where a pod can go.
type Move struct {
	Pod *corev1.Pod // what moves
	To  string      // the node found for it
}

// Name is the pod's namespace and name.
func (m Move) Name() string { return podName(m.Pod) }

// MarshalJSON writes the pod by its name.
func (m Move) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Pod string `json:"pod"`
		To  string `json:"to"`
	}{m.Name(), m.To})
}

// NodeStatus is what was found of a node.
type NodeStatus struct {
	Name      string     `json:"name"`                // of the node
	Group     string     `json:"group,omitempty"`     // its group, where it has one
	Usage     *Usage     `json:"usage,omitempty"`     // how much of it is requested, where that was looked at
	Threshold float64    `json:"threshold,omitempty"` // what its utilization is held against
	Reason    NodeReason `json:"reason,omitempty"`    // why it stays; empty where it goes
	Since     time.Time  `json:"since,omitzero"`      // since when it is unneeded
	Vacant    bool       `json:"vacant,omitempty"`    // no pod would have to move
	// FreeAt is when the reason ends by itself, where that is known: a timer, a recheck, a cooldown.
	FreeAt   time.Time     `json:"freeAt,omitzero"`
	Rest     time.Duration `json:"rest,omitempty"`    // from now to FreeAt
	Blocking *corev1.Pod   `json:"-"`                 // the pod that holds it, or that has no other place
	Pod      string        `json:"pod,omitempty"`     // its namespace and name
	Verdict  *PodVerdict   `json:"verdict,omitempty"` // by which rule it holds the node
	Detail   string        `json:"detail,omitempty"`  // the numbers behind the reason
}

// Upstream is the reason in upstream's words; empty where it records none.
func (s *NodeStatus) Upstream() string {
	switch s.Reason {
	case StartingUp, AtGroupMinimum, NotReached, InCooldown, OverBudget:
		return ""
	case BlockedByPod:
		return "BlockedByPod:" + string(s.Verdict.Reason) + ":" + s.Blocking.Name
	}
	return string(s.Reason)
}

// DecideScaleDown says which nodes go, as one loop without a scale-up does. The error wraps [ErrInvalid].
func DecideScaleDown(o Options, in Input, st ScaleDownState) (ScaleDown, ScaleDownState, error) {
	if err := Validate(o, in); err != nil {
		return ScaleDown{}, st, err
	}
	w, err := newWorld(&in.Cluster, in.Groups)
	if err != nil {
		return ScaleDown{}, st, err
	}
	return w.scaleDown(&o, &in, st, time.Time{})
}
