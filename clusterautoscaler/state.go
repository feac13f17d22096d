package clusterautoscaler

import (
	"time"
)

// State is what lives from loop to loop. The zero value is a fresh start. It is a value: JSON in and out.
type State struct {
	Backoffs map[string]Backoff        `json:"backoffs,omitempty"` // by group
	Requests map[string]ScaleUpRequest `json:"requests,omitempty"` // scale-ups under way, by group
	Failed   map[string][]string       `json:"failed,omitempty"`   // by group: machines whose failure has been counted (R78)
	// WrongSizes are groups that have another number of nodes than they should, as long as that does not change (R79).
	WrongSizes map[string]WrongSize `json:"wrongSizes,omitempty"`
	Hints      map[string]string    `json:"hints,omitempty"` // by pending pod: the node found for it before (R7)
	// LastScaleUp is when a scale-up succeeded last (D3).
	LastScaleUp time.Time      `json:"lastScaleUp,omitzero"`
	ScaleDown   ScaleDownState `json:"scaleDown,omitzero"` // what scale-down remembers
	// Templates are good nodes seen before, by group (R19).
	Templates map[string]CachedTemplate `json:"templates,omitempty"`
}

// ScaleUpRequest is growth of a group that is not complete yet (R72).
type ScaleUpRequest struct {
	Increase int       `json:"increase"` // by how many nodes
	Time     time.Time `json:"time"`     // of the last increase
	Deadline time.Time `json:"deadline"` // when it counts as failed
}

// WrongSize is a number of nodes that is not what it should be (R79).
type WrongSize struct {
	Nodes  int       `json:"nodes"`  // that are there
	Target int       `json:"target"` // that should be
	Since  time.Time `json:"since"`  // since when both numbers are as they are
}

// CachedTemplate is a template made of a good node, and when (R19).
type CachedTemplate struct {
	Template Template  `json:"template"` // as it was then
	Since    time.Time `json:"since"`    // when the node was seen
}

// ScaleDownState is what scale-down remembers from loop to loop.
type ScaleDownState struct {
	UnneededSince map[string]time.Time `json:"unneededSince,omitempty"` // by node: since when it could go (D30)
	// UnremovableUntil is until when a node that could not go is not looked at again, and Unremovable why (D29).
	UnremovableUntil map[string]time.Time `json:"unremovableUntil,omitempty"`
	Unremovable      map[string]string    `json:"unremovable,omitempty"` // see UnremovableUntil
	// Groups is when each group last changed; kept where ScaleDownOptions.DelayLocal is set (D4).
	Groups       map[string]GroupTimes `json:"groups,omitempty"`
	LastDeletion time.Time             `json:"lastDeletion,omitzero"` // when deletions began last
	LastFailure  time.Time             `json:"lastFailure,omitzero"`  // when they could not begin (D3)
	LastLoop     time.Time             `json:"lastLoop,omitzero"`     // when nodes were looked at last
	Interval     time.Duration         `json:"interval,omitempty"`    // the shortest time between two loops (D27)
	Hints        map[string]string     `json:"hints,omitempty"`       // by pod: the node found for it in the last loop (R7)
	Cursor       int                   `json:"cursor,omitempty"`      // where circular searches go on (N2)
}
