package karpenter

import (
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/binpack"
)

// keptClaim is a claim of a rival plan.
type keptClaim struct {
	claim  *claim
	number int  // its index in upstream's plan where it is as it was there; else -1
	roomy  bool // others may join
	fresh  bool // not upstream's
}

// newClaim is an empty claim of a pool.
func (c *Cluster) newClaim(p *pool) *claim {
	p.fresh.index = int32(len(c.claims))
	m := c.keep(&p.fresh, &offerTo{})
	m.shape, m.slots = p.shape, slices.Clone(p.fresh.slots)
	m.settle()
	return m
}

// copyClaim is a claim that can be changed.
func (c *Cluster) copyClaim(m *claim) *claim {
	k := c.newClaim(m.pool)
	k.index, k.shape, k.slots, k.relaxed = m.index, m.shape, slices.Clone(m.slots), m.relaxed
	k.pods, k.ports, k.reserved = slices.Clone(m.pods), slices.Clone(m.ports), m.reserved
	copy(k.need, m.need)
	k.settle()
	return k
}

// strip is a claim with some of its pods only, with all the types that hold these; nil where that is none.
func (c *Cluster) strip(m *claim, items []int32) *claim {
	k := c.newClaim(m.pool)
	k.index, k.shape, k.ports, k.pods = m.index, m.shape, m.ports, items
	for i, w := range m.pool.cat.survivors(m.shape) {
		k.slots[i] &= w
	}
	for _, item := range items {
		it := &c.items[item]
		addTo(k.need, it.class.request)
		if ok := it.class.steps[it.step].portOK[m.pool.number]; ok != nil {
			for i, w := range ok {
				k.slots[i] &= w
			}
		}
	}
	if !k.shrink() {
		return nil
	}
	return k
}

// shrink leaves the types that hold what a claim needs.
func (m *claim) shrink() bool {
	for s := range m.slots.all {
		if !within(m.need, m.pool.room[s]) {
			m.slots.clear(s)
		}
	}
	if !m.slots.any() {
		return false
	}
	m.settle()
	return true
}

// join puts equal pods on a claim by the same rules as upstream (rules 26, 36 and 37). Topology is not asked, since it has
// counted the pods already, and what it counts remains.
func (c *Cluster) join(m *claim, d *demand, shape shapeID, items []int32) bool {
	if !d.pools.has(int(m.pool.number)) || !d.anyHost || conflict(m.ports, d.class.ports) {
		return false
	}
	shape, ok := c.x.merge(m.shape, shape, false)
	if !ok || !c.filter(d, m, shape) {
		return false
	}
	m.shape, m.slots = shape, append(m.slots[:0], c.left...)
	m.ports = append(m.ports, d.class.ports...)
	m.pods = append(m.pods, items...)
	for r, v := range d.class.request {
		m.need[r] += v * int64(len(items))
	}
	return m.shrink()
}

// keepCheapest leaves the types that are not dearer than the cheapest: what a larger one would cost was weighed.
func (c *Cluster) keepCheapest(m *claim) {
	market := m.pool.cat.market(m.shape)
	for _, t := range m.pool.cat.ranked(market) {
		if !m.pool.cat.hasType(m.slots, t) {
			continue
		}
		for s := range m.slots.all {
			if market.price[m.pool.cat.typ[s]] > market.price[t] {
				m.slots.clear(s)
			}
		}
		break
	}
	m.settle()
}

// openBins adds the room that is left on claims at their cheapest type, for pods that change nothing else about them. It
// returns which claim each one is.
func (r *repack) openBins(b *bins, kept []*keptClaim) (of []int) {
	c := r.c
	for i, k := range kept {
		if !k.roomy {
			continue
		}
		m := k.claim
		cat := m.pool.cat
		slot := -1
		for _, t := range cat.ranked(cat.market(m.shape)) {
			if cat.hasType(m.slots, t) {
				slot = m.slots.next(int(cat.first[t]))
				break
			}
		}
		if slot < 0 {
			continue
		}
		free := slices.Clone(m.pool.room[slot])
		subtractFrom(free, m.need)
		index, some := len(of), false
		for j, d := range b.demands {
			if !slices.Contains(b.homes[j], m.pool.number) || !c.alone(d.class) {
				continue
			}
			if s, ok := c.x.merge(m.shape, b.shapes[j], false); ok && s == m.shape && within(d.class.request, free) {
				b.problem.Items[j].Open = b.problem.Items[j].Open.With(index)
				some = true
			}
		}
		if some {
			of = append(of, i)
			b.problem.Open = append(b.problem.Open, binpack.OpenBin{Free: b.room(free)})
		}
	}
	return of
}

// overspent are the pools whose limits a plan exceeds, if each of its claims becomes the largest that it may (rule 40).
// Nodes are counted, too, as far as upstream's plan keeps to that.
func (r *repack) overspent(claims []*keptClaim) (out []*pool) {
	for _, p := range r.c.usable {
		if len(p.limits) == 0 {
			continue
		}
		nodes, before := int64(0), int64(0)
		spent := make([]int64, len(p.limits))
		for _, k := range claims {
			if k.claim.pool != p {
				continue
			}
			nodes++
			for i := range p.limits {
				most := int64(0)
				p.cat.eachType(k.claim.slots, func(t int32) { most = max(most, p.limits[i].types[t]) })
				spent[i] += most
			}
		}
		for i, m := range r.c.claims {
			if m.pool == p && r.number[i] >= 0 {
				before++
			}
		}
		for i := range p.limits {
			l := &p.limits[i]
			if nodes == 0 {
				break
			}
			if l.resource == limitNodes && nodes > before && nodes > l.nodes() || spent[i] > l.left {
				out = append(out, p)
				break
			}
		}
	}
	return out
}

// nodes is how many more nodes a limit of nodes allows.
func (l *limit) nodes() int64 {
	one := resource.MustParse("1")
	return l.left / l.units.Capacity(limitNodes, &one)
}

// write makes the plan of these claims.
func (r *repack) write(claims []*keptClaim) Plan {
	c := r.c
	plan := Plan{Packing: Cheapest, Upstream: r.plan.Upstream, Placements: slices.Clone(r.plan.Placements)}
	for _, k := range claims {
		out := Claim{}
		if k.number >= 0 {
			out = r.plan.Claims[k.number]
		} else {
			out = c.claimOut(k.claim)
		}
		for _, item := range k.claim.pods {
			plan.Placements[item].Claim = len(plan.Claims)
		}
		plan.Claims = append(plan.Claims, out)
		plan.Price += out.Cheapest.Price
	}
	return plan
}

// bound is what no plan can beat that puts the same pods on new nodes and gives up no more of their preferences. Rules
// that concern other pods are left out of account, and so are weights and what is left of limits.
func (r *repack) bound() float64 {
	c := r.c
	var all []int32
	for _, m := range c.claims {
		if !m.dropped {
			all = append(all, m.pods...)
		}
	}
	everywhere := make(homes, 0, len(c.usable))
	for _, p := range c.usable {
		everywhere = append(everywhere, p.number)
	}
	var b bins
	count := map[*demand]int{}
	var order []*demand
	for _, item := range all {
		it := &c.items[item]
		d := it.class.steps[it.step]
		if count[d] == 0 {
			order = append(order, d)
		}
		count[d]++
	}
	for _, d := range order {
		where := slices.DeleteFunc(slices.Clone(everywhere), func(n int32) bool { return !d.pools.has(int(n)) })
		b.add(d, d.shape, where, count[d])
	}
	b.build(c, false)
	bound, err := binpack.LowerBound(b.problem)
	if err != nil {
		return 0
	}
	return float64(bound.Price) / b.scale
}
