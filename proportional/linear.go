package proportional

import "math"

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
	switch {
	case o.Nodes.Replicas < 0: // the quotient overflowed, which upstream takes for less than two
		if p.profile.RefuseOverflow {
			return
		}
		o.Defect = DefectOverflow
	case p.max < 2:
		if p.profile.MaxIsFinal {
			return
		}
		o.Defect = DefectPastMax
	}
	o.Nodes.Replicas, o.Nodes.Bound = 2, BoundSinglePoint
}
