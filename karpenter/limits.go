package karpenter

import "slices"

// limitNodes is the resource by which limits count nodes.
const limitNodes = "nodes"

// reopen works out what a new claim of a pool starts with: the types whose capacity is within what remains of the limits
// (rule 39).
func (c *Cluster) reopen(p *pool) {
	p.open = append(p.open[:0], p.slots...)
	for _, r := range p.limits {
		left := p.remain[r] - p.spent[r]
		if c.res.names[r] == limitNodes && left == 0 {
			clear(p.open)
		}
		for s := range p.open.all {
			if p.cat.cap[p.cat.typ[s]][r] > left {
				p.open.clear(s)
			}
		}
	}
	p.bounds(p.open, p.openFloor, p.openMost)
}

// spend takes the most that a new claim may turn out to use off its pool's limits: rule 40. Nodes are not counted there.
func (c *Cluster) spend(m *claim) {
	p := m.pool
	if len(p.limits) == 0 {
		return
	}
	for _, r := range p.limits {
		var most int64
		first := true
		p.cat.eachType(m.slots, func(t int32) {
			if v := p.cat.cap[t][r]; first || v > most {
				most, first = v, false
			}
		})
		p.spent[r] += most
	}
	if !slices.Contains(c.spenders, p) {
		c.spenders = append(c.spenders, p)
	}
	c.reopen(p)
}
