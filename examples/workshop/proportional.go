package main

import (
	"strings"

	"github.com/scalemath/scalemath/proportional"
)

var proportionalChapter = Chapter{
	Name:  "proportional",
	Title: "nginx follows the size of the cluster",
	Tell: func(t *Teller) error {
		t.Say("The Cluster Proportional Autoscaler knows nothing of load. It counts nodes and climbs a ladder: the highest step " +
			"that the cluster reaches says how many replicas there are. The chart's values make the ladder.")
		_, data, err := ladderValues()
		if err != nil {
			return err
		}
		policy, err := proportional.ParseConfig(data, proportional.Upstream())
		if err != nil {
			return err
		}
		t.Table("ladder, as its ConfigMap has it", lines(strings.TrimSpace(data["ladder"])))
		for _, page := range []struct{ nodes, replicas int32 }{{5, 5}, {4, 3}, {3, 3}, {6, 5}} {
			outcome, err := policy.Replicas(size(page.nodes))
			if err != nil {
				return err
			}
			t.Saw("%d nodes", page.nodes)
			t.Decided("%v", outcome)
			t.Check("replicas with "+count(int(page.nodes), "node"), page.replicas, outcome.Replicas)
		}
		return nil
	},
}

// ladderValues are the chart's values, and the ConfigMap that the chart makes of them.
func ladderValues() (proportional.Values, map[string]string, error) {
	chart, err := text("proportional-values.yaml")
	if err != nil {
		return proportional.Values{}, nil, err
	}
	values, err := proportional.ParseValues(chart)
	if err != nil {
		return values, nil, err
	}
	data, err := values.Data()
	return values, data, err
}

// size is a cluster of so many nodes of two cores.
func size(nodes int32) proportional.ClusterSize {
	return proportional.ClusterSize{Nodes: nodes, SchedulableNodes: nodes, Cores: 2 * nodes, SchedulableCores: 2 * nodes}
}
