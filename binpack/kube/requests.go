package kube

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Requests is what a pod asks of a node, exactly: for each resource the sum over containers and restartable init
// containers (sidecars), or what an ordinary init container needs beside the sidecars started before it, whichever is
// larger; then requests of the pod as a whole, where set, in place of cpu, memory and huge pages; then the overhead of
// its runtime class. Containers that are being resized count with the largest of what is wanted, allocated and in effect.
// The pod itself (the resource "pods") is not in it.
func Requests(pod *corev1.Pod) corev1.ResourceList {
	out := aggregate(pod, specified)
	if resizing(pod) {
		if infeasible(pod) {
			out = corev1.ResourceList{}
		}
		maximize(out, aggregate(pod, allocated))
		maximize(out, aggregate(pod, actuated))
	}
	if r := pod.Spec.Resources; r != nil {
		for name, q := range r.Requests {
			if podLevel(name) {
				out[name] = q
			}
		}
	}
	add(out, pod.Spec.Overhead)
	return out
}

// podLevel tells which resources a pod may ask for as a whole.
func podLevel(name corev1.ResourceName) bool {
	return name == corev1.ResourceCPU || name == corev1.ResourceMemory || strings.HasPrefix(string(name), corev1.ResourceHugePagesPrefix)
}

// Sidecar tells whether an init container is restartable: it runs for as long as the pod does.
func Sidecar(c *corev1.Container) bool {
	return c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

// source says which requests of a container count.
type source int

const (
	specified source = iota
	allocated        // what the kubelet promised, else what the spec says
	actuated         // what is in effect, else promised, else what the spec says
)

func (s source) of(pod *corev1.Pod, c *corev1.Container) corev1.ResourceList {
	if s == specified {
		return c.Resources.Requests
	}
	if st := status(pod, c.Name); st != nil {
		if s == actuated && st.Resources != nil && st.Resources.Requests != nil {
			return st.Resources.Requests
		}
		if st.AllocatedResources != nil {
			return st.AllocatedResources
		}
	}
	if infeasible(pod) {
		return nil
	}
	return c.Resources.Requests
}

func status(pod *corev1.Pod, name string) *corev1.ContainerStatus {
	for _, list := range [][]corev1.ContainerStatus{pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses} {
		for i := range list {
			if list[i].Name == name {
				return &list[i]
			}
		}
	}
	return nil
}

// resizing tells whether any container has a status that may differ from its spec.
func resizing(pod *corev1.Pod) bool {
	for _, list := range [][]corev1.ContainerStatus{pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses} {
		for i := range list {
			if list[i].AllocatedResources != nil || list[i].Resources != nil && list[i].Resources.Requests != nil {
				return true
			}
		}
	}
	return infeasible(pod)
}

// infeasible tells whether the node refused a resize for good, so that what is wanted does not count.
func infeasible(pod *corev1.Pod) bool {
	for i := range pod.Status.Conditions {
		if c := &pod.Status.Conditions[i]; c.Type == corev1.PodResizePending {
			return c.Reason == corev1.PodReasonInfeasible
		}
	}
	return false
}

func aggregate(pod *corev1.Pod, s source) corev1.ResourceList {
	sum := corev1.ResourceList{}
	for i := range pod.Spec.Containers {
		add(sum, s.of(pod, &pod.Spec.Containers[i]))
	}
	if len(pod.Spec.InitContainers) == 0 {
		return sum
	}
	sidecars, peak := corev1.ResourceList{}, corev1.ResourceList{}
	for i := range pod.Spec.InitContainers {
		c := &pod.Spec.InitContainers[i]
		requests := s.of(pod, c)
		if Sidecar(c) {
			add(sum, requests)
			add(sidecars, requests)
			maximize(peak, sidecars)
			continue
		}
		beside := corev1.ResourceList{}
		add(beside, requests)
		add(beside, sidecars)
		maximize(peak, beside)
	}
	maximize(sum, peak)
	return sum
}

func add(to, more corev1.ResourceList) {
	for name, q := range more {
		have, ok := to[name]
		if !ok {
			to[name] = q.DeepCopy()
			continue
		}
		have.Add(q)
		to[name] = have
	}
}

func maximize(to, other corev1.ResourceList) {
	for name, q := range other {
		if have, ok := to[name]; !ok || q.Cmp(have) > 0 {
			to[name] = q.DeepCopy()
		}
	}
}

// Units is how quantities become integers.
type Units int

const (
	// SchedulerUnits are those of the scheduler: cpu in thousandths of a core, all else in whole units, rounded up.
	SchedulerUnits Units = iota
	// ExactUnits are fine enough to compare quantities as they are written: cpu in billionths of a core, all else in
	// thousandths. What is finer still is rounded up in requests and down in capacities.
	ExactUnits
)

// unbounded is what a request beyond the range becomes: more than any capacity.
const (
	largestCapacity = 1 << 60
	unbounded       = largestCapacity + 1
)

// Request converts a quantity that is asked for. Out of the range of 2^60 units it is more than any capacity.
func (u Units) Request(name corev1.ResourceName, q *resource.Quantity) int64 {
	v := u.up(name, q)
	if v > largestCapacity || v < -largestCapacity {
		return unbounded
	}
	return v
}

// Capacity converts a quantity that is offered; at most 2^60 units.
func (u Units) Capacity(name corev1.ResourceName, q *resource.Quantity) int64 {
	v := u.up(name, q)
	if u == ExactUnits && v > 0 {
		if exact := resource.NewScaledQuantity(v, u.scale(name)); exact.Cmp(*q) > 0 {
			v--
		}
	}
	return max(-largestCapacity, min(largestCapacity, v))
}

func (u Units) scale(name corev1.ResourceName) resource.Scale {
	switch {
	case u == ExactUnits && name == corev1.ResourceCPU:
		return resource.Nano
	case u == ExactUnits || name == corev1.ResourceCPU:
		return resource.Milli
	}
	return 0
}

func (u Units) up(name corev1.ResourceName, q *resource.Quantity) int64 {
	scale := u.scale(name)
	if beyond := exceeds(q); beyond != 0 {
		return int64(beyond) * unbounded
	}
	// ScaledValue wraps around where the result is too large, so look at the size first.
	if whole := q.Value(); whole > largestCapacity>>20 || whole < -largestCapacity>>20 {
		factor := int64(1)
		for s := scale; s < 0; s += 3 {
			factor *= 1000
		}
		if whole > largestCapacity/factor || whole < -largestCapacity/factor {
			if whole > 0 {
				return unbounded
			}
			return -unbounded
		}
	}
	return q.ScaledValue(scale)
}

// exceeds tells whether a quantity is above (1) or below (-1) what any unit can count. Value cannot tell: it is 0 then, or
// anything.
func exceeds(q *resource.Quantity) int {
	switch {
	case q.CmpInt64(largestCapacity) > 0:
		return 1
	case q.CmpInt64(-largestCapacity) < 0:
		return -1
	}
	return 0
}

// Quantity converts back.
func (u Units) Quantity(name corev1.ResourceName, v int64) resource.Quantity {
	format := resource.DecimalSI
	if name == corev1.ResourceMemory || name == corev1.ResourceEphemeralStorage || strings.HasPrefix(string(name), corev1.ResourceHugePagesPrefix) {
		format = resource.BinarySI
	}
	q := resource.NewScaledQuantity(v, u.scale(name))
	q.Format = format
	return *q
}
