package hpa

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Config holds what the controller is started with: its flags, its feature gates, and the release whose decisions are
// reproduced. The zero value is not what anybody runs; begin with [Defaults].
type Config struct {
	// Tolerance is how far the ratio of usage to target may be from 1 before anything happens
	// (--horizontal-pod-autoscaler-tolerance). A fraction, 0 or more; upstream's default is 0.1. The tolerances in an
	// object's behavior take precedence.
	Tolerance float64 `json:"tolerance"`
	// DownscaleStabilization is how long the highest recommendation holds a scale-down back where the object does not say
	// (--horizontal-pod-autoscaler-downscale-stabilization). Upstream's default is 5 minutes.
	DownscaleStabilization time.Duration `json:"downscaleStabilization"`
	// CPUInitializationPeriod is how long after its start a pod's CPU readings count only if taken while it was ready
	// (--horizontal-pod-autoscaler-cpu-initialization-period). Upstream's default is 5 minutes.
	CPUInitializationPeriod time.Duration `json:"cpuInitializationPeriod"`
	// InitialReadinessDelay is how long after its start a pod that became unready counts as not having been ready yet
	// (--horizontal-pod-autoscaler-initial-readiness-delay). Upstream's default is 30 seconds.
	InitialReadinessDelay time.Duration `json:"initialReadinessDelay"`
	// ScaleUpFactor and ScaleUpMinimum bound one scale-up of an object without behavior: to the larger of
	// ScaleUpFactor times the current replicas and ScaleUpMinimum replicas. Upstream's constants are 2 and 4.
	ScaleUpFactor  float64 `json:"scaleUpFactor"`
	ScaleUpMinimum float64 `json:"scaleUpMinimum"` // see ScaleUpFactor

	// Gates are the feature gates of the release.
	Gates Gates `json:"gates"`
	// Profile is the release whose decisions are reproduced, to the bit. The default is V1_37.
	Profile Profile `json:"profile"`
	// Fixes leaves out single defects of the profile; see [Fixes]. The Fixed profile leaves out all of them.
	Fixes Fixes `json:"fixes,omitzero"`
	// Combine chooses among the proposals of several metrics. Nil is [Largest], which is what upstream does.
	Combine Combine `json:"-"`
}

// Gates are the feature gates of the controller that bear on a decision, under their upstream names.
type Gates struct {
	// HPAScaleToZero allows minReplicas 0 and scaling from zero (beta and on since 1.37).
	HPAScaleToZero bool
	// HPAGeneration sets status.observedGeneration (beta and on since 1.37).
	HPAGeneration bool
	// HPAConfigurableTolerance heeds the tolerances in an object's behavior (locked on since 1.37).
	HPAConfigurableTolerance bool
	// PodLevelResources takes a pod's own requests before those of its containers (beta and on since 1.34).
	PodLevelResources bool
}

// Defaults returns upstream's defaults of release 1.37.
func Defaults() Config {
	return Config{
		Tolerance:               0.1,
		DownscaleStabilization:  5 * time.Minute,
		CPUInitializationPeriod: 5 * time.Minute,
		InitialReadinessDelay:   30 * time.Second,
		ScaleUpFactor:           2,
		ScaleUpMinimum:          4,
		Gates:                   Gates{HPAScaleToZero: true, HPAGeneration: true, HPAConfigurableTolerance: true, PodLevelResources: true},
	}
}

// ErrInvalid is what every error about input that makes no sense wraps. The error names the field and its value.
var ErrInvalid = errors.New("invalid input")

func invalid(field, format string, args ...any) error {
	return fmt.Errorf("%w: %s: %s", ErrInvalid, field, fmt.Sprintf(format, args...))
}

func (c *Config) validate() error {
	for _, f := range []struct {
		name  string
		value float64
	}{{"tolerance", c.Tolerance}, {"scaleUpFactor", c.ScaleUpFactor}, {"scaleUpMinimum", c.ScaleUpMinimum}} {
		if !(f.value >= 0) || math.IsInf(f.value, 0) {
			return invalid("config."+f.name, "%v is not a number of 0 or more", f.value)
		}
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"downscaleStabilization", c.DownscaleStabilization},
		{"cpuInitializationPeriod", c.CPUInitializationPeriod},
		{"initialReadinessDelay", c.InitialReadinessDelay},
	} {
		if d.value < 0 {
			return invalid("config."+d.name, "%v is negative", d.value)
		}
	}
	if c.Profile != V1_37 && c.Profile != Fixed {
		return invalid("config.profile", "%d is not a known release", int(c.Profile))
	}
	return nil
}
