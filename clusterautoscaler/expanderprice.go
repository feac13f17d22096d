package clusterautoscaler

import (
	"math"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// PriceModel says what nodes and pods cost.
type PriceModel interface {
	// NodePrice is what one node of an option costs an hour; false where it has no price.
	NodePrice(o *Option) (float64, bool)
	// PodPrice is what a pod would cost an hour on a machine of its size; false where it has no price.
	PodPrice(pod *corev1.Pod) (float64, bool)
}

// referencePod has the price that keeps ratios of cheap options stable.
var referencePod = &corev1.Pod{
	ObjectMeta: metav1.ObjectMeta{Name: "reference"},
	Spec: corev1.PodSpec{Containers: []corev1.Container{{Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{
		corev1.ResourceCPU: *resource.NewMilliQuantity(500, resource.DecimalSI), corev1.ResourceMemory: *resource.NewQuantity(500<<20, resource.BinarySI),
	}}}}},
}

// gpuUnfitness is what a node with a GPU counts as, however many there are: it is for pods that need it.
const gpuUnfitness = 1000

// Price keeps the options that cost least for what they place, with a preference for nodes of a size that suits the cluster
// (R48). clusterNodes is how many nodes there are; gpuLabel is the provider's label of nodes with GPUs. Options with a node
// or a pod without price drop out.
func Price(m PriceModel, clusterNodes int, gpuLabel string) Expander {
	preferred := preferredCPU(clusterNodes)
	return Expander{Name: "price", Filter: func(options []Option) Verdict {
		stable, ok := m.PodPrice(referencePod)
		if !ok {
			return Verdict{Note: "the reference pod of 500m and 500Mi has no price"}
		}
		return keepSmallest(options, func(o *Option) (float64, bool) {
			node, ok := m.NodePrice(o)
			if !ok || o.Template == nil {
				return 0, false
			}
			pods, ok := podsPrice(m, o)
			if !ok {
				return 0, false
			}
			score := unfitness(o, preferred, gpuLabel) * (node*float64(o.Nodes) + stable) / (pods + stable)
			if o.Missing {
				score *= 2
			}
			return score, true
		})
	}}
}

func podsPrice(m PriceModel, o *Option) (float64, bool) {
	sum := 0.0
	for i := range o.Placed {
		for _, pod := range o.Placed[i].Group.Pods[:o.Placed[i].Count] {
			price, ok := m.PodPrice(pod)
			if !ok {
				return 0, false
			}
			sum += price
		}
	}
	return sum, true
}

// unfitness is how far the size of a node is from the preferred one; the more nodes are added, the less that matters.
func unfitness(o *Option, preferred float64, gpuLabel string) float64 {
	if hasGPU(o.Template.Node, gpuLabel) {
		return gpuUnfitness
	}
	cpu := o.Template.Node.Status.Capacity[corev1.ResourceCPU]
	have := float64(cpu.MilliValue())
	plain := math.Max(preferred/have, have/preferred)
	return (plain-1)*(1-math.Tanh(float64(o.Nodes-1)/15)) + 1
}

// preferredCPU is how many millicores a node should have in a cluster of so many nodes.
func preferredCPU(nodes int) float64 {
	for _, step := range []struct{ nodes, cpu int }{{2, 1}, {6, 2}, {20, 4}, {60, 8}, {200, 16}} {
		if nodes <= step.nodes {
			return float64(1000 * step.cpu)
		}
	}
	return 32000
}

// gpuResources are the names under which vendors offer GPUs (R12).
var gpuResources = []corev1.ResourceName{"nvidia.com/gpu", "habana.ai/gaudi", "gpu.intel.com/xe", "amd.com/gpu", "microsoft.com/directx"}

// hasGPU tells whether a node has, or will have, a GPU: by the provider's label, or by what can be had of it.
func hasGPU(node *corev1.Node, label string) bool {
	if label != "" {
		if _, ok := node.Labels[label]; ok {
			return true
		}
	}
	for _, name := range gpuResources {
		if q, ok := node.Status.Allocatable[name]; ok && !q.IsZero() {
			return true
		}
	}
	return false
}
