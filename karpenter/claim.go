package karpenter

import (
	"cmp"
	"slices"

	"github.com/scalemath/scalemath/binpack/kube"
)

// claim is a node to be created, as it stands in a pass.
type claim struct {
	index int32
	pool  *pool
	shape shapeID
	slots bitset
	need  []int64 // of its pods
	floor []int64 // the least of each resource that a slot has
	most  []int64 // the most of each resource that a slot has
	low   []int32 // where the slot of floor stands in pool.byRoom
	high  []int32 // where the slot of most stands there
	pods  []int32 // items of the queue, in the order in which they were placed
	ports []kube.HostPort

	reserved []string // reservations that it holds
	relaxed  bool     // minValues was lowered
	dropped  bool     // the cut to the cheapest types broke its minValues
}

// verdict is why a claim does not take a pod.
type verdict int8

const (
	taken   verdict = iota
	never           // nor will it ever
	notNow          // other pods or reservations stand in the way, which may change
	reserve         // reservations are there but cannot be had (rule 46)
)

// offerTo is what a claim would become with a pod.
type offerTo struct {
	shape   shapeID
	slots   bitset
	reserve []string
	relaxed bool
}

// takes is rule 26: whether a claim takes a pod, and what it would become. relax lowers minValues rather than fail
// (rule 13), which a new claim may do.
func (c *Cluster) takes(d *demand, m *claim, relax bool) (offerTo, verdict) {
	k := d.class
	if !d.pools.has(int(m.pool.number)) || !d.anyHost || !sumWithin(m.need, k.request, m.most) {
		return offerTo{}, never
	}
	if len(k.ports) > 0 && conflict(m.ports, k.ports) {
		return offerTo{}, never
	}
	base, ok := c.x.merge(m.shape, d.shape, false)
	if !ok {
		if base == undefined && c.loose {
			return offerTo{}, notNow
		}
		return offerTo{}, never
	}
	if k.volumes.alternatives == nil {
		return c.takesAt(d, m, base, relax)
	}
	worst := never
	for _, v := range k.volumes.alternatives {
		s, ok := c.x.merge(base, v, false)
		if !ok {
			if s == undefined {
				worst = notNow
			}
			continue
		}
		o, why := c.takesAt(d, m, s, relax)
		switch why {
		case taken, reserve:
			worst = why
			if why == taken {
				return o, taken
			}
		case notNow:
			worst = notNow
		}
	}
	return offerTo{}, worst
}

// takesAt goes on with the requirements of claim, pod and one volume alternative.
func (c *Cluster) takesAt(d *demand, m *claim, base shapeID, relax bool) (offerTo, verdict) {
	why := never
	shape := base
	if len(d.rules) > 0 || len(d.class.repelled) > 0 {
		var ok bool
		if shape, ok = c.narrow(d, base, site{claim: m.index}); !ok {
			if c.hostBars(d, m) {
				return offerTo{}, never
			}
			return offerTo{}, notNow
		}
		if shape != base {
			why = notNow
		}
	}
	if !c.filter(d, m, shape) {
		if why == notNow && !c.filter(d, m, base) {
			why = never
		}
		return offerTo{}, why
	}
	o := offerTo{shape: shape, slots: c.left}
	if c.x.hasMinValues {
		if ok, short := c.minValues(m.pool.cat, c.left, shape); !ok {
			if !relax {
				return offerTo{}, why
			}
			o.relaxed = true
			for _, r := range short {
				id := c.x.id(r)
				o.shape = c.x.replace(o.shape, c.x.reqKey[id], id)
			}
		}
	}
	if c.reservations != nil {
		var ok bool
		if o.reserve, ok = c.reservable(m, c.left, shape); !ok {
			return offerTo{}, reserve
		}
	}
	return o, taken
}

// hostBars tells whether a rule about hosts keeps the pod off the claim for good: counts of a pass only grow.
func (c *Cluster) hostBars(d *demand, m *claim) bool {
	for i, g := range d.rules {
		if g = g.family.chosen; g.key.host && g.kind != beWith && !c.hostAllowed(g, d.self[i], 0, site{claim: m.index}) {
			return true
		}
	}
	for _, g := range d.class.repelled {
		if g.key.host && g.owners > 0 && !c.hostAllowed(g, false, 0, site{claim: m.index}) {
			return true
		}
	}
	return false
}

// filter leaves in c.left the slots of a claim that go with a shape and hold the pod too: rule 36.
func (c *Cluster) filter(d *demand, m *claim, shape shapeID) bool {
	left := append(c.left[:0], m.slots...)
	if shape != m.shape {
		for i, w := range m.pool.cat.survivors(shape) {
			left[i] &= w
		}
	}
	// Rule 37: daemons that take the same port.
	if ok := d.portOK[m.pool.number]; ok != nil {
		for i, w := range ok {
			left[i] &= w
		}
	}
	// What is too small stands first in the order of each resource.
	for r, more := range d.class.request {
		need := m.need[r] + more
		if need <= m.floor[r] {
			continue
		}
		order := m.pool.byRoom[r]
		for _, s := range order[m.low[r]:] {
			if m.pool.room[s][r] >= need {
				break
			}
			left.clear(int(s))
		}
	}
	c.left = left
	return left.any()
}

// open is a new claim of a pool with the types that its limits leave.
func (c *Cluster) open(p *pool) *claim {
	p.fresh.index = int32(len(c.claims))
	return &p.fresh
}

// keep makes a claim of an offer.
func (c *Cluster) keep(m *claim, o *offerTo) *claim {
	n := len(c.zero)
	amounts, places := make([]int64, 3*n), make([]int32, 2*n)
	k := &claim{
		index: m.index, pool: m.pool, shape: m.shape, relaxed: o.relaxed,
		need: amounts[:n:n], floor: amounts[n : 2*n : 2*n], most: amounts[2*n:], low: places[:n:n], high: places[n:],
	}
	copy(k.low, m.low)
	copy(k.high, m.high)
	return k
}

// place puts a pod on a claim.
func (c *Cluster) place(d *demand, m *claim, o *offerTo, item int32) {
	m.pods = append(m.pods, item)
	addTo(m.need, d.class.request)
	if m.slots == nil || !slices.Equal(m.slots, o.slots) {
		m.slots = append(m.slots[:0], o.slots...)
		m.settle()
	}
	m.shape = o.shape
	for _, p := range c.pinned {
		p.note(c.x, m)
	}
	if len(d.class.ports) > 0 {
		m.ports = append(m.ports, d.class.ports...)
	}
	if c.reservations != nil {
		c.hold(m, o.reserve)
	}
	c.record(d, site{claim: m.index}, m.pool.object.Spec.Template.Spec.Taints, m.shape)
}

// settle moves the ends of what a claim spans to the slots that are left: floor and most follow.
func (m *claim) settle() {
	for r, order := range m.pool.byRoom {
		low, high := m.low[r], m.high[r]
		for low < high && !m.slots.has(int(order[low])) {
			low++
		}
		for high > low && !m.slots.has(int(order[high])) {
			high--
		}
		m.low[r], m.high[r] = low, high
		m.floor[r], m.most[r] = m.pool.room[order[low]][r], m.pool.room[order[high]][r]
	}
}

// sortRoom orders the slots of a pool by what they have, for each resource.
func (p *pool) sortRoom(resources int) {
	p.byRoom = make([][]int32, resources)
	var all []int32
	for s := range p.slots.all {
		all = append(all, int32(s))
	}
	for r := range p.byRoom {
		p.byRoom[r] = slices.Clone(all)
		slices.SortFunc(p.byRoom[r], func(a, b int32) int { return cmp.Compare(p.room[a][r], p.room[b][r]) })
	}
}

// minValues tells whether the types of some slots have as many values as a shape asks for under each key; else the
// requirements that fall short, lowered to what there is.
func (c *Cluster) minValues(cat *catalog, slots bitset, shape shapeID) (bool, []kube.Requirement) {
	var short []kube.Requirement
	for _, e := range c.x.shapes[shape] {
		want := c.x.reqs[e.id].MinValues()
		if want == 0 {
			continue
		}
		seen := map[string]struct{}{}
		cat.eachType(slots, func(t int32) {
			if id := cat.get(int(t), e.key); id != 0 {
				for _, v := range c.x.reqs[id].Values() {
					seen[v] = struct{}{}
				}
			}
		})
		if len(seen) < want {
			short = append(short, c.x.reqs[e.id].WithMinValues(len(seen)))
		}
	}
	return len(short) == 0, short
}
