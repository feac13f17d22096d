package karpenter

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// groupKind is what a topology rule wants.
type groupKind int8

const (
	spreadOver groupKind = iota
	beWith
	beAway
)

func (k groupKind) String() string {
	return [...]string{"topology spread", "pod affinity", "pod anti-affinity"}[k]
}

// group is a topology rule that pods share, with how many pods it counts in each domain.
type group struct {
	family   *family
	inverse  bool // required anti-affinity, seen by those that it keeps away (rule 57)
	kind     groupKind
	key      *domains
	maxSkew  int32
	least    int32 // minDomains; 0: nothing is said
	selector kube.PodSelector
	filter   *nodeFilter // which nodes count; nil: all

	count    []int32 // by domain number
	known    []int32 // why a domain is known: pools and nodes that have it
	claim    []int32 // of the made-up names of claims; only where the key is the host's
	nonEmpty int32   // domains with pods
	owners   int32   // of an inverse group: pods that have the rule
	active   int32   // the pass in which it was taken up
}

// family are the groups that Karpenter cannot tell apart. The first one that comes up in a pass stands for all of them
// (rule 48).
type family struct {
	pass   int32
	chosen *group
}

// nodeFilter is which nodes a spread constraint counts (rule 50).
type nodeFilter struct {
	affinity    bool
	terms       []shapeID // one of which must hold
	taints      bool
	tolerations []corev1.Toleration
}

// matches tells whether a node or claim with the taints and requirements counts.
func (f *nodeFilter) matches(x *interner, taints []corev1.Taint, s shapeID) bool {
	if f == nil {
		return true
	}
	if f.affinity && len(f.terms) > 0 && !slices.ContainsFunc(f.terms, func(t shapeID) bool { return x.compatible(s, t) }) {
		return false
	}
	return !f.taints || untolerated(taints, f.tolerations, false) == nil
}

// compatible is rule 8 where nothing may be undefined.
func (x *interner) compatible(offered, demanded shapeID) bool {
	for _, e := range x.shapes[demanded] {
		have := x.get(offered, e.key)
		if have == 0 {
			if !x.reqs[e.id].AllowsAbsent() {
				return false
			}
		} else if !x.meets(have, e.id) {
			return false
		}
	}
	return true
}

// rulesOf finds the groups of a pod's constraints, and those by which its required anti-affinity keeps others away.
func (c *Cluster) rulesOf(pod *corev1.Pod, d *demand) (own, inverse []*group, err error) {
	if len(pod.Spec.TopologySpreadConstraints) > 0 {
		list, err := kube.SpreadConstraints(pod)
		if err != nil {
			return nil, nil, err
		}
		for i := range list {
			t := &pod.Spec.TopologySpreadConstraints[i]
			if c.options.IgnorePreferences && !list[i].Hard {
				continue
			}
			g := &group{kind: spreadOver, maxSkew: list[i].MaxSkew, selector: list[i].Selector}
			if t.MinDomains != nil {
				g.least = *t.MinDomains
			}
			var filterText string
			if g.filter, filterText, err = c.filterOf(pod, &list[i]); err != nil {
				return nil, nil, err
			}
			id := spreadIdentity(pod, t, filterText)
			if c.options.Profile.ExactGroups {
				id += fmt.Sprint("|", g.least)
			}
			own = append(own, c.groupOf(g, t.TopologyKey, id, pod, list[i].HonorTaints))
		}
	}
	if pod.Spec.Affinity == nil {
		return own, nil, nil
	}
	a, err := kube.NewPodAffinity(pod)
	if err != nil {
		return nil, nil, err
	}
	add := func(to *[]*group, kind groupKind, terms []kube.AffinityTerm, inverse bool) {
		for i := range terms {
			g := &group{kind: kind, inverse: inverse, selector: terms[i].Selector}
			id := fmt.Sprintf("%d%v %s|%s", kind, inverse, terms[i].TopologyKey, terms[i].Selector.String())
			*to = append(*to, c.groupOf(g, terms[i].TopologyKey, id, pod, true))
		}
	}
	add(&own, beWith, a.Affinity, false)
	add(&own, beAway, a.AntiAffinity, false)
	if !c.options.IgnorePreferences {
		add(&own, beWith, a.PreferredAffinity, false)
		add(&own, beAway, a.PreferredAntiAffinity, false)
	}
	add(&inverse, beAway, a.AntiAffinity, true)
	return own, inverse, nil
}

// filterOf makes the node filter of a spread constraint, and the text by which Karpenter tells filters apart. It looks at
// the keys of the requirements only, and forgets what occurs twice: a defect.
func (c *Cluster) filterOf(pod *corev1.Pod, s *kube.Spread) (*nodeFilter, string, error) {
	f := &nodeFilter{affinity: s.HonorAffinity, taints: s.HonorTaints, tolerations: pod.Spec.Tolerations}
	var selector []kube.Requirement
	for k, v := range pod.Spec.NodeSelector {
		selector = append(selector, kube.LabelRequirement(kube.NormalizeKey(k), v))
	}
	base := kube.NewRequirements(selector...)
	all := []kube.Requirements{base}
	if a := pod.Spec.Affinity; a != nil && a.NodeAffinity != nil && a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution != nil {
		all = all[:0]
		for _, t := range a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms {
			r, err := kube.TermRequirements(t)
			if err != nil {
				return nil, "", err
			}
			all = append(all, base.With(r.All()...))
		}
	}
	texts := make([]string, 0, len(all))
	for _, r := range all {
		shape := c.x.shapeOf(r)
		f.terms = append(f.terms, shape)
		if c.options.Profile.ExactGroups {
			texts = append(texts, fmt.Sprint(shape))
			continue
		}
		var b strings.Builder
		for _, q := range r.All() {
			b.WriteString(q.Key() + ",")
		}
		texts = append(texts, b.String())
	}
	tolerations := make([]string, len(pod.Spec.Tolerations))
	for i := range pod.Spec.Tolerations {
		tolerations[i] = pod.Spec.Tolerations[i].String()
	}
	text := fmt.Sprintf("%v %v %q %q", f.affinity, f.taints, oddOnes(texts), oddOnes(tolerations))
	if slices.Contains(f.terms, 0) {
		f.affinity = false
	}
	if !f.affinity && !f.taints {
		return nil, text, nil
	}
	return f, text, nil
}

// oddOnes sorts and drops what occurs an even number of times.
func oddOnes(list []string) []string {
	slices.Sort(list)
	out := list[:0]
	for _, s := range list {
		if n := len(out); n > 0 && out[n-1] == s {
			out = out[:n-1]
		} else {
			out = append(out, s)
		}
	}
	return out
}

// spreadIdentity is what tells spread constraints apart: minDomains is not part of it (rule 48).
func spreadIdentity(pod *corev1.Pod, t *corev1.TopologySpreadConstraint, filter string) string {
	return fmt.Sprintf("spread %s|%s|%d|%s|%s", t.TopologyKey, pod.Namespace, t.MaxSkew, selectorIdentity(pod, t), filter)
}

func selectorIdentity(pod *corev1.Pod, t *corev1.TopologySpreadConstraint) string {
	if t.LabelSelector == nil {
		return "none"
	}
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(t.LabelSelector.MatchLabels)) {
		fmt.Fprintf(&b, "%q=%q,", k, t.LabelSelector.MatchLabels[k])
	}
	if len(t.LabelSelector.MatchExpressions) == 0 && len(t.MatchLabelKeys) == 0 {
		return b.String()
	}
	var texts []string
	add := func(key string, op metav1.LabelSelectorOperator, values []string) {
		values = slices.Clone(values)
		slices.Sort(values)
		texts = append(texts, fmt.Sprintf("%q %s %q", key, op, values))
	}
	for _, e := range t.LabelSelector.MatchExpressions {
		add(e.Key, e.Operator, e.Values)
	}
	for _, k := range t.MatchLabelKeys {
		if v, ok := pod.Labels[k]; ok {
			add(k, metav1.LabelSelectorOpIn, []string{v})
		}
	}
	slices.Sort(texts)
	return b.String() + ";" + strings.Join(slices.Compact(texts), ";")
}

// groupOf finds the group that is exactly like g, or makes g one.
func (c *Cluster) groupOf(g *group, key, identity string, pod *corev1.Pod, tolerated bool) *group {
	g.key = c.domainsOf(key)
	f, ok := c.families[identity]
	if !ok {
		f = &family{}
		c.families[identity] = f
	}
	g.family = f
	mask := make([]byte, len(c.domainPools))
	for i, p := range c.domainPools {
		if !tolerated || untolerated(p.object.Spec.Template.Spec.Taints, pod.Spec.Tolerations, false) == nil {
			mask[i] = 1
		}
	}
	b := append(c.x.buf[:0], identity...)
	if !g.inverse {
		b = append(b, mask...) // an inverse group stays as the first pod made it
	}
	b = binary.AppendVarint(b, int64(g.least))
	if g.filter != nil {
		for _, t := range g.filter.terms {
			b = binary.AppendVarint(b, int64(t))
		}
	}
	c.x.buf = b
	if have, ok := c.exact[string(b)]; ok {
		return have
	}
	c.exact[string(b)] = g
	c.groups = append(c.groups, g)
	c.countBase(g, mask)
	return g
}

// countBase fills a new group: rules 49 and 50.
func (c *Cluster) countBase(g *group, pools []byte) {
	for i, p := range c.domainPools {
		if pools[i] == 1 {
			for _, d := range g.key.ofPool(c, p) {
				g.learn(d, 1)
			}
		}
	}
	if g.inverse {
		return
	}
	for _, n := range c.nodes {
		if n.src.Deleting {
			continue
		}
		if d, ok := g.key.ofNode(n, false); ok && g.filter.matches(c.x, n.src.Object.Spec.Taints, n.labels) {
			g.learn(d, 1)
		}
	}
	for _, k := range c.classes {
		if len(k.running) == 0 || !c.counted(g, k) {
			continue
		}
		for _, s := range k.running {
			n := c.nodes[s.node]
			if d, ok := g.key.ofNode(n, true); ok && g.filter.matches(c.x, n.src.Object.Spec.Taints, n.labels) {
				g.add(d, s.count)
			}
		}
	}
}

// counted tells whether running pods of a class count: an absent selector takes every pod (rule 50).
func (c *Cluster) counted(g *group, k *class) bool {
	p := k.sample
	return g.selector.Namespace(p.Namespace, c.namespaces[p.Namespace]) && (g.selector.Absent() || g.selector.Labels(p.Labels))
}

// selects tells whether the group counts pods of a class once they are placed.
func (c *Cluster) selects(g *group, k *class) bool {
	p := k.sample
	return g.selector.Namespace(p.Namespace, c.namespaces[p.Namespace]) && g.selector.Labels(p.Labels)
}

func grow32(s []int32, d int32) []int32 {
	for int(d) >= len(s) {
		s = append(s, 0)
	}
	return s
}

func at32(s []int32, d int32) int32 {
	if int(d) < len(s) {
		return s[d]
	}
	return 0
}

// add counts pods in a domain.
func (g *group) add(d, n int32) {
	g.count = grow32(g.count, d)
	before := g.count[d]
	g.count[d] += n
	g.turned(before, g.count[d])
}

// addClaim counts pods on a claim by its made-up name.
func (g *group) addClaim(i, n int32) {
	g.claim = grow32(g.claim, i)
	before := g.claim[i]
	g.claim[i] += n
	g.turned(before, g.claim[i])
}

func (g *group) turned(before, after int32) {
	switch {
	case before == 0 && after != 0:
		g.nonEmpty++
	case before != 0 && after == 0:
		g.nonEmpty--
	}
}

// learn makes a domain known, or takes a reason to know it away.
func (g *group) learn(d, n int32) {
	g.known = grow32(g.known, d)
	g.known[d] += n
}

// knows tells whether a domain is known: some pool or node has it, or a pod was counted there.
func (g *group) knows(d int32) bool { return at32(g.known, d) > 0 || at32(g.count, d) > 0 }
