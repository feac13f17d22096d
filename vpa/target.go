package vpa

import (
	"k8s.io/apimachinery/pkg/labels"

	corev1 "k8s.io/api/core/v1"
)

// Candidate is a VerticalPodAutoscaler that may control a pod, with the selector of its target.
type Candidate struct {
	// Object is the VerticalPodAutoscaler.
	Object *VerticalPodAutoscaler
	// Selector selects the pods of its target.
	Selector labels.Selector
}

// Controlling chooses the object that controls a pod, nil without one: of those in its namespace that target the pod's
// topmost owner and select the pod, the oldest, then the one whose name comes first (T3, T4).
func Controlling(pod *corev1.Pod, ownerKind, ownerName string, candidates []Candidate) *VerticalPodAutoscaler {
	var best *VerticalPodAutoscaler
	for _, c := range candidates {
		o := c.Object
		if pod == nil || o == nil || c.Selector == nil || o.Namespace != pod.Namespace || o.Spec.TargetRef == nil ||
			o.Spec.TargetRef.Kind != ownerKind || o.Spec.TargetRef.Name != ownerName || !c.Selector.Matches(labels.Set(pod.Labels)) {
			continue
		}
		if best == nil || stronger(o, best) {
			best = o
		}
	}
	return best
}

func stronger(a, b *VerticalPodAutoscaler) bool {
	if !a.CreationTimestamp.Equal(&b.CreationTimestamp) {
		return a.CreationTimestamp.Before(&b.CreationTimestamp)
	}
	return a.Name < b.Name
}
