package karpenter

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// Removal is what would happen if some nodes went.
type Removal struct {
	Nodes []Candidate `json:"nodes"` // that would go, in the order asked
	// Stops are what keeps Karpenter from doing it now, by node: obstacles of the node and of its pods, in the order of
	// Nodes. Empty lists where nothing does.
	Stops [][]Obstacle `json:"stops"`
	Plan  Plan         `json:"plan"`  // where every pod goes
	Moves int          `json:"moves"` // pods of the nodes that have to move
	// Homeless are pods of the nodes that would have no place, or no sure one.
	Homeless int     `json:"homeless"`
	Before   float64 `json:"before"`  // what the nodes cost per hour, as far as known
	After    float64 `json:"after"`   // what the new nodes would cost per hour, as far as its pods need them
	Savings  float64 `json:"savings"` // Before less After; negative where it would cost more
	// Cheaper tells whether Karpenter would take the new node for cheaper; what keeps it otherwise.
	Cheaper *Obstacle `json:"cheaper,omitempty"`
}

// WhatIf removes nodes on trial and says where each of their pods would go, what that costs or saves, and what stops
// Karpenter from doing it now. It fails for a node that does not exist or is marked for deletion already.
func WhatIf(s *Snapshot, o Options, remove ...string) (Removal, error) {
	d, err := NewDisruptor(s, o)
	if err != nil {
		return Removal{}, err
	}
	return d.WhatIf(remove...)
}

// WhatIf is [WhatIf] on a snapshot that is made ready.
func (d *Disruptor) WhatIf(remove ...string) (Removal, error) {
	var r Removal
	list := make([]*Candidate, 0, len(remove))
	for _, name := range remove {
		at := slices.IndexFunc(d.nodes, func(n nodeFacts) bool { return n.Node == name })
		if at < 0 {
			return Removal{}, fmt.Errorf("%w: node %s: is not in the snapshot", ErrInvalid, name)
		}
		n := &d.nodes[at]
		list = append(list, &n.Candidate)
		r.Nodes = append(r.Nodes, n.Candidate)
		r.Stops = append(r.Stops, slices.Concat(n.node, n.pods))
		r.Before += n.Price
	}
	plan, err := d.try(list)
	if err != nil {
		return Removal{}, err
	}
	r.Plan = *plan
	needed := make([]bool, len(plan.Claims))
	for i := range plan.Placements {
		p := &plan.Placements[i]
		if !slices.Contains(remove, p.From) {
			continue
		}
		r.Moves++
		if p.Failure != nil {
			r.Homeless++
		}
		if p.Claim >= 0 && p.Claim < len(needed) {
			needed[p.Claim] = true
		}
	}
	for i := range plan.Claims {
		if needed[i] {
			r.After += plan.Claims[i].Cheapest.Price
		}
	}
	r.Savings = r.Before - r.After
	if !slices.ContainsFunc(list, func(c *Candidate) bool { return c.pool == nil || c.instanceType == nil }) && len(list) > 0 {
		method := SingleNode
		if len(list) > 1 {
			method = MultiNode
		}
		_, r.Cheaper = d.consolidate(method, list)
	}
	return r, nil
}

// String says it in one line.
func (r Removal) String() string {
	text := fmt.Sprintf("%d nodes, %d pods move to %d new nodes and others, saves %.6g", len(r.Nodes), r.Moves, len(r.Plan.Claims), r.Savings)
	if r.Homeless > 0 {
		text += fmt.Sprintf(", %d pods without a place", r.Homeless)
	}
	return text
}

// Explain writes where each pod goes and what stops the removal.
func (r Removal) Explain(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, r)
	for i := range r.Nodes {
		for _, o := range r.Stops[i] {
			fmt.Fprintf(t, "  %s\tis kept by\t%v\n", r.Nodes[i].Node, o)
		}
	}
	if r.Cheaper != nil {
		fmt.Fprintf(t, "  not done:\t%v\n", *r.Cheaper)
	}
	for i := range r.Plan.Claims {
		c := &r.Plan.Claims[i].Cheapest
		fmt.Fprintf(t, "  new node %d\t%s %s in %s\t%.6g\n", i+1, c.InstanceType, c.CapacityType, c.Zone, c.Price)
	}
	for i := range r.Plan.Placements {
		p := &r.Plan.Placements[i]
		if p.From == "" || p.Pod == nil {
			continue
		}
		fmt.Fprintf(t, "  %s\tfrom %s\t%s\n", podName(p.Pod.Namespace, p.Pod.Name), p.From, whereTo(p))
	}
	return t.Flush()
}

// whereTo says where a pod goes.
func whereTo(p *Placement) string {
	switch {
	case p.Failure != nil:
		return fmt.Sprintf("no place: %v", p.Failure)
	case p.Node != "":
		return "to " + p.Node
	}
	return fmt.Sprintf("to new node %d", p.Claim+1)
}
