package karpenter

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/binpack/kube"
)

func (c *Cluster) triedClaims(d *demand) []Attempt {
	var t tally
	for _, m := range c.claims {
		key, rule, detail := c.whyNotClaim(d, m)
		t.add(string(rule)+key, Attempt{Target: "claim", Rule: rule, Detail: detail, Example: fmt.Sprint(m.index)})
	}
	return t.sorted()
}

// whyNotClaim is the first rule that a claim fails: rule 26.
func (c *Cluster) whyNotClaim(d *demand, m *claim) (key string, rule TriedRule, detail string) {
	if t := untolerated(m.pool.object.Spec.Template.Spec.Taints, d.tolerations, false); t != nil {
		return t.ToString(), TriedTaints, "did not tolerate taint " + t.ToString()
	}
	if conflict(m.ports, d.class.ports) {
		return "", TriedPorts, "port of the host is taken"
	}
	if !d.anyHost {
		return "host", TriedLabels, "it demands the name of a node that exists"
	}
	base, ok := c.x.merge(m.shape, d.shape, false)
	if !ok {
		conflict := c.conflictOf(m.shape, d.shape)
		return conflict.Key, TriedLabels, conflict.String()
	}
	for r, more := range d.class.request {
		if need := m.need[r] + more; need > m.most[r] {
			return string(c.res.names[r]), TriedResources, c.amountText(r, need, m.most[r])
		}
	}
	key, rule, detail = c.whyTopology(d, base, site{claim: m.index}, false)
	if rule != TriedTypes {
		return key, rule, detail
	}
	if _, why := c.takes(d, m, false); why == reserve {
		return "", TriedReserved, "its reservations would be lost"
	}
	if text := c.x.requirements(d.shape).String(); text != "" {
		detail = "none of its instance types goes with " + text
	}
	return key, rule, detail
}

func (c *Cluster) conflictOf(offered, demanded shapeID) kube.Conflict {
	return c.x.requirements(offered).Compatible(c.x.requirements(demanded), func(key string) bool { return c.x.wellKnown[c.x.key(key)] })
}

// triedPool is why a NodePool makes no claim for a pod.
func (c *Cluster) triedPool(d *demand, p *pool) Attempt {
	a := Attempt{Target: "NodePool " + p.object.Name, Count: 1}
	if p.skipped != "" {
		a.Rule, a.Detail = TriedSkipped, skippedText(p)
		return a
	}
	if !p.fresh.slots.any() {
		a.Rule, a.Detail = TriedLimits, c.limitText(p)
		return a
	}
	m := c.open(p)
	_, rule, detail := c.whyNotClaim(d, m)
	a.Rule, a.Detail = rule, detail
	if rule == TriedTypes || rule == TriedResources {
		a.Rule, a.Detail = TriedTypes, ""
		base, _ := c.x.merge(m.shape, d.shape, false)
		if s, ok := c.narrow(d, base, site{claim: m.index}); ok {
			base = s
		}
		a.Types = c.triedTypes(d, p, base)
		if len(a.Types) == 0 {
			a.Rule, a.Detail = c.whyNoClaim(d, p, base)
		}
	}
	return a
}

// whyNoClaim is for a pod that types would suit.
func (c *Cluster) whyNoClaim(d *demand, p *pool, base shapeID) (TriedRule, string) {
	if _, short := c.minValues(p.cat, c.left, base); len(short) > 0 {
		return TriedMinValues, fmt.Sprintf("%s has only %d values left", short[0].Key(), short[0].MinValues())
	}
	if _, why := c.takes(d, c.open(p), c.options.MinValuesBestEffort); why == reserve {
		return TriedReserved, "the reservations that suit are used up"
	}
	return TriedTypes, "no instance type is left"
}

func skippedText(p *pool) string {
	switch p.skipped {
	case PoolStatic:
		return "it holds a fixed number of nodes"
	case PoolNotReady:
		return "it is not ready"
	case PoolDeleting:
		return "it is being deleted"
	case PoolWithoutTypes:
		return "no instance types are known for it"
	}
	if len(p.short) > 0 {
		return fmt.Sprintf("its types have only %d values of %s", p.short[0].MinValues(), p.short[0].Key())
	}
	return "its own requirements leave no instance type that can be had"
}

// limitText says how much of each limit is left.
func (c *Cluster) limitText(p *pool) string {
	parts := make([]string, 0, len(p.limits))
	for i := range p.limits {
		l := &p.limits[i]
		left := l.units.Quantity(l.resource, l.left-l.spent)
		whole := p.object.Spec.Limits[l.resource]
		parts = append(parts, fmt.Sprintf("%s of %s %s left", readable(l.resource, left), whole.String(), l.resource))
	}
	return "all types exceed its limits: " + strings.Join(parts, ", ")
}

// triedTypes groups the types of a pool by the first rule that each fails under a shape: labels, resources, offerings.
func (c *Cluster) triedTypes(d *demand, p *pool, shape shapeID) []TypeGroup {
	type sum struct {
		TypeGroup
		r          int
		need, most int64
	}
	groups := map[string]*sum{}
	var order []*sum
	note := func(key string, g sum) *sum {
		if have := groups[key]; have != nil {
			have.Count++
			return have
		}
		g.Count = 1
		groups[key] = &g
		order = append(order, &g)
		return &g
	}
	market := p.cat.market(shape)
	p.cat.eachType(p.fresh.slots, func(t int32) {
		name := p.cat.types[t].Name
		for _, e := range c.x.shapes[shape] {
			if have := p.cat.get(int(t), e.key); have != 0 && !c.x.meets(have, e.id) {
				key := c.x.keyNames[e.key]
				note(key, sum{TypeGroup: TypeGroup{Rule: TriedLabels, Detail: c.x.reqs[e.id].String(), Example: name}})
				return
			}
		}
		s := p.fresh.slots.next(int(p.cat.first[t])) // the first of its slots that is left
		for r, want := range d.class.request {
			if room := p.room[s][r]; want > room {
				g := note("short of "+string(c.res.names[r]), sum{TypeGroup: TypeGroup{Rule: TriedResources, Example: name}, r: r, most: math.MinInt64})
				over := int64(0)
				if o := p.groups[p.group[s]].overhead; o != nil {
					over = o[r]
				}
				if room+over > g.most {
					g.need, g.most = want+over, room+over
				}
				g.Detail = c.amountText(g.r, g.need, g.most)
				return
			}
		}
		if market.best[t] < 0 {
			note("no offering", sum{TypeGroup: TypeGroup{Rule: TriedTypes, Detail: c.offeringText(shape), Example: name}})
		}
	})
	slices.SortStableFunc(order, func(a, b *sum) int { return b.Count - a.Count })
	out := make([]TypeGroup, len(order))
	for i := range order {
		out[i] = order[i].TypeGroup
	}
	return out
}

// offeringText says which offerings are looked for.
func (c *Cluster) offeringText(shape shapeID) string {
	text := "no offering to be had"
	for _, key := range []string{"topology.kubernetes.io/zone", LabelCapacityType} {
		if id := c.x.get(shape, c.x.key(key)); id != 0 {
			text += ", " + c.x.reqs[id].String()
		}
	}
	return text
}

// cutText says which minValues the cut to the cheapest types broke.
func (c *Cluster) cutText(m *claim) string {
	n := 0
	m.pool.cat.eachType(m.slots, func(int32) { n++ })
	return fmt.Sprintf("%d types of NodePool %s are left, of which the cheapest %d count", n, m.pool.object.Name, c.options.MaxInstanceTypes)
}

// readable writes a quantity with a binary suffix where that is short.
func readable(name corev1.ResourceName, q resource.Quantity) string {
	v := q.Value()
	if name == corev1.ResourceCPU || v < 1<<20 || q.MilliValue() != v*1000 {
		return q.String()
	}
	for _, unit := range []struct {
		size int64
		name string
	}{{1 << 40, "Ti"}, {1 << 30, "Gi"}, {1 << 20, "Mi"}} {
		if v >= unit.size {
			text := fmt.Sprintf("%.1f", float64(v)/float64(unit.size))
			return strings.TrimSuffix(text, ".0") + unit.name
		}
	}
	return q.String()
}

// String is one line: how many pods go where, and for how much.
func (p Plan) String() string {
	existing, failed := 0, 0
	for i := range p.Placements {
		switch {
		case p.Placements[i].Failure != nil:
			failed++
		case p.Placements[i].Node != "":
			existing++
		}
	}
	placed := len(p.Placements) - existing - failed
	return fmt.Sprintf("%d pods on %d new nodes for $%.4f/h, %d on nodes that exist, %d without a place", placed, len(p.Claims), p.Price, existing, failed)
}

// Explain writes the plan as a person wants to read it.
func (p Plan) Explain(w io.Writer) error {
	var b strings.Builder
	b.WriteString(p.String() + "\n")
	if text := p.savingText(); text != "" {
		b.WriteString(text + "\n")
	}
	for i := range p.Claims {
		fmt.Fprintf(&b, "claim %d: %s\n", i, p.Claims[i].String())
	}
	others := map[*Failure]int{}
	for i := range p.Placements {
		others[p.Placements[i].Failure]++
	}
	for i := range p.Placements {
		q := &p.Placements[i]
		if q.Failure == nil {
			b.WriteString(q.String() + "\n")
			continue
		}
		// Pods that are alike fail alike; they are told together.
		if n := others[q.Failure]; n > 0 {
			b.WriteString(q.String())
			if n > 1 {
				fmt.Fprintf(&b, " (and %d more pods)", n-1)
			}
			b.WriteString("\n")
			others[q.Failure] = 0
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// String says what a claim is.
func (c *Claim) String() string {
	return fmt.Sprintf("NodePool %s, %d pods, %d instance types, cheapest %s", c.NodePool, len(c.Pods), len(c.Types), c.Cheapest)
}

// String is the offering and its price.
func (c Choice) String() string {
	return fmt.Sprintf("%s %s in %s for $%.4f/h", c.InstanceType, c.CapacityType, c.Zone, c.Price)
}

// String says where a pod goes, or why nowhere, and what was given up for it.
func (p *Placement) String() string {
	text := fmt.Sprintf("pod %s/%s: ", p.Pod.Namespace, p.Pod.Name)
	switch {
	case p.Failure != nil:
		text += p.Failure.String()
	case p.Node != "":
		text += "node " + p.Node
	default:
		text += fmt.Sprintf("claim %d", p.Claim)
	}
	for i, r := range p.Relaxed {
		if i == 0 {
			text += "; gave up "
		} else {
			text += ", "
		}
		text += r.String()
	}
	return text
}
