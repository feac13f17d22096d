package karpenter

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// window is when a budget holds: from each hit of its schedule for its duration, in UTC.
type window struct {
	schedule cron.Schedule
	duration time.Duration
}

func newWindow(b *Budget) (*window, error) {
	if b.Schedule == nil {
		return nil, fmt.Errorf("schedule: is absent, duration is not")
	}
	text := *b.Schedule
	if strings.HasPrefix(text, "TZ=") || strings.HasPrefix(text, "CRON_TZ=") {
		// The cron library panics on some of these; Karpenter, which sets the zone itself, refuses them all.
		return nil, fmt.Errorf("schedule: %q: budgets are in UTC", text)
	}
	schedule, err := cron.ParseStandard("TZ=UTC " + text)
	if err != nil {
		return nil, fmt.Errorf("schedule: %q: %v", text, err)
	}
	w := &window{schedule: schedule}
	if b.Duration != nil {
		w.duration = b.Duration.Duration
	}
	return w, nil
}

// holds tells whether a hit lies within the duration up to now (rule 79). A hit exactly a duration ago is over. A schedule that never
// hits holds always, since the library answers with the zero time, which is not after now.
func (w *window) holds(now time.Time, p Profile) bool {
	now = now.UTC()
	hit := w.schedule.Next(now.Add(-w.duration))
	if hit.IsZero() {
		return !p.ImpossibleSchedulesNeverHold
	}
	return !hit.After(now)
}

// edge is the next instant at which the window opens or closes; the zero time where there is none in sight.
func (w *window) edge(now time.Time, p Profile) time.Time {
	now = now.UTC()
	if !w.holds(now, p) {
		return w.schedule.Next(now)
	}
	hit := w.schedule.Next(now.Add(-w.duration))
	if hit.IsZero() {
		return time.Time{}
	}
	// Hits within the window prolong it. A window that its own hits never let close is given up on.
	const hits = 1024
	for range hits {
		end := hit.Add(w.duration)
		next := w.schedule.Next(hit)
		if next.IsZero() || next.After(end) {
			if !end.After(now) {
				return w.schedule.Next(now)
			}
			return end
		}
		hit = next
	}
	return time.Time{}
}
