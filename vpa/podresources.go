package vpa

import (
	corev1 "k8s.io/api/core/v1"
)

// inEffect are a container's requests and limits: those that its status reports, else those of the pod's specification.
// Both are taken from the one place (O9).
func inEffect(pod *corev1.Pod, container string) (requests, limits corev1.ResourceList) {
	for i := range pod.Status.ContainerStatuses {
		if s := &pod.Status.ContainerStatuses[i]; s.Name == container {
			if s.Resources != nil {
				return s.Resources.Requests, s.Resources.Limits
			}
			break
		}
	}
	if c := containerOf(pod, container); c != nil {
		return c.Resources.Requests, c.Resources.Limits
	}
	return nil, nil
}

func containerOf(pod *corev1.Pod, name string) *corev1.Container {
	for i := range pod.Spec.Containers {
		if pod.Spec.Containers[i].Name == name {
			return &pod.Spec.Containers[i]
		}
	}
	return nil
}

// entry is the recommendation for a container, nil without one.
func (r *RecommendedPodResources) entry(container string) *RecommendedContainerResources {
	if r == nil {
		return nil
	}
	for i := range r.ContainerRecommendations {
		if r.ContainerRecommendations[i].ContainerName == container {
			return &r.ContainerRecommendations[i]
		}
	}
	return nil
}

// within tells whether every entry is for a container of the pod.
func (r *RecommendedPodResources) within(pod *corev1.Pod) bool {
	for i := range r.ContainerRecommendations {
		if containerOf(pod, r.ContainerRecommendations[i].ContainerName) == nil {
			return false
		}
	}
	return true
}

// deepCopy is the entry with lists of its own.
func (r *RecommendedContainerResources) deepCopy() RecommendedContainerResources {
	return RecommendedContainerResources{
		ContainerName: r.ContainerName,
		Target:        r.Target.DeepCopy(), LowerBound: r.LowerBound.DeepCopy(), UpperBound: r.UpperBound.DeepCopy(),
		UncappedTarget: r.UncappedTarget.DeepCopy(),
	}
}

// condition finds a pod's condition by type.
func condition(pod *corev1.Pod, of corev1.PodConditionType) *corev1.PodCondition {
	for i := range pod.Status.Conditions {
		if pod.Status.Conditions[i].Type == of {
			return &pod.Status.Conditions[i]
		}
	}
	return nil
}

// podKey is how upstream tells pods apart.
func podKey(pod *corev1.Pod) string { return pod.Namespace + "/" + pod.Name }

// resourceNames lists the keys of a resource list in order.
func resourceNames(list corev1.ResourceList) []corev1.ResourceName {
	names := make([]corev1.ResourceName, 0, len(list))
	for name := range list {
		i := len(names)
		for names = append(names, name); i > 0 && names[i-1] > name; i-- {
			names[i] = names[i-1]
		}
		names[i] = name
	}
	return names
}
