package kube_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// with adds required affinity to a pod.
func with(p *corev1.Pod, key, other string) *corev1.Pod {
	p.Labels["app"] = p.Name
	p.Spec.Affinity = &corev1.Affinity{PodAffinity: &corev1.PodAffinity{
		RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{{TopologyKey: key, LabelSelector: app(other)}},
	}}
	return p
}

// Two pods that each wait for the other wait for ever; a pod that waits for its own kind may be the first.
func TestCyclicAffinity(t *testing.T) {
	a, b, self := with(newPod("a"), "zone", "b"), with(newPod("b"), "zone", "a"), with(newPod("self"), "zone", "self")
	s, class := cluster(t, []*corev1.Node{newNode("n", "zone", "x"), newNode("m", "zone", "x")}, a, b, self)
	for _, p := range []*corev1.Pod{a, b} {
		c, _ := s.Class(p)
		if n := s.FirstFit(c, 0); n != -1 || s.Why(c, 0)[0].Rule != kube.PodAffinityRule {
			t.Errorf("%s fits on %d: %s", p.Name, n, s.Why(c, 0))
		}
	}
	if c, _ := s.Class(self); s.FirstFit(c, 0) != 0 {
		t.Errorf("the first of its kind: %s", s.Why(c, 0))
	}
	// Once one is there by force, the other follows, and the circle is closed.
	if err := s.Place(class, 0); err != nil {
		t.Fatal(err)
	}
	if c, _ := s.Class(b); s.FirstFit(c, 1) != 1 {
		t.Errorf("beside the other: %s", s.Why(c, 1))
	}
}

func TestNonsenseIsAReason(t *testing.T) {
	selector := func(op metav1.LabelSelectorOperator, values ...string) *metav1.LabelSelector {
		return &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "app", Operator: op, Values: values}}}
	}
	terms := func(exprs ...corev1.NodeSelectorRequirement) func(p *corev1.Pod) {
		return func(p *corev1.Pod) {
			p.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
				NodeSelectorTerms: []corev1.NodeSelectorTerm{{MatchExpressions: exprs}},
			}}}
		}
	}
	spread := func(s *metav1.LabelSelector) func(p *corev1.Pod) {
		return func(p *corev1.Pod) {
			p.Spec.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{MaxSkew: 1, TopologyKey: "zone", WhenUnsatisfiable: corev1.DoNotSchedule, LabelSelector: s}}
		}
	}
	for name, c := range map[string]struct {
		change func(p *corev1.Pod)
		rule   kube.Rule
		says   string
	}{
		"unknown operator":        {terms(corev1.NodeSelectorRequirement{Key: "zone", Operator: "Like", Values: []string{"x"}}), kube.NodeAffinity, `"Like" is not an operator`},
		"Gt of a word":            {terms(corev1.NodeSelectorRequirement{Key: "zone", Operator: kube.Gt, Values: []string{"x"}}), kube.NodeAffinity, "never"},
		"In of nothing":           {terms(corev1.NodeSelectorRequirement{Key: "zone", Operator: kube.In}), kube.NodeAffinity, "never"},
		"contradiction":           {terms(corev1.NodeSelectorRequirement{Key: "zone", Operator: kube.In, Values: []string{"x"}}, corev1.NodeSelectorRequirement{Key: "zone", Operator: kube.DoesNotExist}), kube.NodeAffinity, "zone in (x)"},
		"no term":                 {terms(), kube.NodeAffinity, "no node"},
		"spread over nonsense":    {spread(selector("Like", "x")), kube.Malformed, "topologySpreadConstraints[0]"},
		"spread, Exists of value": {spread(selector("Exists", "x")), kube.Malformed, "topologySpreadConstraints[0]"},
		"request beyond range":    {func(p *corev1.Pod) { p.Spec.Containers[0].Resources.Requests = list("memory", "9e30") }, kube.Resources, "requests"},
	} {
		pod, node := newPod(name), newNode("n", "zone", "x")
		c.change(pod)
		ok, why := kube.Fits(pod, node)
		if ok || why[0].Rule != c.rule || !strings.Contains(why.String(), c.says) {
			t.Errorf("%s: fits %v, %v: %s", name, ok, why, why.String())
		}
	}
}

// Amounts that add up to more than can be counted are an error, and never wrap around.
func TestPlaceRefusesToOverflow(t *testing.T) {
	huge := newPod("huge", "memory", "9e30")
	s, class := cluster(t, []*corev1.Node{newNode("n")}, huge)
	var err error
	for range 20 {
		if err = s.Place(class, 0); err != nil {
			break
		}
		if s.Free(0, corev1.ResourceMemory) > math.MaxInt64/2 {
			t.Fatal("wrapped around")
		}
	}
	if !errors.Is(err, kube.ErrInvalid) {
		t.Errorf("twenty times more than can be counted: %v", err)
	}
	if _, err := s.Class(nil); !errors.Is(err, kube.ErrInvalid) {
		t.Errorf("no pod: %v", err)
	}
	for _, n := range []kube.NodeID{-1, 1, math.MaxInt32} {
		if err := s.Place(class, n); !errors.Is(err, kube.ErrInvalid) || s.Fill(class, n, 1) != 0 || s.Fits(class, n) || s.RemoveNode(n) == nil || s.Remove(class, n) == nil {
			t.Errorf("node %d: %v", n, err)
		}
	}
	for _, c := range []kube.Class{-1, 1, math.MaxInt32} {
		if err := s.Place(c, 0); !errors.Is(err, kube.ErrInvalid) || s.Fill(c, 0, 1) != 0 || s.FirstFit(c, 0) != -1 {
			t.Errorf("class %d: %v", c, err)
		}
	}
}
