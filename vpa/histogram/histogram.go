package histogram

import (
	"fmt"
	"time"
)

// Histogram is a set of weights, one a bucket, in which the weight of a sample halves with every half-life of its age.
// Make one with [New]; the zero value has no layout and refuses everything.
type Histogram struct {
	layout   *Layout
	halfLife time.Duration
	// reference is the time at which a sample counts with its plain weight; weights of the past are kept as they were,
	// and those of later samples grow (D1).
	reference instant
	total     float64
	// near is how many seconds from the reference no sample makes it move.
	near int64
	// age and ageFactor are the latest result of factor: replicas that are measured together share it.
	age       time.Duration
	ageFactor float64
	// weights are those of the buckets from low on; every other bucket weighs nothing.
	weights []float64
	low     uint16
	// lowest and highest bound the buckets that weigh epsilon or more. Without such a bucket lowest is the last bucket
	// and highest the first (H7). Weights outside them are remembered and may come back (H13).
	lowest, highest uint16
}

// New returns an empty histogram. A half-life of 0 means that weights do not decay.
func New(layout *Layout, halfLife time.Duration) (*Histogram, error) {
	if layout == nil {
		return nil, invalid("layout", "nil", "has no buckets")
	}
	if halfLife < 0 {
		return nil, invalid("halfLife", halfLife, "is negative")
	}
	return &Histogram{layout: layout, halfLife: halfLife, near: int64(maxAge * halfLife / time.Second), ageFactor: 1, lowest: uint16(len(layout.starts) - 1)}, nil
}

// Reset makes the histogram as new, but keeps its memory for what comes.
func (h *Histogram) Reset() {
	clear(h.weights)
	h.reference, h.total, h.highest = instant{}, 0, 0
	if h.layout != nil {
		h.lowest = uint16(len(h.layout.starts) - 1)
	}
}

// Layout is what the histogram was made with.
func (h *Histogram) Layout() *Layout { return h.layout }

// HalfLife is the age at which a sample counts half; 0 where weights do not decay.
func (h *Histogram) HalfLife() time.Duration { return h.halfLife }

// Reference is the time at which a sample counts with its plain weight; the zero time before the first sample.
func (h *Histogram) Reference() time.Time { return h.reference.time() }

// Total is the sum of all weights as they stand at the reference time. It may be positive on an empty histogram (H11).
func (h *Histogram) Total() float64 { return h.total }

// Weight is the weight of a bucket as it stands at the reference time.
func (h *Histogram) Weight(bucket int) float64 {
	if i := bucket - int(h.low); uint(i) < uint(len(h.weights)) {
		return h.weights[i]
	}
	return 0
}

// Range returns the lowest and the highest bucket that weigh epsilon or more. Without such a bucket the lowest is the
// last of the layout and the highest its first.
func (h *Histogram) Range() (lowest, highest int) { return int(h.lowest), int(h.highest) }

// Empty tells whether there is nothing to take a percentile of: no bucket weighs epsilon (H11).
func (h *Histogram) Empty() bool {
	return h.layout == nil || h.Weight(int(h.lowest)) < h.layout.epsilon
}

// maxWeight bounds the weight of a sample so that no sum of them overflows, whatever its age.
const maxWeight = 1e200

// Add counts a value with a weight at a time. The time may lie in the future or in the past; what is older than the
// reference counts less (D2). A value below the first bucket counts there. An error, which leaves the histogram as it
// was, is for a value that is not a number and for a weight that is negative or not finite.
func (h *Histogram) Add(value, weight float64, when time.Time) error {
	if !(weight >= 0 && weight <= maxWeight) || value != value || h.layout == nil {
		return h.refuse(value, weight)
	}
	if h.halfLife != 0 {
		weight = float64(weight * h.factor(at(when)))
	}
	h.put(value, weight)
	return nil
}

// AddAt is [Histogram.Add] for a moment that several samples share, be it in one histogram or in many.
func (h *Histogram) AddAt(value, weight float64, when *Moment) error {
	if !(weight >= 0 && weight <= maxWeight) || value != value || h.layout == nil {
		return h.refuse(value, weight)
	}
	if h.halfLife != 0 {
		if when.reference != h.reference || when.halfLife != h.halfLife {
			when.factor = h.factor(when.instant)
			when.reference, when.halfLife = h.reference, h.halfLife
		}
		weight = float64(weight * when.factor)
	}
	h.put(value, weight)
	return nil
}

// put adds a decayed weight to the bucket of a value (H8).
func (h *Histogram) put(value, weight float64) {
	b, ok := 0, false
	if value >= h.layout.index.from {
		b, ok = h.layout.index.find(value)
	}
	if !ok {
		b = h.layout.Bucket(value)
	}
	i := b - int(h.low)
	if uint(i) >= uint(len(h.weights)) {
		i = h.grow(b, b)
	}
	sum := h.weights[i] + weight
	h.weights[i] = sum
	h.total += weight
	if sum >= h.layout.epsilon {
		if b < int(h.lowest) {
			h.lowest = uint16(b)
		}
		if b > int(h.highest) {
			h.highest = uint16(b)
		}
	}
}

// Subtract takes a value back that was added with that weight and time. What is left below epsilon counts as nothing
// (H9). Errors are those of [Histogram.Add].
func (h *Histogram) Subtract(value, weight float64, when time.Time) error {
	if !(weight >= 0 && weight <= maxWeight) || value != value || h.layout == nil {
		return h.refuse(value, weight)
	}
	if h.halfLife != 0 {
		weight = float64(weight * h.factor(at(when)))
	}
	if h.total -= weight; h.total < h.layout.epsilon {
		h.total = 0
	}
	b := h.layout.Bucket(value)
	if i := b - int(h.low); uint(i) < uint(len(h.weights)) {
		if h.weights[i] -= weight; h.weights[i] < h.layout.epsilon {
			h.weights[i] = 0
		}
	}
	h.shrink()
	return nil
}

func (h *Histogram) refuse(value, weight float64) error {
	switch {
	case h.layout == nil:
		return invalid("histogram", "zero value", "has no layout; use New")
	case value != value:
		return invalid("value", value, "is not a number")
	}
	return invalid("weight", weight, fmt.Sprintf("is not within 0 and %g", float64(maxWeight)))
}

// grow makes room for the buckets from..to and returns where from is kept.
func (h *Histogram) grow(from, to int) int {
	const grain = 4 // buckets; a usage that wanders does not move the weights with every step
	first, behind := from&^(grain-1), min((to|(grain-1))+1, len(h.layout.starts))
	if len(h.weights) > 0 {
		first, behind = min(first, int(h.low)), max(behind, int(h.low)+len(h.weights))
	}
	if first == int(h.low) && behind == first+len(h.weights) {
		return from - first
	}
	weights := make([]float64, behind-first)
	if len(h.weights) > 0 {
		copy(weights[int(h.low)-first:], h.weights)
	}
	h.weights, h.low = weights, uint16(first)
	return from - first
}

// shrink moves the bounds inwards past buckets that weigh less than epsilon (H10).
func (h *Histogram) shrink() {
	lowest, highest := h.bounds(1)
	h.lowest, h.highest = uint16(lowest), uint16(highest)
}

// bounds is where the bounds shrink to if every weight within them is scaled.
func (h *Histogram) bounds(scale float64) (lowest, highest int) {
	lowest, highest = int(h.lowest), int(h.highest)
	light := func(b int) bool {
		w := h.Weight(b)
		if b >= int(h.lowest) && b <= int(h.highest) {
			w *= scale // H13 scales nothing outside
		}
		return w < h.layout.epsilon
	}
	for last := len(h.layout.starts) - 1; lowest < last && light(lowest); {
		lowest++
	}
	for highest > 0 && light(highest) {
		highest--
	}
	return lowest, highest
}

// String tells the histogram in one line.
func (h *Histogram) String() string {
	if h.Empty() {
		return "empty"
	}
	return fmt.Sprintf("weight %.4g in buckets %d to %d, reference %s", h.total, h.lowest, h.highest,
		h.reference.time().Format(time.RFC3339))
}
