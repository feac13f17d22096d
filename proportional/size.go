package proportional

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/labels"
)

// ClusterSize is what a policy looks at. Sums beyond 32 bits have wrapped (C4).
type ClusterSize struct {
	// SchedulableNodes are the nodes that are not cordoned and report ready.
	SchedulableNodes int32 `json:"schedulableNodes"`
	// Nodes are all nodes.
	Nodes int32 `json:"totalNodes"`
	// SchedulableCores is the allocatable CPU of the schedulable nodes, rounded up once to whole cores.
	SchedulableCores int32 `json:"schedulableCores"`
	// Cores is the allocatable CPU of all nodes, rounded up once to whole cores.
	Cores int32 `json:"totalCores"`
}

// String gives the size in one line.
func (s ClusterSize) String() string {
	return fmt.Sprintf("%d of %d nodes schedulable, %d of %d cores", s.SchedulableNodes, s.Nodes, s.SchedulableCores, s.Cores)
}

// SizeOf counts all nodes. A nil node is none.
func SizeOf(nodes []*corev1.Node) ClusterSize { return SizeOfSelected(nodes, nil) }

// SizeOfSelected counts the nodes whose labels the selector matches, as --nodelabels does; a nil selector matches every
// node.
func SizeOfSelected(nodes []*corev1.Node, selector labels.Selector) ClusterSize {
	var s sum
	for _, node := range nodes {
		if node != nil && (selector == nil || selector.Matches(labels.Set(node.Labels))) {
			s.add(node.Status.Allocatable[corev1.ResourceCPU], Schedulable(node))
		}
	}
	return s.size()
}

// Schedulable tells whether a node counts as schedulable: not cordoned, and its Ready condition is True. Taints do not
// matter, and a node without that condition is not ready (C3).
func Schedulable(node *corev1.Node) bool {
	if node == nil || node.Spec.Unschedulable {
		return false
	}
	for i := range node.Status.Conditions {
		if c := &node.Status.Conditions[i]; c.Type == corev1.NodeReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// sum is a cluster size before rounding. Cores are added as exact quantities and rounded up only at the end (C2).
type sum struct {
	nodes, schedulableNodes int64
	cores, schedulableCores resource.Quantity
}

func (s *sum) add(cores resource.Quantity, schedulable bool) {
	s.nodes++
	s.cores.Add(cores)
	if schedulable {
		s.schedulableNodes++
		s.schedulableCores.Add(cores)
	}
}

func (s *sum) remove(cores resource.Quantity, schedulable bool) {
	s.nodes--
	s.cores.Sub(cores)
	if schedulable {
		s.schedulableNodes--
		s.schedulableCores.Sub(cores)
	}
}

// size rounds and narrows; what does not fit 32 bits wraps (C4).
func (s *sum) size() ClusterSize {
	return ClusterSize{
		SchedulableNodes: int32(s.schedulableNodes), Nodes: int32(s.nodes),
		SchedulableCores: int32(s.schedulableCores.Value()), Cores: int32(s.cores.Value()),
	}
}
