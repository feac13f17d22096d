package sim_test

import (
	"testing"
	"time"

	"github.com/scalemath/scalemath/clusterautoscaler"
	"github.com/scalemath/scalemath/internal/sim"
)

func TestNodeGroupsGrowForPodsThatWait(t *testing.T) {
	c := cluster(t, sim.Config{
		Cloud: workers(3, 6, 3),
		Workloads: []sim.Workload{
			{Kind: sim.DaemonSet, Name: "agent", Template: template("100m", "", "")},
			// Three pods of two cores fit beside the daemon on a machine of eight: 15 pods need five machines.
			{Name: "app", Replicas: 15, Template: template("2", "", "")},
		},
		Autoscalers: []sim.Autoscaler{sim.NewClusterAutoscaler(clusterautoscaler.DefaultOptions())},
	})
	run(t, c, 5*time.Minute)
	grown := c.History().Of(sim.GroupResized)
	if len(grown) != 1 || grown[0].From != 3 || grown[0].To != 5 || grown[0].At != start.Add(10*time.Second) {
		t.Errorf("%v", grown)
	}
	if w, _ := c.View().Workload("default/app"); w.Ready != 15 || c.View().NodeCount() != 5 {
		t.Errorf("%d ready on %d nodes", w.Ready, c.View().NodeCount())
	}
}
