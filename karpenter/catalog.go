package karpenter

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
)

// catalog is a list of instance types made ready: what a NodePool can launch.
//
// Offerings of a type may have capacities of their own. A slot is a type with the offerings that share a capacity; a type
// without such overrides is one slot. Types are judged slot by slot, and a type remains as long as one of its slots does
// (rule 36). Since demands only grow, a slot that is out stays out.
type catalog struct {
	x     *interner
	res   *resources
	types []*cloudprovider.InstanceType
	needs [][]entry // what each type is, by type
	first []int32   // slots of type t are first[t] to first[t+1]-1
	typ   []int32   // the type of each slot
	alloc [][]int64 // by slot
	unfit bitset    // slots with less than nothing of some resource: nothing fits (rule 15)
	cap   [][]int64 // capacity by type, for limits
	one   bool      // each type is one slot

	absent                      []entry // well-known labels that do not exist
	zones, capacities, reserved collector

	kinds     []offerKind
	offers    [][]offer // by type, in the order of the list
	fits      map[reqID]bitset
	shapeFits map[shapeID]bitset
	offerFits map[[3]reqID]*market
}

// offerKind is a zone, a capacity type and a reservation, with the slots that can be had so.
type offerKind struct {
	zone, capacity, reservation reqID
	reserved                    string // reservation id; empty where it is not reserved capacity
	slots                       bitset
}

// offer is an offering that is available.
type offer struct {
	kind  int32
	index int32 // in the type's list
	price float64
}

// market is what the offerings that a set of requirements admits look like.
type market struct {
	kinds []bool    // which kinds are admitted
	slots bitset    // that can be had
	price []float64 // cheapest by type; the largest number where there is none
	best  []int32   // the offering of that price: index in the type's list; -1 where there is none
	rank  []int32   // types in the order of price; nil until asked for
}

func newCatalog(x *interner, res *resources, types []*cloudprovider.InstanceType, wellKnown []string, replace bool) *catalog {
	c := &catalog{
		x: x, res: res, types: types, absent: lacking(x, wellKnown),
		fits: map[reqID]bitset{}, shapeFits: map[shapeID]bitset{}, offerFits: map[[3]reqID]*market{},
	}
	kinds := map[offerKey]int32{}
	for t, it := range types {
		c.first = append(c.first, int32(len(c.typ)))
		c.needs = append(c.needs, c.typeNeeds(it))
		c.cap = append(c.cap, res.offer(it.Capacity))
		c.addSlots(t, it, kinds, replace)
	}
	c.first = append(c.first, int32(len(c.typ)))
	c.one = len(c.typ) == len(types)
	c.unfit = newBitset(len(c.typ))
	for s, v := range c.alloc {
		if slices.Min(v) < 0 {
			c.unfit.set(s)
		}
	}
	for k := range c.kinds {
		c.kinds[k].slots.grow(max(0, len(c.typ)-1))
	}
	return c
}

// offerKey tells offerings of different kinds apart.
type offerKey struct{ zone, capacity, reservation string }

// addSlots splits the offerings of a type by what they override.
func (c *catalog) addSlots(t int, it *cloudprovider.InstanceType, kinds map[offerKey]int32, replace bool) {
	base := len(c.typ)
	overrides := map[string]int{"": base}
	add := func(capacity, overhead corev1.ResourceList) {
		c.typ = append(c.typ, int32(t))
		c.alloc = append(c.alloc, c.res.allocatable(capacity, overhead))
	}
	add(it.Capacity, it.Overhead)
	var offers []offer
	for i := range it.Offerings {
		o := &it.Offerings[i]
		if o.Unavailable {
			continue
		}
		text := overrideText(o)
		slot, ok := overrides[text]
		if !ok {
			slot = len(c.typ)
			overrides[text] = slot
			add(override(it.Capacity, o.Capacity, replace), override(it.Overhead, o.Overhead, replace))
		}
		key := offerKey{o.Zone, o.CapacityType, ""}
		if o.CapacityType == cloudprovider.Reserved {
			key.reservation = o.ReservationID
		}
		k, ok := kinds[key]
		if !ok {
			k = int32(len(c.kinds))
			kinds[key] = k
			c.kinds = append(c.kinds, c.newKind(o))
		}
		c.kinds[k].slots.grow(slot)
		c.kinds[k].slots.set(slot)
		offers = append(offers, offer{kind: k, index: int32(i), price: o.Price})
	}
	c.offers = append(c.offers, offers)
}

func (c *catalog) newKind(o *cloudprovider.Offering) offerKind {
	k := offerKind{
		zone:     c.x.id(kube.LabelRequirement(corev1.LabelTopologyZone, o.Zone)),
		capacity: c.x.id(kube.LabelRequirement(LabelCapacityType, o.CapacityType)),
	}
	if o.CapacityType == cloudprovider.Reserved {
		k.reserved = o.ReservationID
		k.reservation = c.x.id(kube.LabelRequirement(LabelReservationID, o.ReservationID))
	} else {
		absent, _ := kube.NewRequirement(LabelReservationID, kube.DoesNotExist)
		k.reservation = c.x.id(absent)
	}
	return k
}

// overrideText is the same for offerings that override the same.
func overrideText(o *cloudprovider.Offering) string {
	if len(o.Capacity) == 0 && len(o.Overhead) == 0 {
		return ""
	}
	var b strings.Builder
	for _, list := range []corev1.ResourceList{o.Capacity, o.Overhead} {
		for _, name := range slices.Sorted(maps.Keys(list)) {
			q := list[name]
			fmt.Fprintf(&b, "%s=%s,", name, q.String())
		}
		b.WriteByte(';')
	}
	return b.String()
}

// override puts an offering's amounts into a type's. Karpenter means to replace, and adds instead.
func override(base, over corev1.ResourceList, replace bool) corev1.ResourceList {
	if len(over) == 0 {
		return base
	}
	out := base.DeepCopy()
	if out == nil {
		out = corev1.ResourceList{}
	}
	for name, q := range over {
		sum := q.DeepCopy()
		if have, ok := out[name]; ok && !replace {
			sum.Add(have)
		}
		out[name] = sum
	}
	return out
}

// typeNeeds are the requirements of a type: its labels, its name, what its offerings say, and for well-known labels that
// it lacks that they do not exist (rule 12).
func (c *catalog) typeNeeds(it *cloudprovider.InstanceType) []entry {
	list := make([]entry, 0, len(it.Labels)+8)
	add := func(key string, values ...string) {
		var r kube.Requirement
		if len(values) == 1 {
			r = kube.LabelRequirement(key, values[0])
		} else {
			r, _ = kube.NewRequirement(key, kube.In, values...)
		}
		id := c.x.id(r)
		list = append(list, entry{c.x.reqKey[id], id})
	}
	arch, os := false, false
	for k, v := range it.Labels {
		if stable := kube.NormalizeKey(k); stable != k {
			if _, both := it.Labels[stable]; both {
				continue
			}
			k = stable
		}
		switch k {
		case corev1.LabelInstanceTypeStable, corev1.LabelTopologyZone, LabelCapacityType, LabelReservationID:
			continue
		case corev1.LabelArchStable:
			arch = true
		case corev1.LabelOSStable:
			os = true
		}
		add(k, v...)
	}
	if !arch {
		add(corev1.LabelArchStable, "amd64")
	}
	if !os {
		add(corev1.LabelOSStable, "linux")
	}
	add(corev1.LabelInstanceTypeStable, it.Name)
	c.zones.clear()
	c.capacities.clear()
	c.reserved.clear()
	for i := range it.Offerings {
		o := &it.Offerings[i]
		if o.Unavailable {
			continue
		}
		c.zones.add(o.Zone)
		c.capacities.add(o.CapacityType)
		if o.ReservationID != "" && o.CapacityType == cloudprovider.Reserved {
			c.reserved.add(o.ReservationID)
		}
	}
	list = append(list, c.zones.entry(c.x, corev1.LabelTopologyZone), c.capacities.entry(c.x, LabelCapacityType), c.reserved.entry(c.x, LabelReservationID))
	slices.SortFunc(list, byKey)
	list = slices.CompactFunc(list, func(a, b entry) bool { return a.key == b.key })
	return withAbsent(list, c.absent)
}

// withAbsent adds the entries for labels that a type does not have; both lists are sorted.
func withAbsent(list, absent []entry) []entry {
	out := make([]entry, 0, len(list)+len(absent))
	for _, e := range absent {
		for len(list) > 0 && list[0].key < e.key {
			out, list = append(out, list[0]), list[1:]
		}
		if len(list) == 0 || list[0].key != e.key {
			out = append(out, e)
		}
	}
	return append(out, list...)
}

func byKey(a, b entry) int { return cmp.Compare(a.key, b.key) }

// collector gathers the values of a label; types mostly have the same ones as the type before.
type collector struct {
	values, last []string
	made         entry
}

func (v *collector) clear() { v.values, v.last = v.last[:0], v.values }

func (v *collector) add(s string) {
	if !slices.Contains(v.values, s) {
		v.values = append(v.values, s)
	}
}

func (v *collector) entry(x *interner, key string) entry {
	if v.made.id == 0 || !slices.Equal(v.values, v.last) {
		r, _ := kube.NewRequirement(key, kube.In, v.values...)
		id := x.id(r)
		v.made = entry{x.reqKey[id], id}
	}
	return v.made
}

// lacking are the well-known labels as a type has them that lacks them. The pool, its region and the name of a node are
// not a matter of its type.
func lacking(x *interner, wellKnown []string) []entry {
	var list []entry
	for _, k := range wellKnown {
		if k = kube.NormalizeKey(k); k != LabelNodePool && k != corev1.LabelTopologyRegion && k != corev1.LabelHostname {
			r, _ := kube.NewRequirement(k, kube.DoesNotExist)
			id := x.id(r)
			list = append(list, entry{x.reqKey[id], id})
		}
	}
	slices.SortFunc(list, byKey)
	return slices.CompactFunc(list, func(a, b entry) bool { return a.key == b.key })
}

// get is what a type is under a key; 0 where it says nothing.
func (c *catalog) get(t int, key int32) reqID {
	i, ok := slices.BinarySearchFunc(c.needs[t], key, func(e entry, k int32) int { return cmp.Compare(e.key, k) })
	if !ok {
		return 0
	}
	return c.needs[t][i].id
}

// admits are the slots of the types that go with a requirement.
func (c *catalog) admits(id reqID) bitset {
	if b, ok := c.fits[id]; ok {
		return b
	}
	b := newBitset(len(c.typ))
	key := c.x.reqKey[id]
	for t := range c.types {
		if have := c.get(t, key); have == 0 || c.x.meets(have, id) {
			for s := c.first[t]; s < c.first[t+1]; s++ {
				b.set(int(s))
			}
		}
	}
	c.fits[id] = b
	return b
}

// survivors are the slots that a set of requirements leaves: the type goes with it, and an offering can be had under it.
func (c *catalog) survivors(s shapeID) bitset {
	if b, ok := c.shapeFits[s]; ok {
		return b
	}
	b := slices.Clone(c.market(s).slots)
	for _, e := range c.x.shapes[s] {
		for i, w := range c.admits(e.id) {
			b[i] &= w
		}
	}
	for i, w := range c.unfit {
		b[i] &^= w
	}
	c.shapeFits[s] = b
	return b
}

// market is what can be had under a set of requirements.
func (c *catalog) market(s shapeID) *market {
	zoneKey, capacityKey, reservationKey := c.x.key(corev1.LabelTopologyZone), c.x.key(LabelCapacityType), c.x.key(LabelReservationID)
	k := [3]reqID{c.x.get(s, zoneKey), c.x.get(s, capacityKey), c.x.get(s, reservationKey)}
	if m, ok := c.offerFits[k]; ok {
		return m
	}
	m := &market{
		kinds: make([]bool, len(c.kinds)), slots: newBitset(len(c.typ)),
		price: make([]float64, len(c.types)), best: make([]int32, len(c.types)),
	}
	for i := range c.kinds {
		o := &c.kinds[i]
		m.kinds[i] = c.serves(k[0], zoneKey, o.zone) && c.serves(k[1], capacityKey, o.capacity) && c.serves(k[2], reservationKey, o.reservation)
		if m.kinds[i] {
			for w := range o.slots {
				m.slots[w] |= o.slots[w]
			}
		}
	}
	for t := range c.types {
		m.price[t], m.best[t] = math.MaxFloat64, -1
		for _, o := range c.offers[t] {
			if m.kinds[o.kind] && (m.best[t] < 0 || o.price < m.price[t]) {
				m.price[t], m.best[t] = o.price, o.index
			}
		}
	}
	c.offerFits[k] = m
	return m
}

// serves is rule 8 for one label of an offering against what the claim says of it.
func (c *catalog) serves(have reqID, key int32, want reqID) bool {
	if have == 0 {
		return c.x.wellKnown[key] || c.x.reqs[want].AllowsAbsent()
	}
	return c.x.meets(have, want)
}

// ranked are all types in the order of price, equal ones in the order of the list.
func (c *catalog) ranked(m *market) []int32 {
	if m.rank == nil {
		m.rank = make([]int32, len(c.types))
		for t := range m.rank {
			m.rank[t] = int32(t)
		}
		slices.SortStableFunc(m.rank, func(a, b int32) int { return cmp.Compare(m.price[a], m.price[b]) })
	}
	return m.rank
}

// hasType tells whether a type has a slot in the set.
func (c *catalog) hasType(slots bitset, t int32) bool {
	for s := c.first[t]; s < c.first[t+1]; s++ {
		if slots.has(int(s)) {
			return true
		}
	}
	return false
}

// eachType visits the types that have a slot in the set.
func (c *catalog) eachType(slots bitset, f func(t int32)) {
	last := int32(-1)
	for s := range slots.all {
		if t := c.typ[s]; t != last {
			last = t
			f(t)
		}
	}
}
