package main

import (
	"slices"
	"strings"
	"time"

	"github.com/scalemath/scalemath/clusterautoscaler"
	"github.com/scalemath/scalemath/internal/sim"
)

var clusterAutoscalerChapter = Chapter{
	Name:  "cluster-autoscaler",
	Title: "a node group grows for pods without a place",
	Tell: func(t *Teller) error {
		t.Say("The Cluster Autoscaler asks one question: is there a pod that no node can take? The scheduler books what pods " +
			"request, never what they use, and so does the autoscaler. Fifteen pods of 500m and 512Mi come to three nodes " +
			"of 1930m each; the group may have six.")
		c, autoscaler, err := scaleOut(t.Seed)
		if err != nil {
			return err
		}
		if err := tellGrowth(t, c, autoscaler); err != nil {
			return err
		}
		t.Say("Then the Deployment is deleted. A node goes once no more than half of it has been requested for ten minutes, its " +
			"pods fit elsewhere, and the group stays at its minimum of three.")
		if err := tellShrinking(t, c, autoscaler); err != nil {
			return err
		}
		t.Say("A node that somebody has annotated stays, whatever runs on it. The same question, with that on the second that went:")
		return tellAnnotation(t)
	},
}

const (
	nginx     = "default/nginx-to-scaleout"
	scaledOut = 55 * time.Second
	deleted   = 14*time.Minute + 55*time.Second
)

// scaleOut is a cluster with the node group, in which somebody scales nginx to 15 after a minute.
func scaleOut(seed uint64) (*sim.Cluster, *sim.ClusterAutoscaler, error) {
	cloud, err := groupCloud()
	if err != nil {
		return nil, nil, err
	}
	all, err := workloads("kube-system.yaml")
	if err != nil {
		return nil, nil, err
	}
	w, err := deployment("nginx.yaml")
	if err != nil {
		return nil, nil, err
	}
	by := &person{todo: []task{{at: scaledOut, do: scaleTo(nginx, 15)}, {at: deleted, do: scaleTo(nginx, 0)}}}
	autoscaler := sim.NewClusterAutoscaler(clusterautoscaler.DefaultOptions())
	c, err := sim.New(sim.Config{
		Start: nine, Seed: seed, Cloud: cloud, Workloads: append(all, w), Autoscalers: []sim.Autoscaler{by, autoscaler},
	})
	return c, autoscaler, err
}

func tellGrowth(t *Teller, c *sim.Cluster, autoscaler *sim.ClusterAutoscaler) error {
	if err := c.Run(scaledOut); err != nil {
		return err
	}
	waiting := len(c.View().Pending())
	requested, used := nodeBars(c.View())
	t.At(scaledOut).Saw("%d of 15 pods wait for a node", waiting)
	t.Bars("requested", requested...)
	t.Bars("used", used...)
	var grown sim.History
	var full time.Duration
	err := play(c, 10*time.Second, 5*time.Minute, func(at time.Duration) {
		grown = c.History().Of(sim.GroupResized)
		for i := range autoscaler.Loop().ScaleUps {
			if up := &autoscaler.Loop().ScaleUps[i]; up.Result == clusterautoscaler.ScaleUpSuccessful {
				t.At(at).Decided("%s", up)
				t.Why(without(up.Explain, "scale up "))
			}
		}
		if w, _ := c.View().Workload(nginx); w.Ready == 15 && full == 0 {
			full = at
			t.At(at).Saw("15 pods run on %s", count(c.View().NodeCount(), "node"))
			requested, _ = nodeBars(c.View())
			t.Bars("requested", requested...)
		}
	})
	if err != nil {
		return err
	}
	w, _ := c.View().Workload(nginx)
	t.Untimed().Check("pods that waited for a node", 6, waiting)
	t.Check("nodes that used more than a tenth of their CPU then", 0, above(used, 0.1))
	t.Check("nodes, of at most 6", 5, c.View().NodeCount())
	t.Check("steps that it took", 1, len(grown))
	t.Check("pods that run", 15, w.Ready)
	return nil
}

func tellShrinking(t *Teller, c *sim.Cluster, autoscaler *sim.ClusterAutoscaler) error {
	if err := c.Run(deleted); err != nil {
		return err
	}
	requested, _ := nodeBars(c.View())
	t.At(deleted).Bars("requested", requested...)
	var course []int
	var unneeded, left time.Duration
	least := c.View().NodeCount()
	err := play(c, 10*time.Second, deleted+12*time.Minute, func(at time.Duration) {
		t.At(at)
		d := autoscaler.Loop().ScaleDown
		if d == nil {
			return
		}
		course = append(course, c.View().NodeCount())
		if len(d.Unneeded) > 0 && unneeded == 0 {
			unneeded = at
			t.Decided("%s not needed; the timers run", strings.Join(d.Unneeded, ", "))
			t.Why(without(d.Explain, "scale down ", "no node goes", "RecentlyUnremovable"))
		}
		if gone := len(d.Empty) + len(d.Drain); gone > 0 && left == 0 {
			left = at
			t.Decided("%s, after %s: %s", count(gone, "node")+" removed", short(at-unneeded), strings.Join(removed(d), ", "))
			t.Why(without(d.Explain, "scale down ", "no node goes", "RecentlyUnremovable"))
		} else if left == 0 {
			least = min(least, c.View().NodeCount())
		}
	})
	if err != nil {
		return err
	}
	t.Untimed().Course("nodes", 10*time.Second, course)
	t.Check("nodes left in the ten minutes after the deletion", 5, least)
	t.Check("minutes from the deletion to the removal", 10, int((left - deleted).Minutes()))
	t.Check("nodes after it", 3, c.View().NodeCount())
	return nil
}

func removed(d *clusterautoscaler.ScaleDown) []string {
	var all []string
	for _, r := range append(slices.Clone(d.Empty), d.Drain...) {
		all = append(all, r.Node)
	}
	return all
}
