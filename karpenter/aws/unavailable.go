package aws

import (
	"maps"
	"strings"
	"time"
)

// UnavailableTTL is for how long something that could not be had is not tried again (R102).
const UnavailableTTL = 3 * time.Minute

// Unavailable is what could not be had lately, and until when. It is a value: its methods return a new one and leave the
// receiver as it is. The zero value means that nothing failed.
type Unavailable struct {
	Offerings     map[string]time.Time `json:"offerings,omitempty"`     // by capacity type, type, zone and perhaps placement group, joined by ":"
	CapacityTypes map[string]time.Time `json:"capacityTypes,omitempty"` // such as spot, where its service role is missing
	Subnets       map[string]time.Time `json:"subnets,omitempty"`       // by ID, where no address is left
}

func offeringKey(instanceType, zone, capacityType, group string) string {
	parts := []string{capacityType, instanceType, zone}
	if group != "" {
		parts = append(parts, group)
	}
	return strings.Join(parts, ":")
}

// Contains tells whether an offering counts as unavailable: it failed itself, its capacity type did, or all the subnets of its
// zone did. What failed within a placement group counts for that group alone.
func (u Unavailable) Contains(now time.Time, instanceType, zone, capacityType string, subnets []string, placementGroup string) bool {
	if holds(u.Offerings, offeringKey(instanceType, zone, capacityType, placementGroup), now) || holds(u.CapacityTypes, capacityType, now) {
		return true
	}
	for _, s := range subnets {
		if !holds(u.Subnets, s, now) {
			return false
		}
	}
	return len(subnets) > 0
}

func holds(list map[string]time.Time, key string, now time.Time) bool {
	until, ok := list[key]
	return ok && now.Before(until)
}

// WithOffering notes that an offering could not be had; an empty placement group is none.
func (u Unavailable) WithOffering(now time.Time, instanceType, zone, capacityType, placementGroup string) Unavailable {
	u.Offerings = noted(u.Offerings, offeringKey(instanceType, zone, capacityType, placementGroup), now)
	return u
}

// WithCapacityType notes that nothing can be had under a capacity type.
func (u Unavailable) WithCapacityType(now time.Time, capacityType string) Unavailable {
	u.CapacityTypes = noted(u.CapacityTypes, capacityType, now)
	return u
}

// WithSubnet notes that a subnet has no addresses left.
func (u Unavailable) WithSubnet(now time.Time, subnet string) Unavailable {
	u.Subnets = noted(u.Subnets, subnet, now)
	return u
}

// noted is a copy with one entry more, without those that have run out.
func noted(list map[string]time.Time, key string, now time.Time) map[string]time.Time {
	out := make(map[string]time.Time, len(list)+1)
	for k, until := range list {
		if now.Before(until) {
			out[k] = until
		}
	}
	out[key] = now.Add(UnavailableTTL)
	return out
}

// Pruned is without what has run out.
func (u Unavailable) Pruned(now time.Time) Unavailable {
	for _, list := range []*map[string]time.Time{&u.Offerings, &u.CapacityTypes, &u.Subnets} {
		*list = maps.Clone(*list)
		maps.DeleteFunc(*list, func(_ string, until time.Time) bool { return !now.Before(until) })
	}
	return u
}
