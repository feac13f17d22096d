package karpenter

import (
	"fmt"
	"slices"
	"time"

	"github.com/scalemath/scalemath/cloudprovider"
)

// ValidationDelay is how long a command for empty or underutilized nodes waits before it is looked at again.
const ValidationDelay = 15 * time.Second

// Rejection is why a command does not hold any more.
type Rejection string

// The rejections.
const (
	Churned        Rejection = "churn"      // a node is no candidate any more
	OverBudget     Rejection = "budget"     // the budgets have no room any more
	NewScheduling  Rejection = "scheduling" // the pods would go elsewhere now
	NothingToCheck Rejection = "nothing"    // there is no node in the command
)

// Validation is whether a command still holds some time after it was found.
type Validation struct {
	Command   Command   `json:"command"`             // what is left of it
	Valid     bool      `json:"valid"`               // it may be carried out
	Rejection Rejection `json:"rejection,omitempty"` // why not
	// Dropped are nodes of a command for empty nodes that it goes on without.
	Dropped []string `json:"dropped,omitempty"`
	// Detail is more about the rejection, in words.
	Detail string `json:"detail,omitempty"`
}

// String says it in one line.
func (v Validation) String() string {
	if v.Valid {
		return "valid: " + v.Command.String()
	}
	return fmt.Sprintf("invalid (%s): %s", v.Rejection, v.Detail)
}

// Validate looks at a command again, in a snapshot made ValidationDelay later (rule 85). Every node must still be a candidate
// that the budgets have room for, and removing them must still take the same number of new nodes, of which the types
// planned must still do. A command for empty nodes goes on with those that hold; another one holds as a whole or not at
// all. Commands for drifted nodes need no validation.
func Validate(s *Snapshot, o Options, c Command) (Validation, error) {
	d, err := NewDisruptor(s, o)
	if err != nil {
		return Validation{}, err
	}
	return d.Validate(c), nil
}

// Validate is [Validate] on a snapshot that is made ready.
func (d *Disruptor) Validate(c Command) Validation {
	v := Validation{Command: c}
	switch {
	case len(c.Candidates) == 0:
		v.Rejection, v.Detail = NothingToCheck, "no nodes"
		return v
	case c.Method.Reason() == Drifted:
		v.Valid = true
		return v
	}
	list, lost := d.stillCandidates(c)
	if len(lost) > 0 && c.Method != Emptiness || len(list) == 0 {
		v.Rejection, v.Detail = Churned, fmt.Sprintf("no candidates any more: %v", lost)
		return v
	}
	room := d.room(c.Method.Reason())
	kept := list[:0]
	for _, n := range list {
		if room[n.pool] == 0 {
			lost = append(lost, n.Node)
			continue
		}
		room[n.pool]--
		kept = append(kept, n)
	}
	if len(kept) == 0 || len(kept) < len(c.Candidates) && c.Method != Emptiness {
		v.Rejection, v.Detail = OverBudget, fmt.Sprintf("no budget left for %v", lost)
		return v
	}
	if c.Method == Emptiness {
		v.Command, v.Valid, v.Dropped = d.newCommand(Emptiness, kept, nil, nil), true, lost
		return v
	}
	v.Detail = d.resimulate(c, kept)
	if v.Valid = v.Detail == ""; !v.Valid {
		v.Rejection = NewScheduling
	}
	return v
}

// stillCandidates are a command's nodes as they are now, and the names of those that are candidates no more.
func (d *Disruptor) stillCandidates(c Command) (list []*Candidate, lost []string) {
	for i := range c.Candidates {
		name := c.Candidates[i].Node
		at := slices.IndexFunc(d.nodes, func(n nodeFacts) bool { return n.Node == name })
		if at < 0 || !d.suits(at, c.Method) {
			lost = append(lost, name)
			continue
		}
		list = append(list, &d.nodes[at].Candidate)
	}
	return list, lost
}

// retry simulates a command again in the way in which it was found.
func (d *Disruptor) retry(c Command, list []*Candidate) (*Plan, error) {
	if c.Thrift == nil {
		return d.try(list)
	}
	names := make([]string, len(list))
	for i, n := range list {
		names[i] = n.Node
	}
	cluster := d.cap(&small{cores: c.Thrift.Cores})
	if cluster == nil {
		return d.try(list)
	}
	plan, err := cluster.Simulate(names...)
	return &plan, err
}

// resimulate says in what the outcome differs from what was planned; nothing where it does not.
func (d *Disruptor) resimulate(c Command, list []*Candidate) string {
	plan, err := d.retry(c, list)
	if err != nil {
		return err.Error()
	}
	if o := misplaced(plan); o != nil {
		return o.String()
	}
	if len(plan.Claims) != len(c.Replacements) {
		return fmt.Sprintf("%d new nodes instead of %d", len(plan.Claims), len(c.Replacements))
	}
	for i := range c.Replacements {
		have := plan.Claims[i].Types
		for _, it := range c.Replacements[i].Types {
			if !slices.ContainsFunc(have, func(o *cloudprovider.InstanceType) bool { return o.Name == it.Name }) {
				return fmt.Sprintf("%s would not do any more", it.Name)
			}
		}
	}
	return ""
}
