package kube

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// Fits tells whether the scheduler of Kubernetes 1.37 would let a pod run on a node, given the pods that run there
// already; and if not, why: every rule that fails, with its numbers.
//
//	ok, why := kube.Fits(pod, node, running...)
//	if !ok {
//		log.Print(why) // Insufficient cpu (requests 2, 500m of 4 is free)
//	}
//
// It asks about cordon and taints, node selector and required node affinity, host ports, resources (effective requests
// against allocatable less what the running pods request), disks, and the rules about other pods, for which the cluster
// is this one node. With more nodes, or with claims to look up, use [Snapshot]. Finished pods (Succeeded, Failed) among
// the running ones take no room. Only required rules count; preferences do not decide whether a pod fits.
//
// It never panics: a missing pod or node, or rules that make no sense, are reasons.
func Fits(pod *corev1.Pod, node *corev1.Node, running ...*corev1.Pod) (bool, Why) {
	why := fits(pod, node, running)
	return len(why) == 0, why
}

func fits(pod *corev1.Pod, node *corev1.Node, running []*corev1.Pod) Why {
	if pod == nil || node == nil {
		return Why{{Rule: Malformed, Detail: fmt.Sprintf("pod and node are needed (pod %t, node %t)", pod != nil, node != nil)}}
	}
	malformed := func(err error) Why { return Why{{Rule: Malformed, Detail: err.Error()}} }
	s, err := NewSnapshot(Options{AllLabels: true})
	if err != nil {
		return malformed(err)
	}
	n, err := s.AddNode(node)
	if err != nil {
		return malformed(err)
	}
	for _, p := range running {
		if p == nil || p == pod || Finished(p) {
			continue
		}
		c, err := s.Class(p)
		if err != nil {
			return malformed(err)
		}
		if err := s.Place(c, n); err != nil {
			return malformed(err)
		}
	}
	c, err := s.Class(pod)
	if err != nil {
		return malformed(err)
	}
	var why Why
	if name := pod.Spec.NodeName; name != "" && name != node.Name {
		why = append(why, Reason{Rule: NodeName, Subject: name, Detail: "wants node " + name})
	}
	return append(why, s.Why(c, n)...)
}

// Finished tells whether a pod has ended and takes no room any more.
func Finished(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}
