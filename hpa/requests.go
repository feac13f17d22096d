package hpa

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// requestColumn holds what every pod of a list requests of one resource, by the pods' order.
type requestColumn struct {
	resource  corev1.ResourceName
	container string
	podLevel  bool // the gate PodLevelResources
	milli     []int64
	// failed is the first pod without the request that counts, -1 if there is none; ignored pods are in first of all of
	// them and left out in second (Q1).
	failed [2]int
}

// MissingRequest is a pod that does not request a resource that a utilization is measured against. Its text is
// upstream's.
type MissingRequest struct {
	// Pod is the pod's name.
	Pod string
	// Container is the container without the request; empty where the pod's own requests lack the resource.
	Container string
	// Resource is what is not requested.
	Resource corev1.ResourceName
	// NoContainer says that the pod has no container of that name at all.
	NoContainer bool
}

// Error words the failure as upstream does.
func (m MissingRequest) Error() string {
	switch {
	case m.NoContainer:
		return fmt.Sprintf("container %s not found in Pod %s", m.Container, m.Pod)
	case m.Container == "":
		return fmt.Sprintf("missing pod-level request for %s in Pod %s", m.Resource, m.Pod)
	}
	return fmt.Sprintf("missing request for %s in container %s of Pod %s", m.Resource, m.Container, m.Pod)
}

// Request is what one pod requests of a resource, in thousandths, as the controller counts it: of the named container,
// or of the whole pod where container is empty (rules Q2 to Q5). The error is a [MissingRequest].
func Request(cfg Config, pod *corev1.Pod, resource corev1.ResourceName, container string) (milli int64, err error) {
	fixes := cfg.fixes()
	milli, at := request(pod, resource, container, cfg.Gates.PodLevelResources, &fixes)
	if at != granted {
		return 0, missingRequest(pod, resource, container, at)
	}
	return milli, nil
}

// RequestsMissing lists every pod without the request that a utilization needs, where the controller's error names one.
func RequestsMissing(cfg Config, pods []*corev1.Pod, resource corev1.ResourceName, container string) []MissingRequest {
	var all []MissingRequest
	for _, pod := range pods {
		if _, err := Request(cfg, pod, resource, container); err != nil {
			all = append(all, err.(MissingRequest))
		}
	}
	return all
}

// column returns the requests of a list, computed at first use.
func (p *Pods) column(resource corev1.ResourceName, container string, podLevel bool, fixes *Fixes) *requestColumn {
	for i := range p.requests {
		if c := &p.requests[i]; c.resource == resource && c.container == container && c.podLevel == podLevel {
			return c
		}
	}
	n := len(p.requests)
	if n < cap(p.requests) {
		p.requests = p.requests[:n+1] // keeps the column's memory
	} else {
		p.requests = append(p.requests, requestColumn{})
	}
	c := &p.requests[n]
	c.resource, c.container, c.podLevel = resource, container, podLevel
	c.failed, c.milli = [2]int{-1, -1}, c.milli[:0]
	for i, pod := range p.specs {
		milli, at := request(pod, resource, container, podLevel, fixes)
		if at != granted {
			if c.failed[0] < 0 {
				c.failed[0] = i
			}
			if c.failed[1] < 0 && p.facts[i].life != ignored && !(p.facts[i].life == succeeded && fixes.IgnoreSucceededPods) {
				c.failed[1] = i
			}
		}
		c.milli = append(c.milli, milli)
	}
	return c
}

// lack says where a request is missing: granted, in the pod's own requests, in the named container's absence, or in the
// container with this index (init containers follow the regular ones).
type lack int

const (
	granted     lack = -1
	podLevel    lack = -2
	noContainer lack = -3
)

func missingRequest(pod *corev1.Pod, resource corev1.ResourceName, container string, at lack) MissingRequest {
	m := MissingRequest{Pod: pod.Name, Container: container, Resource: resource, NoContainer: at == noContainer}
	if n := lack(len(pod.Spec.Containers)); at >= n {
		m.Container = pod.Spec.InitContainers[at-n].Name
	} else if at >= 0 {
		m.Container = pod.Spec.Containers[at].Name
	}
	return m
}

func request(pod *corev1.Pod, name corev1.ResourceName, container string, podLevels bool, fixes *Fixes) (int64, lack) {
	spec := &pod.Spec
	if container != "" {
		return containerRequest(spec, name, container, fixes)
	}
	if podLevels && hasPodLevelRequests(spec) {
		total, ok := podLevelRequest(spec, name)
		if !ok {
			return 0, podLevel
		}
		return fixes.milli(&total), granted
	}
	var sum int64
	for i := range spec.Containers {
		q, ok := spec.Containers[i].Resources.Requests[name]
		if !ok {
			return 0, lack(i)
		}
		sum = fixes.add(sum, fixes.milli(&q))
	}
	for i := range spec.InitContainers {
		if !restartable(&spec.InitContainers[i]) { // Q3: ordinary ones do not count
			continue
		}
		q, ok := spec.InitContainers[i].Resources.Requests[name]
		if !ok {
			return 0, lack(len(spec.Containers) + i)
		}
		sum = fixes.add(sum, fixes.milli(&q))
	}
	return sum, granted
}

func containerRequest(spec *corev1.PodSpec, name corev1.ResourceName, container string, fixes *Fixes) (int64, lack) {
	for i := range spec.Containers {
		if spec.Containers[i].Name == container {
			if q, ok := spec.Containers[i].Resources.Requests[name]; ok {
				return fixes.milli(&q), granted
			}
			return 0, lack(i)
		}
	}
	for i := range spec.InitContainers {
		c := &spec.InitContainers[i]
		if c.Name == container && restartable(c) {
			if q, ok := c.Resources.Requests[name]; ok {
				return fixes.milli(&q), granted
			}
			return 0, lack(len(spec.Containers) + i)
		}
	}
	return 0, noContainer
}

func restartable(c *corev1.Container) bool {
	return c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

// hasPodLevelRequests tells whether the pod's own requests hold a resource that may stand there (Q2).
func hasPodLevelRequests(spec *corev1.PodSpec) bool {
	if spec.Resources == nil {
		return false
	}
	for name := range spec.Resources.Requests {
		if podLevelResource(name) {
			return true
		}
	}
	return false
}

func podLevelResource(name corev1.ResourceName) bool {
	return name == corev1.ResourceCPU || name == corev1.ResourceMemory || strings.HasPrefix(string(name), corev1.ResourceHugePagesPrefix)
}

// podLevelRequest is the pod's own request, else what a scheduler would set aside for its containers, plus the pod's
// overhead (Q5). Sums are exact; rounding to thousandths comes last.
func podLevelRequest(spec *corev1.PodSpec, name corev1.ResourceName) (total resource.Quantity, ok bool) {
	if q, given := spec.Resources.Requests[name]; given && podLevelResource(name) {
		total, ok = q.DeepCopy(), true
	} else {
		total, ok = scheduledRequest(spec, name)
	}
	if q, given := spec.Overhead[name]; given {
		total.Add(q)
		ok = true
	}
	return total, ok
}

// scheduledRequest is the larger of what runs at last and of the highest point during initialization.
func scheduledRequest(spec *corev1.PodSpec, name corev1.ResourceName) (total resource.Quantity, ok bool) {
	for i := range spec.Containers {
		if q, given := spec.Containers[i].Resources.Requests[name]; given {
			total.Add(q)
			ok = true
		}
	}
	var sidecars, peak resource.Quantity
	for i := range spec.InitContainers {
		c := &spec.InitContainers[i]
		q, given := c.Resources.Requests[name]
		q = q.DeepCopy() // adding would reach into the pod
		ok = ok || given
		if restartable(c) {
			total.Add(q)
			sidecars.Add(q)
			q = resource.Quantity{}
		}
		q.Add(sidecars)
		if q.Cmp(peak) > 0 {
			peak = q
		}
	}
	if peak.Cmp(total) > 0 {
		total = peak
	}
	return total, ok
}
