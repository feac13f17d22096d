package histogram

import (
	"time"
)

// State is a histogram as it is, to the last bit, in a form for JSON. A [Checkpoint] is smaller and coarser.
type State struct {
	// Reference is the decay's reference time; the zero time before the first sample.
	Reference time.Time `json:"reference"`
	// First is the bucket that the first weight belongs to.
	First int `json:"first,omitempty"`
	// Weights are those of the buckets from First on.
	Weights []float64 `json:"weights,omitempty"`
	// Total is the sum of all weights, as it came about.
	Total float64 `json:"total"`
	// Lowest and Highest bound the buckets that weigh epsilon or more.
	Lowest int `json:"lowest"`
	// Highest is the upper one.
	Highest int `json:"highest"`
}

// State returns the histogram as it is.
func (h *Histogram) State() State {
	return State{
		Reference: h.reference.time(), First: int(h.low), Weights: append([]float64(nil), h.weights...), Total: h.total,
		Lowest: int(h.lowest), Highest: int(h.highest),
	}
}

// SetState makes the histogram what it was when the state was taken. An error, which leaves it as it was, is for a state
// that no histogram of this layout has.
func (h *Histogram) SetState(s State) error {
	if h.layout == nil {
		return h.refuse(0, 0)
	}
	n := len(h.layout.starts)
	switch {
	case s.First < 0 || s.First > n || s.First+len(s.Weights) > n:
		return corrupt("first", s.First, "puts weights outside the layout")
	case s.Lowest < 0 || s.Lowest >= n:
		return corrupt("lowest", s.Lowest, "is not a bucket of the layout")
	case s.Highest < 0 || s.Highest >= n:
		return corrupt("highest", s.Highest, "is not a bucket of the layout")
	case !(s.Total >= 0 && s.Total <= maxTotal):
		return corrupt("total", s.Total, "is not a weight")
	}
	for _, w := range s.Weights {
		if !(w >= 0 && w <= maxTotal) {
			return corrupt("weights", w, "is not a weight")
		}
	}
	// What weighs something must lie in what is kept: a percentile walks from the lowest to the highest.
	kept := func(b int) bool { return b >= s.First && b < s.First+len(s.Weights) }
	if s.Lowest <= s.Highest && !(kept(s.Lowest) && kept(s.Highest)) {
		return corrupt("lowest", s.Lowest, "and highest lie outside the weights")
	}
	h.reference, h.total = at(s.Reference), s.Total
	h.weights, h.low = append([]float64(nil), s.Weights...), uint16(s.First)
	h.lowest, h.highest = uint16(s.Lowest), uint16(s.Highest)
	return nil
}
