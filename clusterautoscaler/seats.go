package clusterautoscaler

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// seats follows the pods of a cluster from node to node while nodes are taken away. Every pod that is on a node has a
// number, so that moving one allocates nothing.
type seats struct {
	pods    []*corev1.Pod
	classes []kube.Class
	first   []int32       // by node: the number of its first pod; one more at the end
	hints   []kube.NodeID // by pod: the node found for it in this loop, -1 for none
	head    []int32       // by node: the pod that came first from elsewhere, -1 for none
	tail    []int32       // by node: the one that came last
	next    []int32       // by pod: which came after it to the same node
	here    []int32       // of the last call of on
	found   []*corev1.Pod // the same
}

func newSeats(nodes []nodeInfo) *seats {
	total := 0
	for i := range nodes {
		total += len(nodes[i].pods)
	}
	s := &seats{
		pods: make([]*corev1.Pod, 0, total), classes: make([]kube.Class, 0, total), first: make([]int32, 0, len(nodes)+1),
		hints: make([]kube.NodeID, total), next: make([]int32, total), head: make([]int32, len(nodes)), tail: make([]int32, len(nodes)),
	}
	for i := range nodes {
		s.first = append(s.first, int32(len(s.pods)))
		s.pods, s.classes = append(s.pods, nodes[i].pods...), append(s.classes, nodes[i].classes...)
		s.head[i], s.tail[i] = -1, -1
	}
	s.first = append(s.first, int32(total))
	for i := range s.hints {
		s.hints[i] = -1
	}
	return s
}

// on are the pods of a node: its own, then those that nodes before it sent, which would have to move on. Their numbers
// are in here. Both are good until the next call.
func (s *seats) on(node int) []*corev1.Pod {
	s.here, s.found = s.here[:0], s.found[:0]
	for id := s.first[node]; id < s.first[node+1]; id++ {
		s.here = append(s.here, id)
	}
	for id := s.head[node]; id >= 0; id = s.next[id] {
		s.here = append(s.here, id)
	}
	for _, id := range s.here {
		s.found = append(s.found, s.pods[id])
	}
	return s.found
}

// move sends a pod to a node. The node that it leaves must not be asked for again.
func (s *seats) move(id int32, to int) {
	s.next[id] = -1
	if s.head[to] < 0 {
		s.head[to] = id
	} else {
		s.next[s.tail[to]] = id
	}
	s.tail[to] = id
}
