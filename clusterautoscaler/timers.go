package clusterautoscaler

import (
	"fmt"
	"time"
)

// runTimers begins the timers of nodes that could go and drops all others (D28, D30).
func (d *descent) runTimers() {
	for _, i := range d.removable {
		st := &d.status[i]
		since, running := d.old.UnneededSince[st.Name]
		if !running {
			since = d.now
		}
		d.state.UnneededSince[st.Name], st.Since = since, since
	}
}

// due tells whether the timer of a node has run out (D30). The threshold is that of its readiness now.
func (d *descent) due(i int) bool {
	st, g := &d.status[i], d.group(i)
	threshold, reason := d.s.UnneededTime, NotUnneededLongEnough
	if g.Options.UnneededTime != nil {
		threshold = *g.Options.UnneededTime
	}
	if !isReady(d.w.nodes[i].object) {
		if threshold, reason = d.s.UnreadyTime, NotUnreadyLongEnough; g.Options.UnreadyTime != nil {
			threshold = *g.Options.UnreadyTime
		}
	}
	if threshold <= 0 || st.Since.Add(threshold).Before(d.now) {
		return true
	}
	st.Reason, st.FreeAt = reason, st.Since.Add(threshold)
	st.Detail = fmt.Sprintf("unneeded for %v, needs more than %v", d.now.Sub(st.Since), threshold)
	return false
}

// cooldown is D2.
func (d *descent) cooldown(lastScaleUp time.Time) {
	if d.s.DelayLocal {
		return
	}
	for _, c := range []struct {
		what  string
		began time.Time
		delay time.Duration
	}{
		{"a scale-up", lastScaleUp, d.s.DelayAfterAdd},
		{"a failed deletion", d.old.LastFailure, d.s.DelayAfterFailure},
		{"a deletion", d.old.LastDeletion, d.s.DelayAfterDelete},
	} {
		if end := c.began.Add(c.delay); !c.began.IsZero() && end.After(d.now) && end.After(d.out.CooldownUntil) {
			d.out.CooldownUntil, d.out.Cooldown = end, c.what
		}
	}
}
