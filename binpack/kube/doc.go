// Package kube turns what Kubernetes objects say about placement into small values that answer quickly.
//
// [Fits] alone answers whether a pod may run on a node, and if not, why, as the scheduler of Kubernetes 1.37 would:
//
//	ok, why := kube.Fits(pod, node, running...)
//	if !ok {
//		fmt.Println(why.Event()) // Insufficient cpu
//	}
//
// A [Snapshot] holds many nodes and pods, handles equal pods as one class, and takes a trial back instead of copying:
//
//	s, err := kube.NewSnapshot(kube.Options{}, pods...) // all pods that will ever be asked about
//	for _, node := range nodes {
//		s.AddNode(node)
//	}
//	class, err := s.Class(pod)  // once per pod; pods alike share a class
//	mark := s.Mark()
//	n := s.FirstFit(class, 0)   // -1: none; nodes found full are not asked again
//	s.Place(class, n)           // or s.Fill(class, n, 50): as many of 50 as fit
//	fmt.Println(s.Why(class, n), s.Survey(class))
//	s.Undo(mark)
//
// Below them stand the pieces: what a pod [Requests], a [NodeSelector] with its affinity, taints, host ports, pod
// affinity and topology spread, volumes, and the algebra of [Requirements] that NodePools and instance types are
// narrowed by. A [Universe] numbers labels and values, so that such sets become bitsets.
package kube
