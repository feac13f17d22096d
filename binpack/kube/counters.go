package kube

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/selection"
)

// counter counts pods by domain: those that all its selectors select or, for the inverse rule, those that own the term.
type counter struct {
	topology  int32
	owners    bool
	selectors []PodSelector
	filter    int32 // of a spread constraint; -1: pods count wherever they are
	extent    int32 // of a spread constraint
	counts    pages
	total     int64

	// Of a spread constraint: how many domains have any pod, how many have which count, and the least count among those.
	occupied int32
	by       []int32
	least    int32
}

// pages are counts by domain. Most counters see a few of the domains, so the others take no memory.
type pages []*[64]int32

func (p pages) at(d int32) int32 {
	if i := int(d >> 6); d >= 0 && i < len(p) && p[i] != nil {
		return p[i][d&63]
	}
	return 0
}

func (p *pages) of(d int32) *int32 {
	i := int(d >> 6)
	for i >= len(*p) {
		*p = append(*p, nil)
	}
	if (*p)[i] == nil {
		(*p)[i] = new([64]int32)
	}
	return &(*p)[i][d&63]
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
	if c.filter >= 0 {
		c.extent = s.extent(c.topology, c.filter)
	}
	s.counters = append(s.counters, c)
	if known := s.introduce(id); !known {
		return id
	}
	for n := range s.nodes {
		if s.nodes[n].gone {
			continue
		}
		for _, class := range s.nodes[n].pods {
			if slices.Contains(s.classes[class].bumps, id) {
				s.count(&s.counters[id], NodeID(n), 1)
			}
		}
	}
	return id
}

// pair is a label and its value.
type pair struct{ key, value string }

// introduce relates a new counter to the classes known. It asks only those with a label that the counter demands, where
// there is such a label. It tells whether any class is counted.
func (s *Snapshot) introduce(id int32) bool {
	known := false
	if p, ok := s.counters[id].demands(); ok {
		s.demanding[p] = append(s.demanding[p], id)
		s.indexLabels()
		for _, c := range s.bearers[p] {
			known = s.relate(c, id) || known
		}
		return known
	}
	s.loose = append(s.loose, id)
	for c := range s.classes {
		known = s.relate(Class(c), id) || known
	}
	return known
}

// indexLabels files the classes made since it last ran under their labels.
func (s *Snapshot) indexLabels() {
	for ; s.indexed < len(s.classes); s.indexed++ {
		for k, v := range s.classes[s.indexed].pod.Labels {
			if s.classifier.reads(k) {
				p := pair{k, v}
				s.bearers[p] = append(s.bearers[p], Class(s.indexed))
			}
		}
	}
}

// demands is a label that every selected pod has, if the selectors name one.
func (ct *counter) demands() (pair, bool) {
	for i := range ct.selectors {
		list, _ := ct.selectors[i].labels.Requirements()
		for j := range list {
			r := &list[j]
			if values := r.ValuesUnsorted(); len(values) == 1 && (r.Operator() == selection.In || r.Operator() == selection.Equals) {
				return pair{r.Key(), values[0]}, true
			}
		}
	}
	return pair{}, false
}

// acquaint relates a new class to the counters known.
func (s *Snapshot) acquaint(c Class) {
	if len(s.demanding) > 0 {
		for k, v := range s.classes[c].pod.Labels {
			for _, id := range s.demanding[pair{k, v}] {
				s.relate(c, id)
			}
		}
	}
	for _, id := range s.loose {
		s.relate(c, id)
	}
	slices.Sort(s.classes[c].bumps)
	slices.Sort(s.classes[c].repelled)
}

// relate finds out what a counter is to a class: counted by it, or repelled by it.
func (s *Snapshot) relate(c Class, id int32) (counted bool) {
	k, ct := &s.classes[c], &s.counters[id]
	if !s.selected(k.pod, ct) {
		return false
	}
	if ct.owners {
		k.repelled = append(k.repelled, id)
		return false
	}
	k.bumps = append(k.bumps, id)
	return true
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

// bump counts pods of a class on a node in every counter that counts it, or takes them away.
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
	at := ct.counts.of(d)
	was := *at
	*at += delta
	if ct.filter >= 0 {
		ct.move(was, *at)
	}
}

// move changes the count of one domain.
func (ct *counter) move(from, to int32) {
	for int(to) >= len(ct.by) {
		ct.by = append(ct.by, 0)
	}
	if to > 0 {
		ct.occupied++
		ct.by[to]++
		if ct.occupied == 1 || to < ct.least {
			ct.least = to
		}
	}
	if from > 0 {
		ct.occupied--
		ct.by[from]--
	}
	for ct.occupied > 0 && ct.by[ct.least] == 0 {
		ct.least++
	}
}
