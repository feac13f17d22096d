package clusterautoscaler

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

// readiness tells whether a node is ready for pods, and since when it is or is not (R20).
func readiness(node *corev1.Node) (ready bool, since time.Time) {
	ready = true
	said := false
	note := func(bad bool, at time.Time) {
		ready = ready && !bad
		if at.After(since) {
			since = at
		}
	}
	for i := range node.Status.Conditions {
		c := &node.Status.Conditions[i]
		switch c.Type {
		case corev1.NodeReady:
			said = true
			note(c.Status == corev1.ConditionFalse || c.Status == corev1.ConditionUnknown, c.LastTransitionTime.Time)
		case corev1.NodeDiskPressure, corev1.NodeNetworkUnavailable:
			note(c.Status == corev1.ConditionTrue, c.LastTransitionTime.Time)
		}
	}
	for i := range node.Spec.Taints {
		t := &node.Spec.Taints[i]
		switch t.Key {
		case corev1.TaintNodeNotReady, corev1.TaintNodeDiskPressure, corev1.TaintNodeNetworkUnavailable:
			at := time.Time{}
			if t.TimeAdded != nil {
				at = t.TimeAdded.Time
			}
			note(true, at)
		}
	}
	return ready && said, since
}

func isReady(node *corev1.Node) bool {
	ready, _ := readiness(node)
	return ready
}
