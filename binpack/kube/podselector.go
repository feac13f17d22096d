package kube

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// PodSelector is which pods a rule about other pods counts: by namespace and by labels.
type PodSelector struct {
	labels     labels.Selector
	namespaces []string        // sorted; listed, or the pod's own
	within     labels.Selector // namespaces by their labels, beside the listed ones; nil: none
	absent     bool            // there was no label selector at all
}

// Absent tells whether the rule has no label selector, which selects nothing to the scheduler. An empty one selects
// every pod.
func (s *PodSelector) Absent() bool { return s.absent }

// Everything tells whether the label selector is there and empty.
func (s *PodSelector) Everything() bool { return !s.absent && s.labels.Empty() }

// Namespace tells whether pods of a namespace are looked at; its labels matter where the rule has a namespaceSelector.
func (s *PodSelector) Namespace(name string, of map[string]string) bool {
	if _, ok := slices.BinarySearch(s.namespaces, name); ok {
		return true
	}
	return s.within != nil && s.within.Matches(labels.Set(of))
}

// Labels tells whether pods with the labels are selected.
func (s *PodSelector) Labels(pod map[string]string) bool { return s.labels.Matches(labels.Set(pod)) }

// Matches tells whether a pod is selected, given the labels of its namespace.
func (s *PodSelector) Matches(pod *corev1.Pod, namespace map[string]string) bool {
	return s.Namespace(pod.Namespace, namespace) && s.Labels(pod.Labels)
}

// String is canonical: selectors that read equally select the same pods.
func (s *PodSelector) String() string {
	text := s.labels.String()
	switch {
	case s.absent:
		text = "no pod"
	case text == "":
		text = "every pod"
	}
	text += " in " + strings.Join(s.namespaces, ",")
	if s.within != nil {
		text += fmt.Sprintf(" and namespaces labelled {%s}", s.within)
	}
	return text
}

// newPodSelector compiles a label selector and the label keys whose values are taken from the pod that has the rule.
func newPodSelector(own map[string]string, s *metav1.LabelSelector, match, mismatch []string) (PodSelector, error) {
	compiled, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		return PodSelector{}, fmt.Errorf("%w: labelSelector: %v", ErrInvalid, err)
	}
	out := PodSelector{labels: compiled, absent: s == nil}
	if s == nil {
		return out, nil
	}
	for _, keys := range []struct {
		list []string
		op   metav1.LabelSelectorOperator
	}{{match, metav1.LabelSelectorOpIn}, {mismatch, metav1.LabelSelectorOpNotIn}} {
		for _, key := range keys.list {
			value, ok := own[key]
			if !ok {
				continue
			}
			extra, err := metav1.LabelSelectorAsSelector(&metav1.LabelSelector{
				MatchExpressions: []metav1.LabelSelectorRequirement{{Key: key, Operator: keys.op, Values: []string{value}}},
			})
			if err != nil {
				return PodSelector{}, fmt.Errorf("%w: matchLabelKeys: %v", ErrInvalid, err)
			}
			more, _ := extra.Requirements()
			have, _ := out.labels.Requirements()
			if !slices.ContainsFunc(have, func(r labels.Requirement) bool { return r.Equal(more[0]) }) {
				out.labels = out.labels.Add(more...)
			}
		}
	}
	return out, nil
}

// AffinityTerm is one rule of pod affinity or anti-affinity.
type AffinityTerm struct {
	TopologyKey string      // the node label whose values are the domains
	Selector    PodSelector // the pods to be with, or away from
	Weight      int32       // of a preference; 0 where required
}

// PodAffinity is everything a pod says about being with or away from others.
type PodAffinity struct {
	Affinity, AntiAffinity                   []AffinityTerm // required
	PreferredAffinity, PreferredAntiAffinity []AffinityTerm // preferences, in the order of the spec
}

// NewPodAffinity compiles a pod's rules. matchLabelKeys and mismatchLabelKeys become part of the selectors, which the API
// server sees to when a pod is created; templates have not been there yet.
func NewPodAffinity(pod *corev1.Pod) (PodAffinity, error) {
	var out PodAffinity
	a := pod.Spec.Affinity
	if a == nil {
		return out, nil
	}
	var err error
	if p := a.PodAffinity; p != nil {
		if out.Affinity, err = required(pod, p.RequiredDuringSchedulingIgnoredDuringExecution); err != nil {
			return out, fmt.Errorf("spec.affinity.podAffinity.%w", err)
		}
		if out.PreferredAffinity, err = preferred(pod, p.PreferredDuringSchedulingIgnoredDuringExecution); err != nil {
			return out, fmt.Errorf("spec.affinity.podAffinity.%w", err)
		}
	}
	if p := a.PodAntiAffinity; p != nil {
		if out.AntiAffinity, err = required(pod, p.RequiredDuringSchedulingIgnoredDuringExecution); err != nil {
			return out, fmt.Errorf("spec.affinity.podAntiAffinity.%w", err)
		}
		if out.PreferredAntiAffinity, err = preferred(pod, p.PreferredDuringSchedulingIgnoredDuringExecution); err != nil {
			return out, fmt.Errorf("spec.affinity.podAntiAffinity.%w", err)
		}
	}
	return out, nil
}

func required(pod *corev1.Pod, terms []corev1.PodAffinityTerm) ([]AffinityTerm, error) {
	var out []AffinityTerm
	for i := range terms {
		t, err := newAffinityTerm(pod, &terms[i])
		if err != nil {
			return nil, fmt.Errorf("requiredDuringSchedulingIgnoredDuringExecution[%d]: %w", i, err)
		}
		out = append(out, t)
	}
	return out, nil
}

func preferred(pod *corev1.Pod, terms []corev1.WeightedPodAffinityTerm) ([]AffinityTerm, error) {
	var out []AffinityTerm
	for i := range terms {
		t, err := newAffinityTerm(pod, &terms[i].PodAffinityTerm)
		if err != nil {
			return nil, fmt.Errorf("preferredDuringSchedulingIgnoredDuringExecution[%d]: %w", i, err)
		}
		t.Weight = terms[i].Weight
		out = append(out, t)
	}
	return out, nil
}

func newAffinityTerm(pod *corev1.Pod, t *corev1.PodAffinityTerm) (AffinityTerm, error) {
	s, err := newPodSelector(pod.Labels, t.LabelSelector, t.MatchLabelKeys, t.MismatchLabelKeys)
	if err != nil {
		return AffinityTerm{}, err
	}
	if t.NamespaceSelector != nil {
		if s.within, err = metav1.LabelSelectorAsSelector(t.NamespaceSelector); err != nil {
			return AffinityTerm{}, fmt.Errorf("%w: namespaceSelector: %v", ErrInvalid, err)
		}
	}
	s.namespaces = unique(t.Namespaces)
	if len(t.Namespaces) == 0 && t.NamespaceSelector == nil {
		s.namespaces = []string{pod.Namespace}
	}
	return AffinityTerm{TopologyKey: t.TopologyKey, Selector: s}, nil
}
