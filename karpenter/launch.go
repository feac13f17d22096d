package karpenter

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
)

// LaunchRequirements are what the NodeClaim object says: the claim's requirements, one of its types, and one of the
// capacity types that these can be had under (rule 42).
func (c *Claim) LaunchRequirements() kube.Requirements {
	var names, capacities []string
	for _, t := range c.Types {
		names = append(names, t.Name)
		for i := range t.Offerings {
			if o := &t.Offerings[i]; !o.Unavailable && !slices.Contains(capacities, o.CapacityType) && c.Admits(o) {
				capacities = append(capacities, o.CapacityType)
			}
		}
	}
	in, _ := kube.NewRequirement(corev1.LabelInstanceTypeStable, kube.In, names...)
	out := c.Requirements.With(in)
	if len(capacities) > 0 {
		in, _ = kube.NewRequirement(LabelCapacityType, kube.In, capacities...)
		out = out.With(in)
	}
	return out
}

// Admits tells whether an offering goes with what a claim requires: its zone, its capacity type and its reservation. It
// does not ask whether it can be had.
func (c *Claim) Admits(o *cloudprovider.Offering) bool {
	has := func(key, value string) bool {
		r, ok := c.Requirements.Get(key)
		return !ok || r.Has(value)
	}
	if !has(corev1.LabelTopologyZone, o.Zone) || !has(LabelCapacityType, o.CapacityType) {
		return false
	}
	if o.CapacityType == cloudprovider.Reserved {
		return has(LabelReservationID, o.ReservationID)
	}
	r, ok := c.Requirements.Get(LabelReservationID)
	return !ok || r.AllowsAbsent()
}
