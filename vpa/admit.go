package vpa

import (
	"errors"
	"fmt"
	"math"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// AdmitConfig holds the admission webhook's flags. [AdmitDefaults] gives upstream's.
type AdmitConfig struct {
	// Profile says which of upstream's defects are repaired; default none.
	Profile Profile `json:"profile,omitzero"`
	// Gates are the feature gates; default none.
	Gates Gates `json:"gates,omitzero"`
	// MaxAllowedCPUBoost caps boosted CPU; nil or zero, the default, caps nothing.
	MaxAllowedCPUBoost *resource.Quantity `json:"maxAllowedCPUBoost,omitempty"`
	// Limits replace the proportion between limits and requests, by container and resource; default none. Beyond upstream.
	Limits []LimitRule `json:"limits,omitempty"`
}

// AdmitDefaults returns upstream's flags.
func AdmitDefaults() AdmitConfig { return AdmitConfig{} }

func (c *AdmitConfig) validate() error {
	for i := range c.Limits {
		if err := c.Limits[i].validate(i); err != nil {
			return err
		}
	}
	return nil
}

// LimitRule says how far above its request a limit is, instead of keeping the pod's own proportion. Beyond upstream.
type LimitRule struct {
	// Container is the container's name, or "*" for every container without a rule of its own.
	Container string `json:"container"`
	// Resource is the resource.
	Resource corev1.ResourceName `json:"resource"`
	// Ratio is the limit as a multiple of the request, at least 1; 0 where there is none.
	Ratio float64 `json:"ratio,omitempty"`
	// Add is the distance of the limit from the request; together with a ratio the larger limit counts.
	Add *resource.Quantity `json:"add,omitempty"`
	// Keep leaves the limit as it is.
	Keep bool `json:"keep,omitempty"`
}

func (r *LimitRule) validate(i int) error {
	field := func(name string) string { return fmt.Sprintf("limits[%d].%s", i, name) }
	switch {
	case r.Container == "":
		return invalid(field("container"), `""`, "must be given")
	case r.Resource == "":
		return invalid(field("resource"), `""`, "must be given")
	case r.Ratio != 0 && !(r.Ratio >= 1) || math.IsInf(r.Ratio, 0):
		return invalid(field("ratio"), r.Ratio, "is below 1 or not finite")
	case r.Add != nil && r.Add.Sign() < 0:
		return invalid(field("add"), r.Add.String(), "is negative")
	case r.Keep == (r.Ratio != 0 || r.Add != nil):
		return invalid(field("keep"), r.Keep, "must be set, or else a ratio or a distance")
	}
	return nil
}

// AdmitInput is what the admission of one pod depends on.
type AdmitInput struct {
	// Object is the VerticalPodAutoscaler that controls the pod.
	Object *VerticalPodAutoscaler `json:"object"`
	// Pod is the pod as it was sent.
	Pod *corev1.Pod `json:"pod"`
	// LimitRanges are those of the pod's namespace. Their order decides which default counts (K2).
	LimitRanges []corev1.LimitRange `json:"limitRanges,omitempty"`
}

// ContainerResources are the requests and limits that a container is given.
type ContainerResources struct {
	// Requests are the requests; nil where none is set.
	Requests corev1.ResourceList `json:"requests,omitempty"`
	// Limits are the limits; nil where none is set.
	Limits corev1.ResourceList `json:"limits,omitempty"`
}

// Admission is what the webhook does to a pod, and why.
type Admission struct {
	// Containers are the pod's containers, in its order.
	Containers []ContainerAdmission `json:"containers"`
	// Patch are the operations on the pod, in order; without the one that creates an empty map of annotations where the
	// pod has none, which NeedsAnnotations asks for.
	Patch []PatchOp `json:"patch,omitempty"`
	// NeedsAnnotations tells that the pod has no annotations, and the map must be created before Patch ([Admission.Operations]).
	NeedsAnnotations bool `json:"needsAnnotations,omitempty"`
	// Error is what upstream's webhook would answer; the pod is admitted as it is then. It is empty mostly.
	Error string `json:"error,omitempty"`
	// UpstreamCrash tells that upstream crashes on this pod, and Error says on what.
	UpstreamCrash bool `json:"upstreamCrash,omitempty"`
}

// ContainerAdmission is what is done to one container.
type ContainerAdmission struct {
	// Name is the container's name.
	Name string `json:"name"`
	// Resources are what the recommendation gives it, before any boost.
	Resources ContainerResources `json:"resources"`
	// Notes say which bounds the values met, and why limits are missing.
	Notes []string `json:"notes,omitempty"`
	// Boosted are the resources with the startup boost; nil where nothing is boosted.
	Boosted *ContainerResources `json:"boosted,omitempty"`
	// Reason says why the container gets no recommendation; empty where it gets one.
	Reason AdmitReason `json:"reason,omitempty"`
	// Defect names what the values owe to an upstream defect; empty mostly.
	Defect string `json:"defect,omitempty"`
	// was are the requests and limits in effect before.
	was ContainerResources
}

// AdmitReason says why a container is given nothing.
type AdmitReason string

// Why a container is given nothing.
const (
	// AdmitNoRecommendation means that there is no recommendation for the container.
	AdmitNoRecommendation AdmitReason = "NoRecommendation"
	// AdmitModeOff means that the object's update mode applies nothing.
	AdmitModeOff AdmitReason = "ModeOff"
	// AdmitContainerOff means that the container's policy leaves it alone.
	AdmitContainerOff AdmitReason = "ContainerOff"
)

// Admit decides what a pod is given when it is created (W1 to W4). The input is not modified. What upstream's webhook
// answers with an error is part of the decision, and so is where it crashes.
func Admit(cfg AdmitConfig, in AdmitInput) (Admission, error) {
	if err := cfg.validate(); err != nil {
		return Admission{}, err
	}
	if in.Object == nil {
		return Admission{}, invalid("object", "nil", "is no VerticalPodAutoscaler")
	}
	if in.Pod == nil {
		return Admission{}, invalid("pod", "nil", "is no pod")
	}
	if err := validateMode(in.Object.Mode()); err != nil {
		return Admission{}, err
	}
	if err := validateResourcePolicy(in.Object.Spec.ResourcePolicy); err != nil {
		return Admission{}, err
	}
	a := admitter{cfg: &cfg, profile: cfg.Profile, object: in.Object, pod: in.Pod, limits: effectiveLimits(in.LimitRanges)}
	d := Admission{NeedsAnnotations: in.Pod.Annotations == nil}
	containers, err := a.containers()
	if err != nil {
		d.fail(err)
		return d, nil
	}
	d.Containers = containers
	if d.Patch, err = a.patch(d.Containers); err != nil {
		d.fail(err)
	}
	return d, nil
}

func (d *Admission) fail(err error) {
	d.Patch, d.Error, d.UpstreamCrash = nil, err.Error(), errors.Is(err, ErrUpstreamCrash)
	for i := range d.Containers {
		d.Containers[i].Boosted = nil
	}
}

// Resources are what each container of a pod is given by a recommendation, in the pod's order, before any boost (W1, L1).
func Resources(cfg AdmitConfig, in AdmitInput) ([]ContainerResources, error) {
	d, err := Admit(cfg, in)
	if err != nil {
		return nil, err
	}
	if d.UpstreamCrash {
		return nil, fmt.Errorf("%w: %s", ErrUpstreamCrash, d.Error)
	}
	out := make([]ContainerResources, len(d.Containers))
	for i := range d.Containers {
		out[i] = d.Containers[i].Resources
	}
	return out, nil
}

// admitter is one admission.
type admitter struct {
	cfg     *AdmitConfig
	profile Profile
	object  *VerticalPodAutoscaler
	pod     *corev1.Pod
	limits  limits
}

// containers finds what each container is given (W1).
func (a *admitter) containers() ([]ContainerAdmission, error) {
	var capped *RecommendedPodResources
	var notes PodNotes
	if rec := a.object.Status.Recommendation; rec != nil {
		var err error
		if capped, notes, err = capForPod(rec, a.object.Spec.ResourcePolicy, a.pod, a.limits, a.profile); err != nil {
			return nil, err
		}
	}
	policy := a.object.Spec.ResourcePolicy
	if a.object.Mode() == UpdateModeOff {
		policy = nil // W1: in mode Off limits follow whatever the policy says
	}
	out := make([]ContainerAdmission, len(a.pod.Spec.Containers))
	for i := range out {
		c := &out[i]
		c.Name = a.pod.Spec.Containers[i].Name
		c.was.Requests, c.was.Limits = inEffect(a.pod, c.Name)
		e := capped.entry(c.Name)
		if e == nil {
			c.Reason = AdmitNoRecommendation
			if a.object.Spec.ResourcePolicy.PolicyFor(c.Name).off() {
				c.Reason = AdmitContainerOff
			}
			continue
		}
		c.Notes = notes[c.Name]
		c.Resources.Requests = e.Target
		if !policy.PolicyFor(c.Name).requestsOnly() {
			var standard corev1.ResourceList
			if a.limits.container != nil {
				standard = a.limits.container.Default
			}
			limits, limitNotes := proportionalLimits(c.was.Limits, c.was.Requests, e.Target, standard)
			c.Resources.Limits, c.Notes = limits, append(c.Notes, limitNotes...)
		}
		a.cfg.headroom(c)
		delete(c.Resources.Requests, "")
		delete(c.Resources.Limits, "")
	}
	return out, nil
}

// headroom applies the rules for limits.
func (c *AdmitConfig) headroom(to *ContainerAdmission) {
	for _, name := range resourceNames(to.Resources.Requests) {
		rule := c.rule(to.Name, name)
		if rule == nil {
			continue
		}
		request := to.Resources.Requests[name]
		if rule.Keep {
			delete(to.Resources.Limits, name)
			continue
		}
		limit := request
		if rule.Ratio > 0 {
			limit = times(name, request, rule.Ratio)
		}
		if rule.Add != nil {
			added := request.DeepCopy()
			if added.Add(*rule.Add); added.Cmp(limit) > 0 {
				limit = added
			}
		}
		if to.Resources.Limits == nil {
			to.Resources.Limits = corev1.ResourceList{}
		}
		to.Resources.Limits[name] = limit
	}
}

func (c *AdmitConfig) rule(container string, name corev1.ResourceName) *LimitRule {
	var every *LimitRule
	for i := range c.Limits {
		if r := &c.Limits[i]; r.Resource == name {
			switch r.Container {
			case container:
				return r
			case EveryContainer:
				every = r
			}
		}
	}
	return every
}

// times multiplies a quantity in whole units of its resource, rounded up.
func times(name corev1.ResourceName, q resource.Quantity, by float64) resource.Quantity {
	up := func(v int64) int64 { return int64(min(math.Ceil(float64(v)*by), math.MaxInt64/2)) }
	if name == corev1.ResourceCPU {
		return *resource.NewMilliQuantity(up(q.MilliValue()), q.Format)
	}
	return *resource.NewQuantity(up(q.Value()), q.Format)
}
