package aws

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/karpenter"
)

// MaxLaunchTypes is how many instance types one launch asks EC2 for (R99).
const MaxLaunchTypes = 60

// LaunchRequest is a claim about to be launched.
type LaunchRequest struct {
	Requirements kube.Requirements             // of the claim
	Requests     corev1.ResourceList           // of its pods and daemons
	Types        []*cloudprovider.InstanceType // that the claim allows
	Reservations []CapacityReservation         // what the reservations of offerings are; default: of the default type
	Subnets      map[string]Subnet             // by zone: where instances go, as [ChooseSubnets] gives them; a zone without is left out
	MaxTypes     int                           // how many types are asked for; default MaxLaunchTypes
	// MinValuesBestEffort lets a list that was cut fall short of minValues.
	MinValuesBestEffort bool
}

// LaunchPlan is what EC2 is asked for.
type LaunchPlan struct {
	CapacityType string                        `json:"capacityType"`       // reserved, spot or on-demand (R100)
	Types        []*cloudprovider.InstanceType `json:"-"`                  // cheapest first, with the offerings that are left
	Overrides    []Override                    `json:"overrides"`          // one for each type and zone
	Rejected     []Rejection                   `json:"rejected,omitempty"` // by filter, in their order
	// Insufficient is the filter that left nothing, or MinValues; the claim is then given up as if EC2 had no capacity.
	Insufficient Filter `json:"insufficient,omitempty"`
}

// Override is one way to launch that EC2 may choose.
type Override struct {
	InstanceType string  `json:"instanceType"`     // its name
	Zone         string  `json:"zone"`             // of the subnet
	Subnet       string  `json:"subnet,omitempty"` // ID
	Priority     float64 `json:"priority"`         // the price; lower is first where the allocation is prioritized
}

// Filter is a step that takes types out of a launch.
type Filter string

// The filters, in their order (R99).
const (
	FilterAvailable       Filter = "Available"       // no available offering is compatible and large enough
	FilterReservationKind Filter = "ReservationKind" // a launch is for one kind of reservation, the cheapest
	FilterCapacityBlock   Filter = "CapacityBlock"   // a launch is for one capacity block, the cheapest
	FilterReserved        Filter = "Reserved"        // one reservation a zone, the fullest
	FilterExotic          Filter = "Exotic"          // GPUs, accelerators and bare metal are for those who ask for them
	FilterSpot            Filter = "Spot"            // spot dearer than the cheapest on-demand
	FilterMinValues       Filter = "MinValues"       // the list, once cut, has too few distinct values
)

// Rejection is what a filter took out.
type Rejection struct {
	Filter Filter   `json:"filter"` // which
	Types  []string `json:"types"`  // names, in the order given
}

// launch is a launch that is being narrowed.
type launch struct {
	req   *LaunchRequest
	types []*cloudprovider.InstanceType // copies; their offerings may be narrowed
}

// Launch narrows what a claim allows to what EC2 is asked for. Nothing given is modified.
func Launch(req LaunchRequest) LaunchPlan {
	l := launch{req: &req}
	for _, t := range req.Types {
		narrowed := *t
		l.types = append(l.types, &narrowed)
	}
	var plan LaunchPlan
	for _, step := range []struct {
		filter Filter
		keep   func() []*cloudprovider.InstanceType
	}{
		{FilterAvailable, l.available}, {FilterReservationKind, l.reservationKind}, {FilterCapacityBlock, l.capacityBlock},
		{FilterReserved, l.reserved}, {FilterExotic, l.generic}, {FilterSpot, l.spot},
	} {
		kept := step.keep()
		if names := without(l.types, kept); len(names) > 0 {
			plan.Rejected = append(plan.Rejected, Rejection{step.filter, names})
		}
		if l.types = kept; len(kept) == 0 {
			plan.Insufficient = step.filter
			return plan
		}
	}
	if !l.cut() {
		plan.Insufficient = FilterMinValues
		return plan
	}
	plan.Types, plan.CapacityType = l.types, l.capacityType()
	plan.Overrides = l.overrides(plan.CapacityType)
	return plan
}

func without(all, kept []*cloudprovider.InstanceType) []string {
	var names []string
	for _, t := range all {
		if !slices.Contains(kept, t) {
			names = append(names, t.Name)
		}
	}
	return names
}

func (l *launch) mayBe(capacityType string) bool {
	r, ok := l.req.Requirements.Get(karpenter.LabelCapacityType)
	return !ok || r.Has(capacityType)
}

// compatible tells whether the claim allows an offering.
func (l *launch) compatible(o *cloudprovider.Offering) bool {
	if !l.mayBe(o.CapacityType) {
		return false
	}
	if r, ok := l.req.Requirements.Get(corev1.LabelTopologyZone); ok && !r.Has(o.Zone) {
		return false
	}
	r, ok := l.req.Requirements.Get(karpenter.LabelReservationID)
	return !ok || o.ReservationID == "" && r.AllowsAbsent() || o.ReservationID != "" && r.Has(o.ReservationID)
}

// usable are the offerings of a type that can be had and that the claim allows.
func (l *launch) usable(t *cloudprovider.InstanceType) []*cloudprovider.Offering {
	var list []*cloudprovider.Offering
	for i := range t.Offerings {
		if o := &t.Offerings[i]; !o.Unavailable && l.compatible(o) {
			list = append(list, o)
		}
	}
	return list
}

func (l *launch) keep(ok func(*cloudprovider.InstanceType) bool) []*cloudprovider.InstanceType {
	var kept []*cloudprovider.InstanceType
	for _, t := range l.types {
		if ok(t) {
			kept = append(kept, t)
		}
	}
	return kept
}

func (l *launch) available() []*cloudprovider.InstanceType {
	return l.keep(func(t *cloudprovider.InstanceType) bool {
		return l.req.Requirements.Intersects(typeRequirements(t)).OK() &&
			slices.ContainsFunc(l.usable(t), func(o *cloudprovider.Offering) bool { return l.fits(t, o) })
	})
}

// fits tells whether the requests fit a type as an offering has it (R15: nothing fits where something is below zero).
func (l *launch) fits(t *cloudprovider.InstanceType, o *cloudprovider.Offering) bool {
	capacity, overhead := t.Capacity, t.Overhead
	if len(o.Capacity) > 0 || len(o.Overhead) > 0 {
		capacity, overhead = maps.Clone(capacity), maps.Clone(overhead)
		if capacity == nil {
			capacity = corev1.ResourceList{}
		}
		if overhead == nil {
			overhead = corev1.ResourceList{}
		}
		maps.Copy(capacity, o.Capacity)
		maps.Copy(overhead, o.Overhead)
	}
	room := cloudprovider.Allocatable(capacity, overhead)
	for _, q := range room {
		if q.Sign() < 0 {
			return false
		}
	}
	for name, want := range l.req.Requests {
		if have := room[name]; want.Cmp(have) > 0 {
			return false
		}
	}
	return true
}

// typeRequirements are the labels of a type, without those of its offerings.
func typeRequirements(t *cloudprovider.InstanceType) kube.Requirements {
	labels := map[string][]string{corev1.LabelArchStable: {"amd64"}, corev1.LabelOSStable: {"linux"}}
	maps.Copy(labels, t.Labels)
	labels[corev1.LabelInstanceTypeStable] = []string{t.Name}
	for _, key := range karpenter.AWSLabels() {
		if _, ok := labels[key]; !ok {
			labels[key] = nil // R12: a well-known label that the type does not have
		}
	}
	for _, key := range []string{corev1.LabelTopologyZone, karpenter.LabelCapacityType, karpenter.LabelReservationID, "topology.k8s.aws/zone-id"} {
		delete(labels, key)
	}
	list := make([]kube.Requirement, 0, len(labels))
	for key, values := range labels {
		if r, err := kube.NewRequirement(key, kube.In, values...); err == nil {
			list = append(list, r)
		}
	}
	return kube.NewRequirements(list...)
}

// cut orders by the cheapest usable offering and keeps as many types as one launch may have; false where that breaks
// minValues.
func (l *launch) cut() bool {
	prices := make(map[*cloudprovider.InstanceType]float64, len(l.types))
	for _, t := range l.types {
		prices[t] = math.MaxFloat64
		for _, o := range l.usable(t) {
			prices[t] = min(prices[t], o.Price)
		}
	}
	slices.SortStableFunc(l.types, func(a, b *cloudprovider.InstanceType) int { return cmp.Compare(prices[a], prices[b]) })
	limit := l.req.MaxTypes
	if limit <= 0 {
		limit = MaxLaunchTypes
	}
	l.types = l.types[:min(limit, len(l.types))]
	if l.req.MinValuesBestEffort || !l.req.Requirements.HasMinValues() {
		return true
	}
	_, ok, _ := l.req.Requirements.MinValues(len(l.types), func(i int, key string) []string {
		switch key {
		case corev1.LabelInstanceTypeStable:
			return []string{l.types[i].Name}
		case corev1.LabelTopologyZone, karpenter.LabelCapacityType:
			var values []string
			for _, o := range l.types[i].Offerings {
				values = append(values, map[bool]string{true: o.Zone, false: o.CapacityType}[key == corev1.LabelTopologyZone])
			}
			return values
		}
		return l.types[i].Labels[key]
	})
	return ok
}

// capacityType is reserved or spot where the claim allows it and an offering is left, else on-demand (R100).
func (l *launch) capacityType() string {
	for _, c := range []string{cloudprovider.Reserved, cloudprovider.Spot} {
		for _, t := range l.types {
			if slices.ContainsFunc(l.usable(t), func(o *cloudprovider.Offering) bool { return o.CapacityType == c }) {
				return c
			}
		}
	}
	return cloudprovider.OnDemand
}

func (l *launch) overrides(capacityType string) []Override {
	var all []Override
	for _, t := range l.types {
		seen := map[string]bool{}
		for _, o := range l.usable(t) {
			subnet, ok := l.req.Subnets[o.Zone]
			if o.CapacityType != capacityType || seen[o.Zone] || l.req.Subnets != nil && !ok {
				continue
			}
			seen[o.Zone] = true
			all = append(all, Override{InstanceType: t.Name, Zone: o.Zone, Subnet: subnet.ID, Priority: o.Price})
		}
	}
	return all
}

// String is the plan in one line.
func (p LaunchPlan) String() string {
	if p.Insufficient != "" {
		return fmt.Sprintf("nothing to launch: filter %s leaves no instance type", p.Insufficient)
	}
	return fmt.Sprintf("%s: %d instance types, %d overrides", p.CapacityType, len(p.Types), len(p.Overrides))
}

// Explain writes what each filter took out, and what is left.
func (p LaunchPlan) Explain(w io.Writer) error {
	if _, err := fmt.Fprintln(w, p); err != nil {
		return err
	}
	for _, r := range p.Rejected {
		if _, err := fmt.Fprintf(w, "  filter %s took out %s\n", r.Filter, strings.Join(r.Types, ", ")); err != nil {
			return err
		}
	}
	for _, o := range p.Overrides {
		if _, err := fmt.Fprintf(w, "  %s in %s %s at %v\n", o.InstanceType, o.Zone, o.Subnet, o.Priority); err != nil {
			return err
		}
	}
	return nil
}
