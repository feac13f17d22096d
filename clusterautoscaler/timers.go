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
	d.out.CooldownUntil, d.out.Cooldown = d.s.cooling(GroupTimes{ScaleUp: lastScaleUp, Deletion: d.old.LastDeletion, Failure: d.old.LastFailure}, d.now)
}

// coolingGroup keeps nodes of a group that changed a short while ago out of sight, where delays hold for each group (D4).
func (d *descent) coolingGroup(i int) bool {
	if !d.s.DelayLocal {
		return false
	}
	until, what := d.s.cooling(d.old.Groups[d.status[i].Group], d.now)
	if until.IsZero() {
		return false
	}
	st := &d.status[i]
	st.Reason, st.FreeAt, st.Detail = InCooldown, until, "its group, after "+what
	return true
}
