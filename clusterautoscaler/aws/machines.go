package aws

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/clusterautoscaler"
)

// CodeUnfulfillable is the error of a machine that was asked for and cannot be had (A8).
const CodeUnfulfillable = "placeholder-cannot-be-fulfilled"

// ProviderID is the id of an instance as nodes bear it (A6).
func ProviderID(zone, instance string) string { return "aws:///" + zone + "/" + instance }

// ParseProviderID takes a node's spec.providerID apart. A node without a valid one belongs to no group (A6).
func ParseProviderID(id string) (zone, instance string, err error) {
	rest, ok := strings.CutPrefix(id, "aws:///")
	zone, instance, cut := strings.Cut(rest, "/")
	if !ok || !cut || instance == "" || strings.Contains(instance, "/") {
		return "", "", fmt.Errorf("%w: providerID: %q is not aws:///ZONE/INSTANCE", ErrInvalid, id)
	}
	return zone, instance, nil
}

// Machine is an instance of a group, or a placeholder for one that was asked for and is not there.
type Machine struct {
	ID            string // as in a node's spec.providerID
	Placeholder   bool   // it was asked for and is not there
	Unfulfillable bool   // AWS failed to make it; it counts as out of resources
	Message       string // what AWS said to that
}

// Instance is the machine in the words of package clusterautoscaler. No other health counts (A10).
func (m Machine) Instance() clusterautoscaler.Instance {
	if !m.Unfulfillable {
		return clusterautoscaler.Instance{ID: m.ID}
	}
	return clusterautoscaler.Instance{
		ID: m.ID, State: clusterautoscaler.InstanceCreating, ErrorCode: CodeUnfulfillable, OutOfResources: true,
	}
}

// History is what is known of a group's changes.
type History struct {
	// Activities are the group's scaling activities, newest first; none where they are not known: then the group counts
	// as available (A9).
	Activities []Activity
	// LastResize is when this process last set the group's size; zero where it never did, as after a restart: then any
	// failed activity counts, however old (A9).
	LastResize time.Time
}

// failure is the activity that tells that placeholders cannot be had (A8).
func (h History) failure() *Activity {
	for i := range h.Activities {
		a := &h.Activities[i]
		if a.StartTime.Before(h.LastResize) {
			return nil
		}
		if a.StatusCode == "Failed" {
			return a
		}
	}
	return nil
}

// Machines are a group's instances, and where it has fewer than were asked for placeholders for the rest (A7, A8).
// At most 10000 placeholders are made.
func Machines(g *Group, h History) []Machine {
	missing := min(max(0, g.DesiredCapacity-len(g.Instances)), 10000)
	out := make([]Machine, 0, len(g.Instances)+missing)
	for _, i := range g.Instances {
		out = append(out, Machine{ID: ProviderID(i.AvailabilityZone, i.InstanceId)})
	}
	zone := ""
	if len(g.AvailabilityZones) > 0 {
		zone = g.AvailabilityZones[0]
	}
	failed := h.failure()
	for k := range missing {
		m := Machine{ID: ProviderID(zone, fmt.Sprintf("i-placeholder-%s-%d", g.AutoScalingGroupName, len(g.Instances)+k)), Placeholder: true}
		if failed != nil {
			m.Unfulfillable, m.Message = true, failed.StatusMessage
		}
		out = append(out, m)
	}
	return out
}

// AnnotationEnabled with the value false on a node says that no group has it (A11).
const AnnotationEnabled = "k8s.io/cluster-autoscaler-enabled"

// Presence is whether the machine of a node is still there.
type Presence string

// The answers.
const (
	Present Presence = "Present" // a group has it
	Absent  Presence = "Absent"  // no group has it
	Unknown Presence = "Unknown" // cannot be told; it is assumed to be there
)

// PresenceOf tells whether the machine of a node is still there, given the ids of all machines of all groups (A11).
func PresenceOf(node *corev1.Node, ids map[string]bool) Presence {
	switch {
	case strings.HasPrefix(node.Name, "fargate"):
		return Unknown
	case node.Annotations[AnnotationEnabled] == "false":
		return Absent
	}
	if _, _, err := ParseProviderID(node.Spec.ProviderID); err != nil || !ids[node.Spec.ProviderID] {
		return Absent
	}
	return Present
}
