package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/internal/sim"
	"github.com/scalemath/scalemath/karpenter"
	"github.com/scalemath/scalemath/karpenter/legacy"
)

var karpenterChapter = Chapter{
	Name:  "karpenter",
	Title: "one machine for five pods, for as long as they are there",
	Tell: func(t *Teller) error {
		t.Say("Karpenter has no groups: it picks a machine for the pods that wait. The workshop's Provisioner of 2023 allows " +
			"spot machines up to 1000 cores, and lets empty ones go after 30 seconds. It is read as it was and converted.")
		pool, converted, types, err := spotMachines()
		if err != nil {
			return err
		}
		t.Table("the Provisioner as a NodePool", conversion(converted.Report))
		t.Check("its limit of cores, and when an empty node goes", "1000, 30s",
			fmt.Sprintf("%d, %s", pool.Spec.Limits.Cpu().Value(), pool.Spec.Disruption.ConsolidateAfter))
		t.Say(fmt.Sprintf("The catalogue has %d types of machines of Seoul at list prices, of which spot is taken to cost %.0f %%. "+
			"Somebody scales inflate to five pods of one core each.", len(types), 100*spotShare))
		c, k, err := inflated(t.Seed, pool, types)
		if err != nil {
			return err
		}
		if err := tellLaunch(t, c, k); err != nil {
			return err
		}
		t.Say("After ten minutes the Deployment is deleted.")
		return tellEmptiness(t, c, k, pool, types)
	},
}

// conversion is what became of the fields of the Provisioner.
func conversion(report legacy.Report) func(io.Writer) error {
	var all []string
	for _, c := range report {
		switch {
		case !strings.HasPrefix(c.Object, "Provisioner"):
		case c.From == "":
			all = append(all, fmt.Sprintf("%-8s %s", c.Action, c.To))
		default:
			all = append(all, fmt.Sprintf("%-8s %s -> %s", c.Action, c.From, c.To))
		}
	}
	return lines(all...)
}

const (
	inflate    = "default/inflate"
	inflatedAt = 25 * time.Second
	deflatedAt = 10*time.Minute + 5*time.Second
)

// inflated is a cluster whose nodes are all Karpenter's, in which somebody scales inflate up and, later, deletes it.
func inflated(seed uint64, pool *karpenter.NodePool, types []*cloudprovider.InstanceType) (*sim.Cluster, *sim.Karpenter, error) {
	w, err := deployment("inflate.yaml")
	if err != nil {
		return nil, nil, err
	}
	all, err := workloads("kube-system.yaml")
	if err != nil {
		return nil, nil, err
	}
	k, err := sim.NewKarpenter(karpenter.Options{}, pool)
	if err != nil {
		return nil, nil, err
	}
	by := &person{todo: []task{{at: inflatedAt, do: scaleTo(inflate, 5)}, {at: deflatedAt, do: scaleTo(inflate, 0)}}}
	daemons := all[:2]
	c, err := sim.New(sim.Config{
		Start: nine, Seed: seed, Workloads: append(daemons, w), Autoscalers: []sim.Autoscaler{by, k},
		Cloud: cloudprovider.MemoryConfig{Types: types, StartDelay: 25 * time.Second, JoinDelay: 15 * time.Second},
	})
	return c, k, err
}

func tellLaunch(t *Teller, c *sim.Cluster, k *sim.Karpenter) error {
	if err := c.Run(inflatedAt); err != nil {
		return err
	}
	t.At(inflatedAt).Saw("%s wait for a node", count(len(c.View().Pending()), "pod"))
	var claim *karpenter.Claim
	claims := 0
	err := play(c, 5*time.Second, 2*time.Minute, func(at time.Duration) {
		if plan := k.Plan(); len(plan.Claims) > 0 && claim == nil {
			claim, claims = &plan.Claims[0], len(plan.Claims)
			t.At(at).Decided("launches %s for %s: %s", count(claims, "machine"), count(len(claim.Pods), "pod"), choice(claim.Cheapest))
			t.Why(without(plan.Explain, "pod default/", " pods on "))
		}
	})
	switch {
	case err != nil:
		return err
	case claim == nil:
		return fmt.Errorf("nothing was launched")
	}
	requested, _ := nodeBars(c.View())
	t.At(2*time.Minute).Bars("requested", requested...)
	w, _ := c.View().Workload(inflate)
	t.Untimed().Check("machines launched, and pods that run on them", "1 for 5", fmt.Sprintf("%d for %d", c.View().NodeCount(), w.Ready))
	t.Check("its type", "c5a.2xlarge", claim.Cheapest.InstanceType)
	t.Check("its zone and capacity type", "ap-northeast-2a spot", claim.Cheapest.Zone+" "+claim.Cheapest.CapacityType)
	t.Check("its price an hour, of a list price of $0.344", "$0.1032", fmt.Sprintf("$%.4g", claim.Cheapest.Price))
	return nil
}

func choice(c karpenter.Choice) string {
	return fmt.Sprintf("%s %s in %s, $%.4g an hour", c.InstanceType, c.CapacityType, c.Zone, c.Price)
}

func tellEmptiness(t *Teller, c *sim.Cluster, k *sim.Karpenter, pool *karpenter.NodePool, types []*cloudprovider.InstanceType) error {
	if err := c.Run(deflatedAt); err != nil {
		return err
	}
	nodes := c.View().NodesWithPods()
	if len(nodes) != 1 {
		return fmt.Errorf("there are %d nodes, not one", len(nodes))
	}
	at := deflatedAt
	for _, empty := range []time.Duration{29 * time.Second, 30 * time.Second} {
		n := &nodes[0]
		command, found, err := karpenter.EmptyNodes(&karpenter.Snapshot{
			Now: nine.Add(at + empty), NodePools: []*karpenter.NodePool{pool},
			InstanceTypes: map[string][]*cloudprovider.InstanceType{pool.Name: types},
			Nodes:         []*karpenter.Node{{Object: n.Object, Pods: n.Pods, NodePool: pool.Name, Initialized: n.Joined, LastPodEvent: n.Touched}},
		}, karpenter.Options{})
		if err != nil {
			return err
		}
		t.At(at+empty).Saw("%s without pods for %s", n.Object.Name, empty)
		if !found {
			t.Decided("nothing")
		} else {
			t.Decided("%s", command)
			t.Untimed().Check("its reason", karpenter.Empty, command.Reason)
		}
		t.Untimed().Check("nodes that go after "+short(empty), map[bool]int{true: 1}[empty == 30*time.Second], len(command.Candidates))
	}
	if err := c.Run(at + 2*time.Minute); err != nil {
		return err
	}
	left := c.History().Of(sim.NodeLeft)
	if len(left) != 1 {
		return fmt.Errorf("%d nodes left, not one", len(left))
	}
	t.At(left[0].At.Sub(nine)).Saw("%s is gone", left[0].Object)
	t.Untimed().Check("nodes in the end", 0, c.View().NodeCount())
	return nil
}
