package karpenter

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
)

// NodeOverlay is the object of karpenter.sh/v1alpha1 that corrects what is known of instance types: another price, or
// extended resources that the provider does not know of.
type NodeOverlay struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              NodeOverlaySpec `json:"spec"`            // what is wanted
	Status            NodePoolStatus  `json:"status,omitzero"` // what is known
}

// NodeOverlaySpec is what a NodeOverlay wants.
type NodeOverlaySpec struct {
	// Requirements select instance types and offerings, by their labels and by those of the NodePool; all must hold.
	Requirements []corev1.NodeSelectorRequirement `json:"requirements,omitempty"`
	// PriceAdjustment changes the price of offerings, by an amount such as "-0.05" or a share such as "+10%"; the result is
	// never below zero.
	PriceAdjustment *string `json:"priceAdjustment,omitempty"`
	// Price replaces the price of offerings, per hour; not beside PriceAdjustment.
	Price *string `json:"price,omitempty"`
	// Capacity adds extended resources to instance types; cpu, memory, ephemeral-storage and pods cannot be changed.
	Capacity corev1.ResourceList `json:"capacity,omitempty"`
	// Weight is 1 to 10000, default 0; the heavier overlay wins, and between equals the name later in the alphabet, where
	// they do not conflict.
	Weight *int32 `json:"weight,omitempty"`
}

const maxOverlayWeight = 10000

var (
	overlayPrice      = regexp.MustCompile(`^\d+(\.\d+)?$`)
	overlayAdjustment = regexp.MustCompile(`^(([+-](\d*\.?\d+))|(\+\d*\.?\d+%)|(-\d{1,2}(\.\d+)?%)|(-100%))$`)
)

// Validate tells everything in a NodeOverlay that the API server or Karpenter would refuse.
func (o *NodeOverlay) Validate() error {
	bad := &problems{object: "NodeOverlay " + strconv.Quote(o.Name)}
	if o.Name == "" {
		bad.add("metadata.name", "is empty")
	}
	if len(o.Spec.Requirements) > maxRequirements {
		bad.add("spec.requirements", "%d requirements; at most %d are allowed", len(o.Spec.Requirements), maxRequirements)
	}
	for i := range o.Spec.Requirements {
		at, r := fmt.Sprintf("spec.requirements[%d]", i), &o.Spec.Requirements[i]
		// Unlike NodePools, overlays may ask for the NodePool.
		if key := kube.NormalizeKey(r.Key); key != LabelNodePool {
			bad.key(at+".key", key)
		}
		bad.operator(at, r.Key, r.Operator, r.Values)
		if r.Operator == kube.NotIn && len(r.Values) == 0 {
			bad.add(at+".values", "NotIn needs a value")
		}
	}
	if p := o.Spec.Price; p != nil && !overlayPrice.MatchString(*p) {
		bad.add("spec.price", "%q is no price such as 0.25", *p)
	}
	if a := o.Spec.PriceAdjustment; a != nil {
		if !overlayAdjustment.MatchString(*a) {
			bad.add("spec.priceAdjustment", "%q is neither an amount such as -0.05 nor a share such as +10%%, of at least -100%%", *a)
		}
		if o.Spec.Price != nil {
			bad.add("spec.priceAdjustment", "stands beside spec.price")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o.Spec.Capacity)) {
		switch q := o.Spec.Capacity[name]; {
		case name == corev1.ResourceCPU, name == corev1.ResourceMemory, name == corev1.ResourceEphemeralStorage, name == corev1.ResourcePods:
			bad.add("spec.capacity."+string(name), "only extended resources can be added")
		case q.Sign() < 0:
			bad.add("spec.capacity."+string(name), "%s is negative", q.String())
		}
	}
	if w := o.Spec.Weight; w != nil && (*w < 1 || *w > maxOverlayWeight) {
		bad.add("spec.weight", "%d is not within 1 to %d", *w, maxOverlayWeight)
	}
	return bad.join()
}

func (o *NodeOverlay) weight() int32 {
	if o.Spec.Weight == nil {
		return 0
	}
	return *o.Spec.Weight
}

// adjusted is the price under an overlay that passed Validate.
func (o *NodeOverlay) adjusted(price float64) float64 {
	if o.Spec.Price != nil {
		v, _ := strconv.ParseFloat(*o.Spec.Price, 64)
		return v
	}
	share, percent := strings.CutSuffix(*o.Spec.PriceAdjustment, "%")
	v, _ := strconv.ParseFloat(share, 64)
	if percent {
		return max(0, price*(1+v/100))
	}
	return max(0, price+v)
}

func (o *NodeOverlay) prices() bool { return o.Spec.Price != nil || o.Spec.PriceAdjustment != nil }

func orderOverlays(overlays []*NodeOverlay) []*NodeOverlay {
	sorted := slices.Clone(overlays)
	slices.SortStableFunc(sorted, func(a, b *NodeOverlay) int {
		return cmp.Or(cmp.Compare(b.weight(), a.weight()), cmp.Compare(b.Name, a.Name))
	})
	return sorted
}

// demand is what an overlay selects by. Offerings know two labels of their own and the reservation; the other keys are the
// type's and the pool's.
func (o *NodeOverlay) demand() kube.Requirements {
	var list []kube.Requirement
	for _, r := range o.Spec.Requirements {
		if made, err := kube.NewRequirement(kube.NormalizeKey(r.Key), r.Operator, r.Values...); err == nil {
			list = append(list, made)
		}
	}
	return kube.NewRequirements(list...)
}

// offered is what an instance type of a pool is as overlays see it: the pool's name and labels, and the type's.
func offered(pool *NodePool, t *cloudprovider.InstanceType) kube.Requirements {
	list := []kube.Requirement{
		kube.LabelRequirement(LabelNodePool, pool.Name),
		kube.LabelRequirement(corev1.LabelInstanceTypeStable, t.Name),
	}
	for _, key := range slices.Sorted(maps.Keys(pool.Spec.Template.Metadata.Labels)) {
		list = append(list, kube.LabelRequirement(kube.NormalizeKey(key), pool.Spec.Template.Metadata.Labels[key]))
	}
	labels := map[string][]string{corev1.LabelArchStable: {"amd64"}, corev1.LabelOSStable: {"linux"}}
	maps.Copy(labels, t.Labels)
	var zones, capacityTypes, reservations []string
	for i := range t.Offerings {
		o := &t.Offerings[i]
		zones, capacityTypes = append(zones, o.Zone), append(capacityTypes, o.CapacityType)
		if o.ReservationID != "" {
			reservations = append(reservations, o.ReservationID)
		}
	}
	labels[corev1.LabelTopologyZone], labels[LabelCapacityType], labels[LabelReservationID] = zones, capacityTypes, reservations
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		if r, err := kube.NewRequirement(key, kube.In, labels[key]...); err == nil {
			list = append(list, r)
		}
	}
	return kube.NewRequirements(list...)
}

// selects tells whether an overlay that selects the type also selects one of its offerings.
func selects(demand kube.Requirements, o *cloudprovider.Offering) bool {
	for _, own := range []struct{ key, value string }{
		{corev1.LabelTopologyZone, o.Zone}, {LabelCapacityType, o.CapacityType}, {LabelReservationID, o.ReservationID},
	} {
		r, asked := demand.Get(own.key)
		switch {
		case !asked:
		case own.value == "" && r.AllowsAbsent():
		case own.value == "" || !r.Has(own.value):
			return false
		}
	}
	return true
}
