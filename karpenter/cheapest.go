package karpenter

import (
	"fmt"
	"slices"

	"github.com/scalemath/scalemath/binpack"
)

// Packing is how pods are put together on new nodes.
type Packing int

// The packings.
const (
	// Upstream is Karpenter's own: a claim takes pods as long as any type holds them all. Price plays no part in it.
	Upstream Packing = iota
	// Cheapest looks for a cheaper plan after that and keeps the cheaper one of the two. The same pods find a place, pods
	// that go to nodes that exist go to the same nodes, and no preference is given up that upstream keeps. Pods that
	// are concerned by rules about zones and the like stay in the zone where upstream has them; those that want to be on
	// one host stay together, and so do the pods of claims with minValues or reservations. NodePools are taken in the order of their
	// weight; among equal weights the price decides.
	Cheapest
)

// String is the name of the packing.
func (p Packing) String() string {
	if p == Cheapest {
		return "Cheapest"
	}
	return "Upstream"
}

// MarshalText writes the packing by its name.
func (p Packing) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// repack looks for a cheaper plan beside the one that the pass has made.
type repack struct {
	c      *Cluster
	plan   *Plan     // upstream's
	number []int     // by claim of the pass: its index in the plan; -1 where it is dropped
	whole  []bool    // by claim of the pass: stays as it is
	homes  []homes   // by item: where it may go instead; none: it stays
	shapes []shapeID // by item: what it demands, and the domains that it stays in
	closed []bool    // by pool: no new claims, since its limits would not hold
	parted bool      // some claim has both pods that stay and pods that may go
}

// cheapen replaces a plan by a cheaper one where it finds one, and adds the bound. It stands between the pass and its end.
func (c *Cluster) cheapen(plan *Plan) {
	plan.Packing, plan.Upstream = Upstream, plan.Price
	if len(plan.Claims) == 0 {
		return
	}
	for _, p := range c.spenders {
		for i := range p.limits {
			p.limits[i].spent = 0
		}
	}
	for _, p := range c.usable {
		p.reopen()
	}
	r := &repack{c: c, plan: plan, closed: make([]bool, len(c.pools))}
	bound := r.bound()
	best := *plan
	for range len(c.usable) + 1 {
		r.free()
		r.parted = false
		spent := r.improve(&best, true)
		if r.parted {
			spent = append(spent, r.improve(&best, false)...)
		}
		if len(spent) == 0 {
			break
		}
		for _, p := range spent {
			r.closed[p.number] = true
		}
	}
	best.Bound = settleBound(bound, best.Price)
	*plan = best
}

// settleBound takes a bound that is above the price by what floating-point numbers lose for the price.
func settleBound(bound, price float64) float64 {
	if bound > price && bound <= price*(1+1e-9) {
		return price
	}
	return bound
}

// improve tries one way to part the pods from upstream's claims, and keeps the result where it is cheaper. It returns the
// pools whose limits stand in the way.
func (r *repack) improve(best *Plan, strip bool) []*pool {
	var claims []*keptClaim
	for stuck := true; stuck; {
		kept, stocks := r.part(strip)
		if len(stocks) == 0 {
			return nil
		}
		claims, stuck = r.pack(kept, stocks)
	}
	if spent := r.overspent(claims); len(spent) > 0 {
		return spent
	}
	plan := r.write(claims)
	if r.cost(&plan) < r.cost(best) {
		*best = plan
	}
	return nil
}

// cost is what plans are compared by.
func (r *repack) cost(p *Plan) float64 {
	return p.Price + r.c.options.PerNode*float64(len(p.Claims))
}

// part says which of upstream's claims remain, and what is to be packed anew. With strip a claim that must remain gives
// up those of its pods that may go, and becomes as small as the others allow.
func (r *repack) part(strip bool) (kept []*keptClaim, stocks []stock) {
	c := r.c
	var loose []int32
	for i, m := range c.claims {
		if r.number[i] < 0 {
			continue
		}
		k := &keptClaim{claim: m, number: r.number[i]}
		if r.whole[i] {
			kept = append(kept, k)
			continue
		}
		var bound, free []int32
		for _, item := range m.pods {
			if r.homes[item] == nil {
				bound = append(bound, item)
			} else {
				free = append(free, item)
			}
		}
		switch {
		case len(bound) == 0:
			loose = append(loose, free...)
			continue
		case len(free) > 0:
			r.parted = true
			if !strip {
				break
			}
			if small := c.strip(m, bound); small != nil {
				k.claim, k.number = small, -1
				loose = append(loose, free...)
			}
		}
		k.roomy = true
		kept = append(kept, k)
	}
	return kept, r.stock(loose)
}

// pack fills the room of the claims that remain and opens new ones. Pods that find no place are to stay, and the rest is
// to be tried again: stuck.
func (r *repack) pack(kept []*keptClaim, stocks []stock) (out []*keptClaim, stuck bool) {
	c := r.c
	var b bins
	for i := range stocks {
		b.add(stocks[i].demand, stocks[i].shape, stocks[i].homes, len(stocks[i].items))
	}
	over := b.build(c, true)
	if len(over) > 0 {
		return nil, r.stay(stocks, over)
	}
	roomy := r.openBins(&b, kept)
	plan, err := binpack.Pack(b.problem, binpack.Options{Rules: b.rulesFor(), PerBin: b.scaled(c.options.PerNode)})
	if over = left(&plan, err, len(stocks)); len(over) > 0 {
		return nil, r.stay(stocks, over)
	}
	out = slices.Clone(kept)
	for i, bin := range plan.Bins {
		contents := plan.Contents(i)
		if len(contents) == 0 {
			continue
		}
		var m *claim
		if bin.Open >= 0 {
			m = c.copyClaim(out[roomy[bin.Open]].claim)
			out[roomy[bin.Open]] = &keptClaim{claim: m, number: -1}
		} else {
			m = c.newClaim(b.types[bin.Type].pool)
			out = append(out, &keptClaim{claim: m, number: -1, fresh: true})
		}
		for _, p := range contents {
			s := &stocks[p.Item]
			if !c.join(m, s.demand, s.shape, s.items[:p.Count]) {
				return nil, r.stay(stocks, []int{p.Item})
			}
			s.items = s.items[p.Count:]
		}
		if bin.Open < 0 {
			c.keepCheapest(m)
		}
	}
	return out, false
}

// stay leaves pods where upstream put them.
func (r *repack) stay(stocks []stock, which []int) bool {
	for _, i := range which {
		for _, item := range stocks[i].all {
			r.homes[item] = nil
		}
	}
	return true
}

// Gap is how much the plan costs above the bound, as a share of the bound: 0.02 is two percent. It is 0 where there is no
// bound.
func (p *Plan) Gap() float64 {
	if p.Bound <= 0 {
		return 0
	}
	return p.Price/p.Bound - 1
}

// savingText is what the packing saved, and how far it can be from the best; empty where it was not asked for.
func (p *Plan) savingText() string {
	if p.Upstream == 0 && p.Bound == 0 {
		return ""
	}
	text := fmt.Sprintf("Karpenter's own plan: $%.4f/h, ", p.Upstream)
	switch {
	case p.Packing == Upstream:
		text += "nothing better found"
	case p.Price > p.Upstream:
		text += fmt.Sprintf("$%.4f/h more for fewer nodes", p.Price-p.Upstream)
	default:
		text += fmt.Sprintf("$%.4f/h saved (%.1f%%)", p.Upstream-p.Price, 100*(1-p.Price/p.Upstream))
	}
	if p.Bound == 0 {
		return text
	}
	return text + fmt.Sprintf("; no plan can cost less than $%.4f/h, %.1f%% below this one", p.Bound, 100*(1-p.Bound/p.Price))
}
