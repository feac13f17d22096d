// Package karpenter answers the recorded questions about Karpenter.
package karpenter

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/scalemath/scalemath/internal/conformance"
	"github.com/scalemath/scalemath/karpenter"
)

// System answers "karpenter schedule".
func System() conformance.System {
	return conformance.System{
		Name: "karpenter",
		Kinds: []conformance.Kind{
			{Name: "schedule", Answer: schedule, Compare: conformance.Comparison{
				Fields: []string{"id", "scheduled", "unschedulable", "existing", "nodeClaims", "totalPrice"},
				Sets:   []string{"unschedulable", "existing.*", "nodeClaims.pods"},
			}},
		},
	}
}

// answer is what a schedule question gets.
type answer struct {
	ID            string              `json:"id,omitempty"`
	Scheduled     int                 `json:"scheduled"`
	Unschedulable []string            `json:"unschedulable,omitempty"`
	Existing      map[string][]string `json:"existing,omitempty"`
	NodeClaims    []claim             `json:"nodeClaims,omitempty"`
	TotalPrice    float64             `json:"totalPrice"`
}

// claim is a node to be created.
type claim struct {
	NodePool             string            `json:"nodePool"`
	Pods                 []string          `json:"pods"`
	Requests             map[string]string `json:"requests"`
	InstanceTypeCount    int               `json:"instanceTypeCount"`
	FirstInstanceTypes   []string          `json:"firstInstanceTypes,omitempty"`
	CheapestType         string            `json:"cheapestType,omitempty"`
	CheapestZone         string            `json:"cheapestZone,omitempty"`
	CheapestCapacityType string            `json:"cheapestCapacityType,omitempty"`
	Price                float64           `json:"price"`
}

func schedule(line []byte) (conformance.Answer, error) {
	var q question
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	snapshot, options, err := q.snapshot()
	if err != nil {
		return conformance.Answer{}, err
	}
	plan, err := karpenter.Provision(snapshot, options)
	if err != nil {
		return conformance.Answer{}, err
	}
	return conformance.Answer{Line: answerOf(q.ID, plan), Explain: plan.Explain}, nil
}

func answerOf(id string, plan karpenter.Plan) answer {
	out := answer{ID: id, TotalPrice: plan.Price, Existing: map[string][]string{}}
	for _, p := range plan.Placements {
		switch {
		case p.Failure != nil:
			out.Unschedulable = append(out.Unschedulable, p.Pod.Name)
			continue
		case p.Node != "":
			out.Existing[p.Node] = append(out.Existing[p.Node], p.Pod.Name)
		}
		out.Scheduled++
	}
	slices.Sort(out.Unschedulable)
	for _, names := range out.Existing {
		slices.Sort(names)
	}
	for i := range plan.Claims {
		out.NodeClaims = append(out.NodeClaims, claimOf(&plan.Claims[i]))
	}
	slices.SortFunc(out.NodeClaims, func(a, b claim) int { return slices.Compare(a.Pods, b.Pods) })
	return out
}

func claimOf(c *karpenter.Claim) claim {
	out := claim{
		NodePool: c.NodePool, InstanceTypeCount: len(c.Types), Requests: map[string]string{},
		CheapestType: c.Cheapest.InstanceType, CheapestZone: c.Cheapest.Zone,
		CheapestCapacityType: c.Cheapest.CapacityType, Price: c.Cheapest.Price,
	}
	for _, p := range c.Pods {
		out.Pods = append(out.Pods, p.Name)
	}
	slices.SortFunc(out.Pods, strings.Compare)
	for name, quantity := range c.Requests {
		out.Requests[string(name)] = quantity.String()
	}
	for _, t := range c.Types[:min(5, len(c.Types))] {
		out.FirstInstanceTypes = append(out.FirstInstanceTypes, t.Name)
	}
	return out
}
