package karpenter

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/scalemath/scalemath/cloudprovider"
)

// UnavailableTTL is how long an offering that could not be had is not asked for again (rule 102).
const UnavailableTTL = 3 * time.Minute

// Unavailable is what could not be had lately: a value to keep between calls. The zero value is nothing. Its methods
// return a new value and leave the old one as it is.
type Unavailable struct {
	Offerings []UnavailableOffering `json:"offerings,omitempty"` // sorted, each once
}

// UnavailableOffering is an offering, or all of a kind, that cannot be had for a while. An empty field stands for any: a
// capacity type alone is out as a whole, a zone alone as well.
type UnavailableOffering struct {
	InstanceType string    `json:"instanceType,omitempty"` // empty: all
	Zone         string    `json:"zone,omitempty"`         // empty: all
	CapacityType string    `json:"capacityType,omitempty"` // empty: all
	Until        time.Time `json:"until"`                  // asked for again from then on
}

// String says it in one line.
func (u UnavailableOffering) String() string {
	name := func(s string) string {
		if s == "" {
			return "*"
		}
		return s
	}
	return fmt.Sprintf("%s/%s/%s until %s", name(u.CapacityType), name(u.InstanceType), name(u.Zone), u.Until.UTC().Format(time.RFC3339))
}

func (u *UnavailableOffering) same(o UnavailableOffering) int {
	return cmp.Or(cmp.Compare(u.InstanceType, o.InstanceType), cmp.Compare(u.Zone, o.Zone), cmp.Compare(u.CapacityType, o.CapacityType))
}

// Fail notes that something could not be had: an offering, as a launch or a spot interruption shows, or with fields left
// empty all of a zone or capacity type. It is out for a time to live from now, UnavailableTTL where that is 0; what was
// noted before starts anew.
func (u Unavailable) Fail(instanceType, zone, capacityType string, now time.Time, ttl time.Duration) Unavailable {
	if ttl <= 0 {
		ttl = UnavailableTTL
	}
	entry := UnavailableOffering{InstanceType: instanceType, Zone: zone, CapacityType: capacityType, Until: now.Add(ttl)}
	list := slices.Clone(u.Offerings)
	slices.SortStableFunc(list, func(a, b UnavailableOffering) int { return a.same(b) })
	i, found := slices.BinarySearchFunc(list, entry, func(a, b UnavailableOffering) int { return a.same(b) })
	if found {
		list[i] = entry
	} else {
		list = slices.Insert(list, i, entry)
	}
	return Unavailable{Offerings: list}
}

// Expire drops what may be asked for again.
func (u Unavailable) Expire(now time.Time) Unavailable {
	var list []UnavailableOffering
	for _, e := range u.Offerings {
		if now.Before(e.Until) {
			list = append(list, e)
		}
	}
	return Unavailable{Offerings: list}
}

// Next is when the first entry expires; the zero time: there is none.
func (u Unavailable) Next(now time.Time) time.Time {
	var next time.Time
	for _, e := range u.Offerings {
		if now.Before(e.Until) && (next.IsZero() || e.Until.Before(next)) {
			next = e.Until
		}
	}
	return next
}

// Has tells whether an offering is out at an instant.
func (u Unavailable) Has(instanceType, zone, capacityType string, now time.Time) bool {
	for i := range u.Offerings {
		e := &u.Offerings[i]
		if now.Before(e.Until) && (e.InstanceType == "" || e.InstanceType == instanceType) &&
			(e.Zone == "" || e.Zone == zone) && (e.CapacityType == "" || e.CapacityType == capacityType) {
			return true
		}
	}
	return false
}

// Mark returns the types with what is out marked as unavailable. Types that lose nothing are returned as they are, the
// others as copies.
func (u Unavailable) Mark(list []*cloudprovider.InstanceType, now time.Time) []*cloudprovider.InstanceType {
	out := slices.Clone(list)
	for i, it := range out {
		if it == nil {
			continue
		}
		var copied *cloudprovider.InstanceType
		for j := range it.Offerings {
			o := &it.Offerings[j]
			if o.Unavailable || !u.Has(it.Name, o.Zone, o.CapacityType, now) {
				continue
			}
			if copied == nil {
				c := *it
				c.Offerings = slices.Clone(it.Offerings)
				copied, out[i] = &c, &c
			}
			copied.Offerings[j].Unavailable = true
		}
	}
	return out
}
