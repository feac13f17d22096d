package karpenter

import (
	corev1 "k8s.io/api/core/v1"
)

// site is where a pod may go: a claim by its index, or a node.
type site struct {
	claim int32 // -1 for a node
	node  *node
}

// change is one count or reason to be taken back at the end of a pass.
type change struct {
	group *group
	at, n int32
	what  changeKind
}

type changeKind int8

const (
	countChange changeKind = iota
	claimChange
	knownChange
	ownerChange
)

func (c *Cluster) apply(g *group, what changeKind, at, n int32) {
	g.apply(what, at, n)
	c.journal = append(c.journal, change{g, at, n, what})
}

func (g *group) apply(what changeKind, at, n int32) {
	switch what {
	case countChange:
		g.add(at, n)
	case claimChange:
		g.addClaim(at, n)
	case knownChange:
		g.learn(at, n)
	case ownerChange:
		g.owners += n
	}
}

// undoTopology takes back what this pass counted.
func (c *Cluster) undoTopology() {
	for i := len(c.journal) - 1; i >= 0; i-- {
		ch := &c.journal[i]
		ch.group.apply(ch.what, ch.at, -ch.n)
	}
	c.journal = c.journal[:0]
}

// update takes the rules of a demand up for this pass.
func (c *Cluster) update(d *demand) {
	if d.updated == c.pass {
		return
	}
	d.updated = c.pass
	for _, g := range d.rules {
		if g.family.pass != c.pass {
			g.family.pass, g.family.chosen = c.pass, g
			c.activate(g)
		}
	}
	for _, g := range d.inverse {
		c.apply(g, ownerChange, 0, 1)
	}
}

// activate begins to count for a group, without the nodes and the pods that are taken away on trial.
func (c *Cluster) activate(g *group) {
	g.active = c.pass
	for _, n := range c.removed {
		if !g.filter.matches(c.x, n.src.Object.Spec.Taints, n.labels) {
			continue
		}
		if d, ok := g.key.ofNode(n, false); ok {
			c.apply(g, knownChange, d, -1)
		}
		d, ok := g.key.ofNode(n, true)
		if !ok {
			continue
		}
		for i, k := range n.movedTo {
			if runs(n.moved[i]) && c.counted(g, k) {
				c.apply(g, countChange, d, -1)
			}
		}
	}
}

// runs tells whether a bound pod counts for topology: not finished, not on its way out.
func runs(pod *corev1.Pod) bool {
	return pod.DeletionTimestamp == nil && pod.Status.Phase != corev1.PodFailed && pod.Status.Phase != corev1.PodSucceeded
}

// forget takes the inverse rules of pods that are moved away from their nodes back.
func (c *Cluster) forget(n *node) {
	for _, k := range n.movedTo {
		for _, g := range c.inverseOf(k) {
			c.apply(g, ownerChange, 0, -1)
			if d, ok := g.key.ofNode(n, false); ok {
				c.apply(g, countChange, d, -1)
			}
		}
	}
}

// inverseOf are the groups by which running pods of a class keep others away.
func (c *Cluster) inverseOf(k *class) []*group {
	if d := c.demandOf(k, 0); d != nil {
		return d.inverse
	}
	return nil
}

// judge brings up to date which groups count pods of a class.
func (c *Cluster) judge(k *class) {
	for ; k.judged < len(c.groups); k.judged++ {
		g := c.groups[k.judged]
		if !c.selects(g, k) {
			continue
		}
		if g.inverse {
			k.repelled = append(k.repelled, g)
		} else {
			k.selected = append(k.selected, g)
		}
	}
}

// narrow applies every topology rule that concerns a pod to a place with the requirements base, and returns them
// narrowed to the domains left. Rules 52 to 57.
func (c *Cluster) narrow(d *demand, base shapeID, at site) (shapeID, bool) {
	out := base
	for i, g := range d.rules {
		var ok bool
		if out, ok = c.narrowBy(g.family.chosen, d, d.self[i], base, out, at); !ok {
			return 0, false
		}
	}
	for _, g := range d.class.repelled {
		if g.owners == 0 {
			continue
		}
		var ok bool
		if out, ok = c.narrowBy(g, d, false, base, out, at); !ok {
			return 0, false
		}
	}
	return out, true
}

func (c *Cluster) narrowBy(g *group, d *demand, self bool, base, out shapeID, at site) (shapeID, bool) {
	k := g.key
	podReq := c.x.get(d.strict, k.key)
	if k.host {
		return out, c.hostAllowed(g, self, podReq, at)
	}
	nodeReq := c.x.get(base, k.key)
	id, ok := c.allowed(g, self, podReq, nodeReq)
	if !ok {
		return 0, false
	}
	if nodeReq == 0 {
		if at.node != nil || !c.x.wellKnown[k.key] {
			return 0, false
		}
	}
	out = c.x.with(out, id)
	now := c.x.get(out, k.key)
	if nodeReq != 0 && now != nodeReq && !c.x.meets(nodeReq, now) {
		return 0, false
	}
	return out, true
}

// hostAllowed is for rules whose domains are hosts: a place is one host.
func (c *Cluster) hostAllowed(g *group, self bool, podReq reqID, at site) bool {
	var n int32
	if at.node != nil {
		n = at32(g.count, g.key.number(at.node.host))
	} else {
		n = at32(g.claim, at.claim)
	}
	switch g.kind {
	case spreadOver:
		if self {
			n++
		}
		return n <= g.maxSkew
	case beAway:
		return n == 0
	}
	return n > 0 || self && (g.nonEmpty == 0 || !c.anywhere(g, podReq))
}

// anywhere tells whether a pod is counted in a domain that the incoming pod may use.
func (c *Cluster) anywhere(g *group, podReq reqID) bool {
	if podReq == 0 {
		return g.nonEmpty > 0
	}
	for _, d := range g.key.admitted(podReq) {
		if at32(g.count, d) > 0 {
			return true
		}
	}
	// A made-up name is none that a pod names, but open sets admit it.
	return g.key.host && g.key.x.reqs[podReq].Complement() && g.nonEmpty > g.countedNodes()
}

func (g *group) countedNodes() int32 {
	var n int32
	for _, v := range g.count {
		if v != 0 {
			n++
		}
	}
	return n
}

// allowed are the domains that a rule leaves, as a requirement; false where there is none.
func (c *Cluster) allowed(g *group, self bool, podReq, nodeReq reqID) (reqID, bool) {
	switch g.kind {
	case spreadOver:
		return c.spread(g, self, podReq, nodeReq)
	case beAway:
		return c.away(g, podReq, nodeReq)
	}
	return c.with(g, self, podReq, nodeReq)
}

// spread is rule 53. Where upstream draws lots among the emptiest domains, the first is taken.
func (c *Cluster) spread(g *group, self bool, podReq, nodeReq reqID) (reqID, bool) {
	least := c.leastCount(g, podReq)
	var more int32
	if self {
		more = 1
	}
	best, bestCount := int32(-1), int32(0)
	for _, i := range g.key.admitted(nodeReq) {
		n := at32(g.count, i)
		if g.knows(i) && n+more-least <= g.maxSkew && (best < 0 || n < bestCount) {
			best, bestCount = i, n
		}
	}
	if best < 0 {
		return 0, false
	}
	return g.key.single(best), true
}

// leastCount is the smallest count among the domains that the pod may use; 0 where these are fewer than minDomains.
func (c *Cluster) leastCount(g *group, podReq reqID) int32 {
	least, found := int32(0), int32(0)
	for _, i := range g.key.admitted(podReq) {
		if g.knows(i) {
			if n := at32(g.count, i); found == 0 || n < least {
				least = n
			}
			found++
		}
	}
	if found < g.least {
		return 0
	}
	if found == 0 {
		return 1<<31 - 1
	}
	return least
}

// with is rule 54. Where a first domain is to be chosen, it is the first that the place has.
func (c *Cluster) with(g *group, self bool, podReq, nodeReq reqID) (reqID, bool) {
	list := c.nums[:0]
	for _, i := range g.key.admitted(nodeReq) {
		if at32(g.count, i) > 0 && g.key.has(podReq, i) {
			list = append(list, i)
		}
	}
	c.nums = list
	if len(list) > 0 {
		return g.key.either(list), true
	}
	if !self || g.nonEmpty > 0 && c.anywhere(g, podReq) {
		return 0, false
	}
	for _, i := range g.key.admitted(nodeReq) {
		if g.knows(i) && g.key.has(podReq, i) {
			return g.key.single(i), true
		}
	}
	return 0, false
}

// away is rule 55.
func (c *Cluster) away(g *group, podReq, nodeReq reqID) (reqID, bool) {
	list := c.nums[:0]
	for _, i := range g.key.admitted(nodeReq) {
		if at32(g.count, i) == 0 && g.knows(i) && g.key.has(podReq, i) {
			list = append(list, i)
		}
	}
	c.nums = list
	if len(list) == 0 {
		return 0, false
	}
	return g.key.either(list), true
}

// record counts a pod that has been placed: rules 56 and 59.
func (c *Cluster) record(d *demand, at site, taints []corev1.Taint, shape shapeID) {
	for _, g := range d.class.selected {
		if g.active == c.pass && g.filter.matches(c.x, taints, shape) {
			c.count(g, at, shape, g.kind == beAway)
		}
	}
	for _, g := range d.inverse {
		c.count(g, at, shape, true)
	}
}

// count adds a pod to the domain of its place; to every one that the place could still be in where all is set, else only
// where there is just one.
func (c *Cluster) count(g *group, at site, shape shapeID, all bool) {
	if g.key.host {
		if at.node != nil {
			c.apply(g, countChange, g.key.number(at.node.host), 1)
		} else {
			c.apply(g, claimChange, at.claim, 1)
		}
		return
	}
	id := c.x.get(shape, g.key.key)
	if id == 0 {
		return
	}
	r := &c.x.reqs[id]
	if !all && (r.Complement() || len(r.Values()) != 1) {
		return
	}
	for _, v := range r.Values() {
		c.apply(g, countChange, g.key.number(v), 1)
	}
}
