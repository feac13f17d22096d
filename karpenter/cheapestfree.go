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
	shape  shapeID // what it demands, and the domains that it stays in
	homes  homes
	items  []int32 // without a place yet
	all    []int32
}

// free finds out which pods may leave the claims that upstream put them on.
func (r *repack) free() {
	c := r.c
	r.number, r.whole = make([]int, len(c.claims)), make([]bool, len(c.claims))
	r.homes = make([]homes, len(c.items))
	r.shapes = make([]shapeID, len(c.items))
	type question struct {
		demand *demand
		claim  shapeID
		pool   *pool
	}
	type answer struct {
		homes homes
		shape shapeID
	}
	answers := map[question]answer{}
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
			q := question{it.class.steps[it.step], m.shape, m.pool}
			where, ok := answers[q]
			if !ok {
				var loose bool
				if where.shape, loose = c.staying(q.demand, m.shape); loose {
					where.homes = r.homesOf(q.demand, where.shape, q.pool)
				}
				answers[q] = where
			}
			r.homes[item], r.shapes[item] = where.homes, where.shape
		}
	}
}

// staying is what a pod demands if it is to stay in the domains where upstream has it, such as the zone, as far as rules
// or volumes depend on them: then all that is counted remains as it is. It is false where a domain is not decided, and
// for pods that want to be on one host.
func (c *Cluster) staying(d *demand, claim shapeID) (shapeID, bool) {
	k := d.class
	c.judge(k)
	var keys []int32
	concerns := func(list []*group, counts func(g *group) bool) bool {
		for _, g := range list {
			if !counts(g) {
				continue
			}
			if g.key.host {
				if g.kind == beWith {
					return false
				}
				continue
			}
			keys = append(keys, g.key.key)
		}
		return true
	}
	always := func(*group) bool { return true }
	for _, o := range k.steps[:d.step+1] {
		if !concerns(o.rules, always) || !concerns(o.inverse, always) {
			return 0, false
		}
	}
	if !concerns(k.selected, func(g *group) bool { return g.active == c.pass }) ||
		!concerns(k.repelled, func(g *group) bool { return g.owners > 0 }) {
		return 0, false
	}
	for _, v := range k.volumes.alternatives {
		for _, e := range c.x.shapes[v] {
			keys = append(keys, e.key)
		}
	}
	shape := d.shape
	for _, key := range keys {
		id := c.x.get(claim, key)
		if id == 0 || c.x.reqs[id].Complement() || len(c.x.reqs[id].Values()) != 1 {
			return 0, false
		}
		shape = c.x.with(shape, id)
	}
	return shape, true
}

// homesOf are the pools of the largest weight that take a pod alone. Where that is more than the weight of the pool that
// upstream took, limits may have stood in the way; then the pod keeps to the weight that upstream found.
func (r *repack) homesOf(d *demand, shape shapeID, chosen *pool) homes {
	c := r.c
	var out homes
	weightOf, limited := int32(0), true
	for _, p := range c.usable {
		if len(out) > 0 && weight(p.object) < weightOf {
			break
		}
		if !c.takesAlone(d, shape, p) {
			continue
		}
		weightOf = weight(p.object)
		limited = limited && len(p.limits) > 0
		out = append(out, p.number)
	}
	if len(out) > 0 && weight(chosen.object) < weightOf && limited {
		weightOf, out = weight(chosen.object), nil
		for _, p := range c.usable {
			if weight(p.object) == weightOf && c.takesAlone(d, shape, p) {
				out = append(out, p.number)
			}
		}
	}
	return slices.DeleteFunc(out, func(n int32) bool { return r.closed[n] || !c.plain(d, shape, c.pools[n]) })
}

// takesAlone tells whether a new claim of a pool takes a pod.
func (c *Cluster) takesAlone(d *demand, shape shapeID, p *pool) bool {
	if !d.pools.has(int(p.number)) || !d.anyHost || !p.fresh.slots.any() {
		return false
	}
	s, ok := c.x.merge(p.shape, shape, false)
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
func (c *Cluster) plain(d *demand, shape shapeID, p *pool) bool {
	s, ok := c.x.merge(p.shape, shape, false)
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
		key = binary.AppendVarint(key, int64(r.shapes[item]))
		for _, n := range r.homes[item] {
			key = binary.AppendVarint(key, int64(n))
		}
		i, ok := at[string(key)]
		if !ok {
			i = len(out)
			at[string(key)] = i
			out = append(out, stock{demand: d, shape: r.shapes[item], homes: r.homes[item]})
		}
		out[i].all = append(out[i].all, item)
	}
	for i := range out {
		out[i].items = out[i].all
	}
	return out
}
