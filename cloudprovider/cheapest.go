package cloudprovider

import (
	"cmp"
	"slices"
)

// Cheapest lists the available offerings that keep accepts, cheapest first, equal prices in the order of the types and
// their offerings. A nil keep accepts all.
func Cheapest(types []*InstanceType, keep func(t *InstanceType, o *Offering) bool) []OfferingRef {
	type priced struct {
		ref   OfferingRef
		price float64
	}
	var all []priced
	for _, t := range types {
		for i := range t.Offerings {
			o := &t.Offerings[i]
			if !o.Unavailable && (keep == nil || keep(t, o)) {
				all = append(all, priced{OfferingRef{t.Name, o.Zone, o.CapacityType}, o.Price})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b priced) int { return cmp.Compare(a.price, b.price) })
	refs := make([]OfferingRef, len(all))
	for i := range all {
		refs[i] = all[i].ref
	}
	return refs
}
