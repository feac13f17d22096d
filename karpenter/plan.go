package karpenter

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
)

// Plan says where every pod goes and which nodes are to be created for that.
type Plan struct {
	Claims     []Claim     `json:"claims,omitempty"`     // nodes to create, in the order in which they were opened
	Placements []Placement `json:"placements,omitempty"` // one for each pod, in the order of the question: pending pods first
	Price      float64     `json:"price"`                // of all claims, per hour
	Packing    Packing     `json:"packing,omitempty"`    // whose claims these are: Cheapest only where it found a cheaper plan
	// Upstream is the price of Karpenter's own plan, and Bound what no plan can cost less than that puts the same pods on
	// new nodes and keeps the same preferences. Both are there where Options.Packing is Cheapest.
	Upstream float64 `json:"upstream,omitempty"`
	Bound    float64 `json:"bound,omitempty"` // see Upstream
}

// Claim is a node to be created.
type Claim struct {
	NodePool     string                        `json:"nodePool"` // whose node it will be
	Requirements kube.Requirements             `json:"-"`        // what the node must be; String reads well
	Requests     corev1.ResourceList           `json:"requests"` // of its pods and daemons
	Pods         []*corev1.Pod                 `json:"-"`        // in the order in which they were placed
	Types        []*cloudprovider.InstanceType `json:"-"`        // that would do, cheapest first
	Cheapest     Choice                        `json:"cheapest"` // the cheapest offering that would do
	// MinValuesRelaxed tells that minValues was lowered to what there is.
	MinValuesRelaxed bool `json:"minValuesRelaxed,omitempty"`
	// Truncated tells that only the cheapest types are listed (Options.MaxInstanceTypes).
	Truncated bool `json:"truncated,omitempty"`
}

// Choice is one offering of one type.
type Choice struct {
	InstanceType string  `json:"instanceType"` // its name
	Zone         string  `json:"zone"`         // of the offering
	CapacityType string  `json:"capacityType"` // of the offering
	Price        float64 `json:"price"`        // per hour
}

// Placement is where one pod goes.
type Placement struct {
	Pod *corev1.Pod `json:"-"` // as it was given
	// From is the node that the pod is to leave: one that is removed on trial or marked for deletion; empty where it was
	// pending.
	From  string `json:"from,omitempty"`
	Node  string `json:"node,omitempty"` // an existing node
	Claim int    `json:"claim"`          // index of Plan.Claims; -1 where there is none
	// Failure is why there is no place; nil where there is one.
	Failure *Failure `json:"failure,omitempty"`
	// Relaxed are the preferences given up for it, in order.
	Relaxed []Relaxation `json:"relaxed,omitempty"`
}
