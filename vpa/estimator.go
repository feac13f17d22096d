package vpa

import (
	"math"
	"time"

	"github.com/scalemath/scalemath/vpa/histogram"
)

// Estimate is what a container needs, before rounding and policies, and how it came about.
type Estimate struct {
	// Target is what it should request.
	Target Amounts `json:"target"`
	// Lower is below what a request is too small.
	Lower Amounts `json:"lower"`
	// Upper is above what a request is too large.
	Upper Amounts `json:"upper"`
	// Why holds the numbers behind them.
	Why Trace `json:"why"`
}

// Trace is how an estimate came about.
type Trace struct {
	// Samples is the number of CPU samples.
	Samples int64 `json:"samples"`
	// First and Last are the times of the first and the last CPU sample; zero without any.
	First time.Time `json:"first"`
	// Last is the time of the last CPU sample.
	Last time.Time `json:"last"`
	// Sources is how many aggregates and loaded checkpoints were merged.
	Sources int `json:"sources"`
	// Estimator says how.
	Estimator EstimatorKind `json:"estimator"`
	// Margin is the safety margin, as a share.
	Margin float64 `json:"margin"`
	// Containers is among how many containers the pod's minimum was divided.
	Containers int `json:"containers"`
	// CPU is the way to the numbers of CPU, in millicores.
	CPU ResourceTrace `json:"cpu"`
	// Memory is the way to the numbers of memory, in bytes.
	Memory ResourceTrace `json:"memory"`
}

// ResourceTrace is the way to the three numbers of one resource.
type ResourceTrace struct {
	// Confidence is the length of the history in units of the confidence interval. It counts CPU samples for memory too
	// (E3).
	Confidence float64 `json:"confidence"`
	// Minimum is the container's share of the pod's minimum.
	Minimum Amount `json:"minimum"`
	// Target is the way to the target.
	Target Step `json:"target"`
	// Lower is the way to the lower bound.
	Lower Step `json:"lower"`
	// Upper is the way to the upper bound.
	Upper Step `json:"upper"`
}

// Step is the way from a percentile to one number.
type Step struct {
	// Percentile is the share of the weight that lies below, 0 to 1.
	Percentile float64 `json:"percentile"`
	// Bucket is where the percentile lies; -1 without samples.
	Bucket int `json:"bucket"`
	// Base is the end of that bucket.
	Base Amount `json:"base"`
	// WithMargin is the base with the safety margin.
	WithMargin Amount `json:"withMargin"`
	// Factor is that of the confidence; 1 for a target.
	Factor float64 `json:"-"`
	// AtMinimum tells that the minimum was more than the estimate.
	AtMinimum bool `json:"atMinimum,omitempty"`
}

// The terms of the confidence factors (E4): the upper bound is (1+1/c) times the estimate, the lower one 1/(1+0.001/c)².
const (
	upperMultiplier, upperExponent = 1.0, 1.0
	lowerMultiplier, lowerExponent = 0.001, -2.0
)

// EstimateContainer is what a container needs whose usage is known from one or more aggregates, as one of so many
// containers of its pod.
func EstimateContainer(cfg Config, containers int, known ...*Aggregate) (Estimate, error) {
	if containers < 1 {
		return Estimate{}, invalid("containers", containers, "is below 1")
	}
	s, err := cfg.Compile()
	if err != nil {
		return Estimate{}, err
	}
	var e Estimate
	err = s.estimate(s.unrestricted, known, new(scratch), containers, &e)
	return e, err
}

// scratch is the memory of estimates, used again from container to container.
type scratch struct {
	merged *Aggregate
}

// merge gives the sum of all sources, in their order (D7). A single one is its own sum.
func (w *scratch) merge(cfg *Config, sources []*Aggregate) (*Aggregate, error) {
	if len(sources) == 1 {
		return sources[0], nil
	}
	if w.merged == nil || w.merged.cpu.HalfLife() != cfg.CPUHistogramHalfLife || w.merged.memory.HalfLife() != cfg.MemoryHistogramHalfLife {
		w.merged = newAggregate(cfg)
	}
	w.merged.Reset()
	for _, a := range sources {
		if err := w.merged.Merge(a); err != nil {
			return nil, err
		}
	}
	return w.merged, nil
}

// estimate follows E1 to E6 for both resources.
func (s *Settings) estimate(p *policy, sources []*Aggregate, w *scratch, containers int, into *Estimate) error {
	a, err := w.merge(&s.cfg, sources)
	if err != nil {
		return err
	}
	t := &into.Why
	t.Samples, t.First, t.Last = a.count, a.first, a.last
	t.Sources, t.Margin, t.Containers, t.Estimator = len(sources), s.cfg.SafetyMarginFraction, containers, p.estimator
	share := 1.0 / float64(containers)
	ps := &p.percentiles

	t.CPU.Confidence, t.CPU.Minimum = a.confidence(s.cfg.ConfidenceIntervalCPU), s.minCPU.scale(share)
	t.Memory.Confidence, t.Memory.Minimum = a.confidence(s.cfg.ConfidenceIntervalMemory), s.minMemory.scale(share)
	t.CPU.percentiles(ps.LowerBoundCPU, ps.TargetCPU, ps.UpperBoundCPU)
	t.Memory.percentiles(ps.LowerBoundMemory, ps.TargetMemory, ps.UpperBoundMemory)
	if p.estimator == Peak {
		t.peaks(sources)
	} else {
		t.CPU.bases(&a.cpu, true)
		t.Memory.bases(&a.memory, false)
	}
	into.Lower.CPU, into.Target.CPU, into.Upper.CPU = t.CPU.finish(s.cfg.SafetyMarginFraction)
	into.Lower.Memory, into.Target.Memory, into.Upper.Memory = t.Memory.finish(s.cfg.SafetyMarginFraction)
	return nil
}

// confidence is the smaller of the time watched and the samples counted, in units of an interval (E3).
func (a *Aggregate) confidence(interval time.Duration) float64 {
	watched := float64(a.last.Sub(a.first)) / float64(interval)
	counted := float64(a.count) / interval.Minutes()
	return math.Min(watched, counted)
}

func (t *ResourceTrace) percentiles(lower, target, upper float64) {
	t.Lower = Step{Percentile: lower, Bucket: -1}
	t.Target = Step{Percentile: target, Bucket: -1}
	t.Upper = Step{Percentile: upper, Bucket: -1}
}

// bases reads the three percentiles of a histogram where they are higher than what is there (E1).
func (t *ResourceTrace) bases(h *histogram.Histogram, isCPU bool) {
	ps := [3]float64{t.Lower.Percentile, t.Target.Percentile, t.Upper.Percentile}
	var buckets [3]int
	h.PercentileBuckets(ps[:], buckets[:])
	for i, step := range [3]*Step{&t.Lower, &t.Target, &t.Upper} {
		if buckets[i] > step.Bucket {
			step.Bucket = buckets[i]
			if end := h.Layout().End(buckets[i]); isCPU {
				step.Base = ofCores(end)
			} else {
				step.Base = amountOf(end)
			}
		}
	}
}

// peaks reads the percentiles of every source by itself and keeps the highest, and of memory the highest peak at all.
func (t *Trace) peaks(sources []*Aggregate) {
	for _, a := range sources {
		t.CPU.bases(&a.cpu, true)
		t.Memory.Target.Percentile, t.Memory.Upper.Percentile = 1, 1
		t.Memory.bases(&a.memory, false)
	}
}

// finish goes from the bases to the three numbers: margin, confidence, minimum, in this order (E6).
func (t *ResourceTrace) finish(margin float64) (lower, target, upper Amount) {
	t.Target.Factor = 1
	t.Upper.Factor = math.Pow(1+upperMultiplier/t.Confidence, upperExponent)
	t.Lower.Factor = math.Pow(1+lowerMultiplier/t.Confidence, lowerExponent)
	return t.Lower.finish(margin, true, t.Minimum), t.Target.finish(margin, false, t.Minimum), t.Upper.finish(margin, true, t.Minimum)
}

func (s *Step) finish(margin float64, confidence bool, minimum Amount) Amount {
	s.WithMargin = s.Base + s.Base.scale(margin)
	amount := s.WithMargin
	if confidence {
		amount = amount.scale(s.Factor)
	}
	s.AtMinimum = amount < minimum
	return max(amount, minimum)
}
