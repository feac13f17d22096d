package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/karpenter"
)

// provision says which nodes would be created.
func provision(q *question, w io.Writer) error {
	plan, err := karpenter.Provision(&q.snapshot, q.options)
	if err != nil {
		return err
	}
	a := answerOf(plan)
	if q.json {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(a)
	}
	return a.text(w)
}

// provisioned is a plan with names in place of objects.
type provisioned struct {
	Launches      []launch   `json:"launches"`      // nodes to create, in the order in which they were opened
	Placed        []placed   `json:"placed"`        // pods that go to nodes that are there
	Unschedulable []leftOver `json:"unschedulable"` // pods without a place
	Price         float64    `json:"price"`         // of all launches, per hour
}

type launch struct {
	NodePool      string              `json:"nodePool"`
	Cheapest      karpenter.Choice    `json:"cheapest"`
	InstanceTypes []string            `json:"instanceTypes"` // that would do, cheapest first
	Requests      corev1.ResourceList `json:"requests"`
	Requirements  []string            `json:"requirements"`
	Pods          []string            `json:"pods"`
}

type placed struct {
	Pod  string `json:"pod"`
	Node string `json:"node"`
}

type leftOver struct {
	Pod     string             `json:"pod"`
	Failure *karpenter.Failure `json:"failure"`
}

func podName(p *corev1.Pod) string { return p.Namespace + "/" + p.Name }

func answerOf(plan karpenter.Plan) provisioned {
	a := provisioned{Launches: []launch{}, Placed: []placed{}, Unschedulable: []leftOver{}, Price: plan.Price}
	for i := range plan.Claims {
		c := &plan.Claims[i]
		l := launch{NodePool: c.NodePool, Cheapest: c.Cheapest, Requests: c.Requests}
		for _, t := range c.Types {
			l.InstanceTypes = append(l.InstanceTypes, t.Name)
		}
		for _, r := range c.Requirements.All() {
			l.Requirements = append(l.Requirements, r.String())
		}
		for _, p := range c.Pods {
			l.Pods = append(l.Pods, podName(p))
		}
		a.Launches = append(a.Launches, l)
	}
	for i := range plan.Placements {
		switch p := &plan.Placements[i]; {
		case p.Failure != nil:
			a.Unschedulable = append(a.Unschedulable, leftOver{podName(p.Pod), p.Failure})
		case p.Node != "":
			a.Placed = append(a.Placed, placed{podName(p.Pod), p.Node})
		}
	}
	return a
}

func (a *provisioned) text(w io.Writer) error {
	var b strings.Builder
	for i := range a.Launches {
		l := &a.Launches[i]
		c := l.Cheapest
		fmt.Fprintf(&b, "launch %s %s in %s for NodePool %s at %.4f/h", c.InstanceType, c.CapacityType, c.Zone, l.NodePool, c.Price)
		if n := len(l.InstanceTypes); n > 1 {
			fmt.Fprintf(&b, ", or one of %d other types: %s", n-1, shortened(l.InstanceTypes[1:]))
		}
		fmt.Fprintf(&b, "\n  %s\n  for %s\n", resources(l.Requests), strings.Join(l.Pods, ", "))
	}
	for _, p := range a.Placed {
		fmt.Fprintf(&b, "%s goes to node %s\n", p.Pod, p.Node)
	}
	for _, p := range a.Unschedulable {
		fmt.Fprintf(&b, "%s stays pending: %s\n", p.Pod, p.Failure)
	}
	pods := 0
	for i := range a.Launches {
		pods += len(a.Launches[i].Pods)
	}
	fmt.Fprintf(&b, "%d nodes for %d pods at %.4f/h, %d pods on nodes that are there, %d without a place\n",
		len(a.Launches), pods, a.Price, len(a.Placed), len(a.Unschedulable))
	_, err := io.WriteString(w, b.String())
	return err
}

func shortened(names []string) string {
	const few = 5
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:few], ", ") + ", ..."
}

func resources(list corev1.ResourceList) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(list)) {
		q := list[name]
		parts = append(parts, string(name)+" "+q.String())
	}
	return strings.Join(parts, ", ")
}
