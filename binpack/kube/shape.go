package kube

import (
	"encoding/binary"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// fewKeys is up to how many labels are looked up in every node; beyond that it is faster to go through the node's labels.
const fewKeys = 16

// readKey notes that pods look at a node label, so that nodes that differ in it are of different shapes.
func (s *Snapshot) readKey(key string) {
	if _, ok := s.nodeKeys[key]; ok {
		return
	}
	s.nodeKeys[key] = true
	s.fresh = append(s.fresh, key)
}

// settle brings shapes up to date with the labels that are read. A label that no node has changes no shape.
func (s *Snapshot) settle() {
	seen := false
	for i := range s.nodes {
		seen = seen || s.hasFresh(s.nodes[i].object)
	}
	for _, key := range s.fresh {
		s.nodeKeys[key] = false
		if len(s.keyList) <= fewKeys {
			s.keyList = append(s.keyList, key)
		}
	}
	slices.Sort(s.keyList)
	s.fresh = s.fresh[:0]
	if !seen {
		return
	}
	clear(s.shapes)
	for i := range s.classes {
		s.classes[i].byShape = s.classes[i].byShape[:0]
	}
	for i := range s.filters {
		s.filters[i].byShape = s.filters[i].byShape[:0]
	}
	for i := range s.nodes {
		s.shapeOf[i] = s.shape(s.nodes[i].object)
	}
}

// hasFresh tells whether a node has a label that shapes do not know yet.
func (s *Snapshot) hasFresh(object *corev1.Node) bool {
	if len(s.fresh) <= fewKeys {
		return slices.ContainsFunc(s.fresh, func(key string) bool { _, ok := object.Labels[key]; return ok })
	}
	for key := range object.Labels {
		if s.nodeKeys[key] {
			return true
		}
	}
	return false
}

// shape numbers a node by what rules about the node alone can see: the labels that some pod reads, taints, cordon.
func (s *Snapshot) shape(object *corev1.Node) int32 {
	keys := s.keyList
	if len(keys) > fewKeys {
		s.found = s.found[:0]
		for k := range object.Labels {
			if fresh, ok := s.nodeKeys[k]; ok && !fresh {
				s.found = append(s.found, k)
			}
		}
		slices.Sort(s.found)
		keys = s.found
	}
	s.text = s.text[:0]
	write := func(part string) {
		s.text = append(binary.AppendUvarint(s.text, uint64(len(part))), part...)
	}
	for _, k := range keys {
		if v, ok := object.Labels[k]; ok {
			write(k)
			write(v)
		}
	}
	s.text = append(s.text, 0) // no label has an empty key
	for i := range object.Spec.Taints {
		t := &object.Spec.Taints[i]
		write(t.Key)
		write(t.Value)
		write(string(t.Effect))
	}
	if object.Spec.Unschedulable {
		s.text = append(s.text, 0xff)
	}
	id, ok := s.shapes[string(s.text)]
	if !ok {
		id = int32(len(s.shapes))
		s.shapes[string(s.text)] = id
	}
	return id
}
