package vpa

import (
	"time"

	"github.com/scalemath/scalemath/vpa/histogram"
)

// The layouts of all usage histograms (H1): cores from 0.01 to 1000, bytes from 10 MB to 1 TB, each bucket 5 % wider than
// the one before.
var (
	cpuLayout    = exponential(1000, 0.01)
	memoryLayout = exponential(1e12, 1e7)
)

// exponential makes a layout of constants, which never fails.
func exponential(largest, first float64) *histogram.Layout {
	l, _ := histogram.Exponential(largest, first, 1.05, histogram.Epsilon)
	return l
}

// cpuSampleWeight and memoryPeakWeight are what one sample weighs (S3, M6).
const (
	cpuSampleWeight  = 0.1
	memoryPeakWeight = 1
)

// Aggregate is what is known of the containers of one name in pods of one label set: how much CPU they used, how high
// their memory went, and how long they have been watched. Make one with [NewAggregate].
type Aggregate struct {
	cpu, memory histogram.Histogram
	// first, last and count are of CPU samples only (S3).
	first, last time.Time
	count       int64
}

// NewAggregate returns an empty aggregate with the half-lives of the flags.
func NewAggregate(cfg Config) (*Aggregate, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return newAggregate(&cfg), nil
}

func newAggregate(cfg *Config) *Aggregate {
	a := new(Aggregate)
	a.init(cfg)
	return a
}

func (a *Aggregate) init(cfg *Config) {
	a.cpu = empty(cpuLayout, cfg.CPUHistogramHalfLife)
	a.memory = empty(memoryLayout, cfg.MemoryHistogramHalfLife)
}

// empty is a histogram without samples; the configuration was validated, so that there is one.
func empty(l *histogram.Layout, halfLife time.Duration) histogram.Histogram {
	if h, err := histogram.New(l, halfLife); err == nil {
		return *h
	}
	return histogram.Histogram{}
}

// CPU is the histogram of CPU usage, in cores. It must not be changed.
func (a *Aggregate) CPU() *histogram.Histogram { return &a.cpu }

// Memory is the histogram of memory peaks, in bytes. It must not be changed.
func (a *Aggregate) Memory() *histogram.Histogram { return &a.memory }

// Samples is the number of CPU samples, and the times of the first and the last.
func (a *Aggregate) Samples() (count int64, first, last time.Time) { return a.count, a.first, a.last }

// Merge adds what another aggregate knows, which stays as it is (A2). Half-lives must be equal.
func (a *Aggregate) Merge(o *Aggregate) error {
	if err := a.cpu.Merge(&o.cpu); err != nil {
		return err
	}
	if err := a.memory.Merge(&o.memory); err != nil {
		return err
	}
	if a.first.IsZero() || !o.first.IsZero() && o.first.Before(a.first) {
		a.first = o.first
	}
	if o.last.After(a.last) {
		a.last = o.last
	}
	a.count += o.count
	return nil
}

// Reset makes the aggregate as new and keeps its memory.
func (a *Aggregate) Reset() {
	a.cpu.Reset()
	a.memory.Reset()
	a.first, a.last, a.count = time.Time{}, time.Time{}, 0
}

// Expired tells whether the aggregate is to be forgotten: nothing was counted for as long as its windows reach back (G1).
func (a *Aggregate) Expired(now, created time.Time, interval time.Duration, count int64) bool {
	reach := interval * time.Duration(count)
	if a.count == 0 {
		return now.Sub(created) >= reach
	}
	return now.Sub(a.last) >= reach
}

// addCPU counts a sample of CPU (S3).
func (a *Aggregate) addCPU(milli Amount, at time.Time, when *histogram.Moment) {
	if err := a.cpu.AddAt(milli.cores(), cpuSampleWeight, when); err != nil {
		return // an amount is a number and the weight a constant
	}
	if a.first.IsZero() || at.Before(a.first) {
		a.first = at
	}
	if at.After(a.last) {
		a.last = at
	}
	a.count++
}
