package clusterautoscaler

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// fastest is which group of an order is worth extrapolating (R37): the one whose pods are saved most trials. -1: none is.
func (e *estimator) fastest(order []int) int {
	best, most := -1, -1
	for at, g := range order {
		pod, count := e.in.Groups[g].Pods[0], len(e.in.Groups[g].Pods)
		if len(pod.Spec.TopologySpreadConstraints) > 0 {
			continue
		}
		alone, elsewhere := hostAntiAffinity(pod)
		if elsewhere {
			continue
		}
		nodes := e.share(pod, corev1.ResourceCPU, count)
		nodes = max(nodes, e.share(pod, corev1.ResourceMemory, count))
		if alone {
			nodes = max(nodes, count)
		}
		saved := 0
		if nodes > 0 {
			saved = count - count/nodes
		}
		if saved >= most {
			best, most = at, saved
		}
	}
	return best
}

// share is how many nodes' whole capacity of a resource the first containers of pods ask for.
func (e *estimator) share(pod *corev1.Pod, name corev1.ResourceName, count int) int {
	if len(pod.Spec.Containers) == 0 {
		return 0
	}
	request, capacity := pod.Spec.Containers[0].Resources.Requests[name], e.in.Template.Node.Status.Capacity[name]
	want, have := request.MilliValue(), capacity.MilliValue()
	if have <= 0 || want <= 0 {
		return 0
	}
	share := float64(count) * float64(want) / float64(have)
	whole := int(share)
	if share > float64(whole) {
		whole++
	}
	return whole
}

// hostAntiAffinity tells whether a pod keeps others of its own labels off its host, and whether it keeps any off a wider
// domain.
func hostAntiAffinity(pod *corev1.Pod) (alone, elsewhere bool) {
	rules, err := kube.NewPodAffinity(pod)
	if err != nil {
		return false, true
	}
	for i := range rules.AntiAffinity {
		term := &rules.AntiAffinity[i]
		if term.TopologyKey != corev1.LabelHostname {
			elsewhere = true
		} else if term.Selector.Labels(pod.Labels) {
			alone = true
		}
	}
	return alone, elsewhere
}

// extrapolate is R38: one fresh node is filled, and the rest is counted as if every further one held as many.
func (e *estimator) extrapolate(c kube.Class, left int) (int, error) {
	if left == 0 || !e.limiter.grant() {
		return left, nil
	}
	n, err := e.add()
	if err != nil {
		return left, err
	}
	each := e.s.Fill(c, n, left)
	if each == 0 {
		return left, nil
	}
	e.used[n] = true
	left -= each
	for left > 0 && e.limiter.grant() {
		e.out.Nodes++
		left -= min(each, left)
	}
	return left, nil
}
