package hpa

import (
	"math"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

// upBound is the largest size that the scale-up policies allow (B6, B7), and the policy that says so.
func (d *Decider) upBound(r *rules, current int32, now time.Time, h *History) (int32, PolicyUse) {
	use := PolicyUse{Up: true}
	if r.choice == autoscalingv2.DisabledPolicySelect {
		use.Disabled = true
		return current, use
	}
	least := r.choice == autoscalingv2.MinChangePolicySelect
	bound := int32(math.MinInt32)
	if least {
		bound = math.MaxInt32
	}
	for i := range r.policies {
		p := &r.policies[i]
		start := periodStart(p, current, now, h)
		var allowed int32
		if p.Type == autoscalingv2.PodsScalingPolicy {
			allowed = d.fixes.addReplicas(start, p.Value)
		} else {
			allowed = d.fixes.toInt32(math.Ceil(float64(start) * (1 + float64(p.Value)/100)))
		}
		if least && allowed < bound || !least && allowed > bound {
			bound = allowed
			use.Index, use.Policy, use.Start = i, *p, start
		}
	}
	use.FreesAt = frees(h, now, use.Policy.PeriodSeconds)
	return max(bound, current), use
}

// downBound is the smallest size that the scale-down policies allow (B6, B8), and the policy that says so.
func (d *Decider) downBound(r *rules, current int32, now time.Time, h *History) (int32, PolicyUse) {
	use := PolicyUse{}
	if r.choice == autoscalingv2.DisabledPolicySelect {
		use.Disabled = true
		return current, use
	}
	least := r.choice == autoscalingv2.MinChangePolicySelect
	bound := int32(math.MaxInt32)
	if least {
		bound = math.MinInt32
	}
	for i := range r.policies {
		p := &r.policies[i]
		start := periodStart(p, current, now, h)
		var allowed int32
		if p.Type == autoscalingv2.PodsScalingPolicy {
			allowed = d.fixes.addReplicas(start, -p.Value)
		} else {
			allowed = d.fixes.toInt32(float64(start) * (1 - float64(p.Value)/100)) // B8: truncated, no ceiling
		}
		if least && allowed > bound || !least && allowed < bound {
			bound = allowed
			use.Index, use.Policy, use.Start = i, *p, start
		}
	}
	use.FreesAt = frees(h, now, use.Policy.PeriodSeconds)
	return min(bound, current), use
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
