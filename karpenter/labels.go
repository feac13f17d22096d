package karpenter

import corev1 "k8s.io/api/core/v1"

// The labels, annotations and taints that Karpenter gives a meaning.
const (
	LabelNodePool      = "karpenter.sh/nodepool"                     // the NodePool that a node belongs to
	LabelCapacityType  = "karpenter.sh/capacity-type"                // reserved, spot or on-demand
	LabelRegistered    = "karpenter.sh/registered"                   // "true" once a node has joined
	LabelInitialized   = "karpenter.sh/initialized"                  // "true" once a node is ready for pods
	LabelReservationID = "karpenter.k8s.aws/capacity-reservation-id" // the capacity reservation that a node runs in

	AnnotationDoNotDisrupt = "karpenter.sh/do-not-disrupt" // "true", or on a pod for how long since its start

	TaintDisrupted    = "karpenter.sh/disrupted"    // on a node that is being taken away
	TaintUnregistered = "karpenter.sh/unregistered" // on a node until it has joined
)

// WellKnownLabels are the labels that a NodePool need not define for pods to select by them: a new node will have them.
// Karpenter's own come first, then those of its AWS provider.
func WellKnownLabels() []string {
	return append(CoreLabels(), AWSLabels()...)
}

// CoreLabels are the well-known labels of every provider (rule 10).
func CoreLabels() []string {
	return []string{
		LabelNodePool, corev1.LabelTopologyZone, corev1.LabelTopologyRegion, corev1.LabelInstanceTypeStable,
		corev1.LabelArchStable, corev1.LabelOSStable, LabelCapacityType, corev1.LabelWindowsBuild,
	}
}
