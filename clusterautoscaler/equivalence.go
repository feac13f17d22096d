package clusterautoscaler

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// PodGroup are pods that scale-up treats alike: only the first is ever asked about (R27).
type PodGroup struct {
	Pods []*corev1.Pod // at least one, in the order given
}

// maxGroupsPerController is how many groups of one controller others can join; later pods stand alone (R15).
const maxGroupsPerController = 10

// GroupPods puts pods together that have the same controller, equal labels and equal specs, as far as scheduling and
// upstream look at them (R13 to R15). Groups are in the order of their first pods.
func GroupPods(pods []*corev1.Pod) []PodGroup {
	var (
		groups []PodGroup
		of     = map[types.UID]*controllerGroups{}
		a, b   likeness
	)
	for _, pod := range pods {
		owner := controllerOf(pod)
		if owner == nil || isDaemonSetPod(pod) {
			groups = append(groups, PodGroup{Pods: []*corev1.Pod{pod}})
			continue
		}
		known := of[owner.UID]
		if known == nil {
			known = &controllerGroups{byWire: map[string][]int{}}
			of[owner.UID] = known
		}
		a.of(pod)
		if g := known.find(&a, &b, groups); g >= 0 {
			groups[g].Pods = append(groups[g].Pods, pod)
			continue
		}
		if len(known.groups) < maxGroupsPerController {
			known.add(&a, len(groups))
		}
		groups = append(groups, PodGroup{Pods: []*corev1.Pod{pod}})
	}
	return groups
}

// controllerGroups are the groups of one controller that pods can join.
type controllerGroups struct {
	groups []int
	byWire map[string][]int // the same, by how the first pod's spec is written
}

func (k *controllerGroups) add(a *likeness, group int) {
	k.groups = append(k.groups, group)
	k.byWire[string(a.wire)] = append(k.byWire[string(a.wire)], group)
}

// find returns the group that a pod equals; -1 where there is none. Specs that are written alike are equal, which is the
// usual case and cheap to see; others may still be, for quantities compare by value.
func (k *controllerGroups) find(a, scratch *likeness, groups []PodGroup) int {
	for _, g := range k.byWire[string(a.wire)] {
		if first := groups[g].Pods[0]; sameLabels(a.labels, first.Labels) && sameResources(a.pod, first) {
			return g
		}
	}
	for _, g := range k.groups {
		first := groups[g].Pods[0]
		if !sameLabels(a.labels, first.Labels) || !sameResources(a.pod, first) {
			continue
		}
		scratch.of(first)
		if equality.Semantic.DeepEqual(a.spec, scratch.spec) {
			return g
		}
	}
	return -1
}

// sameResources compares what the containers of two pods ask for, by value.
func sameResources(a, b *corev1.Pod) bool {
	return sameContainers(a.Spec.Containers, b.Spec.Containers) && sameContainers(a.Spec.InitContainers, b.Spec.InitContainers)
}

func sameContainers(a, b []corev1.Container) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := &a[i].Resources, &b[i].Resources
		if !sameAmounts(x.Requests, y.Requests) || !sameAmounts(x.Limits, y.Limits) || !slices.Equal(x.Claims, y.Claims) {
			return false
		}
	}
	return true
}

func sameAmounts(a, b corev1.ResourceList) bool {
	if len(a) != len(b) {
		return false
	}
	for name, x := range a {
		if y, ok := b[name]; !ok || x.Cmp(y) != 0 {
			return false
		}
	}
	return true
}

// sameLabels compares as upstream does: no labels at all differ from an empty set of them.
func sameLabels(a, b map[string]string) bool {
	if len(a) != len(b) || (a == nil) != (b == nil) {
		return false
	}
	for k, v := range a {
		if w, ok := b[k]; !ok || w != v {
			return false
		}
	}
	return true
}

// likeness is what of a pod is compared (R14): its labels, and its spec without projected volumes, hostname and
// environment. What its containers ask for is compared apart, for quantities are slow to write.
type likeness struct {
	pod        *corev1.Pod
	labels     map[string]string
	spec       corev1.PodSpec
	wire       []byte
	containers [2][]corev1.Container
	volumes    []corev1.Volume
	mounts     [][]corev1.VolumeMount
	used       int
}

func (l *likeness) of(pod *corev1.Pod) {
	l.pod, l.labels, l.spec, l.used = pod, pod.Labels, pod.Spec, 0
	l.spec.Hostname = ""
	projected := false
	for i := range pod.Spec.Volumes {
		projected = projected || pod.Spec.Volumes[i].Projected != nil
	}
	if projected {
		l.volumes = l.volumes[:0]
		for i := range pod.Spec.Volumes {
			if pod.Spec.Volumes[i].Projected == nil {
				l.volumes = append(l.volumes, pod.Spec.Volumes[i])
			}
		}
		l.spec.Volumes = l.volumes
	}
	l.spec.Containers = l.bare(0, pod.Spec.Containers, pod.Spec.Volumes, projected)
	l.spec.InitContainers = l.bare(1, pod.Spec.InitContainers, pod.Spec.Volumes, projected)
	size := l.spec.Size()
	if cap(l.wire) < size {
		l.wire = make([]byte, size, 2*size)
	}
	l.wire = l.wire[:size]
	if _, err := l.spec.MarshalToSizedBuffer(l.wire); err != nil {
		l.wire = l.wire[:0]
	}
}

// bare copies containers without their environment and without mounts of projected volumes.
func (l *likeness) bare(which int, containers []corev1.Container, volumes []corev1.Volume, projected bool) []corev1.Container {
	out := append(l.containers[which][:0], containers...)
	l.containers[which] = out
	for i := range out {
		out[i].Env, out[i].Resources = nil, corev1.ResourceRequirements{}
		if !projected {
			continue
		}
		if l.used == len(l.mounts) {
			l.mounts = append(l.mounts, nil)
		}
		kept := l.mounts[l.used][:0]
		for _, m := range out[i].VolumeMounts {
			if !mountsProjected(m.Name, volumes) {
				kept = append(kept, m)
			}
		}
		l.mounts[l.used] = kept
		l.used++
		out[i].VolumeMounts = kept
	}
	return out
}

func mountsProjected(name string, volumes []corev1.Volume) bool {
	for i := range volumes {
		if volumes[i].Name == name && volumes[i].Projected != nil {
			return true
		}
	}
	return false
}

// controllerOf is the owner that made the pod, or nil.
func controllerOf(pod *corev1.Pod) *metav1.OwnerReference {
	for i := range pod.OwnerReferences {
		if o := &pod.OwnerReferences[i]; o.Controller != nil && *o.Controller {
			return o
		}
	}
	return nil
}

// annotationDaemonSetPod marks pods that count as those of a DaemonSet.
const annotationDaemonSetPod = "cluster-autoscaler.kubernetes.io/daemonset-pod"

// isDaemonSetPod tells whether a pod belongs to its node (R10).
func isDaemonSetPod(pod *corev1.Pod) bool {
	if o := controllerOf(pod); o != nil && o.Kind == "DaemonSet" {
		return true
	}
	return pod.Annotations[annotationDaemonSetPod] == "true"
}
