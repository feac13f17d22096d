package karpenter

import (
	"fmt"
	"io"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/cloudprovider"
)

// Overlaid are instance types as NodeOverlays make them, and what each overlay did.
type Overlaid struct {
	// InstanceTypes are what each NodePool can launch, by its name. Types that no overlay touches are the very ones given.
	InstanceTypes map[string][]*cloudprovider.InstanceType `json:"-"`
	// Overlays are in the order in which they are applied: heavier first, equal ones by name, later first.
	Overlays []OverlayReport `json:"overlays"`
}

// OverlayState is what became of an overlay.
type OverlayState string

// The states of overlays.
const (
	OverlayApplied    OverlayState = "Applied"    // something is different for it, or would be but for heavier ones
	OverlayUnused     OverlayState = "Unused"     // it selects nothing that there is
	OverlayConflict   OverlayState = "Conflict"   // it says otherwise than another of equal weight; nothing of it is applied
	OverlayValidation OverlayState = "Validation" // it makes no sense; nothing of it is applied
)

// OverlayReport is what one overlay did.
type OverlayReport struct {
	Name     string               `json:"name"`               // of the NodeOverlay
	State    OverlayState         `json:"state"`              // what became of it
	Conflict *OverlayConflictWith `json:"conflict,omitempty"` // where State is Conflict
	Invalid  string               `json:"invalid,omitempty"`  // what makes no sense, where State is Validation
	Prices   []PriceChange        `json:"prices,omitempty"`   // in the order of pools, types and offerings
	Capacity []CapacityChange     `json:"capacity,omitempty"` // in the order of pools, types and resources
	Shadowed int                  `json:"shadowed,omitempty"` // how many prices and resources a heavier overlay had set already
}

// OverlayConflictWith is the first thing that two overlays of equal weight both set.
type OverlayConflictWith struct {
	Overlay      string              `json:"overlay"`                // the other one
	NodePool     string              `json:"nodePool"`               // where
	InstanceType string              `json:"instanceType"`           // where
	Zone         string              `json:"zone,omitempty"`         // of the offering, where it is about a price
	CapacityType string              `json:"capacityType,omitempty"` // of the offering, where it is about a price
	Resource     corev1.ResourceName `json:"resource,omitempty"`     // where it is about capacity
}

// PriceChange is a price that an overlay set.
type PriceChange struct {
	NodePool     string  `json:"nodePool"`     // whose types it is about
	InstanceType string  `json:"instanceType"` // its name
	Zone         string  `json:"zone"`         // of the offering
	CapacityType string  `json:"capacityType"` // of the offering
	From         float64 `json:"from"`         // before, per hour
	To           float64 `json:"to"`           // now, per hour
}

// CapacityChange is a resource that an overlay set.
type CapacityChange struct {
	NodePool     string              `json:"nodePool"`     // whose types it is about
	InstanceType string              `json:"instanceType"` // its name
	Resource     corev1.ResourceName `json:"resource"`     // such as smarter-devices/fuse
	To           resource.Quantity   `json:"to"`           // how much there is now
}

// offeringKey is what makes two offerings of a type the same to overlays.
type offeringKey struct{ zone, capacityType, reservation string }

func keyOf(o *cloudprovider.Offering) offeringKey {
	return offeringKey{o.Zone, o.CapacityType, o.ReservationID}
}

// setPrice is who set the price of an offering, and the last overlay that would have.
type setPrice struct {
	by, last *NodeOverlay
}

// overlaidType gathers what overlays set for one type of one pool.
type overlaidType struct {
	prices   map[offeringKey]*setPrice
	capacity corev1.ResourceList
	// last is the last overlay that set capacity. Only its resources are compared with those of an overlay of the same
	// weight: of three equal ones, the first and the third may set the same and are not found to conflict, as upstream.
	last *NodeOverlay
}

// poolType is one type of one pool.
type poolType struct {
	pool *NodePool
	of   *cloudprovider.InstanceType
	set  overlaidType
}

// ApplyOverlays changes prices and capacities of instance types as NodeOverlays say. Types are by NodePool, those under the
// empty name for every other pool, as in [Snapshot]. Overlays apply in order of weight; what a heavier one has set stays.
// Two of equal weight that set the same thing conflict, and the later one in order is left out as a whole. Nothing given is
// modified.
func ApplyOverlays(pools []*NodePool, types map[string][]*cloudprovider.InstanceType, overlays []*NodeOverlay) Overlaid {
	all := poolTypes(pools, types)
	var out Overlaid
	for _, o := range orderOverlays(overlays) {
		out.Overlays = append(out.Overlays, apply(o, all))
	}
	out.InstanceTypes = make(map[string][]*cloudprovider.InstanceType, len(pools))
	for i := range all {
		t := &all[i]
		out.InstanceTypes[t.pool.Name] = append(out.InstanceTypes[t.pool.Name], t.result())
	}
	return out
}

func poolTypes(pools []*NodePool, types map[string][]*cloudprovider.InstanceType) []poolType {
	var all []poolType
	for _, p := range pools {
		list, ok := types[p.Name]
		if !ok {
			list = types[""]
		}
		for _, t := range list {
			all = append(all, poolType{pool: p, of: t, set: overlaidType{prices: map[offeringKey]*setPrice{}}})
		}
	}
	return all
}

func apply(o *NodeOverlay, all []poolType) OverlayReport {
	report := OverlayReport{Name: o.Name, State: OverlayUnused}
	if err := o.Validate(); err != nil {
		report.State, report.Invalid = OverlayValidation, err.Error()
		return report
	}
	demand := o.demand()
	matched := make([][]int, len(all)) // offerings by type
	for i := range all {
		t := &all[i]
		if !offered(t.pool, t.of).Compatible(demand, nil).OK() {
			continue
		}
		for j := range t.of.Offerings {
			if selects(demand, &t.of.Offerings[j]) {
				matched[i] = append(matched[i], j)
			}
		}
		// All types are looked at before anything is set, so that a conflict leaves no half of an overlay behind.
		if len(matched[i]) > 0 {
			if report.Conflict = t.conflict(o, matched[i]); report.Conflict != nil {
				report.State = OverlayConflict
				return report
			}
		}
	}
	for i, offerings := range matched {
		if len(offerings) > 0 {
			report.State = OverlayApplied
			all[i].price(o, offerings, &report)
			all[i].extend(o, &report)
		}
	}
	return report
}

func (t *poolType) conflict(o *NodeOverlay, offerings []int) *OverlayConflictWith {
	for _, j := range offerings {
		of := &t.of.Offerings[j]
		if set := t.set.prices[keyOf(of)]; o.prices() && set != nil && set.last.weight() == o.weight() {
			return &OverlayConflictWith{Overlay: set.last.Name, NodePool: t.pool.Name, InstanceType: t.of.Name, Zone: of.Zone, CapacityType: of.CapacityType}
		}
	}
	if last := t.set.last; last != nil && last.weight() == o.weight() {
		for _, name := range slices.Sorted(maps.Keys(o.Spec.Capacity)) {
			if _, both := last.Spec.Capacity[name]; both {
				return &OverlayConflictWith{Overlay: last.Name, NodePool: t.pool.Name, InstanceType: t.of.Name, Resource: name}
			}
		}
	}
	return nil
}

func (t *poolType) price(o *NodeOverlay, offerings []int, report *OverlayReport) {
	if !o.prices() {
		return
	}
	for _, j := range offerings {
		of := &t.of.Offerings[j]
		if set := t.set.prices[keyOf(of)]; set != nil {
			set.last = o
			report.Shadowed++
			continue
		}
		t.set.prices[keyOf(of)] = &setPrice{by: o, last: o}
		report.Prices = append(report.Prices, PriceChange{NodePool: t.pool.Name, InstanceType: t.of.Name,
			Zone: of.Zone, CapacityType: of.CapacityType, From: of.Price, To: o.adjusted(of.Price)})
	}
}

func (t *poolType) extend(o *NodeOverlay, report *OverlayReport) {
	if o.Spec.Capacity == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(o.Spec.Capacity)) {
		if _, ok := t.set.capacity[name]; ok {
			report.Shadowed++
			continue
		}
		if t.set.capacity == nil {
			t.set.capacity = corev1.ResourceList{}
		}
		t.set.capacity[name] = o.Spec.Capacity[name].DeepCopy()
		report.Capacity = append(report.Capacity, CapacityChange{t.pool.Name, t.of.Name, name, o.Spec.Capacity[name]})
	}
	t.set.last = o
}

// result is the type with what was set; the type itself where nothing was.
func (t *poolType) result() *cloudprovider.InstanceType {
	if len(t.set.prices) == 0 && len(t.set.capacity) == 0 {
		return t.of
	}
	out := *t.of
	if len(t.set.capacity) > 0 {
		out.Capacity = maps.Clone(out.Capacity)
		if out.Capacity == nil {
			out.Capacity = corev1.ResourceList{}
		}
		maps.Copy(out.Capacity, t.set.capacity)
	}
	out.Offerings = slices.Clone(out.Offerings)
	for i := range out.Offerings {
		if set := t.set.prices[keyOf(&out.Offerings[i])]; set != nil {
			out.Offerings[i].Price = set.by.adjusted(out.Offerings[i].Price)
		}
	}
	return &out
}

// String is what became of the overlay in one line.
func (r OverlayReport) String() string {
	switch r.State {
	case OverlayConflict:
		c := r.Conflict
		about := "the price of " + c.InstanceType + " " + c.CapacityType + " in " + c.Zone
		if c.Resource != "" {
			about = "the " + string(c.Resource) + " of " + c.InstanceType
		}
		return fmt.Sprintf("%s: not applied: conflicts with %s of the same weight over %s for NodePool %s", r.Name, c.Overlay, about, c.NodePool)
	case OverlayValidation:
		return r.Name + ": not applied: " + r.Invalid
	case OverlayUnused:
		return r.Name + ": selects no instance type"
	}
	return fmt.Sprintf("%s: sets %d prices and %d resources, %d are set by heavier overlays", r.Name, len(r.Prices), len(r.Capacity), r.Shadowed)
}

// Explain writes every overlay with all that it changed.
func (o Overlaid) Explain(w io.Writer) error {
	for _, r := range o.Overlays {
		if _, err := fmt.Fprintln(w, r); err != nil {
			return err
		}
		for _, p := range r.Prices {
			if _, err := fmt.Fprintf(w, "  %s: %s %s in %s: %v -> %v\n", p.NodePool, p.InstanceType, p.CapacityType, p.Zone, p.From, p.To); err != nil {
				return err
			}
		}
		for _, c := range r.Capacity {
			if _, err := fmt.Fprintf(w, "  %s: %s: %s %s\n", c.NodePool, c.InstanceType, c.Resource, c.To.String()); err != nil {
				return err
			}
		}
	}
	return nil
}
