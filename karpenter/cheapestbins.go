package karpenter

import (
	"cmp"
	"math"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack"
)

// bins turns pods and what NodePools can launch into a problem of vectors and prices.
type bins struct {
	problem binpack.Problem
	types   []binKind // by index of problem.Bins
	scale   float64   // whole units of price in one unit of the plan's
	demands []*demand
	shapes  []shapeID
	homes   []homes
	roomIn  []int      // resources that matter: dimensions of the problem
	rules   []hostRule // further dimensions
}

// binKind is what can be opened: a slot of a pool, at the cheapest offering for those who may share it.
type binKind struct {
	pool    *pool
	slot    int32
	price   float64
	members bitset  // items that may go there
	variant shapeID // what all of them demand of labels that the pool leaves open
}

// maxVariants bounds how many sets of labels that a pool leaves open are told apart; pods with others go by upstream.
const maxVariants = 64

func (b *bins) add(d *demand, shape shapeID, where homes, count int) {
	b.demands, b.shapes, b.homes = append(b.demands, d), append(b.shapes, shape), append(b.homes, where)
	b.problem.Items = append(b.problem.Items, binpack.Item{Count: count})
}

// build makes the bin types. exact ones can be opened as they are; else they are for a bound: reservations count, and
// rules about hosts only count as far as they always hold. It
// returns the items that have too many rules to look at.
func (b *bins) build(c *Cluster, exact bool) (over []int) {
	b.roomIn = b.roomIn[:0]
	for r := range c.zero {
		if slices.ContainsFunc(b.demands, func(d *demand) bool { return d.class.request[r] > 0 }) {
			b.roomIn = append(b.roomIn, r)
		}
	}
	for i, d := range b.demands {
		b.problem.Items[i].Size = b.vector(d.class.request)
		b.problem.Items[i].Types = binpack.NewBitset()
		b.problem.Items[i].Open = binpack.NewBitset()
	}
	over = b.addHostRules(c.hostRules(b.demands, func(i int) int { return b.problem.Items[i].Count }, exact))
	for _, p := range c.usable {
		b.addPool(c, p, exact)
	}
	b.price(exact)
	return over
}

func (b *bins) vector(v []int64) []int64 {
	out := make([]int64, len(b.roomIn))
	for i, r := range b.roomIn {
		out[i] = v[r]
	}
	return out
}

// addPool adds what one pool can launch.
func (b *bins) addPool(c *Cluster, p *pool, exact bool) {
	var members []int // items
	var shapes []shapeID
	var fits []bitset
	for i, d := range b.demands {
		if !slices.Contains(b.homes[i], p.number) {
			continue
		}
		if s, ok := c.x.merge(p.shape, b.shapes[i], false); ok {
			members, shapes, fits = append(members, i), append(shapes, s), append(fits, c.suited(d, p, s))
		}
	}
	if len(members) == 0 {
		return
	}
	kept := b.undominated(p, b.offers(p, members, shapes, fits, exact))
	if exact && len(b.demands)*len(kept) > manyPairs {
		kept = b.thin(p, kept, members)
	}
	variants, variant := []shapeID{0}, make([]shapeID, len(members))
	if exact {
		variants, variant = c.variants(p, b.shapes, members)
	}
	for _, v := range variants {
		for _, k := range kept {
			k.variant = v
			index := len(b.types)
			some := false
			for j, i := range members {
				if k.members.has(j) && (variant[j] == 0 || variant[j] == v) {
					b.problem.Items[i].Types = b.problem.Items[i].Types.With(index)
					some = true
				}
			}
			if some {
				b.types = append(b.types, k)
				b.problem.Bins = append(b.problem.Bins, binpack.BinType{Capacity: b.room(p.room[k.slot])})
			}
		}
	}
}

// offers are the slots at the cheapest price for each set of pods that can have the same offerings.
func (b *bins) offers(p *pool, members []int, shapes []shapeID, fits []bitset, exact bool) []binKind {
	cat := p.cat
	type crowd struct {
		members bitset
		kinds   []bool
	}
	var crowds []crowd
	for k := range cat.kinds {
		set := newBitset(len(members))
		for j, s := range shapes {
			if cat.market(s).kinds[k] {
				set.set(j)
			}
		}
		if !set.any() {
			continue
		}
		at := slices.IndexFunc(crowds, func(o crowd) bool { return slices.Equal(o.members, set) })
		if at < 0 {
			at = len(crowds)
			crowds = append(crowds, crowd{set, make([]bool, len(cat.kinds))})
		}
		crowds[at].kinds[k] = true
	}
	var out []binKind
	for s := range p.fresh.slots.all {
		t := cat.typ[s]
		if exact && cat.first[t+1]-cat.first[t] > 1 || slices.Min(p.room[s]) < 0 {
			continue // a type of several capacities may turn out to be another one
		}
		fit := newBitset(len(members))
		for j := range fits {
			if fits[j].has(s) {
				fit.set(j)
			}
		}
		for _, w := range crowds {
			kind := binKind{pool: p, slot: int32(s), price: math.MaxFloat64, members: slices.Clone(fit)}
			for i, m := range w.members {
				kind.members[i] &= m
			}
			for _, o := range cat.offers[t] {
				if w.kinds[o.kind] {
					kind.price = min(kind.price, o.price)
				}
			}
			if kind.price < math.MaxFloat64 && kind.members.any() {
				out = append(out, kind)
			}
		}
	}
	return out
}

// undominated leaves out what another one is not dearer than, which has as much and takes all of the pods.
func (b *bins) undominated(p *pool, list []binKind) []binKind {
	slices.SortStableFunc(list, func(x, y binKind) int {
		if o := cmp.Compare(x.price, y.price); o != 0 {
			return o
		}
		for _, r := range b.roomIn {
			if o := cmp.Compare(p.room[y.slot][r], p.room[x.slot][r]); o != 0 {
				return o
			}
		}
		return 0
	})
	var kept []binKind
next:
	for _, k := range list {
		for i := range kept {
			if b.covers(p, &kept[i], &k) {
				continue next
			}
		}
		kept = append(kept, k)
	}
	return kept
}

func (b *bins) covers(p *pool, k, o *binKind) bool {
	for i, w := range o.members {
		if w&^k.members[i] != 0 {
			return false
		}
	}
	for _, r := range b.roomIn {
		if p.room[o.slot][r] > p.room[k.slot][r] {
			return false
		}
	}
	return true
}

// price writes prices as whole numbers: to the nearest for packing, not above the price for a bound.
func (b *bins) price(exact bool) {
	most := 0.0
	for i := range b.types {
		most = max(most, b.types[i].price)
	}
	for b.scale = 1e9; most*b.scale > 1<<31-1; b.scale /= 10 {
	}
	for i := range b.types {
		v := b.types[i].price * b.scale
		whole := math.Round(v)
		if !exact && math.Abs(v-whole) > 1e-4 {
			whole = math.Floor(v)
		}
		b.problem.Bins[i].Price = int64(whole)
	}
}

// scaled is an amount in whole units of price.
func (b *bins) scaled(v float64) int64 {
	return int64(math.Round(min(v*b.scale, 1<<31-1)))
}

// variants are the different things that pods demand of labels that a pool leaves open, and what each demands.
func (c *Cluster) variants(p *pool, shapes []shapeID, members []int) (list []shapeID, of []shapeID) {
	of = make([]shapeID, len(members))
	closed := map[int32]bool{}
	for j, i := range members {
		var open []entry
		for _, e := range c.x.shapes[shapes[i]] {
			known, ok := closed[e.key]
			if !ok {
				known = c.settled(p, e.key)
				closed[e.key] = known
			}
			if !known {
				open = append(open, e)
			}
		}
		if of[j] = c.x.shape(open); of[j] != 0 && !slices.Contains(list, of[j]) && len(list) < maxVariants {
			list = append(list, of[j])
		}
	}
	if len(list) == 0 {
		list = append(list, 0)
	}
	return list, of
}

// settled tells whether a label has one value, or none, on whatever type and offering of a pool is chosen. Then pods that
// go with the choice go with each other.
func (c *Cluster) settled(p *pool, key int32) bool {
	switch c.x.keyNames[key] {
	case corev1.LabelTopologyZone, LabelCapacityType, LabelReservationID:
		return true
	}
	if id := c.x.get(p.shape, key); id != 0 && !c.x.reqs[id].Complement() && len(c.x.reqs[id].Values()) == 1 {
		return true
	}
	for s := range p.slots.all {
		id := p.cat.get(int(p.cat.typ[s]), key)
		if id == 0 || c.x.reqs[id].Complement() || len(c.x.reqs[id].Values()) > 1 {
			return false
		}
	}
	return true
}
