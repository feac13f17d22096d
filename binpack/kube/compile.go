package kube

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// class is everything about pods of a class that trying a node needs.
type class struct {
	pod     *corev1.Pod
	err     error // the pod's rules make no sense
	amounts []amount
	ports   []int32
	needs   VolumeNeeds

	selector NodeSelector
	byName   bool   // the node's name matters, so nodes of one shape may differ
	byShape  []int8 // the rules about the node alone: 0 not known yet, 1 yes, -1 no

	spread   []spreadRule
	affinity []termRule // to be with
	self     bool       // the pod satisfies its own affinity terms
	anti     []termRule // to be away from

	bumps    []int32 // counters that count pods of this class
	repelled []int32 // counters of pods that want to be away from it

	search search // where it was looked for a place already
}

type amount struct {
	column int32
	amount int64
}

type spreadRule struct {
	Spread
	topology, counter int32
}

type termRule struct {
	AffinityTerm
	topology, counter int32
}

// compile makes a class of a pod unlike all before.
func (s *Snapshot) compile(pod *corev1.Pod) {
	id := Class(len(s.classes))
	k := class{pod: pod, selector: NewNodeSelector(&pod.Spec), needs: s.volumes.needs(pod)}
	for name, q := range Requests(pod) {
		if name == corev1.ResourcePods {
			continue
		}
		if v := s.opts.Units.Request(name, &q); v != 0 {
			k.amounts = append(k.amounts, amount{s.column(name), v})
		}
	}
	slices.SortFunc(k.amounts, func(a, b amount) int { return int(a.column) - int(b.column) })
	for _, p := range HostPorts(pod) {
		k.ports = append(k.ports, s.port(p))
	}
	k.byName = k.selector.byName()
	k.selector.keys(s.readKey)
	for i := range k.needs.Places {
		k.needs.Places[i].keys(s.readKey)
		k.byName = k.byName || k.needs.Places[i].byName()
	}
	s.classes = append(s.classes, k)
	s.acquaint(id)
	if err := s.compileRules(id, pod); err != nil {
		s.classes[id].err = err
	}
}

// compileRules connects the rules about other pods with counters.
func (s *Snapshot) compileRules(id Class, pod *corev1.Pod) error {
	affinity, err := NewPodAffinity(pod)
	if err != nil {
		return err
	}
	spread, err := SpreadConstraints(pod)
	if err != nil {
		return err
	}
	// A pod counts for required affinity only where it satisfies all terms at once.
	var all []PodSelector
	self := len(affinity.Affinity) > 0
	for _, t := range affinity.Affinity {
		all = append(all, t.Selector)
		self = self && t.Selector.Matches(pod, s.namespaces[pod.Namespace])
	}
	s.classes[id].self = self
	for _, t := range affinity.Affinity {
		r := termRule{AffinityTerm: t, topology: s.topology(t.TopologyKey)}
		r.counter = s.counter(counter{topology: r.topology, selectors: all, filter: -1})
		s.classes[id].affinity = append(s.classes[id].affinity, r)
	}
	for _, t := range affinity.AntiAffinity {
		r := termRule{AffinityTerm: t, topology: s.topology(t.TopologyKey)}
		one := []PodSelector{t.Selector}
		r.counter = s.counter(counter{topology: r.topology, selectors: one, filter: -1})
		s.classes[id].anti = append(s.classes[id].anti, r)
		owned := s.counter(counter{topology: r.topology, selectors: one, filter: -1, owners: true})
		if k := &s.classes[id]; !slices.Contains(k.bumps, owned) {
			k.bumps = append(k.bumps, owned)
		}
	}
	hard := slices.DeleteFunc(spread, func(c Spread) bool { return !c.Hard })
	var keys []int32
	for _, c := range hard {
		keys = append(keys, s.topology(c.TopologyKey))
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	for _, c := range hard {
		r := spreadRule{Spread: c, topology: s.topology(c.TopologyKey)}
		r.counter = s.counter(counter{topology: r.topology, selectors: []PodSelector{c.Selector}, filter: s.filter(pod, id, c, keys)})
		s.classes[id].spread = append(s.classes[id].spread, r)
	}
	return nil
}

// filter returns the number of a spread constraint's filter.
func (s *Snapshot) filter(pod *corev1.Pod, id Class, c Spread, keys []int32) int32 {
	f := filter{keys: keys, taints: c.HonorTaints}
	name := fmt.Sprint(keys)
	if c.HonorAffinity {
		selector := s.classes[id].selector
		f.selector = &selector
		name += " " + selector.String()
	}
	if c.HonorTaints {
		f.tolerations = pod.Spec.Tolerations
		for i := range f.tolerations {
			t := &f.tolerations[i]
			name += fmt.Sprintf(" %q %q %q %q", t.Key, t.Operator, t.Value, t.Effect)
		}
		name += " taints"
	}
	if n, ok := s.filterOf[name]; ok {
		return n
	}
	n := int32(len(s.filters))
	s.filterOf[name] = n
	s.filters = append(s.filters, f)
	return n
}

func (s *Snapshot) port(p HostPort) int32 {
	if id, ok := s.portOf[p]; ok {
		return id
	}
	id := int32(len(s.ports))
	s.portOf[p] = id
	s.ports = append(s.ports, p)
	return id
}

// column numbers a resource, and reads how much of it the nodes have.
func (s *Snapshot) column(name corev1.ResourceName) int32 {
	if c, ok := s.columns[name]; ok {
		return c
	}
	c := len(s.resource)
	s.columns[name] = int32(c)
	s.resource = append(s.resource, name)
	if c >= s.stride {
		s.restride(max(4, 2*s.stride))
	}
	for n := range s.nodes {
		s.alloc[n*s.stride+c] = s.capacity(s.nodes[n].object, name)
	}
	return int32(c)
}

func (s *Snapshot) restride(stride int) {
	alloc, used := make([]int64, len(s.nodes)*stride), make([]int64, len(s.nodes)*stride)
	for n := range s.nodes {
		copy(alloc[n*stride:], s.alloc[n*s.stride:(n+1)*s.stride])
		copy(used[n*stride:], s.used[n*s.stride:(n+1)*s.stride])
	}
	s.alloc, s.used, s.stride = alloc, used, stride
}
