package karpenter

import "slices"

// reservable are the reservations that a claim could hold with the slots and requirements given; false where it must not
// go on without (rules 45 and 46).
func (c *Cluster) reservable(m *claim, slots bitset, shape shapeID) ([]string, bool) {
	cat := m.pool.cat
	market := cat.market(shape)
	var ids []string
	some := false
	for i := range cat.kinds {
		k := &cat.kinds[i]
		if k.reserved == "" || !market.kinds[i] || !cat.anyOf(k, slots) {
			continue
		}
		some = true
		if slices.Contains(ids, k.reserved) {
			continue
		}
		if slices.Contains(m.reserved, k.reserved) || c.reservations[k.reserved] > 0 {
			ids = append(ids, k.reserved)
		}
	}
	if c.fallback {
		return ids, true
	}
	return ids, len(ids) > 0 || !some && len(m.reserved) == 0
}

// anyOf tells whether a type of some slots can be had in a kind of offering. The offering need not be one of the slot's
// own: Karpenter looks at all offerings of a type that is left.
func (c *catalog) anyOf(k *offerKind, slots bitset) bool {
	if c.one {
		for i, w := range k.slots {
			if w&slots[i] != 0 {
				return true
			}
		}
		return false
	}
	for s := range k.slots.all {
		if c.hasType(slots, c.typ[s]) {
			return true
		}
	}
	return false
}

// hold makes a claim hold these reservations and no others.
func (c *Cluster) hold(m *claim, ids []string) {
	for _, id := range ids {
		if !slices.Contains(m.reserved, id) {
			c.reservations[id]--
		}
	}
	for _, id := range m.reserved {
		if !slices.Contains(ids, id) {
			c.reservations[id]++
		}
	}
	m.reserved = ids
}
