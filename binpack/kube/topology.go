package kube

import (
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
	if len(s.fresh) > 0 {
		s.settle()
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

// extent is the domains that exist to spread constraints with the same filter.
type extent struct {
	topology, filter int32
	nodes            []int32 // eligible nodes by domain
	domains          int32   // with eligible nodes
}

func (s *Snapshot) extent(topology, filter int32) int32 {
	for i := range s.extents {
		if s.extents[i].topology == topology && s.extents[i].filter == filter {
			return int32(i)
		}
	}
	s.extents = append(s.extents, extent{topology: topology, filter: filter})
	for n := range s.nodes {
		if !s.nodes[n].gone {
			s.countNode(&s.extents[len(s.extents)-1], NodeID(n), 1)
		}
	}
	return int32(len(s.extents) - 1)
}

// countNode adds a node to the domains of an extent, or takes it away. No pod is counted there by then.
func (s *Snapshot) countNode(e *extent, n NodeID, delta int32) {
	d := s.topologies[e.topology].domain[n]
	if d < 0 || !s.eligible(&s.filters[e.filter], n) {
		return
	}
	if more := int(d) + 1 - len(e.nodes); more > 0 {
		e.nodes = append(e.nodes, make([]int32, more)...)
	}
	was := e.nodes[d]
	e.nodes[d] += delta
	switch {
	case was == 0:
		e.domains++
	case e.nodes[d] == 0:
		e.domains--
	}
}
