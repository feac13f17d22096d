package karpenter

import (
	"cmp"
	"slices"
)

// Disruptor is a snapshot made ready to be asked what may be disrupted. It answers any number of questions, each as if it
// were the first, and is for one goroutine at a time.
type Disruptor struct {
	survey
	cluster  *Cluster
	launches []*launch
	smalls   []small  // for Thrift; nil until asked for
	passed   []Passed // what was passed over; nothing where nobody asks

	constrained bool // a budget has kept a candidate from being looked at
}

// NewDisruptor makes a snapshot ready. The error says what in it makes no sense, and wraps ErrInvalid.
func NewDisruptor(s *Snapshot, o Options) (*Disruptor, error) {
	if err := o.Thrift.validate(); err != nil {
		return nil, err
	}
	d, err := newSurvey(s, o)
	if err != nil {
		return nil, err
	}
	cluster, err := Compile(s, o)
	if err != nil {
		return nil, err
	}
	return &Disruptor{survey: *d, cluster: cluster}, nil
}

// Cluster is the compiled snapshot that the disruptor tries things on.
func (d *Disruptor) Cluster() *Cluster { return d.cluster }

// Candidates are the nodes that a method may disrupt, in the order of the snapshot.
func (d *Disruptor) Candidates(m Method) []Candidate {
	list := d.candidates(m)
	out := make([]Candidate, len(list))
	for i, c := range list {
		out[i] = *c
	}
	return out
}

// Verdict is what stands in the way of a method for the node at an index of the snapshot.
func (d *Disruptor) Verdict(node int, m Method) Verdict { return d.verdict(node, m) }

// Allowances are how many nodes each pool may lose for a reason, in the order of the snapshot.
func (d *Disruptor) Allowances(reason Reason) []Allowance {
	out := make([]Allowance, len(d.order))
	for i, p := range d.order {
		out[i] = d.allowance(p, reason)
	}
	return out
}

func (d *Disruptor) candidates(m Method) []*Candidate {
	var list []*Candidate
	for i := range d.nodes {
		if d.suits(i, m) {
			list = append(list, &d.nodes[i].Candidate)
		}
	}
	return list
}

// rank puts candidates in the order in which they are tried (rule 66). Equal ones keep the order of the snapshot, where
// Karpenter leaves it to chance.
func (d *Disruptor) rank(list []*Candidate) {
	if d.options.Profile.V1_13.OrderByDisruptionCost {
		slices.SortStableFunc(list, func(a, b *Candidate) int { return cmp.Compare(a.DisruptionCost, b.DisruptionCost) })
		return
	}
	slices.SortStableFunc(list, func(a, b *Candidate) int {
		return cmp.Compare(b.Price/b.RescheduleCost, a.Price/a.RescheduleCost)
	})
}

// try simulates the removal of some nodes.
func (d *Disruptor) try(candidates []*Candidate) (*Plan, error) {
	names := make([]string, len(candidates))
	for i, c := range candidates {
		names[i] = c.Node
	}
	plan, err := d.cluster.Simulate(names...)
	return &plan, err
}

// note remembers why candidates were passed over, where somebody asks.
func (d *Disruptor) note(m Method, o *Obstacle, candidates ...*Candidate) {
	if !d.options.ExplainRound || o == nil {
		return
	}
	p := Passed{Method: m, Obstacle: *o, Nodes: make([]string, len(candidates))}
	for i, c := range candidates {
		p.Nodes[i] = c.Node
	}
	d.passed = append(d.passed, p)
}

// noteBudget remembers that a pool has no budget left for a candidate.
func (d *Disruptor) noteBudget(c *Candidate, m Method) {
	d.constrained = true
	if d.options.ExplainRound {
		d.note(m, d.overBudget(c, m.Reason()), c)
	}
}

func (d *Disruptor) overBudget(c *Candidate, reason Reason) *Obstacle {
	a := d.allowance(c.pool, reason)
	return &Obstacle{Kind: BudgetExhausted, Allowance: &a, Until: a.Next}
}
