package kube

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Rule is what a pod can fail on, in the order in which the scheduler asks.
type Rule int

// The rules.
const (
	Malformed           Rule = iota + 1 // the pod's own rules make no sense
	Removed                             // the node is gone from the snapshot
	Unschedulable                       // the node is cordoned
	NodeName                            // the pod names another node
	Taints                              // a taint is not tolerated
	NodeAffinity                        // nodeSelector or required node affinity
	Ports                               // a port of the node is taken
	Resources                           // too little is free, or too many pods are there
	DiskConflict                        // a disk is in use by a pod on the node
	SingleUse                           // a claim that one pod may use at a time is in use
	VolumeLimit                         // too many volumes for the driver
	VolumeProblem                       // a claim or volume is missing or unbound
	VolumeNode                          // the volume can be reached from other nodes only
	VolumeBinding                       // no volume can be found or made for the claim here
	VolumeZone                          // the volume is in another zone
	TopologyLabel                       // the node lacks the label that pods are spread over
	TopologySkew                        // the domain would have too many
	PodAffinityRule                     // no pod to be with
	PodAntiAffinityRule                 // a pod to be away from
	Repelled                            // a pod in the domain wants to be away from this one
)

var ruleNames = [...]string{
	"", "Malformed", "Removed", "Unschedulable", "NodeName", "Taints", "NodeAffinity", "Ports", "Resources", "DiskConflict",
	"SingleUse", "VolumeLimit", "VolumeProblem", "VolumeNode", "VolumeBinding", "VolumeZone", "TopologyLabel", "TopologySkew",
	"PodAffinity", "PodAntiAffinity", "Repelled",
}

// String is the name of the rule, such as Taints.
func (r Rule) String() string {
	if r > 0 && int(r) < len(ruleNames) {
		return ruleNames[r]
	}
	return fmt.Sprintf("Rule(%d)", int(r))
}

// MarshalText writes the rule by its name.
func (r Rule) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// Reason is one rule that a pod fails on a node, with the numbers.
type Reason struct {
	Rule Rule `json:"rule"` // what was asked
	// Subject is what it is about: a resource, a taint, a node selector, a port, a claim, a topology key.
	Subject string `json:"subject,omitempty"`
	// Requested, Used and Capacity are in the units of the snapshot for resources (by default thousandths of a core for
	// cpu, else whole units), and counts for pods and volumes. For TopologySkew they are the pods that the domain would
	// have, those that the emptiest has, and the largest skew.
	Requested int64 `json:"requested,omitempty"`
	Used      int64 `json:"used,omitempty"`     // what is taken already
	Capacity  int64 `json:"capacity,omitempty"` // what the node has
	// Detail is what a person wants to know beyond the event's text, such as "requests 2, 500m of 4 is free".
	Detail string `json:"detail,omitempty"`
}

var events = map[Rule]string{
	Unschedulable:       "node(s) were unschedulable",
	NodeName:            "node(s) didn't match the requested node name",
	Taints:              "node(s) had untolerated taint(s)",
	NodeAffinity:        "node(s) didn't match Pod's node affinity/selector",
	Ports:               "node(s) didn't have free ports for the requested pod ports",
	DiskConflict:        "node(s) had no available disk",
	SingleUse:           "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod",
	VolumeLimit:         "node(s) exceed max volume count",
	VolumeNode:          "node(s) didn't match PersistentVolume's node affinity",
	VolumeBinding:       "node(s) didn't find available persistent volumes to bind",
	VolumeZone:          "node(s) had no available volume zone",
	TopologyLabel:       "node(s) didn't match pod topology spread constraints (missing required label)",
	TopologySkew:        "node(s) didn't match pod topology spread constraints",
	PodAffinityRule:     "node(s) didn't match pod affinity rules",
	PodAntiAffinityRule: "node(s) didn't match pod anti-affinity rules",
	Repelled:            "node(s) didn't satisfy existing pods anti-affinity rules",
}

// Event is the reason as the scheduler's events have it, without the numbers: "Insufficient cpu".
func (r *Reason) Event() string {
	switch r.Rule {
	case Resources:
		if r.Subject == string(corev1.ResourcePods) {
			return "Too many pods"
		}
		return "Insufficient " + r.Subject
	case Malformed, VolumeProblem:
		return r.Detail
	case Removed:
		return "node(s) were removed"
	}
	return events[r.Rule]
}

// String is the event with what decided it: "Insufficient cpu (requests 2, 500m of 4 is free)".
func (r Reason) String() string {
	event := r.Event()
	if r.Detail == "" || r.Detail == event {
		return event
	}
	return event + " (" + r.Detail + ")"
}

// Why lists what a pod fails on a node, in the order in which the scheduler asks; empty where it fits.
type Why []Reason

// Event is what the scheduler would say of this node: it stops at the first rule that fails, but names every resource
// that is short.
func (w Why) Event() string {
	var parts []string
	for i := range w {
		if w[i].Rule == w[0].Rule && (i == 0 || w[i].Rule == Resources) {
			parts = append(parts, w[i].Event())
		}
	}
	return strings.Join(parts, ", ")
}

// String names every reason with its numbers, separated by semicolons; "fits" where there is none.
func (w Why) String() string {
	if len(w) == 0 {
		return "fits"
	}
	parts := make([]string, len(w))
	for i := range w {
		parts[i] = w[i].String()
	}
	return strings.Join(parts, "; ")
}
