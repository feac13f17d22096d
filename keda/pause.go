package keda

import (
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// PauseDecision is what the annotations that pause a ScaledObject make of it, between ticks.
type PauseDecision struct {
	// Paused tells whether the object's condition says so: any of the four annotations does it.
	Paused bool `json:"paused"`
	// Stopped tells whether the scale loop stands still and the HorizontalPodAutoscaler is deleted. Pausing one direction
	// alone stops neither (P2).
	Stopped bool `json:"stopped"`
	// Scale tells whether the workload is scaled to the number that it is paused at.
	Scale bool `json:"scale"`
	// From is the replicas before.
	From int32 `json:"from"`
	// To is the replicas after; the same as From unless Scale is set.
	To int32 `json:"to"`
	// Replicas is the number to note in the object's status; nil for none.
	Replicas *int32 `json:"replicas,omitempty"`
	// Changed tells whether the object was not paused before, or is not any more.
	Changed bool `json:"changed,omitempty"`
	// Err is why the number cannot be read. The object is stopped all the same, and the reconcile fails.
	Err error `json:"-"`
}

// DecidePause says what the annotations that pause a ScaledObject ask for (P1, P2). Replicas is the workload's spec.replicas.
//
// The error is [ErrInvalid] and says which field makes no sense.
func DecidePause(so *ScaledObject, replicas int32) (PauseDecision, error) {
	if so == nil {
		return PauseDecision{}, invalid("object", "missing")
	}
	d := PauseDecision{Stopped: Paused(so.Annotations), From: replicas, To: replicas}
	d.Paused = d.Stopped || Switched(so.Annotations, AnnotationPausedScaleIn) || Switched(so.Annotations, AnnotationPausedScaleOut)
	d.Changed = d.Paused != (so.Status.Conditions.Status(ConditionPaused) == metav1.ConditionTrue)
	if !d.Stopped {
		return d, nil
	}
	if d.Replicas, d.Err = PausedReplicas(so.Annotations); d.Replicas != nil && *d.Replicas != replicas {
		d.Scale, d.To = true, *d.Replicas
	}
	return d, nil
}

// Condition is the condition to write; nothing where the object neither is nor was paused.
func (d PauseDecision) Condition() (Condition, bool) {
	switch {
	case d.Paused:
		return Condition{ConditionPaused, metav1.ConditionTrue, "ScaledObjectPaused", "ScaledObject is paused"}, true
	case d.Changed:
		return Condition{ConditionPaused, metav1.ConditionFalse, "ScaledObjectUnpaused", "pause annotation removed for ScaledObject"}, true
	}
	return Condition{}, false
}

// Events are the events to record, in upstream's words.
func (d PauseDecision) Events() []Event {
	c, ok := d.Condition()
	if !ok || !d.Changed {
		return nil
	}
	return []Event{{corev1.EventTypeNormal, c.Reason, c.Message}}
}

// String is the decision on one line.
func (d PauseDecision) String() string {
	switch {
	case d.Err != nil:
		return fmt.Sprintf("stopped, but %v", d.Err)
	case d.Scale:
		return fmt.Sprintf("stopped: %d -> %s", d.From, many(d.To, "replica"))
	case d.Stopped:
		return fmt.Sprintf("stopped at %s", many(d.From, "replica"))
	case d.Paused:
		return "paused in one direction or both, the scale loop goes on"
	}
	return "not paused"
}

// Explain tells the decision in words.
func (d PauseDecision) Explain(w io.Writer) error {
	p := prose{w: w}
	p.line("%s", d)
	if d.Stopped {
		p.line("  - the scale loop stands still, and the HorizontalPodAutoscaler is deleted")
	}
	return p.err
}

// RestoredReplicas is P3: the replicas that a workload goes back to when its ScaledObject is deleted. It is not ok where the
// object does not ask for it, or never got as far as to note the number.
func RestoredReplicas(so *ScaledObject) (replicas int32, ok bool) {
	if so == nil || so.Spec.Advanced == nil || !so.Spec.Advanced.RestoreToOriginalReplicaCount ||
		so.Status.ScaleTargetGVKR == nil || so.Status.OriginalReplicaCount == nil {
		return 0, false
	}
	return *so.Status.OriginalReplicaCount, true
}
