package vpa

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// PodNotes are the notes about the values of a pod's containers, by container name. Each list is in the order in which
// the values were capped, CPU before memory.
type PodNotes map[string][]string

// CapForPod brings a recommendation within the bounds that hold for one pod: LimitRanges of its namespace, the policy,
// and its own limits where only requests are controlled (K1 to K7). The result is nil where there is neither a
// recommendation nor a policy. An error wraps [ErrUpstreamCrash] and says on which container upstream crashes.
func CapForPod(rec *RecommendedPodResources, policy *ResourcePolicy, pod *corev1.Pod, ranges []corev1.LimitRange, profile Profile) (*RecommendedPodResources, PodNotes, error) {
	return capForPod(rec, policy, pod, effectiveLimits(ranges), profile)
}

func capForPod(rec *RecommendedPodResources, policy *ResourcePolicy, pod *corev1.Pod, l limits, profile Profile) (*RecommendedPodResources, PodNotes, error) {
	if rec == nil && policy == nil {
		return nil, nil, nil
	}
	out, notes := &RecommendedPodResources{}, PodNotes{}
	if rec != nil {
		for i := range rec.ContainerRecommendations {
			out.ContainerRecommendations = append(out.ContainerRecommendations, rec.ContainerRecommendations[i].deepCopy())
		}
	}
	if l.pod != nil {
		if err := capToPodLimits(out, pod, l.pod, profile); err != nil {
			return nil, nil, err
		}
	}
	kept := out.ContainerRecommendations[:0]
	for i := range out.ContainerRecommendations {
		e := &out.ContainerRecommendations[i]
		if containerOf(pod, e.ContainerName) == nil {
			continue
		}
		requests, limit := inEffect(pod, e.ContainerName)
		c := containerCapping{requests, limit, l.container, policy.PolicyFor(e.ContainerName)}
		if n := c.apply(e.Target); len(n) > 0 {
			notes[e.ContainerName] = n
		}
		c.apply(e.LowerBound)
		c.apply(e.UpperBound)
		kept = append(kept, *e)
	}
	out.ContainerRecommendations = kept
	return out, notes, nil
}

// containerCapping are the bounds of one container (K4 to K6).
type containerCapping struct {
	requests, limits corev1.ResourceList
	item             *corev1.LimitRangeItem
	policy           *ContainerPolicy
}

// apply caps one list in place: to the LimitRange, then to the policy, then to the container's limit (K7).
func (c *containerCapping) apply(values corev1.ResourceList) (notes []string) {
	names := resourceNames(values)
	set := func(name corev1.ResourceName, q resource.Quantity, note string) {
		values[name] = q
		notes = append(notes, string(name)+note)
	}
	for _, name := range names {
		if c.item == nil || name != corev1.ResourceCPU && name != corev1.ResourceMemory {
			continue
		}
		least, most := c.within(name)
		if q := values[name]; !least.IsZero() && q.Cmp(least) < 0 {
			set(name, least, noteRangeMin)
		}
		if q := values[name]; !most.IsZero() && q.Cmp(most) > 0 {
			set(name, most, noteRangeMax)
		}
	}
	if c.policy == nil {
		return notes
	}
	for _, name := range names {
		least, most := c.policy.MinAllowed[name], c.policy.MaxAllowed[name]
		if q := values[name]; !least.IsZero() && q.Cmp(least) < 0 {
			set(name, least, noteMinAllowed)
		}
		if q := values[name]; !most.IsZero() && q.Cmp(most) > 0 {
			set(name, most, noteMaxAllowed)
		}
	}
	if !c.policy.requestsOnly() {
		return notes
	}
	for _, name := range names {
		limit, ok := c.limits[name]
		if q := values[name]; ok && q.MilliValue() > limit.MilliValue() {
			set(name, limit, noteLimit)
		}
	}
	return notes
}

// within are the least and the most that may be requested under a container LimitRange (K4).
func (c *containerCapping) within(name corev1.ResourceName) (least, most resource.Quantity) {
	request, limit, standard := c.requests[name], c.limits[name], c.item.Default[name]
	if c.item.Max != nil {
		most = requestWithin(name, request, limit, c.item.Max[name], standard)
	}
	if c.item.Min != nil {
		least = requestWithin(name, request, limit, c.item.Min[name], standard)
		if own := c.item.Min[name]; own.Cmp(least) > 0 {
			least = own
		}
	}
	return least, most
}

// bound picks one list of an entry.
type bound struct {
	name string
	of   func(*RecommendedContainerResources) *corev1.ResourceList
}

// podBounds are the lists in the order in which a pod LimitRange is applied to them (K3).
var podBounds = [...]bound{
	{"upperBound", func(e *RecommendedContainerResources) *corev1.ResourceList { return &e.UpperBound }},
	{"target", func(e *RecommendedContainerResources) *corev1.ResourceList { return &e.Target }},
	{"lowerBound", func(e *RecommendedContainerResources) *corev1.ResourceList { return &e.LowerBound }},
}

// capToPodLimits scales all containers so that their sums fit a pod LimitRange (K3). A container without a
// recommendation takes part with its requests.
func capToPodLimits(rec *RecommendedPodResources, pod *corev1.Pod, item *corev1.LimitRangeItem, profile Profile) error {
	for i := range pod.Spec.Containers {
		name := pod.Spec.Containers[i].Name
		requests, _ := inEffect(pod, name)
		if rec.entry(name) == nil && len(requests) > 0 {
			rec.ContainerRecommendations = append(rec.ContainerRecommendations, RecommendedContainerResources{
				ContainerName: name, Target: requests.DeepCopy(),
			})
		}
	}
	for _, b := range podBounds {
		for _, name := range [...]corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
			p := podScaling{rec: rec, pod: pod, bound: b, resource: name, profile: profile}
			if err := p.apply(item.Min[name], item.Max[name], item.Default[name]); err != nil {
				return err
			}
		}
	}
	return nil
}

// podScaling is one list and one resource of a pod.
type podScaling struct {
	rec      *RecommendedPodResources
	pod      *corev1.Pod
	bound    bound
	resource corev1.ResourceName
	profile  Profile
}

func (p *podScaling) apply(least, most, standard resource.Quantity) error {
	var sum, sumLimit resource.Quantity
	for i := range p.pod.Spec.Containers {
		name := p.pod.Spec.Containers[i].Name
		requests, limits := inEffect(p.pod, name)
		recommended := requests[p.resource]
		if e := p.rec.entry(name); e != nil {
			recommended = (*p.bound.of(e))[p.resource]
		}
		if q, ok, _ := proportionalLimit(p.resource, limits[p.resource], requests[p.resource], recommended, standard); ok {
			sumLimit.Add(q)
		}
		sum.Add(recommended)
	}
	switch {
	case least.Cmp(sumLimit) <= 0 && least.Cmp(sum) <= 0 && (most.IsZero() || most.Cmp(sumLimit) >= 0):
		return nil
	case least.Cmp(sum) > 0 && !sumLimit.IsZero():
		return p.scale(sum, least, true)
	case sumLimit.IsZero():
		return nil
	}
	var goal resource.Quantity
	if least.Cmp(sumLimit) > 0 {
		goal = least
	}
	if !most.IsZero() && most.Cmp(sumLimit) < 0 {
		goal = most
	}
	return p.scale(sumLimit, goal, false)
}

// scale multiplies the value of every container by goal/sum. Up means towards a minimum of requests, where CPU is rounded
// up and containers without an entry are left; the other way is towards a sum of limits, and rounds down.
func (p *podScaling) scale(sum, goal resource.Quantity, up bool) error {
	for i := range p.pod.Spec.Containers {
		name := p.pod.Spec.Containers[i].Name
		e := p.rec.entry(name)
		switch {
		case e == nil && (up || p.profile.PodLimits):
			continue
		case e == nil:
			return p.crash(name, "has neither a recommendation nor requests")
		}
		values := p.bound.of(e)
		if *values == nil {
			if p.profile.PodLimits {
				continue
			}
			return p.crash(name, "has no "+p.bound.name)
		}
		old, had := (*values)[p.resource]
		if !had && p.profile.PodLimits {
			continue
		}
		if p.overflown(sum) {
			if p.profile.PodLimits {
				return nil
			}
			return p.crash(name, "cannot be related to a sum beyond 64 bits")
		}
		(*values)[p.resource] = p.scaled(old, sum, goal, up)
	}
	return nil
}

// overflown tells whether a sum has come to nothing because it does not fit 64 bits: upstream divides by it.
func (p *podScaling) overflown(sum resource.Quantity) bool {
	if p.resource == corev1.ResourceCPU {
		return !sum.IsZero() && sum.MilliValue() == 0
	}
	return sum.Value() == 0
}

func (p *podScaling) scaled(old, sum, goal resource.Quantity, up bool) resource.Quantity {
	if p.resource == corev1.ResourceCPU && up {
		milli, _ := mulDivUp(old.MilliValue(), goal.MilliValue(), sum.MilliValue())
		return *resource.NewMilliQuantity(milli, old.Format)
	}
	q, capped := proportion(p.resource, old, sum, goal)
	if p.resource == corev1.ResourceMemory && !up && !capped && q.Sign() <= 0 && !p.profile.PodLimits {
		// Upstream's way to round down takes 999 thousandths off and rounds away from zero.
		q.Set(q.Value() - 1)
	}
	return q
}

func (p *podScaling) crash(container, why string) error {
	return fmt.Errorf("%w: pod %s: a pod LimitRange must scale %s of container %q, which %s",
		ErrUpstreamCrash, podKey(p.pod), p.resource, container, why)
}
