package trigger

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Workload is the trigger kubernetes-workload: how many pods of the object's namespace match a selector.
type Workload struct {
	metric
	// Namespace is the namespace to look into.
	Namespace string
	// PodSelector chooses the pods by label.
	PodSelector labels.Selector
	// Value is the target.
	Value float64
	// ActivationValue is what the number must exceed for the trigger to be active.
	ActivationValue float64
	// GroupByNode counts the nodes that the pods run on instead of the pods.
	GroupByNode bool
}

func newWorkload(cfg Config) (Trigger, error) {
	p := params{cfg: &cfg}
	t := &Workload{
		Namespace: cfg.Namespace, Value: p.float("value", 0), ActivationValue: p.float("activationValue", 0),
		GroupByNode: p.flag("groupByNode", false), PodSelector: labels.Nothing(),
	}
	if text := p.need(written, "podSelector"); text != "" {
		selector, err := labels.Parse(text)
		if err != nil {
			p.fail("metadata.podSelector", "%v", err)
		} else {
			t.PodSelector = selector
		}
	}
	if t.Value <= 0 && !cfg.ScalingModifiers {
		p.fail("metadata.value", "%v is not greater than 0", t.Value)
	}
	return t, p.metric(&t.metric, "workload-"+cfg.Namespace, Quantity(t.Value), t.ActivationValue)
}

// Read is the reading of a list of pods, which may hold others (S9). Pods that ended do not count.
func (t *Workload) Read(pods []corev1.Pod) Reading {
	count := 0
	nodes := map[string]struct{}{}
	for i := range pods {
		p := &pods[i]
		if p.Namespace != t.Namespace || !t.PodSelector.Matches(labels.Set(p.Labels)) ||
			p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed {
			continue
		}
		count++
		if p.Spec.NodeName != "" {
			nodes[p.Spec.NodeName] = struct{}{}
		}
	}
	if t.GroupByNode {
		count = len(nodes)
	}
	return t.Judge(float64(count))
}
