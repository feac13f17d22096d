package sim

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// What is what a record tells.
type What string

// What happens in a cluster.
const (
	PodCreated       What = "PodCreated"       // a pod was made
	PodScheduled     What = "PodScheduled"     // it got a node
	PodUnschedulable What = "PodUnschedulable" // no node takes pods of its kind; told once until one does
	PodReady         What = "PodReady"         // it is ready
	PodSucceeded     What = "PodSucceeded"     // it ended
	PodDeleted       What = "PodDeleted"       // it is gone
	PodEvicted       What = "PodEvicted"       // it was evicted, and is made anew
	PodResized       What = "PodResized"       // its requests changed in place
	Scaled           What = "Scaled"           // the replicas of a workload changed
	NodeJoined       What = "NodeJoined"       // a node joined
	NodeLeft         What = "NodeLeft"         // a node is gone
	NodeTainted      What = "NodeTainted"      // taints of a node changed, or it was cordoned
	GroupResized     What = "GroupResized"     // the size wanted of a node group changed
	CloudEvent       What = "Cloud"            // something happened in the cloud
	HPAApplied       What = "HPAApplied"       // a HorizontalPodAutoscaler was made or changed
	Said             What = "Said"             // an autoscaler has something to tell
	Refused          What = "Refused"          // an action could not be done
)

// Record is one thing that happened.
type Record struct {
	At     time.Time `json:"at"`             // when
	By     string    `json:"by"`             // who: an autoscaler, or cluster, scheduler, cloud
	What   What      `json:"what"`           // what
	Object string    `json:"object"`         // to whom
	From   int32     `json:"from,omitempty"` // the size before, where there is one
	To     int32     `json:"to,omitempty"`   // the size after
	Node   string    `json:"node,omitempty"` // where
	Why    string    `json:"why,omitempty"`  // why
}

// String is the record on one line.
func (r *Record) String() string {
	s := fmt.Sprintf("%s %-12s %-16s %s", r.At.UTC().Format("2006-01-02 15:04:05"), r.By, r.What, r.Object)
	if r.From != r.To || r.What == Scaled || r.What == GroupResized {
		s += fmt.Sprintf(" %d -> %d", r.From, r.To)
	}
	if r.Node != "" {
		s += " on " + r.Node
	}
	if r.Why != "" {
		s += ": " + r.Why
	}
	return s
}

// History is what happened, in order.
type History []Record

// Of are the records of a kind.
func (h History) Of(what What) History {
	var out History
	for i := range h {
		if h[i].What == what {
			out = append(out, h[i])
		}
	}
	return out
}

// About are the records about an object.
func (h History) About(object string) History {
	var out History
	for i := range h {
		if h[i].Object == object {
			out = append(out, h[i])
		}
	}
	return out
}

// Write writes a line for each record.
func (h History) Write(w io.Writer) error {
	b := bufio.NewWriter(w)
	for i := range h {
		b.WriteString(h[i].String())
		b.WriteByte('\n')
	}
	return b.Flush()
}

// WriteJSON writes a line of JSON for each record.
func (h History) WriteJSON(w io.Writer) error {
	b := bufio.NewWriter(w)
	out := json.NewEncoder(b)
	out.SetEscapeHTML(false)
	for i := range h {
		if err := out.Encode(&h[i]); err != nil {
			return err
		}
	}
	return b.Flush()
}
