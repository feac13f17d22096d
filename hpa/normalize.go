package hpa

import (
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

// Normalized is how the size that the metrics ask for became the size that is allowed, and what held it.
type Normalized struct {
	// Replicas is the size allowed.
	Replicas int32 `json:"replicas"`
	// Stabilized is the size after stabilization, before bounds and policies.
	Stabilized int32 `json:"stabilized"`
	// Stabilization says which window held the size, if any.
	Stabilization Stabilization `json:"stabilization"`
	// HeldBy is the recommendation that stabilization went by; only where Stabilization holds.
	HeldBy Recommendation `json:"heldBy,omitzero"`
	// HeldUntil is when that recommendation leaves its window.
	HeldUntil time.Time `json:"heldUntil,omitzero"`
	// Limit says which bound cut the size, if any.
	Limit Limit `json:"limit"`
	// Bound is the size that the bound allows at most, or at least; only where Limit cuts.
	Bound int32 `json:"bound,omitempty"`
	// Policy is the scaling policy behind the bound; only for ScaleUpLimit and ScaleDownLimit of an object with behavior.
	Policy PolicyUse `json:"policy,omitzero"`
}

// Stabilization says which window of recommendations held a size.
type Stabilization uint8

const (
	// NotStabilized means that the size is what the metrics ask for.
	NotStabilized Stabilization = iota
	// ScaleDownStabilized means that a higher recommendation within the window holds the size up.
	ScaleDownStabilized
	// ScaleUpStabilized means that a lower recommendation within the window holds the size down.
	ScaleUpStabilized
)

// Limit says which bound cut a size.
type Limit uint8

const (
	// WithinRange means that no bound cut the size.
	WithinRange Limit = iota
	// TooFewReplicas means that spec.minReplicas did.
	TooFewReplicas
	// TooManyReplicas means that spec.maxReplicas did.
	TooManyReplicas
	// ScaleUpLimit means that the scale-up policies did, or without behavior the factor in the configuration.
	ScaleUpLimit
	// ScaleDownLimit means that the scale-down policies did.
	ScaleDownLimit
)

// PolicyUse is a scaling policy and how much of it is used up.
type PolicyUse struct {
	// Up tells the direction.
	Up bool `json:"up"`
	// Disabled says that the direction is switched off (selectPolicy Disabled); there is then no policy.
	Disabled bool `json:"disabled,omitempty"`
	// Index is the policy's place in its list.
	Index int `json:"index"`
	// Policy is the policy.
	Policy autoscalingv2.HPAScalingPolicy `json:"policy"`
	// Start is the size at the beginning of the policy's period, as far as the history tells (B6).
	Start int32 `json:"start"`
	// FreesAt is when the oldest change in the period stops counting; zero if none counts.
	FreesAt time.Time `json:"freesAt,omitzero"`
}

// reason and message of the condition AbleToScale (L3, B5).
func (s Stabilization) condition() (reason, message string) {
	switch s {
	case ScaleDownStabilized:
		return "ScaleDownStabilized", "recent recommendations were higher than current one, applying the highest recent recommendation"
	case ScaleUpStabilized:
		return "ScaleUpStabilized", "recent recommendations were lower than current one, applying the lowest recent recommendation"
	}
	return "ReadyForNewScale", "recommended size matches current size"
}

// reason and message of the condition ScalingLimited (L6, B7 to B9).
func (l Limit) condition() (reason, message string) {
	switch l {
	case TooFewReplicas:
		return "TooFewReplicas", "the desired replica count is less than the minimum replica count"
	case TooManyReplicas:
		return "TooManyReplicas", "the desired replica count is more than the maximum replica count"
	case ScaleUpLimit:
		return "ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate"
	case ScaleDownLimit:
		return "ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate"
	}
	return "DesiredWithinRange", "the desired count is within the acceptable range"
}

// String gives upstream's reason.
func (s Stabilization) String() string { reason, _ := s.condition(); return reason }

// MarshalText gives upstream's reason.
func (s Stabilization) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String gives upstream's reason.
func (l Limit) String() string { reason, _ := l.condition(); return reason }

// MarshalText gives upstream's reason.
func (l Limit) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// Normalize holds a size that the metrics ask for against the object's stabilization windows, policies and bounds. It
// returns what is left of it and the history with the size recorded; the history given is not modified.
func Normalize(cfg Config, hpa *autoscalingv2.HorizontalPodAutoscaler, current, desired int32, now time.Time, h History) (Normalized, History, error) {
	d, err := NewDecider(cfg)
	if err != nil {
		return Normalized{}, h, err
	}
	if hpa == nil {
		return Normalized{}, h, invalid("hpa", "is nil")
	}
	if err := validateBehavior(hpa.Spec.Behavior); err != nil {
		return Normalized{}, h, err
	}
	h = h.Clone()
	n, old := d.normalize(hpa, current, desired, now, &h)
	h.recommend(now, desired, old)
	return n, h, nil
}

// normalize computes without recording; old is the entry of the history that the size may be recorded over.
func (d *Decider) normalize(hpa *autoscalingv2.HorizontalPodAutoscaler, current, desired int32, now time.Time, h *History) (n Normalized, old int) {
	if hpa.Spec.Behavior == nil {
		return d.normalizeLegacy(hpa, current, desired, now, h)
	}
	return d.normalizeBehavior(hpa, current, desired, now, h)
}

// normalizeLegacy serves objects without behavior: one window, for scale-down alone, and a cap on scale-up.
func (d *Decider) normalizeLegacy(hpa *autoscalingv2.HorizontalPodAutoscaler, current, desired int32, now time.Time, h *History) (n Normalized, old int) {
	window := d.cfg.DownscaleStabilization
	highest, by := desired, -1
	old = -1
	for i := range h.Recommendations {
		switch r := &h.Recommendations[i]; {
		case now.Sub(r.At) > window: // L2: an entry exactly as old as the window still counts
			old = i
		case d.fixes.NoScaleUpFromHistory && min(r.Replicas, current) <= desired:
		case r.Replicas > highest || r.Replicas == highest && by >= 0 && r.At.After(h.Recommendations[by].At):
			highest, by = r.Replicas, i
		}
	}
	if d.fixes.NoScaleUpFromHistory && by >= 0 {
		highest = min(highest, current)
	}
	n.Stabilized = highest
	if by >= 0 {
		n.hold(ScaleDownStabilized, h.Recommendations[by], window)
	}

	bound, limit := hpa.Spec.MaxReplicas, TooManyReplicas
	// The factor's cap is below spec.maxReplicas: the cap counts (L5).
	if scaleUpCap := d.fixes.toInt32(max(d.cfg.ScaleUpFactor*float64(current), d.cfg.ScaleUpMinimum)); hpa.Spec.MaxReplicas > scaleUpCap {
		bound, limit = scaleUpCap, ScaleUpLimit
	}
	switch low := minReplicas(hpa); {
	case n.Stabilized < low:
		n.cut(low, TooFewReplicas)
	case n.Stabilized > bound:
		n.cut(bound, limit)
	default:
		n.Replicas = n.Stabilized
	}
	return n, old
}

// normalizeBehavior serves objects with behavior: a window and policies for each direction.
func (d *Decider) normalizeBehavior(hpa *autoscalingv2.HorizontalPodAutoscaler, current, desired int32, now time.Time, h *History) (n Normalized, old int) {
	up, down := upRules(hpa.Spec.Behavior), downRules(hpa.Spec.Behavior, d.cfg.DownscaleStabilization)
	old = d.stabilize(&n, up.window, down.window, current, desired, now, h)
	switch {
	case n.Stabilized > current:
		bound, limit := hpa.Spec.MaxReplicas, TooManyReplicas
		if allowed, use := d.policyBound(&up, true, current, now, h); hpa.Spec.MaxReplicas > allowed {
			bound, limit, n.Policy = allowed, ScaleUpLimit, use
		}
		if n.Replicas = n.Stabilized; n.Replicas > bound {
			n.cut(bound, limit)
		}
	case n.Stabilized < current:
		bound, limit := minReplicas(hpa), TooFewReplicas
		if allowed, use := d.policyBound(&down, false, current, now, h); bound < allowed {
			bound, limit, n.Policy = allowed, ScaleDownLimit, use
		}
		if n.Replicas = n.Stabilized; n.Replicas < bound {
			n.cut(bound, limit)
		}
	default: // B9: neither bound is looked at
		n.Replicas = n.Stabilized
	}
	if n.Limit == WithinRange {
		n.Policy = PolicyUse{}
	}
	return n, old
}

// stabilize moves the current size only as far as the recommendations of both windows force it (B2 to B5).
func (d *Decider) stabilize(n *Normalized, upWindow, downWindow time.Duration, current, desired int32, now time.Time, h *History) (old int) {
	low, lowBy, high, highBy := desired, -1, desired, -1
	old = -1
	for i := range h.Recommendations {
		// B3: an entry exactly as old as a window does not count. Of equal ones the latest is named: it frees the size.
		r := &h.Recommendations[i]
		age := now.Sub(r.At)
		if age > upWindow && age > downWindow {
			old = i
			continue
		}
		if age < upWindow && (r.Replicas < low || r.Replicas == low && lowBy >= 0 && r.At.After(h.Recommendations[lowBy].At)) {
			low, lowBy = r.Replicas, i
		}
		if age < downWindow && (r.Replicas > high || r.Replicas == high && highBy >= 0 && r.At.After(h.Recommendations[highBy].At)) {
			high, highBy = r.Replicas, i
		}
	}
	n.Stabilized = min(max(current, low), high)
	if n.Stabilized == desired {
		return old
	}
	// The direction is that of the wish, not of the outcome (B5). The entry is the one whose end would free the wish.
	if desired >= current {
		n.hold(ScaleUpStabilized, at(h, lowBy), upWindow)
	} else {
		n.hold(ScaleDownStabilized, at(h, highBy), downWindow)
	}
	return old
}

func at(h *History, i int) Recommendation {
	if i < 0 {
		return Recommendation{}
	}
	return h.Recommendations[i]
}

func (n *Normalized) hold(s Stabilization, by Recommendation, window time.Duration) {
	n.Stabilization, n.HeldBy = s, by
	if !by.At.IsZero() {
		n.HeldUntil = until(by.At, window)
	}
}

// until is the end of a span, zero where no calendar reaches it.
func until(start time.Time, span time.Duration) time.Time {
	if end := start.Add(span); end.Year() <= 9999 {
		return end
	}
	return time.Time{}
}

func (n *Normalized) cut(bound int32, limit Limit) {
	n.Replicas, n.Bound, n.Limit = bound, bound, limit
}
