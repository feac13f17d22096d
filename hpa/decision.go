package hpa

import (
	"fmt"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

// Decision is what one reconcile decided and why. Its numbers stand in fields; what upstream would write is rendered on
// request by [Decision.Status], [Decision.Events] and [Decision.Err]. It refers to the object it was made for, which must
// not change before the texts are rendered.
type Decision struct {
	// Replicas is the size to write; the current size where nothing is to be written.
	Replicas int32
	// Rescale says that Replicas is to be written to the scale subresource.
	Rescale bool
	// Reason is why, as the event gives it.
	Reason RescaleReason
	// Course is the way the reconcile went.
	Course Course
	// Current and Observed are scale.spec.replicas and scale.status.replicas.
	Current, Observed int32
	// Desired is the size that the metrics ask for, before stabilization and bounds.
	Desired int32
	// Metrics are the results of the object's metrics, in its order; empty where none was read.
	Metrics []MetricResult
	// Winner is the index of the metric that decided; -1 if none did.
	Winner int
	// Failed is the number of metrics that have no proposal.
	Failed int
	// Normalized says how Desired became Replicas; unset where no metric was read.
	Normalized Normalized
	// RaisedToMin says that an object leaving zero was lifted to its minimum (C11).
	RaisedToMin bool

	now       time.Time
	hpa       *autoscalingv2.HorizontalPodAutoscaler
	scaleErr  error
	updateErr error
	refused   *refusal
	fixes     Fixes
	gates     Gates
}

// Course is the way a reconcile went.
type Course uint8

const (
	// Computed means that the metrics decided.
	Computed Course = iota
	// NoScale means that the target's scale could not be read, so that nothing is done (C1).
	NoScale
	// Disabled means that the target rests at zero replicas and the object did not bring it there (C4, Z2).
	Disabled
	// AboveMax means that the size was above spec.maxReplicas and is corrected without a look at metrics (C5).
	AboveMax
	// BelowMin means that the size was below spec.minReplicas and is corrected without a look at metrics (C6).
	BelowMin
	// CannotDecide means that the selector or too many metrics failed, so that nothing is done (C7, C8, M4).
	CannotDecide
)

var courseTexts = [...]string{"computed", "noScale", "disabled", "aboveMax", "belowMin", "cannotDecide"}

// String gives the course's name.
func (c Course) String() string {
	if int(c) < len(courseTexts) {
		return courseTexts[c]
	}
	return "Course(" + itoa(int(c)) + ")"
}

// MarshalText gives the course's name.
func (c Course) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// RescaleReason is why a size changes.
type RescaleReason struct {
	// Kind is the sort of reason.
	Kind ReasonKind
	// Metric is the index of the metric that is above its target; only for ReasonAboveTarget.
	Metric int
}

// ReasonKind is a sort of reason for a change of size.
type ReasonKind uint8

const (
	// NoReason is what upstream gives where nothing changes, and also where stabilization alone forces a change (C9).
	NoReason ReasonKind = iota
	// ReasonAboveTarget means that a metric is above its target.
	ReasonAboveTarget
	// ReasonBelowTarget means that all metrics are below their targets.
	ReasonBelowTarget
	// ReasonAboveMax means that the size was above spec.maxReplicas.
	ReasonAboveMax
	// ReasonBelowMin means that the size was below spec.minReplicas.
	ReasonBelowMin
	// ReasonForced means that recent recommendations or the bounds force a change which the metrics do not ask for; only
	// with the fix NameEveryReason.
	ReasonForced
)

// begin empties a decision, keeps its memory, and notes what it is about.
func (d *Decision) begin(in *Input, fixes Fixes, gates Gates) {
	results := d.Metrics[:0]
	*d = Decision{
		Metrics: results, Winner: -1, now: in.Now, hpa: in.HPA, fixes: fixes, gates: gates,
		scaleErr: in.ScaleErr, updateErr: in.UpdateErr,
	}
	if in.ScaleErr == nil {
		d.Current, d.Observed = in.Scale.Spec.Replicas, in.Scale.Status.Replicas
		d.Replicas = d.Current
	}
}

// ReasonText is the reason for a change of size in upstream's words; it may be empty.
func (d *Decision) ReasonText() string {
	switch d.Reason.Kind {
	case ReasonAboveTarget:
		return d.MetricName(d.Reason.Metric) + " above target"
	case ReasonBelowTarget:
		return "All metrics below target"
	case ReasonAboveMax:
		return "Current number of replicas above Spec.MaxReplicas"
	case ReasonBelowMin:
		return "Current number of replicas below Spec.MinReplicas"
	case ReasonForced:
		return "Recent recommendations or bounds force a size that the metrics do not ask for"
	}
	return ""
}

// MetricName is what conditions and events call the metric with this index, empty if there is none.
func (d *Decision) MetricName(i int) string {
	if d.hpa == nil {
		return ""
	}
	if specs := MetricsOf(d.hpa); i >= 0 && i < len(specs) && validateSource(&specs[i]) == nil {
		return d.fixes.metricName(&specs[i])
	}
	return ""
}

// Err is what upstream's reconcile returns. A size may have been written all the same: a metric that failed does not
// keep the others from scaling up (M5).
func (d *Decision) Err() error {
	if d.hpa == nil {
		return nil
	}
	ref := d.hpa.Spec.ScaleTargetRef
	target := ref.Kind + "/" + d.hpa.Namespace + "/" + ref.Name
	switch {
	case d.scaleErr != nil:
		return fmt.Errorf("failed to query scale subresource for %s: %w", target, d.scaleErr)
	case d.Course == CannotDecide:
		return fmt.Errorf("failed to compute desired number of replicas based on listed metrics for %s: %w", target, d.cause())
	case d.Rescale && d.updateErr != nil:
		return fmt.Errorf("failed to rescale %s: %w", target, d.updateErr)
	}
	return d.cause()
}

// cause is the failure of the metrics, nil if none failed.
func (d *Decision) cause() error {
	if d.refused != nil {
		return fmt.Errorf("%s", d.refused.text)
	}
	if first := d.firstFailure(); first != nil {
		return fmt.Errorf("invalid metrics (%d invalid out of %d), first error is: %w", d.Failed, len(d.Metrics), first)
	}
	return nil
}

func (d *Decision) firstFailure() *MetricError {
	for i := range d.Metrics {
		if err := d.Metrics[i].Err; err != nil {
			return err
		}
	}
	return nil
}
