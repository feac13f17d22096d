package clusterautoscaler

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// Usage is how much of a node is requested. Real usage plays no part.
type Usage struct {
	CPU      float64             `json:"cpu"`      // share of allocatable cpu
	Memory   float64             `json:"mem"`      // share of allocatable memory
	GPU      float64             `json:"gpu"`      // share of allocatable GPUs
	Share    float64             `json:"util"`     // the one that decides
	Resource corev1.ResourceName `json:"resource"` // which one that is
}

// UtilizationOptions say what does not count.
type UtilizationOptions struct {
	SkipDaemonSets bool   // pods of DaemonSets: neither what they ask for nor what they take of the node
	SkipMirrorPods bool   // static pods, likewise
	GPULabel       string // the provider's label of nodes with GPUs
}

// nvidia is the GPU that a node with the provider's label is taken to have where it lists none.
const nvidia = corev1.ResourceName("nvidia.com/gpu")

// Utilization is the share of a node that its pods request (D8 to D13): that of its GPUs where it has some, else the larger
// of cpu and memory. It fails where cpu or memory cannot be allocated at all.
func Utilization(node *corev1.Node, pods []*corev1.Pod, now time.Time, o UtilizationOptions) (Usage, error) {
	u := usageSum{node: node, options: o}
	u.begin()
	for _, p := range pods {
		u.add(p, now, kube.Requests(p))
	}
	return u.result()
}

// usageSum adds up requests in units that are exact.
type usageSum struct {
	node    *corev1.Node
	options UtilizationOptions
	gpu     corev1.ResourceName // empty where the node has none
	sums    [3]int64            // cpu, memory, gpu
	skipped [3]int64
}

func (u *usageSum) begin() {
	if !hasGPU(u.node, u.options.GPULabel) {
		return
	}
	u.gpu = nvidia
	for _, name := range gpuResources {
		if _, ok := u.node.Status.Allocatable[name]; ok {
			u.gpu = name
			return
		}
	}
}

func (u *usageSum) add(pod *corev1.Pod, now time.Time, requests corev1.ResourceList) {
	u.addAmounts(pod, now, amounts(requests, u.gpu))
}

// amounts are requests in thousandths, and billionths of cpu.
func amounts(requests corev1.ResourceList, gpu corev1.ResourceName) [3]int64 {
	var out [3]int64
	for i, name := range [3]corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory, gpu} {
		if q, ok := requests[name]; ok && name != "" {
			out[i] = kube.ExactUnits.Request(name, &q)
		}
	}
	return out
}

func (u *usageSum) addAmounts(pod *corev1.Pod, now time.Time, a [3]int64) {
	into := &u.sums
	switch {
	case u.options.SkipDaemonSets && isDaemonSetPod(pod), u.options.SkipMirrorPods && isMirrorPod(pod): // D12
		into = &u.skipped
	case longTerminating(pod, now):
		return
	}
	for i := range a {
		into[i] += a[i]
	}
}

func (u *usageSum) result() (Usage, error) {
	if u.gpu != "" {
		out := Usage{Resource: u.gpu}
		if have := u.node.Status.Allocatable[u.gpu]; !have.IsZero() {
			out.GPU = u.share(2, u.gpu)
			out.Share = out.GPU
		}
		return out, nil
	}
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		if have, ok := u.node.Status.Allocatable[name]; !ok || have.IsZero() {
			return Usage{}, fmt.Errorf("%w: node %s: status.allocatable.%s: is missing or zero", ErrInvalid, u.node.Name, name)
		}
	}
	out := Usage{CPU: u.share(0, corev1.ResourceCPU), Memory: u.share(1, corev1.ResourceMemory)}
	if out.CPU > out.Memory { // D9
		out.Share, out.Resource = out.CPU, corev1.ResourceCPU
	} else {
		out.Share, out.Resource = out.Memory, corev1.ResourceMemory
	}
	return out, nil
}

// share is D11, in thousandths as upstream divides them.
func (u *usageSum) share(i int, name corev1.ResourceName) float64 {
	have := u.node.Status.Allocatable[name]
	return float64(milli(u.sums[i], name)) / float64(have.MilliValue()-milli(u.skipped[i], name))
}

func milli(v int64, name corev1.ResourceName) int64 {
	if name != corev1.ResourceCPU {
		return v
	}
	const perMilli = 1_000_000
	return v/perMilli + min(v%perMilli, 1) // rounded up
}

// graceAfterTermination is how long a pod that should be gone still counts, beyond its own grace (D13).
const (
	graceAfterTermination = 30 * time.Second
	defaultGrace          = int64(corev1.DefaultTerminationGracePeriodSeconds)
)

// longTerminating tells that a pod should have been gone for a while (D13).
func longTerminating(pod *corev1.Pod, now time.Time) bool {
	if pod.DeletionTimestamp == nil {
		return false
	}
	grace := defaultGrace
	if g := pod.Spec.TerminationGracePeriodSeconds; g != nil {
		grace = *g
	}
	return pod.DeletionTimestamp.Add(time.Duration(grace)*time.Second + graceAfterTermination).Before(now)
}

// isMirrorPod tells whether a pod is the API's image of a static one.
func isMirrorPod(pod *corev1.Pod) bool {
	_, ok := pod.Annotations[corev1.MirrorPodAnnotationKey]
	return ok
}
