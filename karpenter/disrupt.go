package karpenter

import "fmt"

// Round is what one round of disruption comes to: the first method that finds something ends it.
type Round struct {
	// Commands are what to do: one, or several of the method StaticDrift. None: nothing can be disrupted.
	Commands []Command `json:"commands,omitempty"`
	// Unseen are pools that a limit kept the search from getting to. They go first in the next round.
	Unseen []string `json:"unseen,omitempty"`
	// Constrained tells that a budget kept a candidate from being looked at, so that the next round may find something
	// though nothing has changed. Otherwise, after a round without commands, it takes a change of the cluster, for which
	// Karpenter waits up to 5 minutes (rule 77).
	Constrained bool `json:"constrained,omitempty"`
	// Passed is what was looked at and passed over, in order, where Options.ExplainRound asks for it.
	Passed []Passed `json:"passed,omitempty"`
}

// Passed is a candidate, or several tried together, that a method passed over.
type Passed struct {
	Method   Method   `json:"method"`   // that looked at them
	Nodes    []string `json:"nodes"`    // tried together
	Obstacle Obstacle `json:"obstacle"` // what was in the way
}

// String says it in one line.
func (p Passed) String() string { return fmt.Sprintf("%s %v: %v", p.Method, p.Nodes, p.Obstacle) }

// Disrupt is one round: emptiness, drift, several nodes, one node, in this order, and the first that finds something ends
// it. At most one command, but for drift of pools that hold a number of nodes.
func Disrupt(s *Snapshot, o Options) (Round, error) {
	d, err := NewDisruptor(s, o)
	if err != nil {
		return Round{}, err
	}
	return d.Disrupt(nil), nil
}

// Consolidate looks for several nodes, then for one, that can go or be replaced by a cheaper one.
func Consolidate(s *Snapshot, o Options) (Command, bool, error) {
	d, err := NewDisruptor(s, o)
	if err != nil {
		return Command{}, false, err
	}
	c, ok := d.Consolidate()
	return c, ok, nil
}

// EmptyNodes is [Disruptor.Empty] on a snapshot.
func EmptyNodes(s *Snapshot, o Options) (Command, bool, error) {
	d, err := NewDisruptor(s, o)
	if err != nil {
		return Command{}, false, err
	}
	c, ok := d.Empty()
	return c, ok, nil
}

// DriftedNodes is [Disruptor.Drifted] on a snapshot.
func DriftedNodes(s *Snapshot, o Options) (Command, bool, error) {
	d, err := NewDisruptor(s, o)
	if err != nil {
		return Command{}, false, err
	}
	c, ok := d.Drifted()
	return c, ok, nil
}

// Consolidate is [Consolidate] on a snapshot that is made ready.
func (d *Disruptor) Consolidate() (Command, bool) {
	if c, ok := d.Multi(); ok {
		return d.thrifty(c, true)
	}
	s := d.Single(d.options.MaxSingle)
	return d.thrifty(s.Command, s.Found)
}

// Disrupt is [Disrupt] on a snapshot that is made ready. The pools that the last round did not get to go first.
func (d *Disruptor) Disrupt(unseen []string) Round {
	d.passed, d.constrained = nil, false
	r := d.round(unseen)
	r.Passed, r.Constrained = d.passed, d.constrained
	return r
}

func (d *Disruptor) round(unseen []string) Round {
	if c, ok := d.Empty(); ok {
		return Round{Commands: []Command{c}}
	}
	if list := d.StaticDrifted(); len(list) > 0 {
		return Round{Commands: list}
	}
	if c, ok := d.Drifted(); ok {
		return Round{Commands: []Command{c}}
	}
	if c, ok := d.Multi(); ok {
		if c, ok = d.thrifty(c, true); ok {
			return Round{Commands: []Command{c}}
		}
	}
	s := d.Single(d.options.MaxSingle, unseen...)
	if c, ok := d.thrifty(s.Command, s.Found); ok {
		return Round{Commands: []Command{c}, Unseen: s.Unseen}
	}
	return Round{Unseen: s.Unseen}
}
