package aws

import (
	"cmp"
	"math"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/cloudprovider"
)

// reservationKind is what a launch can have only one of.
type reservationKind struct {
	kind          ReservationType
	interruptible bool
}

// rank orders kinds of equal price.
func (k reservationKind) rank() int {
	switch {
	case k.interruptible:
		return 2
	case k.kind == ReservationCapacityBlock:
		return 1
	}
	return 0
}

func (l *launch) kind(o *cloudprovider.Offering) reservationKind {
	for i := range l.req.Reservations {
		if r := &l.req.Reservations[i]; r.ID == o.ReservationID {
			return reservationKind{cmp.Or(r.Type, ReservationDefault), r.Interruptible}
		}
	}
	return reservationKind{kind: ReservationDefault}
}

func (l *launch) usableReserved(t *cloudprovider.InstanceType) []*cloudprovider.Offering {
	return slices.DeleteFunc(l.usable(t), func(o *cloudprovider.Offering) bool { return o.CapacityType != cloudprovider.Reserved })
}

// reservationKind keeps the kind of reservation with the cheapest offering, where the claim allows reservations and there are
// any, and of its types only the offerings of that kind.
func (l *launch) reservationKind() []*cloudprovider.InstanceType {
	cheapest := map[reservationKind]float64{}
	var best *reservationKind
	for _, t := range l.types {
		for _, o := range l.usableReserved(t) {
			k := l.kind(o)
			if price, ok := cheapest[k]; !ok || o.Price < price {
				cheapest[k] = o.Price
			}
		}
	}
	for k, price := range cheapest {
		if best == nil || price < cheapest[*best] || price == cheapest[*best] && k.rank() < best.rank() {
			best = &k
		}
	}
	if best == nil {
		return l.types
	}
	of := func(o *cloudprovider.Offering) bool {
		return o.CapacityType == cloudprovider.Reserved && l.kind(o) == *best
	}
	kept := l.keep(func(t *cloudprovider.InstanceType) bool { return slices.ContainsFunc(l.usableReserved(t), of) })
	for _, t := range kept {
		t.Offerings = slices.DeleteFunc(slices.Clone(t.Offerings), func(o cloudprovider.Offering) bool { return !of(&o) })
	}
	return kept
}

// capacityBlock keeps the cheapest capacity block where the launch is for one.
func (l *launch) capacityBlock() []*cloudprovider.InstanceType {
	if !l.mayBe(cloudprovider.Reserved) {
		return l.types
	}
	var best *cloudprovider.InstanceType
	var chosen *cloudprovider.Offering
	for _, t := range l.types {
		for _, o := range l.usableReserved(t) {
			if l.kind(o).kind == ReservationCapacityBlock && (chosen == nil || o.Price < chosen.Price) {
				best, chosen = t, o
			}
		}
	}
	if best == nil {
		return l.types
	}
	best.Offerings = []cloudprovider.Offering{*chosen}
	return []*cloudprovider.InstanceType{best}
}

// reserved keeps one reservation a zone for each type, the one with the most instances left.
func (l *launch) reserved() []*cloudprovider.InstanceType {
	if !l.mayBe(cloudprovider.Reserved) {
		return l.types
	}
	kept := l.keep(func(t *cloudprovider.InstanceType) bool { return len(l.usableReserved(t)) > 0 })
	if len(kept) == 0 {
		return l.types
	}
	for _, t := range kept {
		var zones []cloudprovider.Offering
		for _, o := range l.usableReserved(t) {
			i := slices.IndexFunc(zones, func(z cloudprovider.Offering) bool { return z.Zone == o.Zone })
			switch {
			case i < 0:
				zones = append(zones, *o)
			case o.ReservationCapacity > zones[i].ReservationCapacity:
				zones[i] = *o
			}
		}
		t.Offerings = zones
	}
	return kept
}

var exoticResources = []corev1.ResourceName{ResourceNeuron, ResourceNeuronCore, ResourceAMDGPU, ResourceNVIDIAGPU, ResourceGaudi}

// generic leaves out machines with GPUs or accelerators and bare metal, unless there is nothing else.
func (l *launch) generic() []*cloudprovider.InstanceType {
	if l.req.Requirements.HasMinValues() {
		return l.types
	}
	kept := l.keep(func(t *cloudprovider.InstanceType) bool {
		if slices.ContainsFunc(t.Labels[LabelPrefix+"size"], func(s string) bool { return strings.Contains(s, "metal") }) {
			return false
		}
		return !slices.ContainsFunc(exoticResources, func(name corev1.ResourceName) bool {
			q := t.Capacity[name]
			return !q.IsZero()
		})
	})
	if len(kept) == 0 {
		return l.types
	}
	return kept
}

// spot leaves out spot offerings that cost more than the cheapest on-demand one, where the launch could be either.
func (l *launch) spot() []*cloudprovider.InstanceType {
	if l.req.Requirements.HasMinValues() || !l.mayBe(cloudprovider.OnDemand) || !l.mayBe(cloudprovider.Spot) {
		return l.types
	}
	cheapest, spots := math.Inf(1), false
	for _, t := range l.types {
		for _, o := range l.usable(t) {
			switch o.CapacityType {
			case cloudprovider.OnDemand:
				cheapest = min(cheapest, o.Price)
			case cloudprovider.Spot:
				spots = true
			}
		}
	}
	if !spots || math.IsInf(cheapest, 1) {
		return l.types
	}
	for _, t := range l.types {
		t.Offerings = slices.DeleteFunc(slices.Clone(t.Offerings), func(o cloudprovider.Offering) bool {
			return o.CapacityType == cloudprovider.Spot && o.Price > cheapest
		})
	}
	return l.keep(func(t *cloudprovider.InstanceType) bool { return len(t.Offerings) > 0 })
}
