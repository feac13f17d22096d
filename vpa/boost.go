package vpa

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// boostAnnotation is what the name of the annotation begins with that keeps a boosted container's own requests and limits.
const boostAnnotation = "vpaCpuStartupBoost/"

// boostedPod tells whether some container's boost has not been taken back.
func boostedPod(pod *corev1.Pod) bool {
	for name := range pod.Annotations {
		if strings.HasPrefix(name, boostAnnotation) {
			return true
		}
	}
	return false
}

// boosts tells whether the object asks for a boost, for the pod or for a container.
func (o *VerticalPodAutoscaler) boosts() bool {
	if o.Spec.StartupBoost != nil {
		return true
	}
	if o.Spec.ResourcePolicy != nil {
		for i := range o.Spec.ResourcePolicy.ContainerPolicies {
			if o.Spec.ResourcePolicy.ContainerPolicies[i].StartupBoost != nil {
				return true
			}
		}
	}
	return false
}
