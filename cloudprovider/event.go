package cloudprovider

import (
	"fmt"
	"time"
)

// EventKind is what happened in a cloud.
type EventKind string

// What happens in a cloud.
const (
	InstanceLaunched    EventKind = "Launched"    // a machine was asked for
	InstanceRunning     EventKind = "Running"     // the machine runs
	InstanceJoined      EventKind = "Joined"      // its node joined the cluster
	InstanceInterrupted EventKind = "Interrupted" // the cloud announced to take it back
	InstanceTerminated  EventKind = "Terminated"  // it is gone
	CapacityExhausted   EventKind = "Exhausted"   // a group wanted a machine and got none
)

// Event is something that happened in a cloud.
type Event struct {
	At       time.Time   `json:"at"`                 // when
	Kind     EventKind   `json:"kind"`               // what
	Instance string      `json:"instance,omitempty"` // to which machine; empty for CapacityExhausted
	Group    string      `json:"group,omitempty"`    // of which group; empty outside groups
	Offering OfferingRef `json:"offering"`           // what it is, or what was wanted first
	// Until is when an interrupted machine is taken back.
	Until time.Time `json:"until,omitzero"`
}

// String is the event on one line.
func (e Event) String() string {
	s := fmt.Sprintf("%s %s %s %s", e.At.UTC().Format(time.RFC3339), e.Kind, e.Instance, e.Offering)
	if e.Group != "" {
		s += " of " + e.Group
	}
	return s
}
