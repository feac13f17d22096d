package karpenter

import (
	"encoding/json"
	"fmt"
	"time"
)

// InterruptionKind is what a cloud says about one of its machines.
type InterruptionKind string

// The kinds.
const (
	SpotInterruption        InterruptionKind = "SpotInterruption"        // a spot machine is taken back soon
	ReservationInterruption InterruptionKind = "ReservationInterruption" // a machine on interruptible reserved capacity is taken back
	RebalanceRecommendation InterruptionKind = "RebalanceRecommendation" // a spot machine is more likely to be taken back
	ScheduledChange         InterruptionKind = "ScheduledChange"         // maintenance is planned
	InstanceStopping        InterruptionKind = "InstanceStopping"        // it is being stopped, or has been
	InstanceTerminated      InterruptionKind = "InstanceTerminated"      // it is being terminated, or has been
	InstanceStatusFailed    InterruptionKind = "InstanceStatusFailed"    // the check of the machine fails
	SystemStatusFailed      InterruptionKind = "SystemStatusFailed"      // the check of what it runs on fails
	EventStatus             InterruptionKind = "EventStatus"             // an event is planned, as the status shows
	NoInterruption          InterruptionKind = "None"                    // nothing that concerns machines
)

// InterruptionAction is what to do about it (rule 107).
type InterruptionAction struct {
	Delete bool `json:"delete,omitempty"` // delete the claim: the node is cordoned and drained
	// Force ends the draining at once: the node's deadline is now.
	Force bool `json:"force,omitempty"`
	// MarkUnavailable tells that the node's offering cannot be had for a while: see Unavailable.Fail.
	MarkUnavailable bool `json:"markUnavailable,omitempty"`
	// Notify tells that an event on the node is all, or part, of it.
	Notify bool `json:"notify,omitempty"`
}

// String says it in one line.
func (a InterruptionAction) String() string {
	text := "nothing"
	switch {
	case a.Force:
		text = "terminate at once"
	case a.Delete:
		text = "cordon and drain"
	case a.Notify:
		text = "event only"
	}
	if a.MarkUnavailable {
		text += ", offering unavailable"
	}
	return text
}

// Interrupt is what to do when a cloud says something about a machine.
func Interrupt(kind InterruptionKind) InterruptionAction {
	switch kind {
	case InstanceStatusFailed, SystemStatusFailed:
		return InterruptionAction{Delete: true, Force: true, Notify: true}
	case SpotInterruption:
		return InterruptionAction{Delete: true, MarkUnavailable: true, Notify: true}
	case ReservationInterruption, ScheduledChange, EventStatus, InstanceStopping, InstanceTerminated:
		return InterruptionAction{Delete: true, Notify: true}
	case RebalanceRecommendation:
		return InterruptionAction{Notify: true}
	}
	return InterruptionAction{}
}

// Interruption is a message of a cloud.
type Interruption struct {
	Kind      InterruptionKind `json:"kind"`                // NoInterruption where it is of no concern
	Instances []string         `json:"instances,omitempty"` // ids of the machines
	At        time.Time        `json:"at,omitzero"`         // when it was sent
}

// ParseInterruption reads a message as Amazon EventBridge sends it to a queue. A message of another kind is
// NoInterruption; the error is for what is no such message.
func ParseInterruption(body []byte) (Interruption, error) {
	var m struct {
		Source     string    `json:"source"`
		DetailType string    `json:"detail-type"`
		Time       time.Time `json:"time"`
		Detail     struct {
			InstanceID       string `json:"instance-id"`
			State            string `json:"state"`
			Service          string `json:"service"`
			Category         string `json:"eventTypeCategory"`
			AffectedEntities []struct {
				Value string `json:"entityValue"`
			} `json:"affectedEntities"`
		} `json:"detail"`
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return Interruption{}, fmt.Errorf("%w: message: %w", ErrInvalid, err)
	}
	out := Interruption{Kind: NoInterruption, At: m.Time}
	switch m.Source + "/" + m.DetailType {
	case "aws.ec2/EC2 Spot Instance Interruption Warning":
		out.Kind = SpotInterruption
	case "aws.ec2/EC2 Capacity Reservation Instance Interruption Warning":
		out.Kind = ReservationInterruption
	case "aws.ec2/EC2 Instance Rebalance Recommendation":
		out.Kind = RebalanceRecommendation
	case "aws.ec2/EC2 Instance State-change Notification":
		switch m.Detail.State {
		case "stopping", "stopped":
			out.Kind = InstanceStopping
		case "shutting-down", "terminated":
			out.Kind = InstanceTerminated
		}
	case "aws.health/AWS Health Event":
		if m.Detail.Service == "EC2" && m.Detail.Category == "scheduledChange" {
			out.Kind = ScheduledChange
			for _, e := range m.Detail.AffectedEntities {
				out.Instances = append(out.Instances, e.Value)
			}
		}
		return out, nil
	}
	if out.Kind == NoInterruption {
		return out, nil
	}
	if m.Detail.InstanceID == "" {
		return Interruption{}, fmt.Errorf("%w: message: detail.instance-id: is empty", ErrInvalid)
	}
	out.Instances = []string{m.Detail.InstanceID}
	return out, nil
}
