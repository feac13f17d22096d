package main

import (
	"encoding/json"
	"io"

	"github.com/scalemath/scalemath/karpenter"
)

// disrupted is a round of disruption, and why each node stays or goes.
type disrupted struct {
	Commands []karpenter.Command    `json:"commands"`
	Nodes    []karpenter.NodeReport `json:"nodes"`
}

// consolidate says which nodes would be removed or replaced now, and of each node why it stays or goes.
func consolidate(q *question, w io.Writer) error {
	age(&q.snapshot)
	d, err := karpenter.NewDisruptor(&q.snapshot, q.options)
	if err != nil {
		return err
	}
	a := disrupted{Commands: d.Disrupt(nil).Commands}
	if a.Nodes, err = karpenter.Why(&q.snapshot, q.options); err != nil {
		return err
	}
	if q.json {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(a)
	}
	for _, c := range a.Commands {
		if err := c.Explain(w); err != nil {
			return err
		}
	}
	if len(a.Commands) == 0 {
		if _, err := io.WriteString(w, "nothing to disrupt\n"); err != nil {
			return err
		}
	}
	for _, n := range a.Nodes {
		if err := n.Explain(w); err != nil {
			return err
		}
	}
	return nil
}

// age gives nodes the lifetime that their pool asks for: what their claims say is not in the files.
func age(s *karpenter.Snapshot) {
	for _, n := range s.Nodes {
		for _, p := range s.NodePools {
			if p.Name == n.NodePool && !n.ExpireAfter.Set {
				n.ExpireAfter = p.Spec.Template.Spec.ExpireAfter
			}
		}
	}
}
