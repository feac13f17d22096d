package kube

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
)

// NodeSelector is what a pod demands of a node's labels and name, ready to be asked: spec.nodeSelector, and the terms of
// required node affinity, one of which must hold. The zero value selects every node.
type NodeSelector struct {
	labels []labelValue // spec.nodeSelector, sorted
	terms  []nodeTerm
	any    bool // there is a list of terms: one must hold, and an empty one never does
}

type labelValue struct{ key, value string }

// nodeTerm is one term: all of it must hold. A term that cannot be understood never does.
type nodeTerm struct {
	err    error
	labels []labels.Requirement
	names  []nameTest
}

// nameTest compares metadata.name, the only field that nodes are selected by.
type nameTest struct {
	key, value string
	equal      bool
}

// NewNodeSelector compiles what a pod demands. As in the scheduler, a term that makes no sense matches no node, and a
// term without any expression is passed over; [NodeSelector.Err] tells of the former.
func NewNodeSelector(spec *corev1.PodSpec) NodeSelector {
	var s NodeSelector
	for k, v := range spec.NodeSelector {
		s.labels = append(s.labels, labelValue{k, v})
	}
	slices.SortFunc(s.labels, func(a, b labelValue) int { return strings.Compare(a.key, b.key) })
	if a := spec.Affinity; a != nil && a.NodeAffinity != nil {
		s.addTerms(a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution)
	}
	return s
}

func (s *NodeSelector) addTerms(required *corev1.NodeSelector) {
	if required == nil {
		return
	}
	s.any = true
	for i := range required.NodeSelectorTerms {
		t := &required.NodeSelectorTerms[i]
		if len(t.MatchExpressions) > 0 || len(t.MatchFields) > 0 {
			s.terms = append(s.terms, newNodeTerm(t))
		}
	}
}

var nodeOperators = map[Operator]selection.Operator{
	In: selection.In, NotIn: selection.NotIn, Exists: selection.Exists, DoesNotExist: selection.DoesNotExist,
	Gt: selection.GreaterThan, Lt: selection.LessThan,
}

func newNodeTerm(t *corev1.NodeSelectorTerm) (out nodeTerm) {
	for i := range t.MatchExpressions {
		e := &t.MatchExpressions[i]
		op, ok := nodeOperators[e.Operator]
		if !ok {
			out.err = fmt.Errorf("%w: matchExpressions[%d].operator: %q is not an operator", ErrInvalid, i, e.Operator)
			return out
		}
		r, err := labels.NewRequirement(e.Key, op, e.Values)
		if err != nil {
			out.err = fmt.Errorf("%w: matchExpressions[%d]: %v", ErrInvalid, i, err)
			return out
		}
		out.labels = append(out.labels, *r)
	}
	for i := range t.MatchFields {
		f := &t.MatchFields[i]
		if f.Operator != In && f.Operator != NotIn || len(f.Values) != 1 {
			out.err = fmt.Errorf("%w: matchFields[%d]: %s %q: a field takes In or NotIn and one value", ErrInvalid, i, f.Operator, f.Values)
			return out
		}
		out.names = append(out.names, nameTest{f.Key, f.Values[0], f.Operator == In})
	}
	return out
}

// Err tells what in the terms makes no sense, or nil.
func (s *NodeSelector) Err() error {
	for i := range s.terms {
		if s.terms[i].err != nil {
			return fmt.Errorf("spec.affinity.nodeAffinity: %w", s.terms[i].err)
		}
	}
	return nil
}

// Matches tells whether a node with the name and labels is selected.
func (s *NodeSelector) Matches(name string, node map[string]string) bool {
	for _, l := range s.labels {
		if v, ok := node[l.key]; !ok || v != l.value {
			return false
		}
	}
	if !s.any {
		return true
	}
	for i := range s.terms {
		if s.terms[i].matches(name, node) {
			return true
		}
	}
	return false
}

func (t *nodeTerm) matches(name string, node map[string]string) bool {
	if t.err != nil {
		return false
	}
	for i := range t.labels {
		if !t.labels[i].Matches(labels.Set(node)) {
			return false
		}
	}
	if name == "" {
		return true // a node without a name, such as a template, has no fields to compare
	}
	for _, f := range t.names {
		value := ""
		if f.key == "metadata.name" {
			value = name
		}
		if (value == f.value) != f.equal {
			return false
		}
	}
	return true
}

// byName tells whether the answer depends on the node's name and not on its labels alone.
func (s *NodeSelector) byName() bool {
	return slices.ContainsFunc(s.terms, func(t nodeTerm) bool { return len(t.names) > 0 })
}

// keys calls f for every label that the answer depends on.
func (s *NodeSelector) keys(f func(string)) {
	for _, l := range s.labels {
		f(l.key)
	}
	for i := range s.terms {
		for j := range s.terms[i].labels {
			f(s.terms[i].labels[j].Key())
		}
	}
}

// String writes the demand in canonical form: equal demands read equally.
func (s *NodeSelector) String() string {
	var b strings.Builder
	for i, l := range s.labels {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(l.key + "=" + l.value)
	}
	if !s.any {
		return b.String()
	}
	if len(s.labels) > 0 {
		b.WriteString(" and ")
	}
	if len(s.terms) == 0 {
		b.WriteString("no node")
	}
	for i := range s.terms {
		if i > 0 {
			b.WriteString(" or ")
		}
		b.WriteString("(" + s.terms[i].String() + ")")
	}
	return b.String()
}

func (t *nodeTerm) String() string {
	if t.err != nil {
		return "never: " + t.err.Error()
	}
	parts := make([]string, 0, len(t.labels)+len(t.names))
	for i := range t.labels {
		parts = append(parts, t.labels[i].String())
	}
	for _, f := range t.names {
		op := "!="
		if f.equal {
			op = "="
		}
		parts = append(parts, f.key+op+f.value)
	}
	return strings.Join(parts, ", ")
}
