package histogram

import (
	"math"
	"time"
)

// fullWeight is what the heaviest bucket of a checkpoint weighs (C2).
const fullWeight = 10000

// maxTotal bounds what a checkpoint may weigh, so that merging never overflows. Decay alone reaches 1e30 or so.
const maxTotal = 1e300

// Checkpoint is a histogram in the form in which VerticalPodAutoscalerCheckpoint objects keep it: small, and coarser
// than the histogram.
type Checkpoint struct {
	// Reference is the decay's reference time; zero where nothing was ever added.
	Reference time.Time
	// Weights are the buckets that weigh anything, relative to 10000 for the heaviest.
	Weights map[int]uint32
	// Total is the sum of the weights at the reference time, not scaled. It may be very large.
	Total float64
}

// Checkpoint saves the histogram. Buckets that weigh less than 1/20000 of the heaviest are lost.
func (h *Histogram) Checkpoint() Checkpoint {
	c := Checkpoint{Reference: h.reference.time(), Total: h.total}
	if h.layout == nil {
		return c
	}
	heaviest := 0.0
	for b := int(h.lowest); b <= int(h.highest); b++ {
		heaviest = max(heaviest, h.Weight(b))
	}
	if heaviest == 0 {
		return c
	}
	c.Weights = make(map[int]uint32)
	ratio := min(fullWeight/heaviest, math.MaxFloat64)
	for b := int(h.lowest); b <= int(h.highest); b++ {
		if w := math.Floor(float64(h.Weight(b)*ratio) + 0.5); w > 0 {
			c.Weights[b] = uint32(w)
		}
	}
	return c
}

// Restore adds what a checkpoint holds and takes over its reference time (C3). On a histogram that is not empty that
// is what upstream does too, though only sensible where both references agree. An error, which leaves the histogram as
// it was, is for a total that is negative or not finite and for a bucket outside the layout.
func (h *Histogram) Restore(c Checkpoint) error {
	if h.layout == nil {
		return h.refuse(0, 0)
	}
	if !(c.Total >= 0 && c.Total <= maxTotal) {
		return corrupt("totalWeight", c.Total, "is not a weight")
	}
	n := len(h.layout.starts)
	sum, lowest, highest := uint64(0), n, -1
	for b, w := range c.Weights {
		if b < 0 || b >= n {
			// The lowest of several, so that the message does not depend on the order of a map.
			for other := range c.Weights {
				if (other < 0 || other >= n) && other < b {
					b = other
				}
			}
			return corrupt("bucketWeights", b, "is not a bucket of the layout")
		}
		sum += uint64(w)
		lowest, highest = min(lowest, b), max(highest, b)
	}
	h.reference = at(c.Reference)
	if sum == 0 {
		return nil
	}
	h.grow(lowest, highest)
	factor := c.Total / float64(sum)
	for b, w := range c.Weights {
		h.weights[b-int(h.low)] += float64(float64(w) * factor)
	}
	h.total += c.Total
	h.lowest, h.highest = min(h.lowest, uint16(lowest)), max(h.highest, uint16(highest))
	h.shrink()
	return nil
}
