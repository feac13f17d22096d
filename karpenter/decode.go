package karpenter

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/karpenter/internal/document"
)

// The API versions that are read.
const (
	apiV1       = "karpenter.sh/v1"
	apiV1beta1  = "karpenter.sh/v1beta1"
	apiV1alpha1 = "karpenter.sh/v1alpha1"
)

// Manifests are the objects of a manifest that this package knows.
type Manifests struct {
	NodePools    []*NodePool    `json:"nodePools,omitempty"`    // in the manifest's order
	NodeOverlays []*NodeOverlay `json:"nodeOverlays,omitempty"` // in the manifest's order
}

// Decode reads all NodePools and NodeOverlays from YAML or JSON as kubectl prints it: several documents, and Lists. A field
// that the API does not know, or a value of the wrong type, is an error that names it; objects of other kinds are passed
// over. NodePools of v1beta1 become those of v1. Nothing is defaulted: see [NodePool.Defaulted].
func Decode(manifests []byte) (Manifests, error) {
	var all Manifests
	objects, err := document.Split(manifests)
	if err != nil {
		return Manifests{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	for _, o := range objects {
		switch o.Kind {
		case "NodePool":
			var pool *NodePool
			if pool, err = nodePool(o); err == nil {
				all.NodePools = append(all.NodePools, pool)
			}
		case "NodeOverlay":
			var overlay *NodeOverlay
			if overlay, err = nodeOverlay(o); err == nil {
				all.NodeOverlays = append(all.NodeOverlays, overlay)
			}
		}
		if err != nil {
			return Manifests{}, fmt.Errorf("%w: %w", ErrInvalid, err)
		}
	}
	return all, nil
}

// DecodeNodePool reads a NodePool from one document of YAML or JSON, as strictly as [Decode].
func DecodeNodePool(manifest []byte) (*NodePool, error) { return onlyOne(manifest, nodePool) }

// DecodeNodeOverlay reads a NodeOverlay from one document of YAML or JSON, as strictly as [Decode].
func DecodeNodeOverlay(manifest []byte) (*NodeOverlay, error) { return onlyOne(manifest, nodeOverlay) }

func onlyOne[T any](manifest []byte, read func(document.Object) (*T, error)) (*T, error) {
	o, err := document.One(manifest)
	if err == nil {
		var v *T
		if v, err = read(o); err == nil {
			return v, nil
		}
	}
	return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
}

func nodeOverlay(o document.Object) (*NodeOverlay, error) {
	if o.Kind != "NodeOverlay" || o.APIVersion != apiV1alpha1 {
		return nil, fmt.Errorf("want a NodeOverlay of %s, not a %q of %q", apiV1alpha1, o.Kind, o.APIVersion)
	}
	overlay := &NodeOverlay{}
	if err := o.Into(overlay); err != nil {
		return nil, err
	}
	overlay.TypeMeta = o.TypeMeta
	return overlay, nil
}

func nodePool(o document.Object) (*NodePool, error) {
	if o.Kind != "NodePool" || o.APIVersion != apiV1 && o.APIVersion != apiV1beta1 {
		return nil, fmt.Errorf("want a NodePool of %s or %s, not a %q of %q", apiV1, apiV1beta1, o.Kind, o.APIVersion)
	}
	if o.APIVersion == apiV1beta1 {
		var old nodePoolV1beta1
		if err := o.Into(&old); err != nil {
			return nil, err
		}
		return old.convert(o.Where)
	}
	pool := &NodePool{}
	if err := o.Into(pool); err != nil {
		return nil, err
	}
	pool.TypeMeta = o.TypeMeta
	return pool, nil
}

// nodePoolV1beta1 is the NodePool before v1 as far as it differs: the expiry stands with disruption, one policy has another
// name, and the node class has a version instead of a group.
type nodePoolV1beta1 struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		Template struct {
			Metadata TemplateMetadata `json:"metadata,omitempty"`
			Spec     struct {
				Requirements  []RequirementSpec `json:"requirements,omitempty"`
				Taints        []corev1.Taint    `json:"taints,omitempty"`
				StartupTaints []corev1.Taint    `json:"startupTaints,omitempty"`
				NodeClassRef  struct {
					APIVersion string `json:"apiVersion,omitempty"`
					Kind       string `json:"kind,omitempty"`
					Name       string `json:"name,omitempty"`
				} `json:"nodeClassRef,omitempty"`
				Kubelet                map[string]any   `json:"kubelet,omitempty"`
				TerminationGracePeriod *metav1.Duration `json:"terminationGracePeriod,omitempty"`
			} `json:"spec"`
		} `json:"template"`
		Disruption struct {
			ConsolidateAfter    NillableDuration    `json:"consolidateAfter,omitzero"`
			ConsolidationPolicy ConsolidationPolicy `json:"consolidationPolicy,omitempty"`
			ExpireAfter         NillableDuration    `json:"expireAfter,omitzero"`
			Budgets             []Budget            `json:"budgets,omitempty"`
		} `json:"disruption,omitempty"`
		Limits corev1.ResourceList `json:"limits,omitempty"`
		Weight *int32              `json:"weight,omitempty"`
	} `json:"spec"`
	Status NodePoolStatus `json:"status,omitempty"`
}

func (p *nodePoolV1beta1) convert(where string) (*NodePool, error) {
	t, d := &p.Spec.Template, &p.Spec.Disruption
	if len(t.Spec.Kubelet) > 0 {
		return nil, fmt.Errorf("%s: NodePool %s: spec.template.spec.kubelet: belongs to the node class since %s", where, p.Name, apiV1)
	}
	if d.ConsolidationPolicy == "WhenUnderutilized" {
		d.ConsolidationPolicy = WhenEmptyOrUnderutilized
	}
	ref := NodeClassRef{Group: apiGroup(t.Spec.NodeClassRef.APIVersion), Kind: t.Spec.NodeClassRef.Kind, Name: t.Spec.NodeClassRef.Name}
	if ref.Name != "" && ref.Kind == "" && ref.Group == "" {
		ref.Group, ref.Kind = "karpenter.k8s.aws", "EC2NodeClass"
	}
	return &NodePool{
		TypeMeta:   metav1.TypeMeta{Kind: "NodePool", APIVersion: apiV1},
		ObjectMeta: p.ObjectMeta,
		Spec: NodePoolSpec{
			Template: NodeClaimTemplate{Metadata: t.Metadata, Spec: NodeClaimSpec{
				Requirements: t.Spec.Requirements, Taints: t.Spec.Taints, StartupTaints: t.Spec.StartupTaints,
				NodeClassRef: ref, ExpireAfter: d.ExpireAfter, TerminationGracePeriod: t.Spec.TerminationGracePeriod,
			}},
			Disruption: Disruption{ConsolidateAfter: d.ConsolidateAfter, ConsolidationPolicy: d.ConsolidationPolicy, Budgets: d.Budgets},
			Limits:     p.Spec.Limits, Weight: p.Spec.Weight,
		},
		Status: p.Status,
	}, nil
}

// apiGroup is the group of an API version, such as karpenter.k8s.aws of karpenter.k8s.aws/v1.
func apiGroup(version string) string {
	for i := range len(version) {
		if version[i] == '/' {
			return version[:i]
		}
	}
	return ""
}

// Defaults of the API server.
const (
	defaultExpireAfter = 720 * time.Hour
	defaultBudget      = "10%"
)

// Defaulted returns the NodePool as the API server would store it: consolidateAfter 0s, consolidationPolicy
// WhenEmptyOrUnderutilized, one budget of 10%, expireAfter 720h, and 10% where a budget does not say how many nodes. The
// receiver stays as it is; what needs no default is shared with it.
func (p *NodePool) Defaulted() *NodePool {
	out := *p
	d := &out.Spec.Disruption
	if !d.ConsolidateAfter.Set {
		d.ConsolidateAfter = After(0)
	}
	if d.ConsolidationPolicy == "" {
		d.ConsolidationPolicy = WhenEmptyOrUnderutilized
	}
	// A list that is there and empty is not defaulted: nothing limits then.
	if d.Budgets == nil {
		d.Budgets = []Budget{{Nodes: defaultBudget}}
	}
	budgets := make([]Budget, len(d.Budgets))
	for i, b := range d.Budgets {
		if budgets[i] = b; b.Nodes == "" {
			budgets[i].Nodes = defaultBudget
		}
	}
	d.Budgets = budgets
	if !out.Spec.Template.Spec.ExpireAfter.Set {
		out.Spec.Template.Spec.ExpireAfter = After(defaultExpireAfter)
	}
	return &out
}
