package karpenter

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// item is a pod to be placed.
type item struct {
	pod     *corev1.Pod
	class   *class
	from    string // the node it is to leave; empty where it is pending
	exempt  bool   // busy nodes take it all the same (rule 24)
	ours    bool   // it is pending, or leaves a deleting node: no pod of the nodes removed
	length  int    // of the queue when it was last put back
	refusal *Failure

	step  int   // how many preferences were given up
	node  *node // where it went, one of the two
	claim int32 // -1: none
	done  bool
}

// run places the items: rules 18 to 21.
func (c *Cluster) run(items []item) {
	c.items = items
	for i := range items {
		it := &items[i]
		it.claim = -1
		if it.refusal == nil {
			it.refusal = it.class.refusal
		}
		if it.refusal != nil {
			continue
		}
		if d := c.demandOf(it.class, 0); d != nil {
			c.update(d)
		} else {
			it.refusal = it.class.refusal
		}
	}
	queue := make([]int32, 0, len(items))
	for i := range items {
		if items[i].refusal == nil {
			queue = append(queue, int32(i))
		}
	}
	slices.SortFunc(queue, func(a, b int32) int { return c.before(&items[a], &items[b]) })
	for head := 0; head < len(queue); head++ {
		it := &items[queue[head]]
		if length := len(queue) - head; it.length == length {
			break
		}
		if c.try(it, queue[head]) {
			it.done = true
			continue
		}
		queue = append(queue, queue[head])
		it.length = len(queue) - head - 1
	}
}

// before is rule 18.
func (c *Cluster) before(a, b *item) int {
	for _, r := range []int{c.cpu, c.memory} {
		if order := cmp.Compare(b.class.request[r], a.class.request[r]); order != 0 {
			return order
		}
	}
	if order := a.pod.CreationTimestamp.Compare(b.pod.CreationTimestamp.Time); order != 0 {
		return order
	}
	return cmp.Compare(a.pod.UID, b.pod.UID)
}

// try places one pod, giving up its preferences one by one.
func (c *Cluster) try(it *item, number int32) bool {
	k := it.class
	if k.failed == c.version {
		return false // nothing has changed since one like it found no place
	}
	for step := 0; ; step++ {
		d := c.demandOf(k, step)
		if d == nil {
			break
		}
		c.update(d)
		c.judge(k)
		placed, waits := c.add(d, it, number)
		if placed {
			it.step = step
			c.version++
			return true
		}
		if waits {
			break
		}
	}
	if !c.simulating || it.exempt {
		k.failed = c.version
	}
	return false
}

// enter readies a demand for this pass.
func (c *Cluster) enter(d *demand) {
	d.pass = c.pass
	clear(d.rejected)
	c.candidates(d)
	c.entered = append(c.entered, d)
}

// add is rules 22 to 28: existing nodes, then claims of this pass, then a new claim. The second result tells that the pod
// is to wait for a reservation.
func (c *Cluster) add(d *demand, it *item, number int32) (placed, waits bool) {
	if d.pass != c.pass {
		c.enter(d)
	}
	if n := c.tryNodes(d, it.exempt); n != nil {
		it.node = n
		return true, false
	}
	c.order.sort()
	if m := c.tryClaims(d, number); m != nil {
		it.claim = m.index
		return true, false
	}
	for _, p := range c.usable {
		if !d.pools.has(int(p.number)) || !p.fresh.slots.any() {
			continue
		}
		fresh := c.open(p)
		o, why := c.takes(d, fresh, c.options.MinValuesBestEffort)
		switch why {
		case reserve:
			return false, true
		case taken:
			m := c.keep(fresh, &o)
			c.claims = append(c.claims, m)
			c.order.add()
			c.place(d, m, &o, number)
			c.spend(m)
			it.claim = m.index
			return true, false
		}
	}
	return false, false
}

// tryClaims places a pod on the first claim that takes it.
func (c *Cluster) tryClaims(d *demand, number int32) *claim {
	f := d.class.fit
	if f.pass != c.pass {
		f.pass = c.pass
		clear(f.full)
	}
	bars, some := c.barred(d)
	if !some {
		return nil
	}
	for at, i := range c.order.seq {
		if bars[i>>6]&(1<<(i&63)) != 0 {
			continue
		}
		m := c.claims[i]
		if !sumWithin(m.need, d.class.request, m.most) {
			f.full.grow(int(i))
			f.full.set(int(i))
			continue
		}
		o, why := c.takes(d, m, false)
		switch why {
		case taken:
			c.place(d, m, &o, number)
			c.order.grow(at)
			return m
		case never:
			d.rejected.grow(int(i))
			d.rejected.set(int(i))
		}
	}
	return nil
}

// begin starts a pass.
func (c *Cluster) begin() {
	c.pass++
	c.explained = 0
	c.version++
	c.claims = c.claims[:0]
	c.order.reset()
	c.entered = c.entered[:0]
	for _, p := range c.pinned {
		p.reset()
	}
	c.fallback = c.options.ReservedFallback || c.simulating
	for _, p := range c.usable {
		p.reopen()
	}
}

// end takes back all that a pass has done.
func (c *Cluster) end() {
	c.restoreNodes()
	c.undoTopology()
	for _, n := range c.removed {
		if n.pool != nil {
			n.pool.takeLimits(n, -1)
		}
	}
	for _, p := range c.spenders {
		for i := range p.limits {
			p.limits[i].spent = 0
		}
	}
	for _, m := range c.claims {
		c.hold(m, nil)
	}
	c.spenders, c.removed = c.spenders[:0], c.removed[:0]
	c.simulating = false
}
