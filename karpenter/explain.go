package karpenter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scalemath/scalemath/binpack/kube"
)

// TriedRule is what a place failed on.
type TriedRule string

// What places fail on, in the order in which they are asked.
const (
	TriedSkipped     TriedRule = "Skipped"     // the NodePool is left out
	TriedLimits      TriedRule = "Limits"      // every type would break the NodePool's limits
	TriedTaints      TriedRule = "Taints"      // a taint is not tolerated
	TriedVolumeLimit TriedRule = "VolumeLimit" // too many volumes for the driver
	TriedPorts       TriedRule = "Ports"       // a port of the host is taken
	TriedResources   TriedRule = "Resources"   // too little is free
	TriedLabels      TriedRule = "Labels"      // node selection, the NodePool's requirements and the pod's
	TriedVolumes     TriedRule = "Volumes"     // the volumes are elsewhere
	TriedTopology    TriedRule = "Topology"    // spread, affinity or anti-affinity
	TriedBusy        TriedRule = "Busy"        // pods came or went within consolidateAfter
	TriedTypes       TriedRule = "Types"       // no instance type is left: see Types
	TriedMinValues   TriedRule = "MinValues"   // too few values are left under a label
	TriedReserved    TriedRule = "Reserved"    // the reservations that suit are used up
)

// Attempt is what some places have in common that did not take a pod.
type Attempt struct {
	Target string    `json:"target"`           // node, claim, or NodePool and its name
	Count  int       `json:"count"`            // how many
	Rule   TriedRule `json:"rule"`             // the first that failed
	Detail string    `json:"detail,omitempty"` // with its numbers, those of the example where there are several
	// Example is the first of several nodes.
	Example string `json:"example,omitempty"`
	// Types are the instance types of a NodePool by the first rule that each failed, the most frequent first.
	Types []TypeGroup `json:"types,omitempty"`
}

// TypeGroup are instance types that failed on the same.
type TypeGroup struct {
	Count   int       `json:"count"`            // how many
	Rule    TriedRule `json:"rule"`             // the first that failed: Labels, Resources or Types for no offering
	Detail  string    `json:"detail,omitempty"` // with its numbers: for resources what is needed and the most that there is
	Example string    `json:"example"`          // the first of them
}

// String is what an event would say.
func (a Attempt) String() string {
	text := a.Target
	if a.Count > 1 {
		text = fmt.Sprintf("%d %ss", a.Count, a.Target)
	} else if a.Example != "" {
		text += " " + a.Example
	}
	text += ": "
	if len(a.Types) == 0 {
		if a.Detail == "" {
			return text + string(a.Rule)
		}
		return text + a.Detail
	}
	parts := make([]string, len(a.Types))
	for i, t := range a.Types {
		plural := "s"
		if t.Count == 1 {
			plural = ""
		}
		parts[i] = fmt.Sprintf("%d type%s: %s", t.Count, plural, t.Detail)
	}
	return text + strings.Join(parts, "; ")
}

// String reads like the event of a pod that is not scheduled.
func (f *Failure) String() string {
	text := failureText(f.Rule)
	if f.Detail != "" {
		text += ": " + f.Detail
	}
	for i, a := range f.Tried {
		if i == 0 {
			text += ": "
		} else {
			text += ". "
		}
		text += a.String()
	}
	return text
}

func failureText(r FailureRule) string {
	switch r {
	case NotWaiting:
		return "not waiting for a node"
	case Malformed:
		return "makes no sense"
	case NotSupported:
		return "not supported"
	case VolumeProblem:
		return "volume"
	case OptedOut:
		return "does not want a node of Karpenter's"
	case NoPools:
		return "no NodePool can make nodes"
	case WaitsReserved:
		return "waits for a reservation"
	case MinValuesCut:
		return "the cheapest instance types have too few values for minValues"
	case Uninitialized:
		return "would run on a node that is not ready for pods"
	}
	return "no place"
}

// explainLimit bounds how many places are asked again for one plan's explanations.
const explainLimit = 1 << 20

// explain says why pods of a class have no place, as things stand at the end of the pass.
func (c *Cluster) explain(k *class) *Failure {
	if k.why != nil && k.whyPass == c.pass {
		return k.why
	}
	f := &Failure{Rule: NoPlace}
	k.why, k.whyPass = f, c.pass
	if len(k.steps) == 0 {
		return f
	}
	d := k.steps[len(k.steps)-1]
	for i := range k.steps {
		if k.steps[i].pass == c.pass {
			d = k.steps[i]
		}
	}
	if d.updated != c.pass {
		return f
	}
	if c.waits(d) {
		f.Rule = WaitsReserved
	} else if len(c.usable) == 0 {
		f.Rule = NoPools
	}
	if c.simulating && !c.options.ExplainMoves {
		return f
	}
	if c.explained += len(c.nodes) + len(c.claims) + 1; c.explained > explainLimit {
		f.Detail = "not explained, since many others are"
		return f
	}
	f.Tried = append(c.triedNodes(d), c.triedClaims(d)...)
	for _, p := range c.pools {
		f.Tried = append(f.Tried, c.triedPool(d, p))
	}
	return f
}

// waits tells whether a pod is held back for a reservation (rule 46).
func (c *Cluster) waits(d *demand) bool {
	if c.reservations == nil || c.fallback {
		return false
	}
	for _, p := range c.usable {
		if p.fresh.slots.any() {
			if _, why := c.takes(d, c.open(p), c.options.MinValuesBestEffort); why == reserve {
				return true
			}
		}
	}
	return false
}

// tally gathers attempts by rule and detail.
type tally struct {
	list []Attempt
	at   map[string]int
}

func (t *tally) add(key string, a Attempt) {
	if i, ok := t.at[key]; ok {
		t.list[i].Count++
		return
	}
	if t.at == nil {
		t.at = map[string]int{}
	}
	t.at[key] = len(t.list)
	a.Count = 1
	t.list = append(t.list, a)
}

func (t *tally) sorted() []Attempt {
	slices.SortStableFunc(t.list, func(a, b Attempt) int { return b.Count - a.Count })
	return t.list
}

func (c *Cluster) triedNodes(d *demand) []Attempt {
	var t tally
	for _, n := range c.nodes {
		if n.gone == c.pass || n.src.Deleting {
			continue
		}
		key, rule, detail := c.whyNotNode(d, n)
		t.add(string(rule)+key, Attempt{Target: "node", Rule: rule, Detail: detail, Example: n.src.Object.Name})
	}
	return t.sorted()
}

// whyNotNode is the first rule that a node fails: rule 23. The key is what nodes are grouped by beside the rule.
func (c *Cluster) whyNotNode(d *demand, n *node) (key string, rule TriedRule, detail string) {
	k := d.class
	if t := untolerated(n.taints, d.tolerations, false); t != nil {
		text := t.ToString()
		return text, TriedTaints, "did not tolerate taint " + text
	}
	if !n.volumes.takes(&k.volumes) {
		return "", TriedVolumeLimit, "too many volumes"
	}
	if conflict(n.ports, k.ports) {
		return "", TriedPorts, "port of the host is taken"
	}
	for r, want := range k.request {
		if want > n.free[r] || n.unfit && n.free[r] < 0 {
			return string(c.res.names[r]), TriedResources, c.amountText(r, want, n.free[r])
		}
	}
	if conflict := c.x.requirements(n.shape).Compatible(c.x.requirements(d.shape), nil); !conflict.OK() {
		return conflict.Key, TriedLabels, conflict.String()
	}
	if n.busy && c.simulating {
		return "", TriedBusy, "pods came or went within consolidateAfter"
	}
	base, _ := c.x.merge(n.shape, d.shape, true)
	return c.whyTopology(d, base, site{claim: -1, node: n}, true)
}

// whyTopology is the first topology rule that a place fails, or its volumes.
func (c *Cluster) whyTopology(d *demand, base shapeID, at site, strict bool) (key string, rule TriedRule, detail string) {
	if v := d.class.volumes.alternatives; v != nil {
		i := slices.IndexFunc(v, func(s shapeID) bool { _, ok := c.x.merge(base, s, strict); return ok })
		if i < 0 {
			return "", TriedVolumes, "its volumes can be used elsewhere only"
		}
		base, _ = c.x.merge(base, v[i], strict)
	}
	for i, g := range d.rules {
		g = g.family.chosen
		if _, ok := c.narrowBy(g, d, d.self[i], base, base, at); !ok {
			return g.kind.String() + g.key.label, TriedTopology, c.groupText(g, d)
		}
	}
	for _, g := range d.class.repelled {
		if _, ok := c.narrowBy(g, d, false, base, base, at); g.owners > 0 && !ok {
			return "repelled" + g.key.label, TriedTopology, "a pod there wants to be away from it (anti-affinity over " + g.key.label + ")"
		}
	}
	return "", TriedTypes, "no instance type is left"
}

// groupText writes a topology rule with its counts.
func (c *Cluster) groupText(g *group, d *demand) string {
	text := fmt.Sprintf("%s over %s", g.kind, g.key.label)
	if g.kind == spreadOver {
		text += fmt.Sprintf(" with skew %d", g.maxSkew)
		if g.least > 0 {
			text += fmt.Sprintf(" and at least %d domains", g.least)
		}
	}
	if g.key.host {
		return text
	}
	var counts []string
	for _, i := range g.key.admitted(c.x.get(d.strict, g.key.key)) {
		if g.knows(i) && len(counts) < 25 {
			counts = append(counts, fmt.Sprintf("%s: %d", g.key.names[i], at32(g.count, i)))
		}
	}
	return text + " (" + strings.Join(counts, ", ") + ")"
}

// amountText writes that more is wanted than there is.
func (c *Cluster) amountText(r int, want, have int64) string {
	name := c.res.names[r]
	w, h := kube.ExactUnits.Quantity(name, want), kube.ExactUnits.Quantity(name, have)
	return fmt.Sprintf("%s %s > %s", name, readable(name, w), readable(name, h))
}
