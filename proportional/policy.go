package proportional

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

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

	// Of ladder mode, sorted by threshold.
	nodes, cores []Step
}

// NewLinear checks and compiles a linear config.
func NewLinear(config Linear, profile Profile) (*Policy, error) {
	if err := config.check(profile); err != nil {
		return nil, err
	}
	p := &Policy{
		mode: ModeLinear, profile: profile, everything: config.IncludeUnschedulableNodes,
		nodesPerReplica: config.NodesPerReplica, coresPerReplica: config.CoresPerReplica,
		min: float64(max(config.Min, 1)), max: math.Inf(1),
		spread: config.PreventSinglePointFailure,
	}
	if config.Max != 0 {
		p.max = float64(config.Max)
	}
	return p, nil
}

// NewLadder checks and compiles a ladder. The config is not modified.
func NewLadder(config Ladder, profile Profile) (*Policy, error) {
	if err := config.check(profile); err != nil {
		return nil, err
	}
	return &Policy{
		mode: ModeLadder, profile: profile, everything: config.IncludeUnschedulableNodes,
		nodes: climb(config.NodesToReplicas), cores: climb(config.CoresToReplicas),
	}, nil
}

// climb sorts steps by threshold. Which of two steps with one threshold comes last decides, and beyond twelve steps that
// is up to the sorting: upstream uses sort.Sort, which a stable sort or slices.Sort would not reproduce (C20).
func climb(steps []Step) []Step {
	sorted := slices.Clone(steps)
	sort.Sort(byThreshold(sorted))
	return sorted
}

type byThreshold []Step

func (s byThreshold) Len() int           { return len(s) }
func (s byThreshold) Less(i, j int) bool { return s[i][0] < s[j][0] }
func (s byThreshold) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }

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
		lookup(&o.Nodes, nodes, p.nodes)
		lookup(&o.Cores, cores, p.cores)
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
	if int64(o.Replicas) != larger || o.Nodes.Replicas < 0 || o.Cores.Replicas < 0 {
		o.Defect = DefectOverflow
		if p.profile.RefuseOverflow {
			return tooMany(o)
		}
	}
	if p.profile.RefuseOverflow && size.SchedulableNodes|size.Nodes|size.SchedulableCores|size.Cores < 0 {
		return negative(size)
	}
	return nil
}

// quotient is the share of linear mode (C13). Division and ceiling are those of float64: 21 nodes at 0.7 a replica are
// 31 replicas, and neither exact arithmetic nor a multiplication by the inverse says so (C18).
func (p *Policy) quotient(s *Share, count int32, per float64) {
	s.Count, s.Step, s.Per = count, Step{}, per
	if per == 0 {
		s.Replicas, s.Bound = 1, BoundUnset
		return
	}
	r := math.Ceil(float64(count) / per)
	s.Bound = BoundNone
	if r > p.max {
		r, s.Bound = p.max, BoundMax
	}
	if r < p.min {
		r, s.Bound = p.min, BoundMin
	}
	if r < 1<<63 {
		s.Replicas = int64(r)
	} else {
		s.Replicas = math.MinInt64 // C17: what amd64 makes of it, here on every machine
	}
}

// protect lifts the share of the nodes to two, even above the maximum (C15).
func (p *Policy) protect(o *Outcome) {
	if p.max < 2 {
		if p.profile.MaxIsFinal {
			return
		}
		o.Defect = DefectPastMax
	}
	o.Nodes.Replicas, o.Nodes.Bound = 2, BoundSinglePoint
}

// lookup is the share of ladder mode: the last step whose threshold is not above the count, or the first step where
// every threshold is (C21).
func lookup(s *Share, count int32, steps []Step) {
	s.Count, s.Per = count, 0
	if len(steps) == 0 {
		s.Step, s.Replicas, s.Bound = Step{}, 0, BoundUnset
		return
	}
	first, n := 0, len(steps)
	for n > 0 {
		half := n / 2
		if steps[first+half][0] <= int64(count) {
			first += half + 1
			n -= half + 1
		} else {
			n = half
		}
	}
	s.Bound = BoundNone
	if first == 0 {
		first, s.Bound = 1, BoundFirstStep
	}
	s.Step = steps[first-1]
	s.Replicas = s.Step[1]
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
