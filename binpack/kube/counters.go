package kube

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// topology is a node label that divides nodes into domains.
type topology struct {
	key     string
	ids     map[string]int32
	names   []string
	domain  []int32 // by node; -1: the node lacks the label
	members []int32 // nodes by domain
	shared  bool    // some domain has or had more than one node
}

// push notes the domain of the next node.
func (t *topology) push(object *corev1.Node) {
	d := t.of(object)
	t.domain = append(t.domain, d)
	if d >= 0 {
		t.members[d]++
		t.shared = t.shared || t.members[d] > 1
	}
}

// pop forgets the last node.
func (t *topology) pop(n NodeID) {
	if d := t.domain[n]; d >= 0 {
		t.members[d]--
	}
	t.domain = t.domain[:n]
}

// of is the domain of a node.
func (t *topology) of(object *corev1.Node) int32 {
	value, ok := object.Labels[t.key]
	if !ok {
		return -1
	}
	id, ok := t.ids[value]
	if !ok {
		id = int32(len(t.names))
		t.ids[value] = id
		t.names, t.members = append(t.names, value), append(t.members, 0)
	}
	return id
}

func (s *Snapshot) topology(key string) int32 {
	if id, ok := s.topologyOf[key]; ok {
		return id
	}
	id := int32(len(s.topologies))
	s.topologyOf[key] = id
	s.topologies = append(s.topologies, topology{key: key, ids: map[string]int32{}})
	for i := range s.nodes {
		s.topologies[id].push(s.nodes[i].object)
	}
	return id
}

// filter is which nodes a spread constraint looks at.
type filter struct {
	selector    *NodeSelector // nil: any
	tolerations []corev1.Toleration
	taints      bool    // only nodes whose taints are tolerated
	keys        []int32 // topologies that the nodes must be part of: those of all constraints of the pod
	byShape     []int8  // 0: not known yet, 1: yes, -1: no
}

func (s *Snapshot) eligible(f *filter, n NodeID) bool {
	for _, k := range f.keys {
		if s.topologies[k].domain[n] < 0 {
			return false
		}
	}
	object := s.nodes[n].object
	if f.selector != nil && f.selector.byName() {
		return f.admits(object)
	}
	shape := s.shapeOf[n]
	for int(shape) >= len(f.byShape) {
		f.byShape = append(f.byShape, 0)
	}
	if f.byShape[shape] == 0 {
		f.byShape[shape] = -1
		if f.admits(object) {
			f.byShape[shape] = 1
		}
	}
	return f.byShape[shape] > 0
}

func (f *filter) admits(object *corev1.Node) bool {
	return (f.selector == nil || f.selector.Matches(object.Name, object.Labels)) &&
		(!f.taints || Untolerated(object.Spec.Taints, f.tolerations) == nil)
}

// counter counts pods by domain: those that all its selectors select or, for the inverse rule, those that own the term.
type counter struct {
	topology  int32
	owners    bool
	selectors []PodSelector
	filter    int32 // of a spread constraint; -1: pods count wherever they are
	counts    []int32
	total     int64

	// Of a spread constraint: the domains that exist by its filter, and the smallest count among them.
	nodes   []int32 // eligible nodes by domain
	domains int32
	by      []int32 // domains by their count
	least   int32
}

// counter returns the counter of a kind, a new one with the pods placed so far where there was none.
func (s *Snapshot) counter(c counter) int32 {
	names := make([]string, len(c.selectors))
	for i := range c.selectors {
		names[i] = c.selectors[i].String()
	}
	slices.Sort(names)
	name := fmt.Sprintf("%d %v %d %s", c.topology, c.owners, c.filter, strings.Join(slices.Compact(names), " and "))
	if id, ok := s.counterOf[name]; ok {
		return id
	}
	id := int32(len(s.counters))
	s.counterOf[name] = id
	s.counters = append(s.counters, c)
	for i := range s.classes {
		s.relate(Class(i), id)
	}
	ct := &s.counters[id]
	for n := range s.nodes {
		if s.nodes[n].gone {
			continue
		}
		s.countNode(ct, NodeID(n), 1)
		for _, class := range s.nodes[n].pods {
			if slices.Contains(s.classes[class].bumps, id) {
				s.count(ct, NodeID(n), 1)
			}
		}
	}
	return id
}

// relate finds out what a counter is to a class: counted by it, or repelled by it.
func (s *Snapshot) relate(c Class, id int32) {
	k, ct := &s.classes[c], &s.counters[id]
	if !s.selected(k.pod, ct) {
		return
	}
	if ct.owners {
		k.repelled = append(k.repelled, id)
	} else {
		k.bumps = append(k.bumps, id)
	}
}

func (s *Snapshot) selected(pod *corev1.Pod, ct *counter) bool {
	spread := ct.filter >= 0
	if spread && pod.DeletionTimestamp != nil {
		return false
	}
	for i := range ct.selectors {
		sel := &ct.selectors[i]
		// A spread constraint whose selector is there but empty counts no pod; the scheduler has it so.
		if spread && sel.Everything() || !sel.Matches(pod, s.namespaces[pod.Namespace]) {
			return false
		}
	}
	return true
}

// countNode adds a node to the domains of a spread constraint, or takes it away. No pod is counted there by then.
func (s *Snapshot) countNode(ct *counter, n NodeID, delta int32) {
	d := s.topologies[ct.topology].domain[n]
	if d < 0 {
		return
	}
	ct.grow(d)
	if ct.filter < 0 || !s.eligible(&s.filters[ct.filter], n) {
		return
	}
	before := ct.nodes[d]
	ct.nodes[d] += delta
	switch {
	case before == 0:
		ct.domains++
		ct.enter(ct.counts[d])
	case ct.nodes[d] == 0:
		ct.domains--
		ct.leave(ct.counts[d])
	}
}

func (ct *counter) grow(d int32) {
	for int(d) >= len(ct.counts) {
		ct.counts = append(ct.counts, 0)
		if ct.filter >= 0 {
			ct.nodes = append(ct.nodes, 0)
		}
	}
}

// enter notes that a domain has a count.
func (ct *counter) enter(count int32) {
	for int(count) >= len(ct.by) {
		ct.by = append(ct.by, 0)
	}
	ct.by[count]++
	if count < ct.least || ct.domains == 1 {
		ct.least = count
	}
}

// leave notes that a domain has a count no more.
func (ct *counter) leave(count int32) {
	ct.by[count]--
	if ct.domains > 0 && count == ct.least {
		for int(ct.least)+1 < len(ct.by) && ct.by[ct.least] == 0 {
			ct.least++
		}
	}
}

// bump counts a pod of a class on a node in every counter that counts it, or takes it away.
func (s *Snapshot) bump(c Class, n NodeID, delta int32) {
	k := &s.classes[c]
	for _, id := range k.bumps {
		s.count(&s.counters[id], n, delta)
	}
	for _, claim := range k.needs.Single {
		s.single[claim] += delta
	}
}

func (s *Snapshot) count(ct *counter, n NodeID, delta int32) {
	d := s.topologies[ct.topology].domain[n]
	if d < 0 || ct.filter >= 0 && !s.eligible(&s.filters[ct.filter], n) {
		return
	}
	ct.total += int64(delta)
	was := ct.counts[d]
	ct.counts[d] += delta
	if ct.filter >= 0 {
		ct.move(was, was+delta)
	}
}

// move changes the count of one domain.
func (ct *counter) move(from, to int32) {
	for int(to) >= len(ct.by) {
		ct.by = append(ct.by, 0)
	}
	ct.by[to]++
	if to < ct.least {
		ct.least = to
	}
	ct.by[from]--
	for ct.by[ct.least] == 0 && int(ct.least)+1 < len(ct.by) {
		ct.least++
	}
}
