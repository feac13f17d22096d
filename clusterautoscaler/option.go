package clusterautoscaler

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/binpack/kube"
)

// Option is a scale-up that could be made: so many nodes of a group for these pods.
type Option struct {
	ID       string        `json:"id"`                // of the group
	Nodes    int           `json:"nodes"`             // how many would be added
	Placed   []PlacedGroup `json:"-"`                 // the pods that would find a place
	Template *Template     `json:"-"`                 // of the nodes; nil where it is not known
	Missing  bool          `json:"missing,omitempty"` // the group would first have to be made
	Similar  []string      `json:"similar,omitempty"` // groups that may share the growth
	Estimate Estimation    `json:"estimate"`          // how the number came about
}

// PlacedGroup are the first pods of a group of equal ones.
type PlacedGroup struct {
	Group *PodGroup // whose pods
	Count int       // how many of them, from the first on
}

// Pods is how many pods would find a place.
func (o *Option) Pods() int {
	n := 0
	for i := range o.Placed {
		n += o.Placed[i].Count
	}
	return n
}

// requested is what all its pods ask for together, summed exactly.
func (o *Option) requested(names ...corev1.ResourceName) []resource.Quantity {
	placed := o.Estimate.alike
	if placed == nil {
		placed = o.Placed
	}
	sums := make([]resource.Quantity, len(names))
	for i := range placed {
		requests := kube.Requests(placed[i].Group.Pods[0])
		for j, name := range names {
			if q, ok := requests[name]; ok {
				sums[j].Add(times(q, placed[i].Count))
			}
		}
	}
	return sums
}

func times(q resource.Quantity, n int) resource.Quantity {
	q.Mul(int64(n))
	return q
}

// available is the capacity of all its nodes together.
func (o *Option) available(name corev1.ResourceName) resource.Quantity {
	return times(o.Template.Node.Status.Capacity[name].DeepCopy(), o.Nodes)
}
