package clusterautoscaler

import (
	"slices"
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

// settled are the nodes as the loop takes them: one with a startup taint, or with the provider's GPU label but no GPU yet, is
// not ready, since it was made (R24).
func settled(nodes []*corev1.Node, o *Options) []*corev1.Node {
	out := nodes
	for i, n := range nodes {
		if !isReady(n) || !stillStarting(n, o) {
			continue
		}
		if &out[0] == &nodes[0] {
			out = slices.Clone(nodes)
		}
		unready := *n
		unready.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionFalse, LastTransitionTime: n.CreationTimestamp}}
		for _, c := range n.Status.Conditions {
			if c.Type != corev1.NodeReady {
				unready.Status.Conditions = append(unready.Status.Conditions, c)
			}
		}
		out[i] = &unready
	}
	return out
}

func stillStarting(n *corev1.Node, o *Options) bool {
	for i := range n.Spec.Taints {
		if isStartupTaint(n.Spec.Taints[i].Key, o) {
			return true
		}
	}
	if _, labelled := n.Labels[o.GPULabel]; !labelled || o.GPULabel == "" {
		return false
	}
	return !hasGPU(n, "")
}
