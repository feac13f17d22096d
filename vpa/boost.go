package vpa

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
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

// boost is what a container is given while it starts (W4); nil where nothing is boosted.
func (a *admitter) boost(i int, give ContainerResources) (*ContainerResources, error) {
	c := &a.pod.Spec.Containers[i]
	policy := a.object.Spec.ResourcePolicy.PolicyFor(c.Name)
	b := a.object.Spec.StartupBoost
	if policy != nil && policy.StartupBoost != nil {
		b = policy.StartupBoost
	}
	if b == nil {
		return nil, nil
	}
	if b.CPU == nil {
		if a.profile.BoostWithoutCPU {
			return nil, nil
		}
		return nil, fmt.Errorf("%w: startupBoost: container %q has a boost without cpu", ErrUpstreamCrash, c.Name)
	}
	base := give.Requests[corev1.ResourceCPU]
	if base.IsZero() {
		base = c.Resources.Requests[corev1.ResourceCPU]
	}
	boosted, err := b.CPU.apply(base)
	if err != nil {
		return nil, err
	}
	if most := a.cfg.MaxAllowedCPUBoost; most != nil && !most.IsZero() && boosted.Cmp(*most) > 0 {
		boosted = *most
	}
	out := &ContainerResources{Requests: give.Requests.DeepCopy(), Limits: give.Limits.DeepCopy()}
	if out.Requests == nil {
		out.Requests = corev1.ResourceList{}
	}
	if policy.requestsOnly() {
		if limit, ok := c.Resources.Limits[corev1.ResourceCPU]; ok && boosted.MilliValue() > limit.MilliValue() {
			boosted = belowLimit(limit)
		}
		out.Requests[corev1.ResourceCPU] = boosted
		return out, nil
	}
	out.Requests[corev1.ResourceCPU] = boosted
	limit, ok, _ := proportionalLimit(corev1.ResourceCPU, c.Resources.Limits[corev1.ResourceCPU], c.Resources.Requests[corev1.ResourceCPU],
		boosted, resource.Quantity{})
	if ok {
		if out.Limits == nil {
			out.Limits = corev1.ResourceList{}
		}
		out.Limits[corev1.ResourceCPU] = limit
	}
	return out, nil
}

// belowLimit is a millicore below a limit, so that the pod keeps its quality of service; a limit of a millicore or less
// is kept itself.
func belowLimit(limit resource.Quantity) resource.Quantity {
	milli := resource.MustParse("1m")
	out := limit.DeepCopy()
	if limit.Cmp(milli) > 0 {
		out.Sub(milli)
	}
	return out
}

// apply raises an amount of CPU. The texts of the errors are upstream's.
func (b *Boost) apply(base resource.Quantity) (resource.Quantity, error) {
	milli := base.MilliValue()
	switch b.Type {
	case BoostFactor, "":
		switch {
		case b.Factor == nil:
			return base, errors.New("startupBoost.CPU.Factor is required when Type is Factor or not specified")
		case *b.Factor < 1:
			return base, errors.New("boost factor must be >= 1")
		}
		raised := float64(milli) * float64(*b.Factor)
		if raised >= math.MaxInt64 {
			milli = math.MinInt64 // as the platform that upstream runs on converts it
		} else {
			milli = int64(raised)
		}
	case BoostQuantity:
		if b.Quantity == nil {
			return base, errors.New("startupBoost.CPU.Quantity is required when Type is Quantity")
		}
		milli += b.Quantity.MilliValue()
	default:
		return base, fmt.Errorf("unsupported startup boost type: %s", b.Type)
	}
	return *resource.NewMilliQuantity(milli, resource.DecimalSI), nil
}

// original are a container's own requests and limits as the annotation keeps them.
type original struct {
	Requests corev1.ResourceList `json:"requests"`
	Limits   corev1.ResourceList `json:"limits"`
}

func originalResources(c *corev1.Container) (string, error) {
	keep := func(from corev1.ResourceList) corev1.ResourceList {
		out := corev1.ResourceList{}
		for _, name := range [...]corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
			if q, ok := from[name]; ok {
				out[name] = q
			}
		}
		return out
	}
	text, err := json.Marshal(original{keep(c.Resources.Requests), keep(c.Resources.Limits)})
	return string(text), err
}

// boostDuration is how long a container's boost lasts after its pod became ready.
func (o *VerticalPodAutoscaler) boostDuration(container string) time.Duration {
	seconds := int32(0)
	for _, b := range [...]*StartupBoost{o.Spec.StartupBoost, o.containerBoost(container)} {
		if b != nil && b.CPU != nil && b.CPU.DurationSeconds != nil {
			seconds = *b.CPU.DurationSeconds
		}
	}
	return time.Duration(seconds) * time.Second
}

func (o *VerticalPodAutoscaler) containerBoost(container string) *StartupBoost {
	if p := o.Spec.ResourcePolicy.PolicyFor(container); p != nil {
		return p.StartupBoost
	}
	return nil
}

// boostEnd is when a container's boost runs out; ok is false while the pod is not ready (W5).
func (o *VerticalPodAutoscaler) boostEnd(pod *corev1.Pod, container string) (end time.Time, ok bool) {
	ready := condition(pod, corev1.PodReady)
	if ready == nil || ready.Status != corev1.ConditionTrue {
		return time.Time{}, false
	}
	return ready.LastTransitionTime.Add(o.boostDuration(container)), true
}

// boostOver tells whether a container's boost has run out. A boost without a duration is over as soon as the pod is
// ready.
func (o *VerticalPodAutoscaler) boostOver(pod *corev1.Pod, container string, now time.Time) bool {
	end, ok := o.boostEnd(pod, container)
	return ok && (o.boostDuration(container) == 0 || now.After(end))
}
