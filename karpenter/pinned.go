package karpenter

import "slices"

// pinned are the claims of a pass that have one value of a label of one's own (a team, say). Pods that demand another
// value need not ask them.
type pinned struct {
	key    int32
	claims bitset
	by     map[reqID][]int32 // claims by that value
}

// pinOf finds a demand for one value of a label that is not well known, if there is one.
func (c *Cluster) pinOf(s shapeID) (*pinned, reqID) {
	for _, e := range c.x.shapes[s] {
		if c.x.wellKnown[e.key] || !c.x.pins(e.id) {
			continue
		}
		i := slices.IndexFunc(c.pinned, func(p *pinned) bool { return p.key == e.key })
		if i < 0 {
			if len(c.pinned) == maxPinned {
				continue
			}
			i = len(c.pinned)
			c.pinned = append(c.pinned, &pinned{key: e.key, by: map[reqID][]int32{}})
			for _, m := range c.claims {
				c.pinned[i].note(c.x, m)
			}
		}
		return c.pinned[i], e.id
	}
	return nil, 0
}

// maxPinned bounds for how many labels claims are noted.
const maxPinned = 8

// pins tells whether a requirement leaves one value.
func (x *interner) pins(id reqID) bool {
	return !x.reqs[id].Complement() && len(x.reqs[id].Values()) == 1
}

// note notes a claim whose requirements may have changed.
func (p *pinned) note(x *interner, m *claim) {
	if p.claims.has(int(m.index)) {
		return
	}
	if id := x.get(m.shape, p.key); id != 0 && x.pins(id) {
		p.claims.grow(int(m.index))
		p.claims.set(int(m.index))
		p.by[id] = append(p.by[id], m.index)
	}
}

func (p *pinned) reset() {
	clear(p.claims)
	clear(p.by)
}

// barred are the claims that need not be asked: too full, refused for good, or pinned to another value. The second
// result tells that some remain.
func (c *Cluster) barred(d *demand) (bitset, bool) {
	n := len(c.claims)
	words := (n + 63) / 64
	out := slices.Grow(c.bars[:0], words)[:words]
	c.bars = out
	word := func(b bitset, i int) uint64 {
		if i < len(b) {
			return b[i]
		}
		return 0
	}
	for i := range out {
		out[i] = word(d.class.fit.full, i) | word(d.rejected, i)
		if d.pin != nil {
			out[i] |= word(d.pin.claims, i)
		}
	}
	if d.pin != nil {
		for _, m := range d.pin.by[d.pinID] {
			if !d.class.fit.full.has(int(m)) && !d.rejected.has(int(m)) {
				out.clear(int(m))
			}
		}
	}
	if n%64 != 0 {
		out[words-1] |= ^uint64(0) << (n % 64)
	}
	return out, slices.ContainsFunc(out, func(w uint64) bool { return w != ^uint64(0) })
}
