package karpenter

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/scalemath/scalemath/internal/conformance"
	"github.com/scalemath/scalemath/karpenter"
)

// consolidation is what a consolidate question gets.
type consolidation struct {
	ID              string                    `json:"id,omitempty"`
	CandidateCounts map[string]int            `json:"candidateCounts"`
	Budgets         map[string]map[string]int `json:"budgets"`
	Commands        []command                 `json:"commands"`
}

// command is what one method does.
type command struct {
	Method           string   `json:"method"`
	Decision         string   `json:"decision"`
	Candidates       []string `json:"candidates"`
	Replacements     []claim  `json:"replacements,omitempty"`
	EstimatedSavings float64  `json:"estimatedSavings"`
}

// consolidate asks three methods of the same cluster, each as if it were the only one.
func consolidate(line []byte) (conformance.Answer, error) {
	var q question
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	snapshot, options, err := q.snapshot()
	if err != nil {
		return conformance.Answer{}, err
	}
	d, err := karpenter.NewDisruptor(snapshot, options)
	if err != nil {
		return conformance.Answer{}, err
	}
	out := consolidation{ID: q.ID, CandidateCounts: map[string]int{}, Budgets: map[string]map[string]int{}}
	var found []karpenter.Command
	for _, m := range []karpenter.Method{karpenter.Emptiness, karpenter.MultiNode, karpenter.SingleNode} {
		out.CandidateCounts[string(m)] = len(d.Candidates(m))
		budgets := map[string]int{}
		for _, a := range d.Allowances(m.Reason()) {
			budgets[a.NodePool] = a.Allowed
		}
		out.Budgets[string(m)] = budgets
		if c, ok := search(d, m); ok {
			found = append(found, c)
			out.Commands = append(out.Commands, commandOf(c))
		}
	}
	slices.SortFunc(out.Commands, func(a, b command) int { return cmp.Compare(a.Method, b.Method) })
	return conformance.Answer{Line: out, Explain: func(w io.Writer) error {
		for _, c := range found {
			if _, err := fmt.Fprintln(w, c); err != nil {
				return err
			}
		}
		return nil
	}}, nil
}

func search(d *karpenter.Disruptor, m karpenter.Method) (karpenter.Command, bool) {
	switch m {
	case karpenter.Emptiness:
		return d.Empty()
	case karpenter.MultiNode:
		return d.Multi()
	}
	s := d.Single(0)
	return s.Command, s.Found
}

func commandOf(c karpenter.Command) command {
	out := command{Method: string(c.Method), Decision: string(c.Decision), EstimatedSavings: c.Savings}
	for i := range c.Candidates {
		out.Candidates = append(out.Candidates, c.Candidates[i].Node)
	}
	slices.Sort(out.Candidates)
	for i := range c.Replacements {
		out.Replacements = append(out.Replacements, claimOf(&c.Replacements[i]))
	}
	return out
}
