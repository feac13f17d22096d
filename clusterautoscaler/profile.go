package clusterautoscaler

// Profile says which defects of release 1.37 are left out. The zero value leaves none out: the answers are upstream's.
type Profile struct {
	// CountNewNodesOnly leaves existing nodes out of the number of nodes that an estimate needs. Upstream counts an
	// existing node too when a pod with a spread over hosts went there (R34), and asks for a node too many.
	CountNewNodesOnly bool
	// NegativePriorities lets priorities of -1 and below win in the priority expander (R47).
	NegativePriorities bool
	// CapMinSizeByCluster holds the enforcement of minimum sizes against the size of the cluster instead of that of the
	// group (R66).
	CapMinSizeByCluster bool
}

// V1_37 is the profile of release 1.37, the zero value.
func V1_37() Profile { return Profile{} }

// Fixed is the profile without the known defects.
func Fixed() Profile {
	return Profile{CountNewNodesOnly: true, NegativePriorities: true, CapMinSizeByCluster: true}
}
