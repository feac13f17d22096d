package karpenter

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// NodeReport is why a node is, or is not, disrupted now.
type NodeReport struct {
	Node    string         `json:"node"`              // its name
	Command *Command       `json:"command,omitempty"` // the command of this round that takes it; nil: none does
	Ended   *Command       `json:"ended,omitempty"`   // the command of this round that came first, where it takes other nodes
	Methods []MethodReport `json:"methods,omitempty"` // what each method says, in their order
	Expiry  Expiry         `json:"expiry"`            // when its age ends it
	// Next is the first time at which something that stands in the way may go away by itself, or at which it expires;
	// the zero time: nothing is known.
	Next time.Time `json:"next,omitzero"`
}

// MethodReport is what one method says about a node.
type MethodReport struct {
	Method Method `json:"method"` // the method
	// Alone is the command that the method would give for this node if there were no other candidates; nil where there is
	// none. A method for several nodes has none.
	Alone *Command `json:"alone,omitempty"`
	// Obstacles are all that is in the way.
	Obstacles []Obstacle `json:"obstacles,omitempty"`
}

// Why says of every node, in the order of the snapshot, why it is or is not disrupted now.
func Why(s *Snapshot, o Options) ([]NodeReport, error) {
	d, err := NewDisruptor(s, o)
	if err != nil {
		return nil, err
	}
	round := d.Disrupt(nil)
	out := make([]NodeReport, len(d.nodes))
	for i := range d.nodes {
		out[i] = d.report(i, &round)
	}
	return out, nil
}

// Why says of one node why it is or is not disrupted now. It fails for a node that is not in the snapshot.
func (d *Disruptor) Why(node string) (NodeReport, error) {
	for i := range d.nodes {
		if d.nodes[i].Node == node {
			round := d.Disrupt(nil)
			return d.report(i, &round), nil
		}
	}
	return NodeReport{}, fmt.Errorf("%w: node %s: is not in the snapshot", ErrInvalid, node)
}

func (d *Disruptor) report(i int, round *Round) NodeReport {
	n := &d.nodes[i]
	r := NodeReport{Node: n.Node, Expiry: n.Candidate.node.Expiry(d.snapshot.Now)}
	for j := range round.Commands {
		c := &round.Commands[j]
		if slices.ContainsFunc(c.Candidates, func(o Candidate) bool { return o.Node == n.Node }) {
			r.Command = c
		} else if r.Ended == nil {
			r.Ended = c
		}
	}
	if r.Command != nil {
		r.Ended = nil
	}
	for _, m := range Methods() {
		if m == MultiNode || n.pool != nil && (m == StaticDrift) != (n.pool.object.Spec.Replicas != nil) && m.Reason() == Drifted {
			continue
		}
		report := d.alone(i, m)
		for _, o := range report.Obstacles {
			r.next(d.snapshot.Now, o.Until)
		}
		r.Methods = append(r.Methods, report)
	}
	if !r.Expiry.Gone {
		r.next(d.snapshot.Now, r.Expiry.At)
	}
	return r
}

func (r *NodeReport) next(now, at time.Time) {
	if at.After(now) && (r.Next.IsZero() || at.Before(r.Next)) {
		r.Next = at
	}
}

// alone asks one method about one node.
func (d *Disruptor) alone(i int, m Method) MethodReport {
	v := d.verdict(i, m)
	r := MethodReport{Method: m, Obstacles: v.Obstacles}
	c := v.Candidate
	if c == nil {
		return r
	}
	if c.pool.room(m.Reason(), &d.survey) == 0 {
		r.Obstacles = append(r.Obstacles, *d.overBudget(c, m.Reason()))
	}
	command, obstacle := d.only(c, m)
	switch {
	case obstacle != nil:
		r.Obstacles = append(r.Obstacles, *obstacle)
	case len(r.Obstacles) == 0:
		r.Alone = &command
	}
	return r
}

// only is what a method would do about one node, budgets aside.
func (d *Disruptor) only(c *Candidate, m Method) (Command, *Obstacle) {
	list := []*Candidate{c}
	switch m {
	case Emptiness:
		return d.newCommand(m, list, nil, nil), nil
	case StaticDrift:
		return d.newCommand(m, list, nil, []Claim{{NodePool: c.NodePool}}), nil
	case Drift:
		plan, err := d.tryDrift(c)
		if err != nil {
			return Command{}, &Obstacle{Kind: PodsWithoutPlace, Detail: err.Error()}
		}
		if o := misplaced(plan); o != nil {
			return Command{}, o
		}
		return d.newCommand(m, list, plan, plan.Claims), nil
	}
	return d.singleOf(c)
}

// String says it in one line.
func (r NodeReport) String() string {
	text := r.Node + ": "
	switch {
	case r.Command != nil:
		return text + "now: " + r.Command.String()
	case r.Expiry.Expired:
		return text + "expired"
	}
	text += "stays"
	for _, m := range r.Methods {
		if m.Alone != nil {
			text += fmt.Sprintf("; %s would take it", m.Method)
		} else if len(m.Obstacles) > 0 {
			text += fmt.Sprintf("; %s: %s", m.Method, m.Obstacles[0].Kind)
		}
	}
	if !r.Next.IsZero() {
		text += "; may change " + r.Next.UTC().Format(time.RFC3339)
	}
	return text
}

// Explain writes all that is known.
func (r NodeReport) Explain(w io.Writer) error {
	p := printer{w: w}
	switch {
	case r.Command != nil:
		p.f("%s is disrupted now: %v\n", r.Node, *r.Command)
	case r.Ended != nil:
		p.f("%s stays in this round, which ends with: %v\n", r.Node, *r.Ended)
	default:
		p.f("%s stays\n", r.Node)
	}
	for _, m := range r.Methods {
		if m.Alone != nil {
			p.f("  %s: nothing is in the way: %v\n", m.Method, *m.Alone)
			continue
		}
		p.f("  %s:\n", m.Method)
		for _, o := range m.Obstacles {
			p.f("    %v\n", o)
		}
	}
	p.f("  %v\n", r.Expiry)
	if !r.Next.IsZero() {
		p.f("  next change known: %s\n", r.Next.UTC().Format(time.RFC3339))
	}
	return p.err
}

// printer writes until the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) f(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// Explain writes what the command does, and where the pods go.
func (c Command) Explain(w io.Writer) error {
	p := printer{w: w}
	p.f("%v\n", c)
	for i := range c.Candidates {
		n := &c.Candidates[i]
		p.f("  %s: %s %s in %s at %.6g, %d pods to move, reschedule cost %.4g\n", n.Node, n.InstanceType, n.CapacityType, n.Zone, n.Price, len(n.Pods), n.RescheduleCost)
	}
	for _, s := range c.Scores {
		p.f("  %v\n", s)
	}
	if t := c.Thrift; t != nil {
		p.f("  beyond Karpenter, whose command would save %.6g: at worst %.6g for the new nodes; no new nodes for these pods cost less than %.6g\n", t.Instead, t.Worst, t.Bound)
	}
	for i := range c.Replacements {
		r := &c.Replacements[i]
		p.f("  new node %d: one of %d types, cheapest %s %s in %s at %.6g\n", i+1, len(r.Types), r.Cheapest.InstanceType, r.Cheapest.CapacityType, r.Cheapest.Zone, r.Cheapest.Price)
	}
	for i := range c.Placements {
		if pl := &c.Placements[i]; pl.Pod != nil {
			p.f("  %s: %s\n", podName(pl.Pod.Namespace, pl.Pod.Name), whereTo(pl))
		}
	}
	return p.err
}
