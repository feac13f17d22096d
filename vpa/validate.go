package vpa

import (
	"fmt"
	"math"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Gates are the feature gates that an object may need. All are off by default.
type Gates struct {
	// PerVPAConfig allows settings of a container's policy that replace flags.
	PerVPAConfig bool `json:"perVPAConfig,omitempty"`
	// InPlace allows the update mode InPlace.
	InPlace bool `json:"inPlace,omitempty"`
	// CPUStartupBoost allows boosts.
	CPUStartupBoost bool `json:"cpuStartupBoost,omitempty"`
}

// Validate checks an object as the admission webhook does (V1). Old is the object as it was, nil on creation: what it
// used already may stay without its gate.
func Validate(object, old *VerticalPodAutoscaler, gates Gates) error {
	if object == nil {
		return invalid("object", "nil", "is no VerticalPodAutoscaler")
	}
	spec := &object.Spec
	if spec.TargetRef == nil && old == nil {
		return invalid("spec.targetRef", "nil", "must be given")
	}
	if u := spec.UpdatePolicy; u != nil {
		if u.UpdateMode == nil {
			return invalid("spec.updatePolicy.updateMode", "nil", "must be given")
		}
		if err := validateMode(*u.UpdateMode); err != nil {
			return err
		}
		if *u.UpdateMode == UpdateModeInPlace && !gates.InPlace && !uses(old, func(s *Spec) bool {
			return s.UpdatePolicy != nil && s.UpdatePolicy.UpdateMode != nil && *s.UpdatePolicy.UpdateMode == UpdateModeInPlace
		}) {
			return invalid("spec.updatePolicy.updateMode", *u.UpdateMode, "is behind the gate InPlace")
		}
		if u.MinReplicas != nil && *u.MinReplicas <= 0 {
			return invalid("spec.updatePolicy.minReplicas", *u.MinReplicas, "is not positive")
		}
		if u.EvictAfterOOMSeconds != nil {
			if *u.EvictAfterOOMSeconds < 1 {
				return invalid("spec.updatePolicy.evictAfterOOMSeconds", *u.EvictAfterOOMSeconds, "is below 1")
			}
			if !gates.PerVPAConfig && !uses(old, func(s *Spec) bool {
				return s.UpdatePolicy != nil && s.UpdatePolicy.EvictAfterOOMSeconds != nil
			}) {
				return invalid("spec.updatePolicy.evictAfterOOMSeconds", *u.EvictAfterOOMSeconds, "is behind the gate PerVPAConfig")
			}
		}
		if err := validateRequirements(u.EvictionRequirements); err != nil {
			return err
		}
	}
	if err := validateBoost("spec.startupBoost", spec.StartupBoost); err != nil {
		return err
	}
	if spec.StartupBoost != nil && !gates.CPUStartupBoost && !uses(old, func(s *Spec) bool { return s.StartupBoost != nil }) {
		return invalid("spec.startupBoost", "given", "is behind the gate CPUStartupBoost")
	}
	if err := validateResourcePolicy(spec.ResourcePolicy); err != nil {
		return err
	}
	if spec.ResourcePolicy != nil {
		for i := range spec.ResourcePolicy.ContainerPolicies {
			if err := admissible(i, &spec.ResourcePolicy.ContainerPolicies[i], old, gates); err != nil {
				return err
			}
		}
	}
	if len(spec.Recommenders) > 1 {
		return invalid("spec.recommenders", len(spec.Recommenders), "are more than one")
	}
	return nil
}

func uses(old *VerticalPodAutoscaler, feature func(*Spec) bool) bool {
	return old != nil && feature(&old.Spec)
}

func validateMode(mode UpdateMode) error {
	switch mode {
	case UpdateModeOff, UpdateModeInitial, UpdateModeRecreate, UpdateModeAuto, UpdateModeInPlaceOrRecreate, UpdateModeInPlace:
		return nil
	}
	return invalid("spec.updatePolicy.updateMode", fmt.Sprintf("%q", mode), "is not known")
}

func validateRequirements(requirements []EvictionRequirement) error {
	for i, r := range requirements {
		if r.ChangeRequirement != TargetHigherThanRequests && r.ChangeRequirement != TargetLowerThanRequests {
			return invalid(fmt.Sprintf("spec.updatePolicy.evictionRequirements[%d].changeRequirement", i), fmt.Sprintf("%q", r.ChangeRequirement), "is not known")
		}
	}
	return nil
}

func policyField(i int, field string) string {
	return fmt.Sprintf("spec.resourcePolicy.containerPolicies[%d].%s", i, field)
}

// validateResourcePolicy refuses what no decision can be made from. It is less than what the webhook refuses, because
// objects that are older than the webhook's rules are decided on as well.
func validateResourcePolicy(p *ResourcePolicy) error {
	if p == nil {
		return nil
	}
	for i := range p.ContainerPolicies {
		c := &p.ContainerPolicies[i]
		if c.Mode != nil && *c.Mode != ScalingModeAuto && *c.Mode != ScalingModeOff {
			return invalid(policyField(i, "mode"), fmt.Sprintf("%q", *c.Mode), `is neither "Auto" nor "Off"`)
		}
		if v := c.ControlledValues; v != nil && *v != RequestsAndLimits && *v != RequestsOnly {
			return invalid(policyField(i, "controlledValues"), fmt.Sprintf("%q", *v), `is neither "RequestsAndLimits" nor "RequestsOnly"`)
		}
		if s := c.MemoryAggregationIntervalSeconds; s != nil && (*s < 1 || *s > maxSeconds) {
			return invalid(policyField(i, "memoryAggregationIntervalSeconds"), *s, "is below 1 or beyond 292 years")
		}
		if n := c.MemoryAggregationIntervalCount; n != nil && *n < 1 {
			return invalid(policyField(i, "memoryAggregationIntervalCount"), *n, "is below 1")
		}
	}
	return nil
}

// maxSeconds is the longest duration in seconds.
const maxSeconds = math.MaxInt64 / int64(time.Second)

// admissible holds the rest of a container policy against the webhook's rules.
func admissible(i int, c *ContainerPolicy, old *VerticalPodAutoscaler, gates Gates) error {
	if c.ContainerName == "" {
		return invalid(policyField(i, "containerName"), `""`, "must be given")
	}
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		least, most := c.MinAllowed[name], c.MaxAllowed[name]
		for _, b := range []struct {
			field string
			q     resource.Quantity
		}{{"minAllowed", least}, {"maxAllowed", most}} {
			if err := wholeUnits(policyField(i, b.field+"."+string(name)), name, b.q); err != nil {
				return err
			}
		}
		if _, bounded := c.MaxAllowed[name]; bounded && most.Cmp(least) < 0 {
			return invalid(policyField(i, "maxAllowed."+string(name)), most.String(), "is below minAllowed")
		}
	}
	if c.off() && c.ControlledValues != nil && *c.ControlledValues == RequestsAndLimits {
		return invalid(policyField(i, "controlledValues"), *c.ControlledValues, "cannot be with mode Off")
	}
	if c.ControlledResources != nil {
		for _, name := range *c.ControlledResources {
			tolerated := uses(old, func(s *Spec) bool {
				was := s.ResourcePolicy.PolicyFor(c.ContainerName)
				return was != nil && was.ControlledResources != nil && was.controls(name)
			})
			if name != corev1.ResourceCPU && name != corev1.ResourceMemory && !tolerated {
				return invalid(policyField(i, "controlledResources"), name, "is neither cpu nor memory")
			}
		}
	}
	if r := c.OOMBumpUpRatio; r != nil && r.MilliValue() < 1000 {
		return invalid(policyField(i, "oomBumpUpRatio"), r.String(), "is below 1")
	}
	if b := c.OOMMinBumpUp; b != nil && b.Sign() < 0 {
		return invalid(policyField(i, "oomMinBumpUp"), b.String(), "is negative")
	}
	gated := func(p *ContainerPolicy) bool {
		return p.OOMBumpUpRatio != nil || p.OOMMinBumpUp != nil || p.MemoryAggregationIntervalSeconds != nil || p.MemoryAggregationIntervalCount != nil
	}
	if gated(c) && !gates.PerVPAConfig && !uses(old, func(s *Spec) bool {
		was := s.ResourcePolicy.PolicyFor(c.ContainerName)
		return was != nil && gated(was)
	}) {
		return invalid(policyField(i, "containerName"), c.ContainerName, "has settings behind the gate PerVPAConfig")
	}
	if err := validateBoost(policyField(i, "startupBoost"), c.StartupBoost); err != nil {
		return err
	}
	if c.StartupBoost != nil && !gates.CPUStartupBoost && !uses(old, func(s *Spec) bool {
		was := s.ResourcePolicy.PolicyFor(c.ContainerName)
		return was != nil && was.StartupBoost != nil
	}) {
		return invalid(policyField(i, "startupBoost"), "given", "is behind the gate CPUStartupBoost")
	}
	return nil
}

// wholeUnits wants CPU in whole millicores and memory in whole bytes.
func wholeUnits(field string, name corev1.ResourceName, q resource.Quantity) error {
	scale := resource.Scale(0)
	if name == corev1.ResourceCPU {
		scale = resource.Milli
	}
	if rounded := q.DeepCopy(); !rounded.RoundUp(scale) {
		return invalid(field, q.String(), "is finer than the unit")
	}
	return nil
}

func validateBoost(field string, b *StartupBoost) error {
	if b == nil || b.CPU == nil {
		return nil
	}
	c := b.CPU
	switch c.Type {
	case BoostFactor, "":
		if c.Factor == nil {
			return invalid(field+".cpu.factor", "nil", "must be given with type Factor")
		}
		if *c.Factor < 1 {
			return invalid(field+".cpu.factor", *c.Factor, "is below 1")
		}
	case BoostQuantity:
		if c.Quantity == nil {
			return invalid(field+".cpu.quantity", "nil", "must be given with type Quantity")
		}
		if c.Quantity.Sign() < 0 {
			return invalid(field+".cpu.quantity", c.Quantity.String(), "is negative")
		}
	default:
		return invalid(field+".cpu.type", fmt.Sprintf("%q", c.Type), `is neither "Factor" nor "Quantity"`)
	}
	if c.DurationSeconds != nil && *c.DurationSeconds < 0 {
		return invalid(field+".cpu.durationSeconds", *c.DurationSeconds, "is negative")
	}
	return nil
}
