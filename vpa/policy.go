package vpa

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// PolicyFor is the policy of a container: the first that names it, else the last for every container, else nil (P1).
func (p *ResourcePolicy) PolicyFor(container string) *ContainerPolicy {
	if p == nil {
		return nil
	}
	var every *ContainerPolicy
	for i := range p.ContainerPolicies {
		switch c := &p.ContainerPolicies[i]; c.ContainerName {
		case container:
			return c
		case EveryContainer:
			every = c
		}
	}
	return every
}

// off tells whether the container is left alone. A missing policy looks after it.
func (p *ContainerPolicy) off() bool { return p != nil && p.Mode != nil && *p.Mode == ScalingModeOff }

// requestsOnly tells whether limits are left alone.
func (p *ContainerPolicy) requestsOnly() bool {
	return p != nil && p.ControlledValues != nil && *p.ControlledValues == RequestsOnly
}

// controls tells whether a resource is recommended (P3).
func (p *ContainerPolicy) controls(name corev1.ResourceName) bool {
	if p == nil || p.ControlledResources == nil {
		return name == corev1.ResourceCPU || name == corev1.ResourceMemory
	}
	for _, r := range *p.ControlledResources {
		if r == name {
			return true
		}
	}
	return false
}

// bounds are a policy's minimum and maximum of one resource; a bound that is zero binds nothing (P5).
type bounds struct{ min, max resource.Quantity }

// policy is a container's policy with the flags' defaults filled in.
type policy struct {
	off         bool
	cpu, memory bool
	bound       [2]bounds // by resource, CPU first
	oom         OOM
	interval    time.Duration
	count       int64
	percentiles Percentiles
	estimator   EstimatorKind
	// globalMaxOff is set where a maximum of "0" in the policy switches the global one off (P6).
	globalMaxOff bool
}

func (s *Settings) policyFor(p *ContainerPolicy, name string) *policy {
	c := &policy{
		off: p.off(), cpu: p.controls(corev1.ResourceCPU), memory: p.controls(corev1.ResourceMemory),
		oom:      OOM{s.cfg.OOMBumpUpRatio, s.cfg.OOMMinBumpUpBytes},
		interval: s.cfg.MemoryAggregationInterval, count: s.cfg.MemoryAggregationIntervalCount,
		percentiles: s.cfg.Percentiles, estimator: s.cfg.Estimator,
	}
	for i, r := range [2]struct {
		name   corev1.ResourceName
		global *resource.Quantity
	}{{corev1.ResourceCPU, s.cfg.MaxAllowedCPU}, {corev1.ResourceMemory, s.cfg.MaxAllowedMemory}} {
		b, set := &c.bound[i], false
		if p != nil {
			b.min = p.MinAllowed[r.name]
			b.max, set = p.MaxAllowed[r.name]
		}
		if r.global != nil && set && b.max.IsZero() {
			if set = !s.profile.GlobalMaximum; set {
				c.globalMaxOff = true
			}
		}
		if r.global != nil && !set {
			b.max = *r.global
		}
	}
	if own, ok := s.cfg.Containers[name]; ok {
		if own.Percentiles != nil {
			c.percentiles = *own.Percentiles
		}
		if own.Estimator != "" {
			c.estimator = own.Estimator
		}
	}
	if p == nil || !s.cfg.PerVPAConfig {
		return c
	}
	if p.OOMBumpUpRatio != nil {
		c.oom.Ratio = float64(p.OOMBumpUpRatio.MilliValue()) / 1000 // O5
	}
	if p.OOMMinBumpUp != nil {
		c.oom.MinBump = float64(p.OOMMinBumpUp.MilliValue()) / 1000
	}
	if p.MemoryAggregationIntervalSeconds != nil {
		c.interval = time.Duration(*p.MemoryAggregationIntervalSeconds) * time.Second
	}
	if p.MemoryAggregationIntervalCount != nil {
		c.count = *p.MemoryAggregationIntervalCount
	}
	return c
}
