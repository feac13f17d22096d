package cloudprovider

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// ErrInvalid is what every error about input of this package wraps; the text names the field and the value.
var ErrInvalid = errors.New("invalid input")

// The capacity types of offerings.
const (
	Reserved = "reserved"  // paid for already: a capacity reservation
	Spot     = "spot"      // cheap, and may be taken back
	OnDemand = "on-demand" // at the list price
)

// InstanceType is a kind of machine that can be launched.
type InstanceType struct {
	Name string `json:"name"` // such as m5.large
	// Labels are the values that a node of the type may have, by label. Zone and capacity type are those of the offerings,
	// instance type is the name; architecture and operating system are amd64 and linux where nothing is said.
	Labels map[string][]string `json:"labels,omitempty"`
	// Capacity is all that the machine has, pods included, as the node will report it.
	Capacity corev1.ResourceList `json:"capacity"`
	// Overhead is what pods do not get of it: reserved for kubelet and system, and the eviction threshold.
	Overhead corev1.ResourceList `json:"overhead,omitempty"`
	// Offerings are where and how it can be had. A type without offerings cannot be launched.
	Offerings []Offering `json:"offerings"`
}

// Offering is one way to have a machine: in one zone, under one capacity type.
type Offering struct {
	Zone         string  `json:"zone"`         // such as ap-northeast-2a
	CapacityType string  `json:"capacityType"` // Reserved, Spot or OnDemand
	Price        float64 `json:"price"`        // dollars per hour, or any currency used throughout
	// Unavailable tells that it cannot be had now: capacity ran out there, say. Its price still counts for nodes that run.
	Unavailable bool `json:"unavailable,omitempty"`
	// ReservationID names the capacity reservation of a Reserved offering, and ReservationCapacity is how many instances
	// it has left.
	ReservationID       string `json:"reservationID,omitempty"`
	ReservationCapacity int    `json:"reservationCapacity,omitempty"` // see ReservationID
	// Capacity and Overhead replace single resources of the type's own for this offering, where it differs.
	Capacity corev1.ResourceList `json:"capacity,omitempty"`
	Overhead corev1.ResourceList `json:"overhead,omitempty"` // see Capacity
}

// Allocatable is what pods can have of a machine: capacity less overhead, and memory less all huge pages, which the kernel
// sets aside; never below zero for memory.
func (t *InstanceType) Allocatable() corev1.ResourceList {
	return Allocatable(t.Capacity, t.Overhead)
}

// Allocatable is capacity less overhead, and memory less all huge pages, but not below zero on their account.
func Allocatable(capacity, overhead corev1.ResourceList) corev1.ResourceList {
	out := make(corev1.ResourceList, len(capacity))
	var huge resource.Quantity
	for name, have := range capacity {
		left := have.DeepCopy()
		if taken, ok := overhead[name]; ok {
			left.Sub(taken)
		}
		out[name] = left
		if strings.HasPrefix(string(name), corev1.ResourceHugePagesPrefix) {
			huge.Add(have)
		}
	}
	if memory, ok := out[corev1.ResourceMemory]; ok && !huge.IsZero() {
		memory.Sub(huge)
		if memory.Sign() < 0 {
			memory.Set(0)
		}
		out[corev1.ResourceMemory] = memory
	}
	return out
}

// Price is what the offering in a zone under a capacity type costs, available or not, and whether there is one.
func (t *InstanceType) Price(zone, capacityType string) (float64, bool) {
	for i := range t.Offerings {
		if o := &t.Offerings[i]; o.Zone == zone && o.CapacityType == capacityType {
			return o.Price, true
		}
	}
	return 0, false
}

// Validate tells what makes no sense: an empty name, a negative capacity or price, a price that is no number, an offering
// without zone or capacity type.
func (t *InstanceType) Validate() error {
	if t.Name == "" {
		return fmt.Errorf("%w: name: is empty", ErrInvalid)
	}
	for _, side := range []struct {
		field string
		list  corev1.ResourceList
	}{{"capacity", t.Capacity}, {"overhead", t.Overhead}} {
		negative := false
		for _, q := range side.list {
			negative = negative || q.Sign() < 0
		}
		if !negative {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(side.list)) {
			if q := side.list[name]; q.Sign() < 0 {
				return fmt.Errorf("%w: instance type %s: %s.%s: %s is negative", ErrInvalid, t.Name, side.field, name, q.String())
			}
		}
	}
	for i := range t.Offerings {
		o := &t.Offerings[i]
		switch {
		case o.Zone == "":
			return fmt.Errorf("%w: instance type %s: offerings[%d].zone: is empty", ErrInvalid, t.Name, i)
		case o.CapacityType != Reserved && o.CapacityType != Spot && o.CapacityType != OnDemand:
			return fmt.Errorf("%w: instance type %s: offerings[%d].capacityType: %q is none of reserved, spot and on-demand", ErrInvalid, t.Name, i, o.CapacityType)
		case math.IsNaN(o.Price) || math.IsInf(o.Price, 0) || o.Price < 0:
			return fmt.Errorf("%w: instance type %s: offerings[%d].price: %v is no price", ErrInvalid, t.Name, i, o.Price)
		case o.ReservationCapacity < 0:
			return fmt.Errorf("%w: instance type %s: offerings[%d].reservationCapacity: %d is negative", ErrInvalid, t.Name, i, o.ReservationCapacity)
		}
	}
	return nil
}
