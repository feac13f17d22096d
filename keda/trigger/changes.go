package trigger

import (
	"fmt"
	"io"
	"time"
)

// Change is an instant at which a cron trigger switches.
type Change struct {
	// At is the instant, in the trigger's zone.
	At time.Time `json:"at"`
	// Active is what it switches to.
	Active bool `json:"active"`
}

// String is one line for a person.
func (c Change) String() string {
	if c.Active {
		return c.At.Format(time.RFC3339) + " on"
	}
	return c.At.Format(time.RFC3339) + " off"
}

// changeWork bounds how many firings and days [Cron.NextChanges] looks at, for schedules that fire and switch nothing.
const changeWork = 10_000

// NextChanges are the next n switches strictly after an instant, fewer if the trigger stops switching or switches too seldom
// among its firings. It answers "when will this trigger go on and off". Its error is a time zone that does not exist.
func (t *Cron) NextChanges(from time.Time, n int) ([]Change, error) {
	active, err := t.At(from)
	if err != nil {
		return nil, err
	}
	var changes []Change
	// A firing of either schedule is the only thing that can switch, and so can a day's beginning: how far the cron
	// library looks depends on the day that it looks from, where clocks change at midnight (C10).
	for at, work := from, 0; len(changes) < n && work < changeWork; work++ {
		next, ok := t.nextEvent(at)
		if !ok {
			break
		}
		at = next
		now, err := t.At(at)
		if err != nil {
			return nil, err
		}
		if now != active {
			active = now
			changes = append(changes, Change{at.In(t.zone), active})
		}
	}
	return changes, nil
}

// nextEvent is the next firing of either schedule or the next beginning of a day, or none if nothing fires any more.
func (t *Cron) nextEvent(at time.Time) (time.Time, bool) {
	start, starts := t.start.next(at)
	end, ends := t.end.next(at)
	if !starts && !ends {
		return time.Time{}, false
	}
	if !starts || ends && end < start {
		start = end
	}
	next := time.Unix(start, 0)
	year, month, dom := at.In(t.zone).Date()
	if day := time.Date(year, month, dom+1, 0, 0, 0, 0, t.zone); day.After(at) && day.Before(next) {
		next = day
	}
	return next, true
}

// Explain writes why the trigger is active or not at an instant, and when it switches next.
func (t *Cron) Explain(w io.Writer, now time.Time) error {
	active, err := t.At(now)
	if err != nil {
		_, err = fmt.Fprintf(w, "%s: cannot be read: %v\n", t.name, err)
		return err
	}
	state, value := "inactive", int64(0)
	if active {
		state, value = "active", t.DesiredReplicas
	}
	lines := fmt.Sprintf("%s at %s: %s, value %d of %s\n", t.name, now.In(t.zone).Format(time.RFC3339), state, value, targetText(t.target))
	say := func(what, schedule string, s *schedule) {
		at, ok := s.next(now)
		when := "never within five years"
		if ok {
			when = time.Unix(at, 0).In(t.zone).Format(time.RFC3339)
		}
		lines += fmt.Sprintf("  next %-5s (%s) %s\n", what, schedule, when)
	}
	say("start", t.Start, t.start)
	say("end", t.End, t.end)
	changes, err := t.NextChanges(now, 1)
	if err != nil {
		return err
	}
	if len(changes) == 0 {
		lines += "  no change ahead\n"
	} else {
		lines += "  next change " + changes[0].String() + "\n"
	}
	_, err = io.WriteString(w, lines)
	return err
}
