package vpa

import (
	"math"
	"sort"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Priority is how much a pod's requests are out of place (U2, U3).
type Priority struct {
	// OutsideRange tells that some request is missing, below its lower bound, or above its upper bound.
	OutsideRange bool `json:"outsideRecommendedRange"`
	// ScaleUp tells that some request is missing or below its target.
	ScaleUp bool `json:"scaleUp"`
	// ResourceDiff is the sum, over resources, of the relative difference between all requests and all targets. CPU and
	// memory simply add.
	ResourceDiff float64 `json:"resourceDiff"`
}

// less tells whether a pod with this priority comes after one with the other (U9).
func (p Priority) less(o Priority) bool {
	if p.ScaleUp != o.ScaleUp {
		return o.ScaleUp
	}
	return p.ResourceDiff < o.ResourceDiff
}

// PodPriority is the priority of one pod under a recommendation that was brought within its bounds ([CapForPod]).
func PodPriority(pod *corev1.Pod, rec *RecommendedPodResources) Priority {
	p, _ := compileTargets(rec).priority(pod, nil)
	return p
}

// targets is a recommendation in dense form: resources are small numbers, and amounts are read from quantities once.
type targets struct {
	resources  []corev1.ResourceName // sorted, so that the order of a sum does not depend on a map
	containers []containerTarget
}

type containerTarget struct {
	name      string
	resources []resourceTarget
}

type resourceTarget struct {
	resource             int
	name                 corev1.ResourceName
	milli                int64
	lower, upper         resource.Quantity
	lowerSet, upperBound bool
}

func compileTargets(rec *RecommendedPodResources) *targets {
	t := &targets{}
	if rec == nil {
		return t
	}
	for i := range rec.ContainerRecommendations {
		for name := range rec.ContainerRecommendations[i].Target {
			if at := sort.Search(len(t.resources), func(j int) bool { return t.resources[j] >= name }); at == len(t.resources) || t.resources[at] != name {
				t.resources = append(t.resources, "")
				copy(t.resources[at+1:], t.resources[at:])
				t.resources[at] = name
			}
		}
	}
	for i := range rec.ContainerRecommendations {
		e := &rec.ContainerRecommendations[i]
		c := containerTarget{name: e.ContainerName}
		for number, name := range t.resources {
			q, ok := e.Target[name]
			if !ok {
				continue
			}
			r := resourceTarget{resource: number, name: name, milli: q.MilliValue()}
			r.lower, r.lowerSet = e.LowerBound[name]
			r.upper, r.upperBound = e.UpperBound[name]
			c.resources = append(c.resources, r)
		}
		t.containers = append(t.containers, c)
	}
	return t
}

func (t *targets) of(container string) *containerTarget {
	for i := range t.containers {
		if t.containers[i].name == container {
			return &t.containers[i]
		}
	}
	return nil
}

// sums are the requests and the targets of a pod, by resource, in thousandths.
type sums struct {
	request, target int64
	counted         bool // some container that counts has a target
}

// priority follows U2 and U3. The scratch is used again from pod to pod; it may be nil.
func (t *targets) priority(pod *corev1.Pod, scratch []sums) (Priority, []sums) {
	var p Priority
	scratch = append(scratch[:0], make([]sums, len(t.resources))...)
	seen := observed(pod)
	for i := range pod.Spec.Containers {
		name := pod.Spec.Containers[i].Name
		if !seen.has(name) {
			continue
		}
		c := t.of(name)
		if c == nil {
			continue
		}
		requests, _ := inEffect(pod, name)
		for j := range c.resources {
			r := &c.resources[j]
			sum := &scratch[r.resource]
			sum.target += r.milli
			sum.counted = true
			request, ok := requests[r.name]
			if !ok {
				p.ScaleUp, p.OutsideRange = true, true
				continue
			}
			milli := request.MilliValue()
			sum.request += milli
			if r.milli > milli {
				p.ScaleUp = true
			}
			if r.lowerSet && request.Cmp(r.lower) < 0 || r.upperBound && request.Cmp(r.upper) > 0 {
				p.OutsideRange = true
			}
		}
	}
	for _, s := range scratch {
		if !s.counted {
			continue
		}
		request := math.Max(float64(s.request), 1)
		p.ResourceDiff += math.Abs(request-float64(s.target)) / request
	}
	return p, scratch
}

// observedContainersAnnotation lists the containers that the admission webhook saw.
const observedContainersAnnotation = "vpaObservedContainers"

const observedSeparator = ", "

// observedContainers is the value of that annotation; without one, or with one that does not parse, every container
// counts (U2).
type observedContainers struct {
	list  string
	given bool
}

func observed(pod *corev1.Pod) observedContainers {
	list, ok := pod.Annotations[observedContainersAnnotation]
	if !ok {
		return observedContainers{}
	}
	for rest, more := list, list != ""; more; {
		var name string
		if name, rest, more = strings.Cut(rest, observedSeparator); !isLabel(name) {
			return observedContainers{}
		}
	}
	return observedContainers{list, true}
}

func (o observedContainers) has(container string) bool {
	if !o.given {
		return true
	}
	for rest, more := o.list, o.list != ""; more; {
		var name string
		if name, rest, more = strings.Cut(rest, observedSeparator); name == container {
			return true
		}
	}
	return false
}

// isLabel tells whether a name is a DNS label (RFC 1123).
func isLabel(s string) bool {
	if len(s) == 0 || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') {
			return false
		}
	}
	return true
}
