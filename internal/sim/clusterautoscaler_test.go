package sim_test

import (
	"testing"
	"time"

	"github.com/scalemath/scalemath/clusterautoscaler"
	"github.com/scalemath/scalemath/internal/sim"
)

// Three pods of two cores fit beside the daemon on a machine of eight: 15 pods need five machines, and 3 pods one.
func TestNodeGroupsGrowForPodsThatWaitAndShrinkWhenTheyAreGone(t *testing.T) {
	autoscaler := sim.NewClusterAutoscaler(clusterautoscaler.DefaultOptions())
	c := cluster(t, sim.Config{
		Cloud: workers(3, 6, 3),
		Workloads: []sim.Workload{
			{Kind: sim.DaemonSet, Name: "agent", Template: template("100m", "", "")},
			{Name: "app", Replicas: 3, Template: template("2", "", "")},
		},
		Autoscalers: []sim.Autoscaler{
			autoscaler,
			&script{at: 5 * time.Minute, actions: []sim.Action{sim.Scale{Workload: "default/app", Replicas: 15}}},
			&script{at: 20 * time.Minute, actions: []sim.Action{sim.Scale{Workload: "default/app", Replicas: 3}}},
		},
	})
	run(t, c, 10*time.Minute)
	grown := c.History().Of(sim.GroupResized)
	if len(grown) != 1 || grown[0].From != 3 || grown[0].To != 5 {
		t.Fatalf("%v", grown)
	}
	if w, _ := c.View().Workload("default/app"); w.Ready != 15 || c.View().NodeCount() != 5 {
		t.Fatalf("%d ready on %d nodes", w.Ready, c.View().NodeCount())
	}
	run(t, c, 29*time.Minute+50*time.Second)
	if n := c.View().NodeCount(); n != 5 {
		t.Fatalf("%d nodes before ten minutes without need", n)
	}
	run(t, c, 40*time.Minute)
	w, _ := c.View().Workload("default/app")
	if n := c.View().NodeCount(); n != 3 || w.Ready != 3 {
		for _, s := range autoscaler.ScaleDown().Nodes {
			t.Logf("%+v", s)
		}
		t.Fatalf("%d nodes, %d ready in the end", n, w.Ready)
	}
}

func TestNoNodeGoesForTenMinutesAfterAScaleUp(t *testing.T) {
	c := cluster(t, sim.Config{
		Cloud: workers(1, 6, 3), Pack: true,
		Workloads: []sim.Workload{{Name: "app", Replicas: 12, Template: template("2", "", "")}},
		Autoscalers: []sim.Autoscaler{
			sim.NewClusterAutoscaler(clusterautoscaler.DefaultOptions()),
			&script{at: time.Minute, actions: []sim.Action{sim.Scale{Workload: "default/app", Replicas: 1}}},
			&script{at: 9 * time.Minute, actions: []sim.Action{sim.Scale{Workload: "default/app", Replicas: 20}}},
			&script{at: 10 * time.Minute, actions: []sim.Action{sim.Scale{Workload: "default/app", Replicas: 1}}},
		},
	})
	run(t, c, 19*time.Minute)
	if left := c.History().Of(sim.NodeLeft); len(left) != 0 {
		t.Errorf("%v", left)
	}
	run(t, c, 30*time.Minute)
	if n := c.View().NodeCount(); n != 1 {
		t.Errorf("%d nodes in the end", n)
	}
}
