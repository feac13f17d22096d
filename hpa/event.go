package hpa

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// Event is an event that upstream records on the object.
type Event struct {
	// Type is Normal or Warning.
	Type string `json:"type"`
	// Reason is upstream's reason.
	Reason string `json:"reason"`
	// Message is upstream's message.
	Message string `json:"message"`
}

// Events are the events of the reconcile, in order.
func (d *Decision) Events() []Event {
	if d.Course == NoScale {
		return []Event{{corev1.EventTypeWarning, "FailedGetScale", d.scaleErr.Error()}}
	}
	var events []Event
	if d.refused != nil {
		events = append(events, Event{corev1.EventTypeWarning, d.refused.event, d.refused.text})
	}
	for i := range d.Metrics { // M7: each failed metric at once, before what follows from it
		if err := d.Metrics[i].Err; err != nil {
			events = append(events, Event{corev1.EventTypeWarning, err.Reason, err.Shown.Error()})
		}
	}
	switch {
	case d.Course == CannotDecide:
		events = append(events, Event{corev1.EventTypeWarning, "FailedComputeMetricsReplicas", d.cause().Error()})
	case d.Rescale && d.updateErr != nil:
		events = append(events, Event{corev1.EventTypeWarning, "FailedRescale",
			fmt.Sprintf("New size: %d; reason: %s; error: %v", d.Replicas, d.ReasonText(), d.updateErr)})
	case d.Rescale:
		events = append(events, Event{corev1.EventTypeNormal, "SuccessfulRescale",
			fmt.Sprintf("New size: %d; reason: %s", d.Replicas, d.ReasonText())})
	}
	return events
}
