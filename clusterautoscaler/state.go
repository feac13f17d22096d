package clusterautoscaler

import (
	"time"
)

// State is what lives from loop to loop. The zero value is a fresh start. It is a value: JSON in and out.
type State struct {
	Backoffs map[string]Backoff        `json:"backoffs,omitempty"` // by group
	Requests map[string]ScaleUpRequest `json:"requests,omitempty"` // scale-ups under way, by group
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

// CachedTemplate is a template made of a good node, and when (R19).
type CachedTemplate struct {
	Template Template  `json:"template"` // as it was then
	Since    time.Time `json:"since"`    // when the node was seen
}
