package proportional

import "fmt"

// Policy is a config compiled for deciding. It does not change, so it may be shared. Only the functions that make one
// give a useful value.
type Policy struct {
	mode    Mode
	profile Profile
	// everything tells whether unschedulable nodes and their cores count.
	everything bool

	// Of linear mode. No maximum is +Inf.
	nodesPerReplica, coresPerReplica float64
	min, max                         float64
	spread                           bool

	// Of ladder mode.
	nodes, cores ladder
}

// Mode is linear or ladder.
func (p *Policy) Mode() Mode {
	if p == nil {
		return ModeNone
	}
	return p.mode
}

// Profile is the profile that the policy was compiled for.
func (p *Policy) Profile() Profile {
	if p == nil {
		return Profile{}
	}
	return p.profile
}

// Replicas decides for a cluster of that size. The error is [ErrOutOfRange] where the profile refuses an answer beyond
// 32 bits, and [ErrInvalid] for a nil or zero policy, and, with [Profile.RefuseOverflow], for a negative size.
func (p *Policy) Replicas(size ClusterSize) (Outcome, error) {
	var o Outcome
	err := p.ReplicasInto(&o, size)
	return o, err
}

// ReplicasInto is [Policy.Replicas] without copying the outcome. It allocates nothing unless it fails.
func (p *Policy) ReplicasInto(o *Outcome, size ClusterSize) error {
	if p == nil {
		return noPolicy()
	}
	nodes, cores := size.SchedulableNodes, size.SchedulableCores
	if p.everything {
		nodes, cores = size.Nodes, size.Cores
	}
	o.Size, o.Mode, o.Everything, o.Defect = size, p.mode, p.everything, DefectNone
	switch p.mode {
	case ModeLinear:
		p.quotient(&o.Nodes, nodes, p.nodesPerReplica)
		p.quotient(&o.Cores, cores, p.coresPerReplica)
		if p.spread && nodes > 1 && o.Nodes.Replicas < 2 {
			p.protect(o)
		}
	case ModeLadder:
		p.nodes.share(&o.Nodes, nodes, climbed(p.nodes.thresholds, nodes))
		p.cores.share(&o.Cores, cores, climbed(p.cores.thresholds, cores))
		if o.Nodes.Bound == BoundUnset && o.Cores.Bound == BoundUnset {
			o.Defect = DefectEmptyLadder
		}
	default:
		return noPolicy()
	}
	larger := o.Nodes.Replicas
	o.Decider = DecidedByNodes
	if o.Cores.Replicas > larger {
		larger, o.Decider = o.Cores.Replicas, DecidedByCores
	} else if o.Cores.Replicas == larger {
		o.Decider = DecidedByBoth
	}
	o.Replicas = int32(larger)
	if int64(o.Replicas) != larger || o.Nodes.Replicas|o.Cores.Replicas < 0 {
		o.Defect = DefectOverflow
	}
	if p.profile.RefuseOverflow {
		return refuse(o)
	}
	return nil
}

// refuse is what a profile does that does not take wrapped numbers.
func refuse(o *Outcome) error {
	size := o.Size
	if size.SchedulableNodes|size.Nodes|size.SchedulableCores|size.Cores < 0 {
		return negative(size)
	}
	if o.Defect == DefectOverflow {
		return tooMany(o)
	}
	return nil
}

func noPolicy() error { return fmt.Errorf("%w policy: no config was compiled", ErrInvalid) }

func tooMany(o *Outcome) error {
	return fmt.Errorf("%w: %s do not fit 32 bits", ErrOutOfRange, o.sides())
}

func negative(size ClusterSize) error {
	for _, f := range []struct {
		name  string
		value int32
	}{{"schedulableNodes", size.SchedulableNodes}, {"totalNodes", size.Nodes}, {"schedulableCores", size.SchedulableCores}, {"totalCores", size.Cores}} {
		if f.value < 0 {
			return fmt.Errorf("%w size: %s: %d is negative", ErrInvalid, f.name, f.value)
		}
	}
	return nil
}
