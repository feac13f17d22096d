package karpenter

import (
	"slices"

	"github.com/scalemath/scalemath/binpack"
	"github.com/scalemath/scalemath/binpack/kube"
)

// hostRule bounds who may share a new node: spread and anti-affinity over hosts, and ports of the host. Each pod weighs
// something, and a node bears so much.
type hostRule struct {
	weight []int64 // by item
	room   int64
}

// maxHostRules bounds how many host rules that concern several classes are looked at together.
const maxHostRules = 64

// hostRules are the rules about hosts among some pods. exact ones are at least as strict as upstream's in every order of
// placing; else they are no stricter than it is in any.
func (c *Cluster) hostRules(demands []*demand, count func(i int) int, exact bool) (out []hostRule) {
	var groups []*group
	var taken []kube.HostPort
	all := int64(1)
	for i, d := range demands {
		all += int64(count(i))
		for _, g := range d.rules {
			if g = g.family.chosen; g.key.host && g.kind != beWith && !slices.Contains(groups, g) {
				groups = append(groups, g)
			}
		}
		for _, p := range d.class.ports {
			if p = portKey(p, exact); !slices.Contains(taken, p) {
				taken = append(taken, p)
			}
		}
	}
	for _, g := range groups {
		out = append(out, c.hostRule(g, demands, all, exact))
	}
	for _, p := range taken {
		r := hostRule{weight: make([]int64, len(demands)), room: 1}
		for i, d := range demands {
			if slices.ContainsFunc(d.class.ports, func(q kube.HostPort) bool { return portKey(q, exact) == p }) {
				r.weight[i] = 1
			}
		}
		out = append(out, r)
	}
	return out
}

// portKey is a port without its address where the rule is to be strict.
func portKey(p kube.HostPort, exact bool) kube.HostPort {
	if exact {
		p.IP = ""
	}
	return p
}

func (c *Cluster) hostRule(g *group, demands []*demand, all int64, exact bool) hostRule {
	r := hostRule{weight: make([]int64, len(demands)), room: 1}
	if g.kind == spreadOver {
		r.room = int64(max(0, g.maxSkew))
	}
	if exact && g.kind == beAway {
		r.room = all // one that has the rule fills the node; those that it is about only need some room
	}
	for i, d := range demands {
		own := slices.IndexFunc(d.rules, func(o *group) bool { return o.family.chosen == g })
		switch {
		case !exact:
			if own >= 0 && d.self[own] && g.filter == nil {
				r.weight[i] = 1
			}
		case own >= 0 && g.kind == beAway:
			r.weight[i] = all
		case slices.Contains(d.class.selected, g):
			r.weight[i] = 1
		}
	}
	return r
}

// addHostRules puts rules about hosts into the problem: as a count where one class alone is concerned, else as a dimension.
// It returns the items of rules that are too many.
func (b *bins) addHostRules(rules []hostRule) (over []int) {
	for _, r := range rules {
		var concerned []int
		for i, w := range r.weight {
			if w > 0 {
				concerned = append(concerned, i)
			}
		}
		switch {
		case len(concerned) == 0:
		case len(concerned) == 1:
			i := concerned[0]
			it := &b.problem.Items[i]
			if most := int(max(1, r.room/r.weight[i])); it.MaxPerBin == 0 || most < it.MaxPerBin {
				it.MaxPerBin = most
			}
		case len(b.rules) == maxHostRules:
			over = append(over, concerned...)
		default:
			b.rules = append(b.rules, r)
		}
	}
	for i := range b.problem.Items {
		for _, r := range b.rules {
			b.problem.Items[i].Size = append(b.problem.Items[i].Size, r.weight[i])
		}
	}
	return over
}

// room is a vector of what a place has, with what rules about hosts leave of a new one.
func (b *bins) room(v []int64) []int64 {
	out := b.vector(v)
	for _, r := range b.rules {
		out = append(out, r.room)
	}
	return out
}

// alone tells whether it does not matter to pods of a class, nor to others, whom they share a host with.
func (c *Cluster) alone(k *class) bool {
	if len(k.ports) > 0 || len(k.steps[0].rules) > 0 || len(k.steps[0].inverse) > 0 {
		return false
	}
	return !slices.ContainsFunc(k.selected, func(g *group) bool { return g.active == c.pass }) &&
		!slices.ContainsFunc(k.repelled, func(g *group) bool { return g.owners > 0 })
}

// left are the items of a plan that have no place, or all where there is no plan.
func left(plan *binpack.Plan, err error, items int) (out []int) {
	if err != nil {
		for i := range items {
			out = append(out, i)
		}
		return out
	}
	for _, l := range plan.Left {
		out = append(out, l.Item)
	}
	return out
}
