package vpa

import (
	"time"

	"github.com/scalemath/scalemath/vpa/histogram"
)

// Outcome says what became of a sample.
type Outcome uint8

// The outcomes of a sample.
const (
	// Accepted means that the sample was taken. A memory sample below its window's peak changes nothing all the same.
	Accepted Outcome = iota
	// NegativeValue means that the usage was below 0 (S1).
	NegativeValue
	// OutOfOrder means that a sample of this container with the same or a later time was there before (S2).
	OutOfOrder
	// LateOOM means that an out-of-memory kill came more than a window behind the latest memory sample (O1).
	LateOOM
	// UnknownContainer means that the pod or its container is not known, or gone.
	UnknownContainer
	// Silenced means that a memory sample was taken but cannot count, because 0 bytes opened its window (an upstream
	// defect, M5).
	Silenced
	// ClockMovedBack means that a kill was taken whose time is before the latest memory sample's, and that older samples
	// are accepted again from now on (an upstream defect, M2).
	ClockMovedBack

	outcomes = iota
)

// Taken tells whether upstream takes the sample, though it may not count.
func (o Outcome) Taken() bool { return o == Accepted || o == Silenced || o == ClockMovedBack }

// String is the outcome's name.
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return "Unknown"
}

var outcomeNames = [outcomes]string{"Accepted", "NegativeValue", "OutOfOrder", "LateOOM", "UnknownContainer", "Silenced", "ClockMovedBack"}

// Window is the memory of one running container: the latest times it was heard of, and the peak of the window at hand,
// which counts once and not with every sample. Its zero value is a container that was never heard of.
type Window struct {
	lastCPU    time.Time
	lastMemory time.Time
	// end is when the window at hand ends, and the time at which its peak is stamped, up to a whole window in the future
	// (M6).
	end time.Time
	// usagePeak and oomPeak are the highest usage of the window and the highest amount that a kill suggested.
	usagePeak, oomPeak Amount
}

// OOM says how memory rises after an out-of-memory kill.
type OOM struct {
	// Ratio is the factor by which memory rises at least.
	Ratio float64
	// MinBump is the amount by which memory rises at least, in bytes.
	MinBump float64
}

// AddCPU counts a sample of CPU unless it is older than, or as old as, the latest.
func (w *Window) AddCPU(into *Aggregate, at time.Time, milli Amount) Outcome {
	m := histogram.At(at)
	return w.addCPU(into, at, &m, milli)
}

func (w *Window) addCPU(into *Aggregate, at time.Time, when *histogram.Moment, milli Amount) Outcome {
	switch {
	case milli < 0:
		return NegativeValue
	case !at.After(w.lastCPU):
		return OutOfOrder
	}
	into.addCPU(milli, at, when)
	w.lastCPU = at
	return Accepted
}

// AddMemory looks at a sample of memory, which counts if it is the highest of its window so far. Interval is the
// windows' length.
func (w *Window) AddMemory(into *Aggregate, at time.Time, bytes Amount, interval time.Duration, profile Profile) Outcome {
	switch {
	case bytes < 0:
		return NegativeValue
	case at.Before(w.lastMemory):
		return OutOfOrder
	}
	return w.memory(into, at, bytes, false, interval, profile)
}

// RecordOOM counts what a container that was killed for want of memory would have needed: the larger of its request and
// its peak, raised (O2, O3).
func (w *Window) RecordOOM(into *Aggregate, at time.Time, request Amount, how OOM, interval time.Duration, profile Profile) Outcome {
	if !w.lastMemory.IsZero() && at.Before(w.lastMemory.Add(-interval)) {
		return LateOOM
	}
	used := max(request, w.usagePeak) // O2: not the peak of earlier kills, or repeated ones would compound
	needed := max(used+Amount(how.MinBump), used.scale(how.Ratio))
	if needed < 0 {
		return NegativeValue
	}
	back := at.Before(w.lastMemory)
	o := w.memory(into, at, needed, true, interval, profile)
	if back && !profile.OOMClock {
		return ClockMovedBack
	}
	return o
}

// memory follows the window (M2 to M4).
func (w *Window) memory(into *Aggregate, at time.Time, bytes Amount, oom bool, interval time.Duration, profile Profile) Outcome {
	if !(profile.OOMClock && oom && at.Before(w.lastMemory)) {
		w.lastMemory = at
	}
	if w.end.IsZero() {
		w.end = at
	}
	if at.Before(w.end) {
		peak := w.peak()
		if bytes <= peak {
			return Accepted
		}
		if peak == 0 && !profile.ZeroPeak {
			return Silenced
		}
		// Errors cannot be: an amount is a number and the weight a constant.
		_ = into.memory.Subtract(float64(peak), memoryPeakWeight, w.end)
	} else {
		w.end = w.end.Add(at.Sub(w.end).Truncate(interval) + interval)
		w.usagePeak, w.oomPeak = 0, 0
	}
	_ = into.memory.Add(float64(bytes), memoryPeakWeight, w.end)
	if oom {
		w.oomPeak = bytes
	} else {
		w.usagePeak = bytes
	}
	return Accepted
}

func (w *Window) peak() Amount { return max(w.usagePeak, w.oomPeak) }
