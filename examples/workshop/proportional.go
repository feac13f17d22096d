package main

import (
	"strings"

	"github.com/scalemath/scalemath/proportional"
)

var proportionalChapter = Chapter{
	Name:  "proportional",
	Title: "nginx follows the size of the cluster by a ladder",
	Tell: func(t *Teller) error {
		chart, err := text("proportional-values.yaml")
		if err != nil {
			return err
		}
		values, err := proportional.ParseValues(chart)
		if err != nil {
			return err
		}
		data, err := values.Data()
		if err != nil {
			return err
		}
		policy, err := proportional.ParseConfig(data, proportional.Upstream())
		if err != nil {
			return err
		}
		t.Say("The Cluster Proportional Autoscaler looks at the number of nodes and climbs a ladder: the highest step that the\ncluster reaches says how many replicas there are.")
		t.Table("ladder, as its ConfigMap has it", lines(strings.TrimSpace(data["ladder"])))
		for _, c := range []struct{ nodes, replicas int32 }{{5, 5}, {4, 3}, {3, 3}, {6, 5}} {
			outcome, err := policy.Replicas(size(c.nodes))
			if err != nil {
				return err
			}
			t.Saw("%d nodes", c.nodes)
			t.Decided("%v", outcome)
			t.Why(outcome.Explain)
			t.Check("replicas with "+count(int(c.nodes), "node"), c.replicas, outcome.Replicas)
		}
		return nil
	},
}

// size is a cluster of so many nodes of two cores.
func size(nodes int32) proportional.ClusterSize {
	return proportional.ClusterSize{Nodes: nodes, SchedulableNodes: nodes, Cores: 2 * nodes, SchedulableCores: 2 * nodes}
}
