package main

import (
	"context"
	"errors"
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
		return tellEmptiness(t, c, pool, types)
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
	planned := false
	err := play(c, 5*time.Second, 2*time.Minute, func(at time.Duration) {
		if plan := k.Plan(); len(plan.Claims) > 0 && !planned {
			planned = true
			first := &plan.Claims[0]
			t.At(at).Decided("launches %s for %s", count(len(plan.Claims), "machine"), count(len(first.Pods), "pod"))
			t.Why(without(plan.Explain, "pod default/", " pods on "))
		}
	})
	switch {
	case err != nil:
		return err
	case !planned:
		return errors.New("nothing was launched")
	}
	requested, _ := nodeBars(c.View())
	t.At(2*time.Minute).Bars("requested", requested...)
	running, err := c.View().Cloud().Instances(context.Background())
	if err != nil {
		return err
	}
	w, _ := c.View().Workload(inflate)
	t.Untimed().Check("machines launched, and pods that run on them", "1 for 5", fmt.Sprintf("%d for %d", len(running), w.Ready))
	for _, i := range running {
		t.Check("its type", "c5a.2xlarge", i.Offering.InstanceType)
		t.Check("its zone and capacity type", "ap-northeast-2a spot", i.Offering.Zone+" "+i.Offering.CapacityType)
		t.Check("its price an hour, of a list price of $0.344", "$0.1032", fmt.Sprintf("$%.4g", i.Price))
	}
	return nil
}
