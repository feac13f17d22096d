package hpa

import (
	"math"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

// policyBound is the furthest size that the policies of one direction allow (B6 to B8), and the policy that says so.
func (d *Decider) policyBound(r *rules, up bool, current int32, now time.Time, h *History) (int32, PolicyUse) {
	use := PolicyUse{Up: up}
	if r.choice == autoscalingv2.DisabledPolicySelect {
		use.Disabled = true
		return current, use
	}
	// Max chooses the policy with the largest change, Min the one with the smallest.
	highest := up != (r.choice == autoscalingv2.MinChangePolicySelect)
	bound := int32(math.MaxInt32)
	if highest {
		bound = math.MinInt32
	}
	for i := range r.policies {
		p := &r.policies[i]
		start := periodStart(p, current, now, h)
		allowed := d.allowed(p, up, start)
		if highest && allowed > bound || !highest && allowed < bound {
			bound = allowed
			use.Index, use.Policy, use.Start = i, *p, start
		}
	}
	use.FreesAt = frees(h, now, use.Policy.PeriodSeconds)
	if up {
		return max(bound, current), use
	}
	return min(bound, current), use
}

// allowed is the furthest size that one policy allows from the size at its period's start.
func (d *Decider) allowed(p *autoscalingv2.HPAScalingPolicy, up bool, start int32) int32 {
	switch {
	case up && p.Type == autoscalingv2.PodsScalingPolicy:
		return d.fixes.addReplicas(start, p.Value)
	case up:
		return d.fixes.toInt32(math.Ceil(float64(start) * (1 + float64(p.Value)/100)))
	case p.Type == autoscalingv2.PodsScalingPolicy:
		return d.fixes.addReplicas(start, -p.Value)
	}
	return d.fixes.toInt32(float64(start) * (1 - float64(p.Value)/100)) // B8: truncated, no ceiling
}

// periodStart is the size before the changes of a policy's period (B6), in wrapping arithmetic.
func periodStart(p *autoscalingv2.HPAScalingPolicy, current int32, now time.Time, h *History) int32 {
	period := time.Duration(p.PeriodSeconds) * time.Second
	return current - changed(h.ScaleUps, now, period) + changed(h.ScaleDowns, now, period)
}

// frees is when the oldest change within a period leaves it; zero if there is none.
func frees(h *History, now time.Time, periodSeconds int32) time.Time {
	period := time.Duration(periodSeconds) * time.Second
	cutoff := now.Add(-period)
	var oldest time.Time
	for _, events := range [...][]ScaleEvent{h.ScaleUps, h.ScaleDowns} {
		for i := range events {
			if at := events[i].At; at.After(cutoff) && (oldest.IsZero() || at.Before(oldest)) {
				oldest = at
			}
		}
	}
	if oldest.IsZero() {
		return oldest
	}
	return until(oldest, period)
}
