// Package kube turns what Kubernetes objects say about placement into small values that answer quickly.
//
// [Fits] alone answers whether a pod may run on a node, and if not, why, as the scheduler of Kubernetes 1.37 would:
//
//	ok, why := kube.Fits(pod, node, running...)
//	if !ok {
//		fmt.Println(why.Event()) // Insufficient cpu
//	}
//
// A [Snapshot] holds many nodes and pods, handles equal pods as one class, and takes a trial back instead of copying.
// Below them stand the pieces: what a pod [Requests], a [NodeSelector] with its affinity, taints, host ports, pod
// affinity and topology spread, volumes, and the algebra of [Requirements] that NodePools and instance types are
// narrowed by. A [Universe] numbers labels and values, so that such sets become bitsets.
package kube
