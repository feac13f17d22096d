package karpenter

import (
	"fmt"
	"strings"
)

// Decision is what a command does to its nodes.
type Decision string

// The decisions.
const (
	Delete  Decision = "delete"  // the nodes go, their pods fit on what is there
	Replace Decision = "replace" // new nodes come first
)

// Command is something to do: nodes to take away, and nodes to launch before.
type Command struct {
	Method       Method      `json:"method"`                 // that found it
	Reason       Reason      `json:"reason"`                 // as budgets know it
	Decision     Decision    `json:"decision"`               // Delete or Replace
	Candidates   []Candidate `json:"candidates"`             // the nodes to take away, in the order in which they were tried
	Replacements []Claim     `json:"replacements,omitempty"` // the nodes to launch
	// Placements is where the pods of the candidates go, and those of nodes marked for deletion.
	Placements []Placement `json:"placements,omitempty"`
	// Savings is what goes away per hour less what comes. A price that is not known counts as nothing.
	Savings float64 `json:"estimatedSavings"`
	// Scores are the verdicts of pools with policy Balanced.
	Scores []Score `json:"scores,omitempty"`
	// Thrift is set where Karpenter would not have found it.
	Thrift *ThriftNote `json:"thrift,omitempty"`
}

// String says it in one line.
func (c Command) String() string {
	if len(c.Candidates) == 0 {
		return "nothing to disrupt"
	}
	names := make([]string, len(c.Candidates))
	for i := range c.Candidates {
		names[i] = c.Candidates[i].Node
	}
	text := fmt.Sprintf("%s %s (%s): [%s]", c.Decision, c.Reason, c.Method, strings.Join(names, " "))
	for i := range c.Replacements {
		ch := &c.Replacements[i].Cheapest
		sep := ", "
		if i == 0 {
			sep = " -> "
		}
		text += fmt.Sprintf("%s%s %s %s at %.6g", sep, ch.InstanceType, ch.CapacityType, ch.Zone, ch.Price)
	}
	return text + fmt.Sprintf(", saves %.6g", c.Savings)
}

// newCommand makes a command of candidates and what replaces them.
func (d *Disruptor) newCommand(m Method, candidates []*Candidate, plan *Plan, replacements []Claim) Command {
	c := Command{Method: m, Reason: m.Reason(), Decision: Delete, Replacements: replacements}
	if len(replacements) > 0 {
		c.Decision = Replace
	}
	c.Candidates = make([]Candidate, len(candidates))
	for i, candidate := range candidates {
		c.Candidates[i] = *candidate
		c.Savings += candidate.Price
	}
	for i := range replacements {
		c.Savings -= d.launchPrice(&replacements[i])
	}
	if plan != nil {
		for _, p := range plan.Placements {
			if p.From != "" {
				c.Placements = append(c.Placements, p)
			}
		}
	}
	return c
}
