package main

import (
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
		return tellGrowth(t, c, autoscaler)
	},
}

const (
	nginx     = "default/nginx-to-scaleout"
	scaledOut = 55 * time.Second
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
	by := &person{todo: []task{{at: scaledOut, do: func(*sim.View) []sim.Action {
		return []sim.Action{sim.Scale{Workload: nginx, Replicas: 15, Why: "kubectl scale --replicas=15"}}
	}}}}
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
		if now := c.History().Of(sim.GroupResized); len(now) > len(grown) {
			grown = now
			t.At(at).Decided("%s", autoscaler.ScaleUp())
			t.Why(without(autoscaler.ScaleUp().Explain, "scale up "))
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
	t.Untimed().Check("pods that wait, though no node uses a tenth of its CPU", "6, true", pair(waiting, most(used) < 0.1))
	t.Check("nodes, of at most 6, in one step", "5 in 1", pairIn(c.View().NodeCount(), len(grown)))
	t.Check("pods that run", 15, w.Ready)
	return nil
}
