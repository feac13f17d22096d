package karpenter

import "time"

// WithDefaults is the pool as the API server would store it: consolidateAfter 0s, policy WhenEmptyOrUnderutilized, one
// budget of 10%, expireAfter 720h, each where nothing is said. Pools written by hand need it; those read from a cluster
// have it. The functions of this package take a pool as it is: an unset consolidateAfter is Never to them, as it is to
// Karpenter.
func (p *NodePool) WithDefaults() *NodePool {
	out := *p
	d := &out.Spec.Disruption
	if !d.ConsolidateAfter.Set {
		d.ConsolidateAfter = After(0)
	}
	if d.ConsolidationPolicy == "" {
		d.ConsolidationPolicy = WhenEmptyOrUnderutilized
	}
	if d.Budgets == nil {
		d.Budgets = []Budget{{Nodes: "10%"}}
	}
	if !out.Spec.Template.Spec.ExpireAfter.Set {
		out.Spec.Template.Spec.ExpireAfter = After(720 * time.Hour)
	}
	return &out
}
