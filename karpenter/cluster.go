package karpenter

// Cluster is a snapshot made ready to be asked many times. What is asked is tried on it and taken back, so that asking
// costs what the pods moved cost, whatever the size of the cluster. It is for one goroutine at a time, and the snapshot
// must not change meanwhile.
type Cluster struct {
	snapshot *Snapshot
	options  Options
}

// Compile makes a snapshot ready. The error says what in it makes no sense, and wraps ErrInvalid; a pod that makes no
// sense is not an error, but fails with the reason.
func Compile(s *Snapshot, o Options) (*Cluster, error) {
	return &Cluster{snapshot: s, options: o}, nil
}

// Provision is [Provision] on a snapshot that is compiled already.
func (c *Cluster) Provision() Plan { return Plan{} }

// Simulate is [Simulate] on a snapshot that is compiled already.
func (c *Cluster) Simulate(remove ...string) (Plan, error) { return Plan{}, nil }

// Provision says where each pending pod goes, and which nodes are to be created for that. Pods of nodes that are marked
// for deletion are placed with the pending ones.
func Provision(s *Snapshot, o Options) (Plan, error) {
	c, err := Compile(s, o)
	if err != nil {
		return Plan{}, err
	}
	return c.Provision(), nil
}

// Simulate says where the pods of the nodes named would go without these nodes: rule 70. The pending pods and those of
// nodes marked for deletion are placed with them. Reservations are no obstacle there (Options.ReservedFallback), and a
// node that has been busy lately (consolidateAfter) takes no pods of the nodes removed. A pod of a node removed that
// lands on a node that is not initialized has its place and a failure as well.
//
// It fails with an error for a node that does not exist or is marked for deletion already.
func Simulate(s *Snapshot, remove []string, o Options) (Plan, error) {
	c, err := Compile(s, o)
	if err != nil {
		return Plan{}, err
	}
	return c.Simulate(remove...)
}
