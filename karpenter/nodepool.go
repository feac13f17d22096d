package karpenter

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// NodePool is the object of karpenter.sh/v1: what nodes may be made, and when they may be disrupted.
type NodePool struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              NodePoolSpec   `json:"spec"`             // what is wanted
	Status            NodePoolStatus `json:"status,omitempty"` // what is known
}

// NodePoolSpec is what a NodePool wants.
type NodePoolSpec struct {
	Template   NodeClaimTemplate   `json:"template"`             // what its nodes are like
	Disruption Disruption          `json:"disruption,omitempty"` // when they may be taken away
	Limits     corev1.ResourceList `json:"limits,omitempty"`     // of the capacity of all its nodes together; also "nodes"
	Weight     *int32              `json:"weight,omitempty"`     // 1 to 100, higher is tried first; default 0
	Replicas   *int64              `json:"replicas,omitempty"`   // a static pool that holds so many nodes
}

// NodeClaimTemplate is what the nodes of a NodePool are like.
type NodeClaimTemplate struct {
	Metadata TemplateMetadata `json:"metadata,omitempty"` // labels and annotations of its nodes
	Spec     NodeClaimSpec    `json:"spec"`               // all else
}

// TemplateMetadata is what is copied onto nodes.
type TemplateMetadata struct {
	Labels      map[string]string `json:"labels,omitempty"`      // of its nodes
	Annotations map[string]string `json:"annotations,omitempty"` // of its nodes
}

// NodeClaimSpec says what a node must be.
type NodeClaimSpec struct {
	Requirements           []RequirementSpec `json:"requirements,omitempty"`           // all must hold
	Taints                 []corev1.Taint    `json:"taints,omitempty"`                 // pods must tolerate these
	StartupTaints          []corev1.Taint    `json:"startupTaints,omitempty"`          // there until something takes them off
	NodeClassRef           NodeClassRef      `json:"nodeClassRef,omitempty"`           // the provider's object
	ExpireAfter            NillableDuration  `json:"expireAfter,omitzero"`             // age at which a node goes; the API's default is 720h
	TerminationGracePeriod *metav1.Duration  `json:"terminationGracePeriod,omitempty"` // how long draining may take; default: without end
}

// RequirementSpec is a requirement as the API writes it.
type RequirementSpec struct {
	Key       string        `json:"key"`                 // the label
	Operator  kube.Operator `json:"operator"`            // In, NotIn, Exists, DoesNotExist, Gt, Lt, Gte or Lte
	Values    []string      `json:"values,omitempty"`    // as the operator wants
	MinValues *int          `json:"minValues,omitempty"` // how many distinct values must stay possible
}

// NodeClassRef names the provider's object that a NodePool's nodes are made by.
type NodeClassRef struct {
	Group string `json:"group,omitempty"` // such as karpenter.k8s.aws
	Kind  string `json:"kind,omitempty"`  // such as EC2NodeClass
	Name  string `json:"name,omitempty"`  // of the object
}

// Disruption is when the nodes of a pool may be taken away.
type Disruption struct {
	ConsolidateAfter    NillableDuration    `json:"consolidateAfter,omitzero"`     // quiet time before a node counts; the API's default is 0s
	ConsolidationPolicy ConsolidationPolicy `json:"consolidationPolicy,omitempty"` // default WhenEmptyOrUnderutilized
	Budgets             []Budget            `json:"budgets,omitempty"`             // how many at a time; the API's default is one of 10%
}

// ConsolidationPolicy is which nodes may be consolidated.
type ConsolidationPolicy string

// The policies.
const (
	WhenEmpty                ConsolidationPolicy = "WhenEmpty"                // empty nodes only
	WhenEmptyOrUnderutilized ConsolidationPolicy = "WhenEmptyOrUnderutilized" // also where it makes the cluster cheaper
	Balanced                 ConsolidationPolicy = "Balanced"                 // also where the saving outweighs the disruption
)

// Budget limits how many nodes of a pool may be disrupted at a time.
type Budget struct {
	Reasons  []Reason         `json:"reasons,omitempty"`  // which it is for; none: all
	Nodes    string           `json:"nodes"`              // a count such as "5", or a share such as "10%", rounded up
	Schedule *string          `json:"schedule,omitempty"` // cron, in UTC, when it begins to hold; none: always
	Duration *metav1.Duration `json:"duration,omitempty"` // how long it holds from then
}

// Reason is why a node is disrupted, as budgets name it.
type Reason string

// The reasons that budgets know.
const (
	Underutilized Reason = "Underutilized" // its pods fit elsewhere, or on something cheaper
	Empty         Reason = "Empty"         // it has no pods that count
	Drifted       Reason = "Drifted"       // it is no longer what its pool asks for
)

// NodePoolStatus is what is known of a NodePool.
type NodePoolStatus struct {
	Conditions []metav1.Condition `json:"conditions,omitempty"` // Ready; a pool without one counts as ready
}

// NillableDuration is a duration or "Never". The zero value is unset: see Set.
type NillableDuration struct {
	Duration time.Duration // 0 where Never
	Never    bool          // there is no such time
	Set      bool          // something is said; false where the field is absent
}

// After makes a duration that is set.
func After(d time.Duration) NillableDuration { return NillableDuration{Duration: d, Set: true} }

// Never makes the duration that never ends.
func Never() NillableDuration { return NillableDuration{Never: true, Set: true} }

// IsZero tells that nothing is said, so that omitempty and omitzero leave the field out.
func (d NillableDuration) IsZero() bool { return !d.Set }

// String is the duration as Go writes it, Never, or nothing where unset.
func (d NillableDuration) String() string {
	switch {
	case !d.Set:
		return ""
	case d.Never:
		return "Never"
	}
	return d.Duration.String()
}

// MarshalText writes what String says.
func (d NillableDuration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads Never, a Go duration such as 720h, or nothing.
func (d *NillableDuration) UnmarshalText(text []byte) error {
	switch s := string(text); s {
	case "":
		*d = NillableDuration{}
	case "Never":
		*d = Never()
	default:
		v, err := time.ParseDuration(s)
		if err != nil {
			return fmt.Errorf("%w: %q is neither a duration nor Never", ErrInvalid, s)
		}
		if v < 0 {
			return fmt.Errorf("%w: %q is negative", ErrInvalid, s)
		}
		*d = After(v)
	}
	return nil
}
