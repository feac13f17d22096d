package hpa

import (
	"slices"
	"time"
)

// History is what the controller remembers of one HorizontalPodAutoscaler between reconciles. Its zero value is a fresh
// controller; it marshals to JSON, so that a restart need not forget. Upstream keeps it in memory only.
//
// The lists are not chronological: an entry that no longer counts is overwritten in place by the next one (rules H3, H6).
type History struct {
	// Recommendations are the sizes that the metrics asked for, before stabilization and bounds.
	Recommendations []Recommendation `json:"recommendations,omitempty"`
	// ScaleUps and ScaleDowns are the changes written while the object had a behavior; scaling policies count them.
	ScaleUps   []ScaleEvent `json:"scaleUps,omitempty"`
	ScaleDowns []ScaleEvent `json:"scaleDowns,omitempty"` // see ScaleUps
}

// Recommendation is the size that the metrics asked for at an instant.
type Recommendation struct {
	// At is when.
	At time.Time `json:"at"`
	// Replicas is the size.
	Replicas int32 `json:"replicas"`
}

// ScaleEvent is a change of size that was written.
type ScaleEvent struct {
	// At is when.
	At time.Time `json:"at"`
	// Change is the number of replicas added or removed, always positive.
	Change int32 `json:"change"`
	// Outdated marks an entry that was once older than the longest period and may be overwritten. It still counts if a
	// longer period comes to reach it (H7).
	Outdated bool `json:"outdated,omitempty"`
}

// Clone returns a copy that shares no memory.
func (h History) Clone() History {
	return History{slices.Clone(h.Recommendations), slices.Clone(h.ScaleUps), slices.Clone(h.ScaleDowns)}
}

// Compact returns the history without the entries that can no longer decide anything: recommendations from before the
// longest window and changes from before the longest period that the object, or whoever edits it, will ever use. The last
// recommendation stays in any case, since an empty list means a fresh controller, which starts over.
func (h History) Compact(now time.Time, longestWindow, longestPeriod time.Duration) History {
	c := h.Clone()
	last := len(h.Recommendations) - 1
	c.Recommendations = c.Recommendations[:0]
	for i, r := range h.Recommendations {
		if now.Sub(r.At) <= longestWindow || i == last && len(c.Recommendations) == 0 {
			c.Recommendations = append(c.Recommendations, r)
		}
	}
	old := func(e ScaleEvent) bool { return now.Sub(e.At) > longestPeriod }
	c.ScaleUps, c.ScaleDowns = slices.DeleteFunc(c.ScaleUps, old), slices.DeleteFunc(c.ScaleDowns, old)
	return c
}

// begin makes the first entry of a fresh controller: the current size (C3).
func (h *History) begin(now time.Time, current int32) {
	if len(h.Recommendations) == 0 {
		h.Recommendations = append(h.Recommendations, Recommendation{now, current})
	}
}

// recommend records a size in place of the last entry that is old, or at the end (H3); old is -1 if there is none.
func (h *History) recommend(now time.Time, replicas int32, old int) {
	r := Recommendation{now, replicas}
	if old >= 0 {
		h.Recommendations[old] = r
	} else {
		h.Recommendations = append(h.Recommendations, r)
	}
}

// expire drops the recommendations from before a cutoff.
func (h *History) expire(cutoff time.Time) {
	h.Recommendations = slices.DeleteFunc(h.Recommendations, func(r Recommendation) bool { return r.At.Before(cutoff) })
}

// scaled records a change of size in place of the last entry older than the longest period, or at the end (H6).
func scaled(events []ScaleEvent, now time.Time, change int32, longest time.Duration) []ScaleEvent {
	old := -1
	for i := range events {
		if now.Sub(events[i].At) > longest {
			events[i].Outdated = true
			old = i
		}
	}
	e := ScaleEvent{At: now, Change: change}
	if old >= 0 {
		events[old] = e
		return events
	}
	return append(events, e)
}

// changed sums the changes within a period, whether outdated or not, in wrapping arithmetic (H7).
func changed(events []ScaleEvent, now time.Time, period time.Duration) int32 {
	var sum int32
	for i := range events {
		if now.Sub(events[i].At) < period {
			sum += events[i].Change
		}
	}
	return sum
}
