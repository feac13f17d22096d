package vpa

import (
	"math"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
)

// Config holds the recommender's flags. [Defaults] gives upstream's.
type Config struct {
	// Profile says which of upstream's defects are repaired; default none.
	Profile Profile `json:"profile,omitzero"`
	// SafetyMarginFraction is added to every estimate, as a share of it; default 0.15.
	SafetyMarginFraction float64 `json:"safetyMarginFraction"`
	// PodMinCPUMillicores is the least CPU that a pod is recommended, divided among its containers; default 25.
	PodMinCPUMillicores float64 `json:"podMinCPUMillicores"`
	// PodMinMemoryMb is the least memory that a pod is recommended, in MiB, divided among its containers; default 250.
	PodMinMemoryMb float64 `json:"podMinMemoryMb"`
	// Percentiles are those of every container without percentiles of its own.
	Percentiles Percentiles `json:"percentiles"`
	// ConfidenceIntervalCPU is the history at which the confidence in CPU is 1; default 24 hours.
	ConfidenceIntervalCPU time.Duration `json:"confidenceIntervalCPU"`
	// ConfidenceIntervalMemory is the same for memory; default 24 hours.
	ConfidenceIntervalMemory time.Duration `json:"confidenceIntervalMemory"`
	// CPUHistogramHalfLife is the age at which a sample of CPU counts half; default 24 hours.
	CPUHistogramHalfLife time.Duration `json:"cpuHistogramHalfLife"`
	// MemoryHistogramHalfLife is the age at which a peak of memory counts half; default 24 hours.
	MemoryHistogramHalfLife time.Duration `json:"memoryHistogramHalfLife"`
	// MemoryAggregationInterval is the length of the windows of which only the peak of memory counts; default 24 hours.
	MemoryAggregationInterval time.Duration `json:"memoryAggregationInterval"`
	// MemoryAggregationIntervalCount is how many such windows an aggregate outlives without CPU samples; default 8.
	MemoryAggregationIntervalCount int64 `json:"memoryAggregationIntervalCount"`
	// OOMBumpUpRatio is the factor of memory after an out-of-memory kill; default 1.2.
	OOMBumpUpRatio float64 `json:"oomBumpUpRatio"`
	// OOMMinBumpUpBytes is the least by which memory rises after an out-of-memory kill, in bytes; default 104857600.
	OOMMinBumpUpBytes float64 `json:"oomMinBumpUpBytes"`
	// RoundCPUMillicores is what CPU is rounded up to a multiple of, in millicores; default 1.
	RoundCPUMillicores int64 `json:"roundCPUMillicores"`
	// RoundMemoryBytes is what memory is rounded up to a multiple of, in bytes; default 1.
	RoundMemoryBytes int64 `json:"roundMemoryBytes"`
	// HumanizeMemory writes memory with two decimals of the largest unit that fits; default false, deprecated upstream.
	HumanizeMemory bool `json:"humanizeMemory,omitempty"`
	// CPUIntegerPostProcessor honours the annotation that asks for whole cores; default false.
	CPUIntegerPostProcessor bool `json:"cpuIntegerPostProcessor,omitempty"`
	// MaxAllowedCPU caps containers whose policy has no maximum of CPU; default none.
	MaxAllowedCPU *resource.Quantity `json:"maxAllowedCPU,omitempty"`
	// MaxAllowedMemory caps containers whose policy has no maximum of memory; default none.
	MaxAllowedMemory *resource.Quantity `json:"maxAllowedMemory,omitempty"`
	// PerVPAConfig is the gate for the settings of a container's policy that replace flags; default false.
	PerVPAConfig bool `json:"perVPAConfig,omitempty"`
	// Estimator says how peaks of few replicas count; default [Shared], which is upstream's. Beyond upstream.
	Estimator EstimatorKind `json:"estimator,omitempty"`
	// Containers replaces percentiles and estimator by container name. Beyond upstream.
	Containers map[string]ContainerConfig `json:"containers,omitempty"`
}

// ContainerConfig is what the recommender does otherwise for one container. Beyond upstream.
type ContainerConfig struct {
	// Percentiles replace the flags'; nil keeps them.
	Percentiles *Percentiles `json:"percentiles,omitempty"`
	// Estimator replaces the general one; empty keeps it.
	Estimator EstimatorKind `json:"estimator,omitempty"`
}

// Percentiles are what the three recommended values are of the usage, 0 to 1.
type Percentiles struct {
	// TargetCPU is the percentile of the target; default 0.9.
	TargetCPU float64 `json:"targetCPU"`
	// LowerBoundCPU is the percentile of the lower bound; default 0.5.
	LowerBoundCPU float64 `json:"lowerBoundCPU"`
	// UpperBoundCPU is the percentile of the upper bound; default 0.95.
	UpperBoundCPU float64 `json:"upperBoundCPU"`
	// TargetMemory is the percentile of the target; default 0.9.
	TargetMemory float64 `json:"targetMemory"`
	// LowerBoundMemory is the percentile of the lower bound; default 0.5.
	LowerBoundMemory float64 `json:"lowerBoundMemory"`
	// UpperBoundMemory is the percentile of the upper bound; default 0.95.
	UpperBoundMemory float64 `json:"upperBoundMemory"`
}

// EstimatorKind is a way to make one number of the usages of many replicas.
type EstimatorKind string

const (
	// Shared takes percentiles of all replicas' usage together, as upstream does; the default.
	Shared EstimatorKind = "shared"
	// Peak takes the highest of what each label set's own replicas need, and for memory their highest peak. It suits
	// uneven replicas, of which the large ones are lost among many small ones, and short jobs, whose few peaks are lost
	// in the decay.
	Peak EstimatorKind = "peak"
)

// Defaults returns upstream's flags.
func Defaults() Config {
	return Config{
		SafetyMarginFraction: 0.15,
		PodMinCPUMillicores:  25,
		PodMinMemoryMb:       250,
		Percentiles: Percentiles{
			TargetCPU: 0.9, LowerBoundCPU: 0.5, UpperBoundCPU: 0.95,
			TargetMemory: 0.9, LowerBoundMemory: 0.5, UpperBoundMemory: 0.95,
		},
		ConfidenceIntervalCPU:          24 * time.Hour,
		ConfidenceIntervalMemory:       24 * time.Hour,
		CPUHistogramHalfLife:           24 * time.Hour,
		MemoryHistogramHalfLife:        24 * time.Hour,
		MemoryAggregationInterval:      24 * time.Hour,
		MemoryAggregationIntervalCount: 8,
		OOMBumpUpRatio:                 1.2,
		OOMMinBumpUpBytes:              100 << 20,
		RoundCPUMillicores:             1,
		RoundMemoryBytes:               1,
	}
}

func (c *Config) validate() error {
	for _, f := range []struct {
		name  string
		value float64
	}{
		{"safetyMarginFraction", c.SafetyMarginFraction}, {"podMinCPUMillicores", c.PodMinCPUMillicores},
		{"podMinMemoryMb", c.PodMinMemoryMb}, {"oomBumpUpRatio", c.OOMBumpUpRatio}, {"oomMinBumpUpBytes", c.OOMMinBumpUpBytes},
	} {
		if !(f.value >= 0) || math.IsInf(f.value, 0) {
			return invalid(f.name, f.value, "is not a number of 0 or more")
		}
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"confidenceIntervalCPU", c.ConfidenceIntervalCPU}, {"confidenceIntervalMemory", c.ConfidenceIntervalMemory},
		{"cpuHistogramHalfLife", c.CPUHistogramHalfLife}, {"memoryHistogramHalfLife", c.MemoryHistogramHalfLife},
		{"memoryAggregationInterval", c.MemoryAggregationInterval},
	} {
		if d.value <= 0 {
			return invalid(d.name, d.value, "is not positive")
		}
	}
	if c.MemoryAggregationIntervalCount < 1 {
		return invalid("memoryAggregationIntervalCount", c.MemoryAggregationIntervalCount, "is below 1")
	}
	if err := c.Percentiles.validate("percentiles"); err != nil {
		return err
	}
	if err := c.Estimator.validate("estimator"); err != nil {
		return err
	}
	for _, name := range sortedKeys(c.Containers) {
		own := c.Containers[name]
		if err := own.Estimator.validate("containers[" + name + "].estimator"); err != nil {
			return err
		}
		if own.Percentiles != nil {
			if err := own.Percentiles.validate("containers[" + name + "].percentiles"); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Percentiles) validate(field string) error {
	for _, f := range []struct {
		name  string
		value float64
	}{
		{"targetCPU", p.TargetCPU}, {"lowerBoundCPU", p.LowerBoundCPU}, {"upperBoundCPU", p.UpperBoundCPU},
		{"targetMemory", p.TargetMemory}, {"lowerBoundMemory", p.LowerBoundMemory}, {"upperBoundMemory", p.UpperBoundMemory},
	} {
		if f.value != f.value {
			return invalid(field+"."+f.name, f.value, "is not a number")
		}
	}
	return nil
}

func (k EstimatorKind) validate(field string) error {
	if k != "" && k != Shared && k != Peak {
		return invalid(field, k, `is neither "shared" nor "peak"`)
	}
	return nil
}
