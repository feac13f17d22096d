package hpa

import (
	"fmt"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Decide is one reconcile of a HorizontalPodAutoscaler without I/O: what the controller would write, and why. It
// returns the history after the decision; neither the input nor the history given is modified. The error is for input
// that makes no sense and wraps [ErrInvalid]; what upstream's reconcile would end in is [Decision.Err].
func Decide(cfg Config, in Input, h History) (Decision, History, error) {
	d, err := NewDecider(cfg)
	if err != nil {
		return Decision{}, h, err
	}
	next := h.Clone()
	var out Decision
	if err := d.Decide(&in, &next, &out); err != nil {
		return Decision{}, h, err
	}
	return out, next, nil
}

// NeedsMetrics tells whether the decision reads pods and metrics at all: not where the target rests at zero, and not
// where its size is out of bounds, which is corrected at once (rules C4 to C6).
func NeedsMetrics(cfg Config, in Input) (bool, error) {
	d, err := NewDecider(cfg)
	if err != nil {
		return false, err
	}
	if err := in.validate(); err != nil || in.ScaleErr != nil {
		return false, err
	}
	course, _ := d.course(&in)
	return course == Computed, nil
}

// Decider is [Decide] with its memory kept: for controllers and simulations that decide often. Once its memory has grown
// to the size of the inputs, a decision without failures allocates nothing. It is for one goroutine at a time.
type Decider struct {
	cfg   Config
	fixes Fixes

	pods      Pods
	grouping  grouping
	proposals []Proposal
	proposers []int
	selector  string // the last one that was found valid
}

// NewDecider checks a configuration and makes a decider of it.
func NewDecider(cfg Config) (*Decider, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return &Decider{cfg: cfg, fixes: cfg.fixes()}, nil
}

// Decide decides into out, whose memory it reuses, and updates the history in place. After an error neither has a
// meaning, but the history is unchanged.
func (d *Decider) Decide(in *Input, h *History, out *Decision) error {
	if err := in.validate(); err != nil {
		return err
	}
	out.begin(in, d.fixes, d.cfg.Gates)
	if in.ScaleErr != nil {
		out.Course = NoScale
		return nil
	}
	var desired int32
	out.Course, desired = d.course(in)
	current := in.Scale.Spec.Replicas
	if out.Course == Computed {
		if err := d.compute(in, h, out); err != nil {
			return err
		}
		if out.Course == CannotDecide {
			return nil
		}
	} else {
		h.begin(in.Now, current)
		out.Replicas = desired
		out.Desired = desired
		if out.Course == AboveMax {
			out.Reason = RescaleReason{Kind: ReasonAboveMax}
		} else if out.Course == BelowMin {
			out.Reason = RescaleReason{Kind: ReasonBelowMin}
		}
	}
	// C5, C6: a correction counts as a rescale even where the bound is what the size already is.
	out.Rescale = out.Course == AboveMax || out.Course == BelowMin || out.Replicas != current
	if out.Rescale && in.UpdateErr == nil {
		d.recordScale(in, h, out.Replicas-current)
	}
	return nil
}

// course decides which way the reconcile goes, and the size where that is known at once.
func (d *Decider) course(in *Input) (Course, int32) {
	current, low := in.Scale.Spec.Replicas, minReplicas(in.HPA)
	switch {
	case current == 0:
		// Z2: only an object that was scaled to zero by its own controller leaves it.
		if was := d.scaledToZero(in.HPA); was && (low != 0 || hasWholeMetric(in.HPA)) {
			return Computed, 0
		}
		return Disabled, 0
	case current > in.HPA.Spec.MaxReplicas:
		return AboveMax, in.HPA.Spec.MaxReplicas
	case current < low:
		return BelowMin, low
	}
	return Computed, 0
}

// compute reads the metrics and normalizes what they ask for.
func (d *Decider) compute(in *Input, h *History, out *Decision) error {
	specs := MetricsOf(in.HPA)
	refused := d.refuse(in)
	if refused == nil {
		if err := in.validateMetrics(specs); err != nil {
			return err
		}
	}
	pods, err := d.compiled(in)
	if err != nil {
		return err
	}
	tolerance := d.cfg.tolerance(in.HPA)
	current := in.Scale.Spec.Replicas
	h.begin(in.Now, current)
	if refused != nil {
		out.Course, out.refused = CannotDecide, refused
		return nil
	}
	for i := range specs {
		out.Metrics = append(out.Metrics, MetricResult{})
		d.measure(in, pods, tolerance, &specs[i], &in.Metrics[i], &out.Metrics[i])
		if out.Metrics[i].Err != nil {
			out.Failed++
		}
	}
	winner, replicas := d.combine(current, out.Metrics)
	// M4: a failed metric forbids a scale-down, for it might have asked for more.
	if out.Failed == len(specs) || out.Failed > 0 && replicas < current {
		out.Course = CannotDecide
		return nil
	}
	out.Winner, out.Desired = winner, max(0, replicas)
	switch {
	case out.Desired > current:
		out.Reason = RescaleReason{ReasonAboveTarget, winner}
	case out.Desired < current:
		out.Reason = RescaleReason{Kind: ReasonBelowTarget}
	}
	d.bound(in, h, out)
	return nil
}

// compiled are the pods of an input, compiled now if the caller has not.
func (d *Decider) compiled(in *Input) (*Pods, error) {
	if in.Compiled != nil {
		return in.Compiled, nil
	}
	return &d.pods, d.pods.Reset(in.Pods)
}

// bound normalizes the desired size and records it.
func (d *Decider) bound(in *Input, h *History, out *Decision) {
	current, low := in.Scale.Spec.Replicas, minReplicas(in.HPA)
	n, old := d.normalize(in.HPA, current, out.Desired, in.Now, h)
	if d.fixes.ExpireHistory {
		h.expire(in.Now.Add(-d.longestWindow(in.HPA)))
		old = -1
	}
	h.recommend(in.Now, out.Desired, old)
	out.Normalized = n
	out.Replicas = n.Replicas
	// C11: an object that left zero takes at least its minimum.
	if current == 0 && low != 0 && out.Replicas < low {
		out.Replicas, out.RaisedToMin = low, true
		if out.Reason.Kind == NoReason {
			out.Reason = RescaleReason{Kind: ReasonBelowMin}
		}
	}
	if d.fixes.NameEveryReason && out.Reason.Kind == NoReason && out.Replicas != current {
		out.Reason = RescaleReason{Kind: ReasonForced}
	}
}

func (d *Decider) longestWindow(hpa *autoscalingv2.HorizontalPodAutoscaler) time.Duration {
	if hpa.Spec.Behavior == nil {
		return d.cfg.DownscaleStabilization
	}
	return max(upRules(hpa.Spec.Behavior).window, downRules(hpa.Spec.Behavior, d.cfg.DownscaleStabilization).window)
}

// recordScale stores a change for the policies to count (H5).
func (d *Decider) recordScale(in *Input, h *History, change int32) {
	b := in.HPA.Spec.Behavior
	switch {
	case b == nil:
	case change > 0:
		up := upRules(b)
		h.ScaleUps = scaled(h.ScaleUps, in.Now, change, up.longestPeriod())
	default:
		down := downRules(b, d.cfg.DownscaleStabilization)
		h.ScaleDowns = scaled(h.ScaleDowns, in.Now, -change, down.longestPeriod())
	}
}

// refuse finds what keeps the controller from reading metrics at all (C8).
func (d *Decider) refuse(in *Input) *refusal {
	selector := in.Scale.Status.Selector
	if selector == "" {
		return &refusal{"SelectorRequired", "InvalidSelector", "selector is required", "the HPA target's scale is missing a selector"}
	}
	if selector != d.selector {
		if _, err := labels.Parse(selector); err != nil {
			text := fmt.Sprintf("couldn't convert selector into a corresponding internal selector object: %v", err)
			return &refusal{"InvalidSelector", "InvalidSelector", text, text}
		}
		d.selector = selector
	}
	if len(in.Rivals) > 0 {
		text := fmt.Sprintf("pods by selector %v are controlled by more than one HPA (e.g. [%s %s/%s])",
			selector, namespaced(in.HPA), in.HPA.Namespace, in.Rivals[0])
		return &refusal{"AmbiguousSelector", "AmbiguousSelector", text, text}
	}
	return nil
}

// refusal is an obstacle before any metric is read.
type refusal struct{ event, condition, text, message string }

// scaledToZero tells whether the object's own controller brought the target to zero (Z1).
func (d *Decider) scaledToZero(hpa *autoscalingv2.HorizontalPodAutoscaler) bool {
	if !d.cfg.Gates.HPAScaleToZero {
		return false
	}
	for i := range hpa.Status.Conditions {
		if c := &hpa.Status.Conditions[i]; c.Type == autoscalingv2.ScaledToZero {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// hasWholeMetric tells whether a metric exists that can be read without pods (Z1).
func hasWholeMetric(hpa *autoscalingv2.HorizontalPodAutoscaler) bool {
	for i := range hpa.Spec.Metrics {
		switch hpa.Spec.Metrics[i].Type {
		case autoscalingv2.ObjectMetricSourceType, autoscalingv2.ExternalMetricSourceType:
			return true
		}
	}
	return false
}
