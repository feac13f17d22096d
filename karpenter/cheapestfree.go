package karpenter

import (
	"encoding/binary"
	"slices"
)

// homes are the NodePools that a pod may go to, by number; nil where it has to stay.
type homes []int32

// stock are pods that are packed as one class.
type stock struct {
	demand *demand
	homes  homes
	items  []int32 // without a place yet
	all    []int32
}

// free finds out which pods may leave the claims that upstream put them on.
func (r *repack) free() {
	c := r.c
	r.number, r.whole = make([]int, len(c.claims)), make([]bool, len(c.claims))
	r.homes = make([]homes, len(c.items))
	type question struct {
		demand *demand
		pool   *pool
	}
	answers := map[question]homes{}
	unbound := map[*class]bool{}
	next := 0
	for i, m := range c.claims {
		if m.dropped {
			r.number[i] = -1
			continue
		}
		r.number[i] = next
		next++
		if r.closed[m.pool.number] || len(m.reserved) > 0 || c.hasMinValues(m.shape) {
			r.whole[i] = true
			continue
		}
		for _, item := range m.pods {
			it := &c.items[item]
			loose, ok := unbound[it.class]
			if !ok {
				loose = c.unbound(it.class)
				unbound[it.class] = loose
			}
			if !loose {
				continue
			}
			q := question{it.class.steps[it.step], m.pool}
			where, ok := answers[q]
			if !ok {
				where = r.homesOf(q.demand, q.pool)
				answers[q] = where
			}
			r.homes[item] = where
		}
	}
}

// unbound tells whether nothing but who shares a host with pods of a class depends on where they are: they have no rule
// about zones and the like, nobody who is counted by such a rule, and no volume that is bound to a place.
func (c *Cluster) unbound(k *class) bool {
	if k.volumes.alternatives != nil {
		return false
	}
	c.judge(k)
	bound := func(g *group) bool { return !g.key.host || g.kind == beWith }
	for _, d := range k.steps {
		if slices.ContainsFunc(d.rules, bound) || slices.ContainsFunc(d.inverse, bound) {
			return false
		}
	}
	return !slices.ContainsFunc(k.selected, func(g *group) bool { return g.active == c.pass && bound(g) }) &&
		!slices.ContainsFunc(k.repelled, func(g *group) bool { return g.owners > 0 && bound(g) })
}

// homesOf are the pools of the largest weight that take a pod alone. Where that is more than the weight of the pool that
// upstream took, limits may have stood in the way; then the pod keeps to the weight that upstream found.
func (r *repack) homesOf(d *demand, chosen *pool) homes {
	c := r.c
	var out homes
	weightOf, limited := int32(0), true
	for _, p := range c.usable {
		if len(out) > 0 && weight(p.object) < weightOf {
			break
		}
		if !c.takesAlone(d, p) {
			continue
		}
		weightOf = weight(p.object)
		limited = limited && len(p.limits) > 0
		out = append(out, p.number)
	}
	if len(out) > 0 && weight(chosen.object) < weightOf && limited {
		weightOf, out = weight(chosen.object), nil
		for _, p := range c.usable {
			if weight(p.object) == weightOf && c.takesAlone(d, p) {
				out = append(out, p.number)
			}
		}
	}
	return slices.DeleteFunc(out, func(n int32) bool { return r.closed[n] || !c.plain(d, c.pools[n]) })
}

// takesAlone tells whether a new claim of a pool takes a pod.
func (c *Cluster) takesAlone(d *demand, p *pool) bool {
	if !d.pools.has(int(p.number)) || !d.anyHost || !p.fresh.slots.any() {
		return false
	}
	s, ok := c.x.merge(p.shape, d.shape, false)
	return ok && c.suited(d, p, s).any()
}

// suited are the slots of a pool that go with a shape and hold the pod alone.
func (c *Cluster) suited(d *demand, p *pool, shape shapeID) bitset {
	out := slices.Clone(p.cat.survivors(shape))
	for i := range out {
		out[i] &= p.fresh.slots[i]
	}
	for i, w := range d.portOK[p.number] {
		out[i] &= w
	}
	for s := range out.all {
		if !within(d.class.request, p.room[s]) {
			out.clear(s)
		}
	}
	return out
}

// plain tells whether a pool serves a pod without minValues and without a say of reservations: what depends on those is
// left to upstream.
func (c *Cluster) plain(d *demand, p *pool) bool {
	s, ok := c.x.merge(p.shape, d.shape, false)
	if !ok || c.hasMinValues(s) {
		return false
	}
	if c.reservations == nil {
		return true
	}
	market := p.cat.market(s)
	slots := c.suited(d, p, s)
	for i := range p.cat.kinds {
		if k := &p.cat.kinds[i]; k.reserved != "" && market.kinds[i] && p.cat.anyOf(k, slots) {
			return false
		}
	}
	return true
}

func (c *Cluster) hasMinValues(s shapeID) bool {
	if !c.x.hasMinValues {
		return false
	}
	return slices.ContainsFunc(c.x.shapes[s], func(e entry) bool { return c.x.reqs[e.id].MinValues() > 0 })
}

// stock sorts pods by what they demand and where they may go, in the order in which they come.
func (r *repack) stock(items []int32) []stock {
	c := r.c
	var out []stock
	at := map[string]int{}
	var key []byte
	for _, item := range items {
		it := &c.items[item]
		d := it.class.steps[it.step]
		key = binary.AppendVarint(binary.AppendVarint(key[:0], int64(it.class.number)), int64(it.step))
		for _, n := range r.homes[item] {
			key = binary.AppendVarint(key, int64(n))
		}
		i, ok := at[string(key)]
		if !ok {
			i = len(out)
			at[string(key)] = i
			out = append(out, stock{demand: d, homes: r.homes[item]})
		}
		out[i].all = append(out[i].all, item)
	}
	for i := range out {
		out[i].items = out[i].all
	}
	return out
}
