// Package clusterautoscaler answers the recorded questions about the Cluster Autoscaler.
package clusterautoscaler

import "github.com/scalemath/scalemath/internal/conformance"

// System answers "clusterautoscaler KIND".
func System() conformance.System {
	return conformance.System{Name: "clusterautoscaler", Kinds: []conformance.Kind{
		awsKind, backoff, balance, drain, equivalence, estimate, expander, scaleDown, scaleUp, similar, utilization,
	}}
}

// head names a question and is repeated in its answer.
type head struct {
	Kind string `json:"kind"`
	ID   *int64 `json:"id,omitempty"`
}
