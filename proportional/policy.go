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

	// Of ladder mode.
	nodes, cores ladder
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
		nodes: newLadder(config.NodesToReplicas), cores: newLadder(config.CoresToReplicas),
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
		p.nodes.lookup(&o.Nodes, nodes)
		p.cores.lookup(&o.Cores, cores)
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

// quotient is the share of linear mode (C13). Division and ceiling are those of float64: 21 nodes at 0.7 a replica are
// 31 replicas, and neither exact arithmetic nor a multiplication by the inverse says so (C18).
func (p *Policy) quotient(s *Share, count int32, per float64) {
	s.Count, s.Threshold, s.Per = count, 0, per
	if per == 0 {
		s.Replicas, s.Bound = 1, BoundUnset
		return
	}
	r := math.Ceil(float64(count) / per)
	bound := BoundNone
	if r > p.max {
		bound = BoundMax
	}
	if r < p.min {
		bound = BoundMin
	}
	r = max(min(r, p.max), p.min)
	s.Bound = bound
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

// ladder is a list of steps, compiled: sorted, and the thresholds once more by themselves, so that a lookup walks through
// little memory. Thresholds beyond 32 bits are never reached and left out there.
type ladder struct {
	steps      []Step
	thresholds []int32
}

func newLadder(steps []Step) ladder {
	l := ladder{steps: climb(steps)}
	for _, s := range l.steps {
		if s.Threshold() <= math.MaxInt32 {
			l.thresholds = append(l.thresholds, int32(s.Threshold()))
		}
	}
	return l
}

// lookup is the share of ladder mode: the last step whose threshold is not above the count, or the first step where
// every threshold is (C21).
func (l *ladder) lookup(s *Share, count int32) {
	reached := climbed(l.thresholds, count)
	bound := BoundNone
	if reached == 0 {
		reached, bound = 1, BoundFirstStep
	}
	s.Count, s.Per = count, 0
	if reached > len(l.steps) { // there are none
		s.Threshold, s.Replicas, s.Bound = 0, 0, BoundUnset
		return
	}
	step := &l.steps[reached-1]
	s.Threshold, s.Replicas, s.Bound = step[0], step[1], bound
}

// climbed counts the thresholds that are not above the count: by halving, until the rest is short enough to try one after
// the other.
func climbed(thresholds []int32, count int32) int {
	low := 0
	for len(thresholds)-low > 8 {
		middle := int(uint(low+len(thresholds)) / 2)
		if thresholds[middle] <= count {
			low = middle
		} else {
			thresholds = thresholds[:middle]
		}
	}
	n := len(thresholds)
	for n > 0 && thresholds[n-1] > count {
		n--
	}
	return n
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
