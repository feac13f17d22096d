package sim_test

import (
	"testing"
	"time"

	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/clusterautoscaler"
	"github.com/scalemath/scalemath/internal/sim"
)

// Three pods of two cores fit beside the daemon on a machine of eight: 15 pods need five machines, and 3 pods one.
func TestNodeGroupsGrowForPodsThatWaitAndShrinkWhenTheyAreGone(t *testing.T) {
	for _, skip := range []bool{false, true} {
		grow(t, skip)
	}
}

func grow(t *testing.T, skip bool) {
	autoscaler := sim.NewClusterAutoscaler(clusterautoscaler.DefaultOptions())
	autoscaler.SkipIdle = skip
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
		for _, s := range autoscaler.Loop().ScaleDown.Nodes {
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

func TestAGroupWithoutCapacityRestsAndAnotherGrows(t *testing.T) {
	cloud := workers(1, 6, 1)
	more := cloud.Groups[0]
	more.ID, more.Zones, more.Min, more.Target = "other", []string{"b"}, 0, 0
	cloud.Groups = append(cloud.Groups, more)
	cloud.Types[0].Offerings = append(cloud.Types[0].Offerings, cloudprovider.Offering{Zone: "b", CapacityType: cloudprovider.OnDemand, Price: 0.5})
	cloud.Capacity = []cloudprovider.CapacityLimit{{OfferingRef: cloudprovider.OfferingRef{InstanceType: "m5.2xlarge", Zone: "b", CapacityType: cloudprovider.OnDemand}}}
	c := cluster(t, sim.Config{
		Cloud:       cloud,
		Workloads:   []sim.Workload{{Name: "app", Replicas: 6, Template: template("3", "", "")}},
		Autoscalers: []sim.Autoscaler{sim.NewClusterAutoscaler(clusterautoscaler.DefaultOptions())},
	})
	run(t, c, 10*time.Minute)
	w, _ := c.View().Workload("default/app")
	if n := len(c.History().About("other").Of(sim.GroupResized)); n != 2 {
		t.Errorf("the group was resized %d times: up, and back", n)
	}
	if _, launched, err := c.View().Cloud().Size("other"); err != nil || launched != 0 || w.Ready != 6 {
		for _, r := range c.History() {
			t.Log(r.String())
		}
		t.Fatalf("%d machines of the group without capacity, %d ready, %v", launched, w.Ready, err)
	}
}
