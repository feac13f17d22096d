package proportional

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/labels"
)

// Census is a cluster size that follows single nodes, for a controller with an informer: each change costs the same
// however large the cluster is. It always agrees with [SizeOfSelected] over the nodes it holds. The zero value is an
// empty cluster and counts every node; a Census is not for several goroutines at a time.
type Census struct {
	selector labels.Selector
	counted  map[string]counted
	sum      sum
}

// counted is what one node added to the sum, so that it can be taken out again whatever became of the node since.
type counted struct {
	cores       resource.Quantity
	schedulable bool
}

// NewCensus gives an empty census of the nodes that the selector matches; nil matches every node.
func NewCensus(selector labels.Selector) *Census { return &Census{selector: selector} }

// Set adds a node, or replaces the node of that name. A node that the selector does not match, or no longer does, does
// not count. Set tells whether the size may have changed.
func (c *Census) Set(node *corev1.Node) bool {
	if node == nil {
		return false
	}
	if c.selector != nil && !c.selector.Matches(labels.Set(node.Labels)) {
		return c.Remove(node.Name)
	}
	now := counted{node.Status.Allocatable[corev1.ResourceCPU], Schedulable(node)}
	old, known := c.counted[node.Name]
	// Most updates of a node are heartbeats, which leave what counts as it was.
	if known && old.schedulable == now.schedulable && old.cores.Cmp(now.cores) == 0 {
		return false
	}
	if known {
		c.sum.remove(old.cores, old.schedulable)
	}
	// A quantity with a large value shares its digits between copies; the census needs its own.
	now.cores = now.cores.DeepCopy()
	c.sum.add(now.cores, now.schedulable)
	if c.counted == nil {
		c.counted = map[string]counted{}
	}
	c.counted[node.Name] = now
	return true
}

// Remove takes out the node of that name and tells whether it counted.
func (c *Census) Remove(name string) bool {
	old, known := c.counted[name]
	if known {
		delete(c.counted, name)
		c.sum.remove(old.cores, old.schedulable)
	}
	return known
}

// Size is the size now.
func (c *Census) Size() ClusterSize { return c.sum.size() }
