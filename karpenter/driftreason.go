package karpenter

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
)

// DriftReason is in what a node is no longer what its pool asks for.
type DriftReason string

// The reasons that are known without the provider, in the order in which they are looked for (rule 84).
const (
	NodePoolDrifted      DriftReason = "NodePoolDrifted"      // the template's hash has changed
	RequirementsDrifted  DriftReason = "RequirementsDrifted"  // its labels do not go with the requirements
	InstanceTypeNotFound DriftReason = "InstanceTypeNotFound" // its type, or the offering it runs on, is gone
)

// The annotations that a pool and its nodes carry: a hash of the template without its requirements, and of which kind.
const (
	AnnotationNodePoolHash        = "karpenter.sh/nodepool-hash"
	AnnotationNodePoolHashVersion = "karpenter.sh/nodepool-hash-version" // hashes of different versions cannot be compared
)

// typeDriftAge is how old a node is before its type is looked up.
const typeDriftAge = time.Hour

// DriftVerdict is whether a node has drifted, and in what.
type DriftVerdict struct {
	Node   string      `json:"node"`             // its name
	Reason DriftReason `json:"reason,omitempty"` // empty: it has not drifted
	Detail string      `json:"detail,omitempty"` // the numbers
	// Next is when the answer may change by time alone: when its type is looked at first.
	Next time.Time `json:"next,omitzero"`
}

// String says it in one line.
func (v DriftVerdict) String() string {
	if v.Reason == "" {
		return v.Node + " has not drifted"
	}
	return fmt.Sprintf("%s: %s: %s", v.Node, v.Reason, v.Detail)
}

// HasDrifted says whether a node is no longer what its pool asks for. The types are what the pool can launch, unavailable
// offerings included; they are not looked at before the node is an hour old. What the provider finds, such as an image
// that has changed, comes after and is not known here. The hashes are those of annotations, where both sides have them.
func HasDrifted(n *Node, pool *NodePool, types []*cloudprovider.InstanceType, now time.Time) (DriftVerdict, error) {
	if n == nil || n.Object == nil || pool == nil {
		return DriftVerdict{}, fmt.Errorf("%w: node and pool must be there", ErrInvalid)
	}
	v := DriftVerdict{Node: n.Object.Name}
	if have, want, drifted := hashDrift(n.Object.Annotations, pool.Annotations); drifted {
		v.Reason, v.Detail = NodePoolDrifted, fmt.Sprintf("hash %s, the pool's is %s", have, want)
		return v, nil
	}
	demand, err := requirementsOf(pool)
	if err != nil {
		return DriftVerdict{}, err
	}
	labels := kube.LabelRequirements(n.Object.Labels)
	if c := labels.Compatible(demand, nil); !c.OK() {
		v.Reason, v.Detail = RequirementsDrifted, c.String()
		return v, nil
	}
	if due := n.created().Add(typeDriftAge); !now.After(due) {
		v.Next = due.Add(1)
		return v, nil
	}
	if detail := typeGone(n.Object.Labels, types); detail != "" {
		v.Reason, v.Detail = InstanceTypeNotFound, detail
	}
	return v, nil
}

// hashDrift compares hashes of the same version.
func hashDrift(node, pool map[string]string) (have, want string, drifted bool) {
	have, ok1 := node[AnnotationNodePoolHash]
	want, ok2 := pool[AnnotationNodePoolHash]
	version, ok3 := node[AnnotationNodePoolHashVersion]
	other, ok4 := pool[AnnotationNodePoolHashVersion]
	return have, want, ok1 && ok2 && ok3 && ok4 && version == other && have != want
}

// requirementsOf are a pool's own requirements, without its labels.
func requirementsOf(pool *NodePool) (kube.Requirements, error) {
	list := make([]kube.Requirement, 0, len(pool.Spec.Template.Spec.Requirements))
	for i := range pool.Spec.Template.Spec.Requirements {
		r := &pool.Spec.Template.Spec.Requirements[i]
		q, err := kube.NewRequirement(kube.NormalizeKey(r.Key), r.Operator, r.Values...)
		if err != nil {
			return kube.Requirements{}, fmt.Errorf("%w: NodePool %s: spec.template.spec.requirements[%d]: %w", ErrInvalid, pool.Name, i, err)
		}
		list = append(list, q)
	}
	return kube.NewRequirements(list...), nil
}

// typeGone says why a node's type counts as gone. A reserved node may have become on-demand already, so that either will
// do for it, under any reservation.
func typeGone(labels map[string]string, types []*cloudprovider.InstanceType) string {
	name := labels[corev1.LabelInstanceTypeStable]
	i := slices.IndexFunc(types, func(it *cloudprovider.InstanceType) bool { return it != nil && it.Name == name })
	if i < 0 {
		return fmt.Sprintf("instance type %q is not offered", name)
	}
	zone, hasZone := labels[corev1.LabelTopologyZone]
	capacity, hasCapacity := labels[LabelCapacityType]
	for j := range types[i].Offerings {
		o := &types[i].Offerings[j]
		same := !hasCapacity || o.CapacityType == capacity ||
			capacity == cloudprovider.Reserved && o.CapacityType == cloudprovider.OnDemand
		if same && (!hasZone || o.Zone == zone) {
			return ""
		}
	}
	return fmt.Sprintf("%s is not offered as %s in %s", name, capacity, zone)
}

// AfterDrift notes in a copy of the nodes which have drifted: the time of a node that had before stays, and a node that
// has no longer is cleared.
func AfterDrift(n *Node, v DriftVerdict, now time.Time) *Node {
	out := *n
	switch {
	case v.Reason == "":
		out.Drifted = time.Time{}
	case out.Drifted.IsZero():
		out.Drifted = now
	}
	return &out
}
