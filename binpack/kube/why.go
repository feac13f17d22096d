package kube

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Why lists every rule that a pod of a class fails on a node, with the numbers; nothing where it fits.
func (s *Snapshot) Why(c Class, n NodeID) Why {
	if c < 0 || int(c) >= len(s.classes) {
		return Why{{Rule: Malformed, Detail: fmt.Sprintf("class %d is unknown", c)}}
	}
	if !s.has(n) {
		return Why{{Rule: Removed}}
	}
	k, x := &s.classes[c], &s.nodes[n]
	if k.err != nil {
		return Why{{Rule: Malformed, Detail: k.err.Error()}}
	}
	var out Why
	add := func(r Rule, subject, detail string) {
		out = append(out, Reason{Rule: r, Subject: subject, Detail: detail})
	}
	pod, object := k.pod, x.object
	if object.Spec.Unschedulable && !Tolerates(pod.Spec.Tolerations, &cordon) {
		add(Unschedulable, object.Name, "")
	}
	if t := Untolerated(object.Spec.Taints, pod.Spec.Tolerations); t != nil {
		add(Taints, taintText(t), taintText(t))
	}
	if !k.selector.Matches(object.Name, object.Labels) {
		add(NodeAffinity, k.selector.String(), "wants "+k.selector.String())
	}
	for _, p := range k.ports {
		if i := slices.IndexFunc(x.ports, func(q int32) bool { return s.ports[p].Conflicts(s.ports[q]) }); i >= 0 {
			add(Ports, s.ports[p].String(), fmt.Sprintf("wants %s, %s is taken", s.ports[p], s.ports[x.ports[i]]))
		}
	}
	out = s.whyResources(out, k, n)
	out = s.whyVolumes(out, k, x)
	out = s.whySpread(out, k, n)
	return s.whyOthers(out, k, n)
}

func (s *Snapshot) whyResources(out Why, k *class, n NodeID) Why {
	x := &s.nodes[n]
	if have := int64(len(x.pods)); have >= x.maxPods {
		out = append(out, Reason{
			Rule: Resources, Subject: string(corev1.ResourcePods), Requested: 1, Used: have, Capacity: x.maxPods,
			Detail: fmt.Sprintf("%d of at most %d are there", have, x.maxPods),
		})
	}
	for _, a := range k.amounts {
		i := int(n)*s.stride + int(a.column)
		if a.amount <= 0 || a.amount <= s.alloc[i]-s.used[i] {
			continue
		}
		name := s.resource[a.column]
		request, free, capacity := s.opts.Units.Quantity(name, a.amount), s.opts.Units.Quantity(name, s.alloc[i]-s.used[i]), s.opts.Units.Quantity(name, s.alloc[i])
		detail := fmt.Sprintf("requests %s, %s of %s is free", request.String(), free.String(), capacity.String())
		switch {
		case s.alloc[i] == 0:
			detail = fmt.Sprintf("requests %s, the node has none", request.String())
		case a.amount > s.alloc[i]:
			detail += ": more than the whole node"
		}
		out = append(out, Reason{Rule: Resources, Subject: string(name), Requested: a.amount, Used: s.used[i], Capacity: s.alloc[i], Detail: detail})
	}
	return out
}

func (s *Snapshot) whyVolumes(out Why, k *class, x *node) Why {
	if k.needs.Problem != "" {
		return append(out, Reason{Rule: VolumeProblem, Detail: k.needs.Problem})
	}
	for i := range k.needs.disks {
		if d := &k.needs.disks[i]; s.diskUser(d, x) {
			out = append(out, Reason{Rule: DiskConflict, Subject: d.id, Detail: d.kind + " " + d.id + " is in use on the node"})
		}
	}
	for _, claim := range k.needs.Single {
		if s.single[claim] > 0 {
			out = append(out, Reason{Rule: SingleUse, Subject: claim, Detail: "claim " + claim})
		}
	}
	for i := range k.needs.Attach {
		if limit, have, more := s.attachments(k, x, i); more > 0 && have+more > limit {
			driver := k.needs.Attach[i].Driver
			out = append(out, Reason{Rule: VolumeLimit, Subject: driver, Requested: more, Used: have, Capacity: limit,
				Detail: fmt.Sprintf("%s: %d more wanted, %d of at most %d attached", driver, more, have, limit)})
		}
	}
	for i := range k.needs.Places {
		p := &k.needs.Places[i]
		if ok, rule := p.admits(x.object.Name, x.object.Labels); !ok {
			detail := "claim " + p.Claim
			if rule == VolumeNode || rule == VolumeBinding && p.onNode == "" && len(p.Alternatives) > 0 {
				texts := make([]string, len(p.Alternatives))
				for j := range p.Alternatives {
					texts[j] = p.Alternatives[j].String()
				}
				detail += " is usable where " + strings.Join(texts, " or ")
			}
			out = append(out, Reason{Rule: rule, Subject: p.Claim, Detail: detail})
		}
	}
	return out
}

func (s *Snapshot) whySpread(out Why, k *class, n NodeID) Why {
	for i := range k.spread {
		r := &k.spread[i]
		t := &s.topologies[r.topology]
		d := t.domain[n]
		if d < 0 {
			out = append(out, Reason{Rule: TopologyLabel, Subject: r.TopologyKey, Detail: "no label " + r.TopologyKey})
			continue
		}
		would, least := s.skew(r, d)
		if would-least <= int64(r.MaxSkew) {
			continue
		}
		detail := fmt.Sprintf("%s %s would have %d, the emptiest domain %d, maxSkew %d", r.TopologyKey, t.names[d], would, least, r.MaxSkew)
		if domains := s.extents[s.counters[r.counter].extent].domains; domains < r.MinDomains {
			detail = fmt.Sprintf("%s %s would have %d, %d of minDomains %d exist, maxSkew %d", r.TopologyKey, t.names[d], would, domains, r.MinDomains, r.MaxSkew)
		}
		out = append(out, Reason{Rule: TopologySkew, Subject: r.TopologyKey, Requested: would, Used: least, Capacity: int64(r.MaxSkew), Detail: detail})
	}
	return out
}

func (s *Snapshot) whyOthers(out Why, k *class, n NodeID) Why {
	if lonely, r := s.lonely(k, n); lonely {
		out = append(out, Reason{Rule: PodAffinityRule, Subject: r.TopologyKey, Detail: s.where(r.topology, n) + " has none of " + r.Selector.String()})
	}
	for i := range k.anti {
		r := &k.anti[i]
		if have := s.counted(r.topology, r.counter, n); have > 0 {
			out = append(out, Reason{Rule: PodAntiAffinityRule, Subject: r.TopologyKey, Used: int64(have),
				Detail: fmt.Sprintf("%s has %d of %s", s.where(r.topology, n), have, r.Selector.String())})
		}
	}
	for _, id := range k.repelled {
		ct := &s.counters[id]
		if have := s.counted(ct.topology, id, n); have > 0 {
			out = append(out, Reason{Rule: Repelled, Subject: s.topologies[ct.topology].key, Used: int64(have),
				Detail: fmt.Sprintf("%s has %d that want to be away from %s", s.where(ct.topology, n), have, ct.selectors[0].String())})
		}
	}
	return out
}

// where names the domain of a node.
func (s *Snapshot) where(topology int32, n NodeID) string {
	t := &s.topologies[topology]
	if d := t.domain[n]; d >= 0 {
		return t.key + " " + t.names[d]
	}
	return "no label " + t.key + ", so the node"
}

// Survey is the answer of every node for one class.
type Survey struct {
	Nodes int      // nodes asked
	Fit   []NodeID // those it fits on, in order
	// Reasons are the event texts of the others, most common first, then by the alphabet.
	Reasons []Tally
}

// Tally is a reason and on how many nodes it was given.
type Tally struct {
	Event    string // as in Reason.Event
	Nodes    int    // on how many nodes
	Examples []Why  // of up to three nodes, with the numbers
}

// Survey asks every node. It is the answer to "why is my pod pending".
func (s *Snapshot) Survey(c Class) Survey {
	var out Survey
	at := map[string]int{}
	for i := range s.nodes {
		n := NodeID(i)
		if s.nodes[i].gone {
			continue
		}
		out.Nodes++
		if s.Fits(c, n) {
			out.Fit = append(out.Fit, n)
			continue
		}
		why := s.Why(c, n)
		for j := range why {
			// As the scheduler does: the first rule that fails, and every resource that is short.
			if why[j].Rule != why[0].Rule || j > 0 && why[j].Rule != Resources {
				break
			}
			event := why[j].Event()
			k, ok := at[event]
			if !ok {
				k = len(out.Reasons)
				at[event] = k
				out.Reasons = append(out.Reasons, Tally{Event: event})
			}
			t := &out.Reasons[k]
			t.Nodes++
			if len(t.Examples) < 3 {
				t.Examples = append(t.Examples, why)
			}
		}
	}
	slices.SortFunc(out.Reasons, func(a, b Tally) int {
		if a.Nodes != b.Nodes {
			return b.Nodes - a.Nodes
		}
		return strings.Compare(a.Event, b.Event)
	})
	return out
}

// String reads like the scheduler's event: "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated
// taint(s)." The reasons are in the scheduler's order, that of their text.
func (v Survey) String() string {
	text := fmt.Sprintf("%d/%d nodes are available", len(v.Fit), v.Nodes)
	if len(v.Reasons) == 0 {
		return text + "."
	}
	parts := make([]string, len(v.Reasons))
	for i := range v.Reasons {
		parts[i] = fmt.Sprintf("%d %s", v.Reasons[i].Nodes, v.Reasons[i].Event)
	}
	slices.Sort(parts)
	return text + ": " + strings.Join(parts, ", ") + "."
}
