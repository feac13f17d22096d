package karpenter

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/binpack/kube"
)

// limitNodes is the resource by which limits count nodes.
const limitNodes corev1.ResourceName = "nodes"

// limit is how much of a resource all nodes of a pool may have.
type limit struct {
	resource corev1.ResourceName
	number   int
	units    kube.Units // coarser where the limit is too large for exact ones
	left     int64      // beside the nodes that are there (rule 39)
	spent    int64      // by claims of this pass (rule 40)
	types    []int64    // capacity by type
}

// huge tells whether exact units would not do for a limit.
func huge(name corev1.ResourceName, q *resource.Quantity) bool {
	if name == corev1.ResourceCPU {
		return q.CmpInt64(1<<30) > 0
	}
	return q.CmpInt64(1<<50) > 0
}

func (c *Cluster) addLimits(p *pool) {
	for name, q := range p.object.Spec.Limits {
		l := limit{resource: name, number: c.res.index[name], units: kube.ExactUnits}
		if huge(name, &q) {
			l.units = kube.SchedulerUnits
		}
		l.left = l.units.Capacity(name, &q)
		if p.cat != nil {
			for _, t := range p.cat.types {
				l.types = append(l.types, l.of(t.Capacity))
			}
		}
		p.limits = append(p.limits, l)
	}
	slices.SortFunc(p.limits, func(a, b limit) int { return cmp.Compare(a.number, b.number) })
}

// of is how much of the limited resource there is in a list.
func (l *limit) of(list corev1.ResourceList) int64 {
	q, ok := list[l.resource]
	if !ok {
		return 0
	}
	return l.units.Capacity(l.resource, &q)
}

// takeLimits adds a node's capacity to what is left of its pool's limits, n times (rule 39).
func (p *pool) takeLimits(n *node, times int64) {
	for i := range p.limits {
		l := &p.limits[i]
		if l.resource == limitNodes {
			one := resource.MustParse("1")
			l.left += times * l.units.Capacity(limitNodes, &one)
		} else {
			l.left += times * l.of(n.src.Object.Status.Capacity)
		}
	}
}

// reopen works out what a new claim of a pool starts with: the types whose capacity is within what is left of the limits.
func (p *pool) reopen() {
	m := &p.fresh
	m.slots = append(m.slots[:0], p.slots...)
	for i := range p.limits {
		l := &p.limits[i]
		left := l.left - l.spent
		if l.resource == limitNodes && left == 0 {
			clear(m.slots)
		}
		for s := range m.slots.all {
			if l.types[p.cat.typ[s]] > left {
				m.slots.clear(s)
			}
		}
	}
	if !m.slots.any() {
		return
	}
	for r, order := range p.byRoom {
		m.low[r], m.high[r] = 0, int32(len(order)-1)
	}
	m.settle()
}

// spend takes the most that a new claim may turn out to use off its pool's limits: rule 40. Nodes are not counted there.
func (c *Cluster) spend(m *claim) {
	p := m.pool
	if len(p.limits) == 0 {
		return
	}
	scarce := false
	for i := range p.limits {
		l := &p.limits[i]
		if l.resource == limitNodes && c.options.Profile.LimitsCountNodes {
			one := resource.MustParse("1")
			l.spent += l.units.Capacity(limitNodes, &one)
			scarce = scarce || l.left <= l.spent
			continue
		}
		var most int64
		first := true
		p.cat.eachType(m.slots, func(t int32) {
			if v := l.types[t]; first || v > most {
				most, first = v, false
			}
		})
		l.spent += most
		scarce = scarce || l.left-l.spent < slices.Max(l.types)
	}
	if !slices.Contains(c.spenders, p) {
		c.spenders = append(c.spenders, p)
	}
	if scarce {
		p.reopen()
	}
}
