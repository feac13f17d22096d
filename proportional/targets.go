package proportional

import (
	"fmt"
	"strings"
)

// Target is a workload that is scaled.
type Target struct {
	// Kind is deployment, replicaset, replicationcontroller or statefulset.
	Kind string `json:"kind"`
	// Name is the workload's name.
	Name string `json:"name"`
}

// TargetReplicas is a target with the replicas it has.
type TargetReplicas struct {
	Target
	// Replicas is spec.replicas of the target now.
	Replicas int32 `json:"replicas"`
}

// String is the target as a flag has it: kind/name.
func (t Target) String() string { return t.Kind + "/" + t.Name }

// ParseTargets reads --target: kind/name, several of them separated by commas, in small or capital letters. Kinds may
// stand in the plural.
func (p Profile) ParseTargets(text string) ([]Target, error) {
	var targets []Target
	for _, part := range strings.Split(text, ",") {
		bad := func(why string) error {
			return fmt.Errorf("%w target: %q: %s", ErrInvalid, strings.TrimSpace(part), why)
		}
		kind, name, ok := strings.Cut(strings.ToLower(strings.TrimSpace(part)), "/")
		if !ok || name == "" || strings.Contains(name, "/") {
			return nil, bad("must be kind/name")
		}
		switch kind = strings.TrimSuffix(kind, "s"); kind {
		case "deployment", "replicaset", "replicationcontroller":
		case "statefulset":
			if !p.StatefulSets {
				return nil, bad("upstream's flag refuses stateful sets")
			}
		default:
			return nil, bad("must be a deployment, replicaset or replicationcontroller")
		}
		targets = append(targets, Target{kind, name})
	}
	return targets, nil
}
