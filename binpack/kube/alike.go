package kube

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// alike tells whether two pods are written alike in all that their class depends on. It is stricter than being of one
// class, for that can be written in several ways, and much faster than writing the pod out.
func (c *Classifier) alike(a, b *corev1.Pod) bool {
	return a == b || a.Namespace == b.Namespace && (a.DeletionTimestamp == nil) == (b.DeletionTimestamp == nil) &&
		sameRequests(a, b) && maps.Equal(a.Spec.NodeSelector, b.Spec.NodeSelector) && c.sameLabels(a.Labels, b.Labels) &&
		slices.EqualFunc(a.Spec.Tolerations, b.Spec.Tolerations, sameToleration) &&
		each(a.Spec.TopologySpreadConstraints, b.Spec.TopologySpreadConstraints, sameSpread) &&
		sameAffinity(a.Spec.Affinity, b.Spec.Affinity) && each(a.Spec.Volumes, b.Spec.Volumes, sameVolume)
}

func each[T any](a, b []T, same func(a, b *T) bool) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !same(&a[i], &b[i]) {
			return false
		}
	}
	return true
}

// both tells whether to look further: at two values that are there. Else the answer is whether both are missing.
func both[T any](a, b *T, same func(a, b *T) bool) bool {
	if a == nil || b == nil || a == b {
		return a == b
	}
	return same(a, b)
}

func sameValue[T comparable](a, b *T) bool { return *a == *b }

func (c *Classifier) sameLabels(a, b map[string]string) bool {
	if c.AllLabels {
		return maps.Equal(a, b)
	}
	if len(c.readKeys) <= len(b) {
		for _, k := range c.readKeys {
			x, inA := a[k]
			y, inB := b[k]
			if x != y || inA != inB {
				return false
			}
		}
		return true
	}
	balance := 0
	for k, v := range b {
		if c.keys[k] {
			if have, ok := a[k]; !ok || have != v {
				return false
			}
			balance++
		}
	}
	for k := range a {
		if c.keys[k] {
			balance--
		}
	}
	return balance == 0
}

func sameRequests(a, b *corev1.Pod) bool {
	return each(a.Spec.Containers, b.Spec.Containers, sameContainer) && each(a.Spec.InitContainers, b.Spec.InitContainers, sameContainer) &&
		both(a.Spec.Resources, b.Spec.Resources, func(a, b *corev1.ResourceRequirements) bool { return sameList(a.Requests, b.Requests) }) &&
		sameList(a.Spec.Overhead, b.Spec.Overhead) && sameStatus(a, b)
}

func sameContainer(a, b *corev1.Container) bool {
	return sameList(a.Resources.Requests, b.Resources.Requests) && both(a.RestartPolicy, b.RestartPolicy, sameValue) && each(a.Ports, b.Ports, samePort)
}

func samePort(a, b *corev1.ContainerPort) bool {
	return a.HostPort == b.HostPort && a.HostIP == b.HostIP && a.Protocol == b.Protocol
}

func sameList(a, b corev1.ResourceList) bool {
	if len(a) != len(b) {
		return false
	}
	known := 0 // most ask for cpu and memory alone, and looking a name up is cheaper than going through a map
	for _, name := range [...]corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		q, inA := a[name]
		have, inB := b[name]
		if inA != inB || q.Cmp(have) != 0 {
			return false
		}
		if inA {
			known++
		}
	}
	if known == len(a) {
		return true
	}
	for name, q := range a {
		if have, ok := b[name]; !ok || q.Cmp(have) != 0 {
			return false
		}
	}
	return true
}

// sameStatus compares what the status says of resources in effect, which counts by the names of containers.
func sameStatus(a, b *corev1.Pod) bool {
	if infeasible(a) != infeasible(b) || !each(a.Status.ContainerStatuses, b.Status.ContainerStatuses, sameInEffect) ||
		!each(a.Status.InitContainerStatuses, b.Status.InitContainerStatuses, sameInEffect) {
		return false
	}
	if len(a.Status.ContainerStatuses) == 0 && len(a.Status.InitContainerStatuses) == 0 {
		return true
	}
	name := func(a, b *corev1.Container) bool { return a.Name == b.Name }
	return each(a.Spec.Containers, b.Spec.Containers, name) && each(a.Spec.InitContainers, b.Spec.InitContainers, name)
}

func sameInEffect(a, b *corev1.ContainerStatus) bool {
	return a.Name == b.Name && (a.AllocatedResources == nil) == (b.AllocatedResources == nil) && sameList(a.AllocatedResources, b.AllocatedResources) &&
		both(a.Resources, b.Resources, func(a, b *corev1.ResourceRequirements) bool {
			return (a.Requests == nil) == (b.Requests == nil) && sameList(a.Requests, b.Requests)
		})
}

func sameToleration(a, b corev1.Toleration) bool {
	return a.Key == b.Key && a.Operator == b.Operator && a.Value == b.Value && a.Effect == b.Effect
}

func sameSpread(a, b *corev1.TopologySpreadConstraint) bool {
	return a.TopologyKey == b.TopologyKey && a.MaxSkew == b.MaxSkew && a.WhenUnsatisfiable == b.WhenUnsatisfiable &&
		sameSelector(a.LabelSelector, b.LabelSelector) && both(a.MinDomains, b.MinDomains, sameValue) &&
		both(a.NodeAffinityPolicy, b.NodeAffinityPolicy, sameValue) && both(a.NodeTaintsPolicy, b.NodeTaintsPolicy, sameValue) &&
		slices.Equal(a.MatchLabelKeys, b.MatchLabelKeys)
}

func sameSelector(a, b *metav1.LabelSelector) bool {
	return both(a, b, func(a, b *metav1.LabelSelector) bool {
		return maps.Equal(a.MatchLabels, b.MatchLabels) && each(a.MatchExpressions, b.MatchExpressions, func(a, b *metav1.LabelSelectorRequirement) bool {
			return a.Key == b.Key && a.Operator == b.Operator && slices.Equal(a.Values, b.Values)
		})
	})
}

func sameAffinity(a, b *corev1.Affinity) bool {
	return both(a, b, func(a, b *corev1.Affinity) bool {
		return both(a.NodeAffinity, b.NodeAffinity, sameNodeAffinity) &&
			both(a.PodAffinity, b.PodAffinity, func(a, b *corev1.PodAffinity) bool {
				return each(a.RequiredDuringSchedulingIgnoredDuringExecution, b.RequiredDuringSchedulingIgnoredDuringExecution, sameTerm) &&
					each(a.PreferredDuringSchedulingIgnoredDuringExecution, b.PreferredDuringSchedulingIgnoredDuringExecution, sameWish)
			}) &&
			both(a.PodAntiAffinity, b.PodAntiAffinity, func(a, b *corev1.PodAntiAffinity) bool {
				return each(a.RequiredDuringSchedulingIgnoredDuringExecution, b.RequiredDuringSchedulingIgnoredDuringExecution, sameTerm) &&
					each(a.PreferredDuringSchedulingIgnoredDuringExecution, b.PreferredDuringSchedulingIgnoredDuringExecution, sameWish)
			})
	})
}

func sameTerm(a, b *corev1.PodAffinityTerm) bool {
	return a.TopologyKey == b.TopologyKey && sameSelector(a.LabelSelector, b.LabelSelector) && slices.Equal(a.Namespaces, b.Namespaces) &&
		sameSelector(a.NamespaceSelector, b.NamespaceSelector) && slices.Equal(a.MatchLabelKeys, b.MatchLabelKeys) &&
		slices.Equal(a.MismatchLabelKeys, b.MismatchLabelKeys)
}

func sameWish(a, b *corev1.WeightedPodAffinityTerm) bool {
	return a.Weight == b.Weight && sameTerm(&a.PodAffinityTerm, &b.PodAffinityTerm)
}

func sameNodeAffinity(a, b *corev1.NodeAffinity) bool {
	return both(a.RequiredDuringSchedulingIgnoredDuringExecution, b.RequiredDuringSchedulingIgnoredDuringExecution, func(a, b *corev1.NodeSelector) bool {
		return each(a.NodeSelectorTerms, b.NodeSelectorTerms, sameNodeTerm)
	}) && each(a.PreferredDuringSchedulingIgnoredDuringExecution, b.PreferredDuringSchedulingIgnoredDuringExecution, func(a, b *corev1.PreferredSchedulingTerm) bool {
		return a.Weight == b.Weight && sameNodeTerm(&a.Preference, &b.Preference)
	})
}

func sameNodeTerm(a, b *corev1.NodeSelectorTerm) bool {
	return each(a.MatchExpressions, b.MatchExpressions, sameNodeRequirement) && each(a.MatchFields, b.MatchFields, sameNodeRequirement)
}

func sameNodeRequirement(a, b *corev1.NodeSelectorRequirement) bool {
	return a.Key == b.Key && a.Operator == b.Operator && slices.Equal(a.Values, b.Values)
}

// sameVolume compares the claims that volumes name. A claim named after the pod, or a disk written in the pod, is left to
// the long way.
func sameVolume(a, b *corev1.Volume) bool {
	long := func(v *corev1.Volume) bool { _, disk := inlineDisk(v); return disk || v.Ephemeral != nil }
	return both(a.PersistentVolumeClaim, b.PersistentVolumeClaim, func(a, b *corev1.PersistentVolumeClaimVolumeSource) bool {
		return a.ClaimName == b.ClaimName
	}) && !long(a) && !long(b)
}
