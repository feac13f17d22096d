package kube

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// Spread is one topology spread constraint: how evenly the pods that it selects lie over the domains of a label.
type Spread struct {
	TopologyKey   string      // the node label whose values are the domains
	MaxSkew       int32       // how far a domain may be above the emptiest one
	MinDomains    int32       // with fewer domains the emptiest one counts as empty; default 1
	Hard          bool        // DoNotSchedule; else a wish (ScheduleAnyway)
	Selector      PodSelector // the pods that count, of the pod's own namespace
	Self          bool        // the pod itself is one of those
	HonorAffinity bool        // nodeAffinityPolicy: domains are those of nodes that the pod's node selector admits; default true
	HonorTaints   bool        // nodeTaintsPolicy: domains are those of nodes whose taints the pod tolerates; default false
}

// SpreadConstraints compiles the topology spread constraints of a pod, in their order. The values that matchLabelKeys
// names are taken from the pod's own labels.
func SpreadConstraints(pod *corev1.Pod) ([]Spread, error) {
	var out []Spread
	for i := range pod.Spec.TopologySpreadConstraints {
		c := &pod.Spec.TopologySpreadConstraints[i]
		s, err := newPodSelector(pod.Labels, c.LabelSelector, c.MatchLabelKeys, nil)
		if err != nil {
			return nil, fmt.Errorf("spec.topologySpreadConstraints[%d]: %w", i, err)
		}
		s.namespaces = []string{pod.Namespace}
		spread := Spread{
			TopologyKey:   c.TopologyKey,
			MaxSkew:       c.MaxSkew,
			MinDomains:    1,
			Hard:          c.WhenUnsatisfiable == corev1.DoNotSchedule,
			Selector:      s,
			Self:          s.Labels(pod.Labels),
			HonorAffinity: c.NodeAffinityPolicy == nil || *c.NodeAffinityPolicy == corev1.NodeInclusionPolicyHonor,
			HonorTaints:   c.NodeTaintsPolicy != nil && *c.NodeTaintsPolicy == corev1.NodeInclusionPolicyHonor,
		}
		if c.MinDomains != nil {
			spread.MinDomains = *c.MinDomains
		}
		out = append(out, spread)
	}
	return out, nil
}
