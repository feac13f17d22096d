package sim_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/clusterautoscaler"
	"github.com/scalemath/scalemath/internal/sim"
	"github.com/scalemath/scalemath/vpa"
)

// big needs more than there is.
func big() sim.Workload {
	return sim.Workload{Name: "big", Replicas: 9, Template: template("6", "", ""), From: 20 * time.Minute}
}

// everything is a scenario with all that is left to chance: spot machines, hamsters, and several autoscalers.
func everything(t testing.TB, seed uint64) sim.Config {
	cloud := workers(2, 8, 3)
	cloud.Types[0].Offerings = append(cloud.Types[0].Offerings, cloudprovider.Offering{Zone: "a", CapacityType: cloudprovider.Spot, Price: 0.1})
	cloud.Groups = append(cloud.Groups, cloudprovider.NodeGroup{ID: "spot", Max: 4, Target: 3, InstanceType: "m5.2xlarge", Zones: []string{"a"}, CapacityType: cloudprovider.Spot})
	cloud.MeanSpotLife, cloud.Seed = time.Hour, seed
	values := map[string]sim.Curve{"default/worker/s0-prometheus": sim.Daily(0, 90)}
	return sim.Config{
		Start: start, Seed: seed, Cloud: cloud,
		Workloads: []sim.Workload{phpApache(sim.Daily(0, 200)), hamster(), worker(0), big(), {Kind: sim.DaemonSet, Name: "agent", Template: template("50m", "", "")}},
		HPAs:      []*autoscalingv2.HorizontalPodAutoscaler{object("php-apache", 1, 10, 50)},
		Autoscalers: []sim.Autoscaler{newKEDA(t, queue, values), newHPA(t), newVPA(t, "hamster", vpa.UpdateModeRecreate),
			sim.NewClusterAutoscaler(clusterautoscaler.DefaultOptions()), newKarpenter(t, spotPool())},
	}
}

func TestTheSameSeedGivesTheSameHistoryByteForByte(t *testing.T) {
	play := func(seed uint64, stops ...time.Duration) string {
		c := cluster(t, everything(t, seed))
		for _, at := range stops {
			run(t, c, at)
		}
		var text bytes.Buffer
		if err := c.History().Write(&text); err != nil {
			t.Fatal(err)
		}
		if err := c.History().WriteJSON(&text); err != nil {
			t.Fatal(err)
		}
		return text.String()
	}
	one := play(1, 6*time.Hour)
	if strings.Count(one, "Interrupted") == 0 || strings.Count(one, "PodEvicted") == 0 || strings.Count(one, " keda ") == 0 ||
		strings.Count(one, "GroupResized") == 0 || strings.Count(one, "NodePool default") == 0 {
		t.Fatal("too little happens")
	}
	for range 3 {
		if play(1, 6*time.Hour) != one {
			t.Fatal("the same scenario has two histories")
		}
	}
	if play(1, time.Second, 37*time.Minute, 5*time.Hour, 6*time.Hour) != one {
		t.Error("stopping on the way changes the history")
	}
	if play(2, 6*time.Hour) == one {
		t.Error("another seed has the same history")
	}
}

func TestPodsWaitForRoomAndMoveInWhenThereIsSome(t *testing.T) {
	c := cluster(t, sim.Config{
		Cloud:       workers(1, 3, 1),
		Workloads:   []sim.Workload{{Name: "app", Replicas: 10, Template: template("2", "", ""), StartDelay: time.Second, ReadyDelay: time.Second}},
		Autoscalers: []sim.Autoscaler{&script{at: time.Minute, actions: []sim.Action{sim.ResizeGroup{Group: "workers", Size: 3}}}},
	})
	run(t, c, 30*time.Second)
	pending := c.View().Pending()
	if w, _ := c.View().Workload("default/app"); w.Ready != 4 || len(pending) != 6 {
		t.Fatalf("%d ready, %d waiting", w.Ready, len(pending))
	}
	for _, p := range pending {
		if len(p.Status.Conditions) != 1 || p.Status.Conditions[0].Reason != corev1.PodReasonUnschedulable {
			t.Errorf("%s: %v", p.Name, p.Status.Conditions)
		}
	}
	told := c.History().Of(sim.PodUnschedulable)
	if len(told) != 1 || !strings.Contains(told[0].Why, "0/1 nodes are available: 1 Insufficient cpu") {
		t.Errorf("%v", told)
	}
	run(t, c, 2*time.Minute)
	if w, _ := c.View().Workload("default/app"); w.Ready != 4 {
		t.Fatalf("%d ready when the machines have just joined", w.Ready)
	}
	run(t, c, 2*time.Minute+2*time.Second)
	if w, _ := c.View().Workload("default/app"); w.Ready != 10 {
		t.Fatalf("%d ready in the end", w.Ready)
	}
}

func TestShrinkingTakesWaitingPodsFirst(t *testing.T) {
	c := cluster(t, sim.Config{
		Nodes:       []*corev1.Node{machine("a", "4")},
		Workloads:   []sim.Workload{{Name: "app", Replicas: 5, Template: template("1", "", "")}},
		Autoscalers: []sim.Autoscaler{&script{at: time.Minute, actions: []sim.Action{sim.Scale{Workload: "default/app", Replicas: 3}}}},
	})
	run(t, c, time.Minute)
	deleted := c.History().Of(sim.PodDeleted)
	if len(deleted) != 2 || deleted[0].Node != "" || deleted[1].Node != "a" {
		t.Fatalf("%v", deleted)
	}
}

func TestJobsEndAndDaemonsAreEverywhere(t *testing.T) {
	c := cluster(t, sim.Config{
		Cloud: workers(0, 3, 2),
		Workloads: []sim.Workload{
			{Kind: sim.Job, Name: "batch", Replicas: 6, Template: template("3", "", ""), StartDelay: time.Second, RunFor: time.Minute},
			{Kind: sim.DaemonSet, Name: "agent", Template: template("100m", "", "")},
		},
		Autoscalers: []sim.Autoscaler{&script{at: 5 * time.Minute, actions: []sim.Action{sim.ResizeGroup{Group: "workers", Size: 3}}}},
	})
	run(t, c, 30*time.Second)
	if w, _ := c.View().Workload("default/batch"); w.Ready != 4 {
		t.Fatalf("%d of 6 run on two machines of 8 cores", w.Ready)
	}
	run(t, c, 3*time.Minute)
	if w, _ := c.View().Workload("default/batch"); w.Done != 6 || w.Pods != 0 {
		t.Fatalf("%d done, %d left", w.Done, w.Pods)
	}
	run(t, c, 10*time.Minute)
	if w, _ := c.View().Workload("default/agent"); w.Ready != 3 {
		t.Fatalf("%d daemons on 3 nodes", w.Ready)
	}
	c2 := cluster(t, sim.Config{
		Nodes:       []*corev1.Node{machine("a", "4")},
		Workloads:   []sim.Workload{{Kind: sim.DaemonSet, Name: "agent", Template: template("100m", "", "")}},
		Autoscalers: []sim.Autoscaler{&script{at: time.Minute, actions: []sim.Action{sim.Evict{Namespace: "default", Pod: "agent-00000001"}}}},
	})
	run(t, c2, 2*time.Minute)
	if w, _ := c2.View().Workload("default/agent"); w.Ready != 1 || len(c2.History().Of(sim.PodEvicted)) != 1 {
		t.Fatalf("%d daemons after an eviction", w.Ready)
	}
}

func TestABudgetKeepsPodsAndTheNodeUnderThem(t *testing.T) {
	least := intstr.FromInt32(3)
	pdb := &policyv1.PodDisruptionBudget{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "app"}}
	pdb.Spec.Selector, pdb.Spec.MinAvailable = &metav1.LabelSelector{MatchLabels: map[string]string{"app": "app"}}, &least
	var names []string
	for _, remove := range []bool{false, true} {
		var actions []sim.Action
		for _, n := range names {
			actions = append(actions, sim.RemoveNode{Node: n, Why: "test"})
		}
		c := cluster(t, sim.Config{
			Cloud:       workers(0, 3, 2),
			PDBs:        []*policyv1.PodDisruptionBudget{pdb},
			Workloads:   []sim.Workload{{Name: "app", Replicas: 4, Template: template("1", "", ""), StartDelay: time.Second}},
			Autoscalers: []sim.Autoscaler{&script{at: time.Minute, actions: actions}},
		})
		for _, n := range c.View().Nodes() {
			names = append(names, n.Object.Name)
		}
		run(t, c, time.Hour)
		// One pod may go, the second of each node may not.
		if remove && (len(c.History().Of(sim.Refused)) != 2 || c.View().NodeCount() != 2 || len(c.History().Of(sim.PodEvicted)) != 1) {
			t.Fatalf("%v", c.History())
		}
	}
}

func TestRemoveNodeMovesPodsAndShrinksTheGroup(t *testing.T) {
	c := cluster(t, sim.Config{
		Cloud:       workers(1, 3, 2),
		Workloads:   []sim.Workload{{Name: "app", Replicas: 4, Template: template("1", "", "")}},
		Autoscalers: []sim.Autoscaler{&script{at: time.Minute, actions: []sim.Action{sim.RemoveNode{Node: "ip-i-000001", Why: "test"}, sim.RemoveNode{Node: "ip-i-000002", Why: "test"}}}},
	})
	run(t, c, time.Hour)
	w, _ := c.View().Workload("default/app")
	if c.View().NodeCount() != 1 || w.Ready != 4 || len(c.History().Of(sim.Refused)) != 1 {
		t.Fatalf("%d nodes, %d ready, %v", c.View().NodeCount(), w.Ready, c.History().Of(sim.Refused))
	}
}

func TestTaintsKeepNewPodsAway(t *testing.T) {
	taint := corev1.Taint{Key: "x", Effect: corev1.TaintEffectNoSchedule}
	c := cluster(t, sim.Config{
		Nodes:     []*corev1.Node{machine("a", "4"), machine("b", "4")},
		Workloads: []sim.Workload{{Name: "app", Replicas: 2, Template: template("1", "", "")}},
		Autoscalers: []sim.Autoscaler{&script{at: time.Minute, actions: []sim.Action{
			sim.TaintNode{Node: "a", Taints: []corev1.Taint{taint}}, sim.Scale{Workload: "default/app", Replicas: 6},
		}}},
	})
	run(t, c, time.Hour)
	for _, n := range c.View().NodesWithPods() {
		want := map[string]int{"a": 1, "b": 4}[n.Object.Name]
		if len(n.Pods) != want {
			t.Errorf("%d pods on %s, want %d", len(n.Pods), n.Object.Name, want)
		}
	}
}

func TestMetricsComeLate(t *testing.T) {
	load := sim.Steps(sim.Step{From: 5 * time.Minute, Value: 150})
	first := func(delay time.Duration) time.Duration {
		c := cluster(t, sim.Config{
			Nodes: []*corev1.Node{machine("a", "8")}, Workloads: []sim.Workload{phpApache(load)}, MetricsDelay: delay,
			HPAs: []*autoscalingv2.HorizontalPodAutoscaler{object("php-apache", 1, 10, 50)}, Autoscalers: []sim.Autoscaler{newHPA(t)},
		})
		run(t, c, 10*time.Minute)
		return c.History().Of(sim.Scaled)[0].At.Sub(start)
	}
	if at, late := first(0), first(40*time.Second); at != 5*time.Minute+15*time.Second || late != 6*time.Minute {
		t.Errorf("scaled after %s, and with a delay of 40 seconds after %s", at, late)
	}
}

func TestConfigErrorsNameTheField(t *testing.T) {
	app := sim.Workload{Name: "app", Template: template("1", "", "")}
	for want, cfg := range map[string]sim.Config{
		"workload: name":                     {Workloads: []sim.Workload{{}}},
		"workload default/x: template":       {Workloads: []sim.Workload{{Name: "x"}}},
		"workload default/app: replicas: -1": {Workloads: []sim.Workload{{Name: "app", Template: app.Template, Replicas: -1}}},
		"workloads: [1]":                     {Workloads: []sim.Workload{app, app}},
		"nodes: [0]":                         {Nodes: []*corev1.Node{nil}},
		"hpas: [0]":                          {HPAs: []*autoscalingv2.HorizontalPodAutoscaler{nil}},
		"autoscalers: [0]":                   {Autoscalers: []sim.Autoscaler{nil}},
		"pdbs: [0]":                          {PDBs: []*policyv1.PodDisruptionBudget{nil}},
		"metricsDelay: -1s":                  {MetricsDelay: -time.Second},
	} {
		if _, err := sim.New(cfg); !errors.Is(err, sim.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", want, err)
		}
	}
}
