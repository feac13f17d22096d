package karpenter

import (
	"math"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
)

// plan says what this pass has decided.
func (c *Cluster) plan() Plan {
	plan := Plan{Placements: make([]Placement, len(c.items))}
	number := make([]int, len(c.claims))
	for i, m := range c.claims {
		out := c.claimOut(m)
		if m.dropped {
			number[i] = -1
			continue
		}
		number[i] = len(plan.Claims)
		plan.Claims = append(plan.Claims, out)
		plan.Price += out.Cheapest.Price
	}
	for i := range c.items {
		plan.Placements[i] = c.placementOut(&c.items[i], number)
	}
	return plan
}

func (c *Cluster) placementOut(it *item, number []int) Placement {
	p := Placement{Pod: it.pod, From: it.from, Claim: -1}
	if it.step > 0 {
		for _, d := range it.class.steps[1 : it.step+1] {
			p.Relaxed = append(p.Relaxed, d.gave)
		}
	}
	switch {
	case it.refusal != nil:
		p.Failure = it.refusal
	case it.node != nil:
		p.Node = it.node.src.Object.Name
		if c.simulating && it.node.src.Uninitialized && (it.from == "" || !it.ours) {
			p.Failure = &Failure{Rule: Uninitialized, Detail: "node " + p.Node + " is not initialized"}
		}
	case it.claim >= 0:
		p.Claim = number[it.claim]
		if p.Claim < 0 {
			p.Failure = &Failure{Rule: MinValuesCut, Detail: c.cutText(c.claims[it.claim])}
		}
	default:
		p.Failure = c.explain(it.class)
	}
	return p
}

// claimOut finishes a claim: rules 31, 42 and 47. A claim whose cheapest types break its minValues is marked as dropped.
func (c *Cluster) claimOut(m *claim) Claim {
	cat := m.pool.cat
	shape := m.shape
	if len(m.reserved) > 0 {
		pinned, _ := kube.NewRequirement(LabelReservationID, kube.In, m.reserved...)
		shape = c.x.replace(shape, c.x.key(LabelCapacityType), c.x.id(kube.LabelRequirement(LabelCapacityType, cloudprovider.Reserved)))
		shape = c.x.with(shape, c.x.id(pinned))
	}
	market := cat.market(shape)
	out := Claim{NodePool: m.pool.object.Name, MinValuesRelaxed: m.relaxed}
	kept := newBitset(len(cat.typ))
	for _, t := range cat.ranked(market) {
		if !cat.hasType(m.slots, t) {
			continue
		}
		if len(out.Types) == c.options.MaxInstanceTypes {
			out.Truncated = true
			break
		}
		if len(out.Types) == 0 {
			out.Cheapest = c.choice(cat, market, t)
		}
		out.Types = append(out.Types, cat.types[t])
		for s := cat.first[t]; s < cat.first[t+1]; s++ {
			kept.set(int(s))
		}
	}
	if out.Truncated && !c.options.MinValuesBestEffort {
		if ok, _ := c.minValues(cat, kept, shape); !ok {
			m.dropped = true
			return out
		}
	}
	out.Requirements = c.requirementsOut(shape)
	out.Requests = c.requestsOut(m)
	out.Pods = make([]*corev1.Pod, len(m.pods))
	for i, item := range m.pods {
		out.Pods[i] = c.items[item].pod
	}
	return out
}

// requirementsOut leaves out what stands there only for the sake of daemons.
func (c *Cluster) requirementsOut(s shapeID) kube.Requirements {
	if r, ok := c.translated[s]; ok {
		return r
	}
	r := c.x.requirements(s).Without(LabelRegistered).Without(LabelInitialized)
	c.translated[s] = r
	return r
}

// choice is the cheapest offering of a type.
func (c *Cluster) choice(cat *catalog, m *market, t int32) Choice {
	out := Choice{InstanceType: cat.types[t].Name}
	if m.best[t] >= 0 && m.price[t] < math.MaxFloat64 {
		o := &cat.types[t].Offerings[m.best[t]]
		out.Zone, out.CapacityType, out.Price = o.Zone, o.CapacityType, o.Price
	}
	return out
}

// requestsOut is what a claim asks for: its pods, and the least that daemons need over the groups of types it still has;
// what one group does not need at all does not count (rule 31).
func (c *Cluster) requestsOut(m *claim) corev1.ResourceList {
	out := corev1.ResourceList{}
	formats := make([]resource.Format, len(c.zero))
	named := make([]bool, len(c.zero))
	total := slices.Clone(m.need)
	note := func(r int, q *resource.Quantity) {
		named[r] = true
		if formats[r] == "" && !q.IsZero() {
			formats[r] = q.Format
		}
	}
	// A sum takes the format of its first part that is not zero.
	last := (*class)(nil)
	for _, item := range m.pods {
		k := c.items[item].class
		if k == last {
			continue
		}
		last = k
		for name, q := range k.amounts {
			note(c.res.index[name], &q)
		}
	}
	named[pods], formats[pods] = true, resource.DecimalExponent
	for name, v := range c.leastDaemons(m) {
		note(c.res.index[name], &v)
		total[c.res.index[name]] += kube.ExactUnits.Request(name, &v)
	}
	for r := range named {
		if named[r] {
			if formats[r] == "" {
				formats[r] = resource.DecimalSI
			}
			out[c.res.names[r]] = c.res.quantity(r, total[r], formats[r])
		}
	}
	return out
}

// leastDaemons is the elementwise least of what the daemons of the groups need that a claim still has types of. A group
// without daemons counts for nothing as long as it comes first, which is Karpenter's way.
func (c *Cluster) leastDaemons(m *claim) corev1.ResourceList {
	var least corev1.ResourceList
	for g := range m.pool.groups {
		group := &m.pool.groups[g]
		some := false
		for i, w := range group.slots {
			some = some || w&m.slots[i] != 0
		}
		if !some {
			continue
		}
		if len(least) == 0 {
			least = group.total
			continue
		}
		least = smaller(least, group.total)
	}
	return least
}

func smaller(a, b corev1.ResourceList) corev1.ResourceList {
	out := corev1.ResourceList{}
	for name, q := range a {
		if other, ok := b[name]; ok {
			if other.Cmp(q) < 0 {
				q = other
			}
			out[name] = q
		}
	}
	return out
}
