// Package kube turns what Kubernetes objects say about placement into small values that answer quickly: what a pod
// requests, which nodes its selector and affinity choose, which taints it tolerates, which host ports it takes, and the
// algebra of requirements that NodePools and instance types are narrowed by.
//
//	selector := kube.NewNodeSelector(&pod.Spec)
//	ok := selector.Matches(node.Name, node.Labels) && kube.Untolerated(node.Spec.Taints, pod.Spec.Tolerations) == nil
//
// A [Requirement] is the set of values that a label may have, and [Requirements] hold one a label; a [Universe] numbers
// labels and values, so that such sets become bitsets.
package kube
