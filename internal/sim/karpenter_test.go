package sim_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/internal/sim"
	"github.com/scalemath/scalemath/karpenter"
)

// catalogue is a few machines of the cloud, each as spot and on demand.
func catalogue() cloudprovider.MemoryConfig {
	cfg := cloudprovider.MemoryConfig{StartDelay: 40 * time.Second, JoinDelay: 20 * time.Second}
	for _, m := range []struct {
		name, cpu, memory string
		price             float64
	}{{"c4.large", "2", "3840Mi", 0.114}, {"c4.xlarge", "4", "7680Mi", 0.227}, {"c4.2xlarge", "8", "15360Mi", 0.454}, {"m5.2xlarge", "8", "32Gi", 0.472}} {
		cfg.Types = append(cfg.Types, &cloudprovider.InstanceType{
			Name: m.name,
			Capacity: corev1.ResourceList{
				corev1.ResourceCPU: resource.MustParse(m.cpu), corev1.ResourceMemory: resource.MustParse(m.memory), corev1.ResourcePods: resource.MustParse("58"),
			},
			Offerings: []cloudprovider.Offering{
				{Zone: "a", CapacityType: cloudprovider.OnDemand, Price: m.price}, {Zone: "a", CapacityType: cloudprovider.Spot, Price: m.price * 0.3},
			},
		})
	}
	return cfg
}

func spotPool() *karpenter.NodePool {
	p := &karpenter.NodePool{}
	p.Name = "default"
	p.Spec.Template.Spec.Requirements = []karpenter.RequirementSpec{{Key: karpenter.LabelCapacityType, Operator: kube.In, Values: []string{cloudprovider.Spot}}}
	p.Spec.Template.Spec.ExpireAfter = karpenter.After(2 * time.Hour)
	p.Spec.Disruption = karpenter.Disruption{ConsolidationPolicy: karpenter.WhenEmpty, ConsolidateAfter: karpenter.After(30 * time.Second)}
	return p
}

func TestKarpenterLaunchesASpotMachineForFivePodsOfOneCore(t *testing.T) {
	k := newKarpenter(t, spotPool())
	cloud := catalogue()
	cloud.Interruptions = []cloudprovider.Interruption{{At: start.Add(time.Hour)}}
	c := cluster(t, sim.Config{
		Cloud:       cloud,
		Workloads:   []sim.Workload{{Name: "inflate", Replicas: 5, Template: template("1", "", "")}},
		Autoscalers: []sim.Autoscaler{k},
	})
	ready := func() int { w, _ := c.View().Workload("default/inflate"); return w.Ready }
	run(t, c, 2*time.Minute)
	nodes := c.View().Nodes()
	if len(nodes) != 1 || ready() != 5 {
		t.Fatalf("%d nodes, %d ready\n%v", len(nodes), ready(), c.History())
	}
	labels := nodes[0].Object.Labels
	if labels[karpenter.LabelNodePool] != "default" || labels[karpenter.LabelCapacityType] != cloudprovider.Spot || labels[corev1.LabelInstanceTypeStable] != "c4.2xlarge" {
		t.Errorf("%v", labels)
	}
	// An hour later the cloud takes the machine back; another one takes the pods over, and lives for two hours.
	run(t, c, time.Hour+5*time.Minute)
	if n := c.View().Nodes(); len(n) != 1 || n[0].Instance == nodes[0].Instance || ready() != 5 {
		t.Fatalf("after the interruption: %d nodes, %d ready", len(n), ready())
	}
	run(t, c, 3*time.Hour+10*time.Minute)
	left := c.History().Of(sim.NodeLeft)
	if len(left) != 2 || !strings.Contains(left[0].Why, "interruption") || left[1].Why != "expired" || ready() != 5 {
		t.Fatalf("%v", left)
	}
}

func newKarpenter(t testing.TB, pool *karpenter.NodePool) *sim.Karpenter {
	t.Helper()
	k, err := sim.NewKarpenter(karpenter.Options{}, pool)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKarpenterDeletesAnEmptyNodeAfterThirtySeconds(t *testing.T) {
	k := newKarpenter(t, spotPool().Defaulted())
	c := cluster(t, sim.Config{
		Cloud: catalogue(),
		Workloads: []sim.Workload{
			{Name: "inflate", Replicas: 5, Template: template("1", "", "")},
			{Kind: sim.DaemonSet, Name: "agent", Template: template("50m", "", "")},
		},
		Autoscalers: []sim.Autoscaler{k, &script{at: 5 * time.Minute, actions: []sim.Action{sim.Scale{Workload: "default/inflate", Replicas: 0}}}},
	})
	run(t, c, 5*time.Minute+25*time.Second)
	if n := c.View().NodeCount(); n != 1 {
		t.Fatalf("%d nodes before thirty seconds are over", n)
	}
	run(t, c, 5*time.Minute+50*time.Second)
	left := c.History().Of(sim.NodeLeft)
	if len(left) != 1 || c.View().NodeCount() != 0 || !strings.Contains(left[0].Why, "Empty") {
		t.Fatalf("%v", c.History())
	}
	if all, _ := c.View().Cloud().Instances(context.Background()); len(all) != 0 {
		t.Errorf("machines left: %v", all)
	}
}

func TestKarpenterReplacesAMachineByACheaperOne(t *testing.T) {
	pool := spotPool()
	pool.Spec.Template.Spec.Requirements[0].Values = []string{cloudprovider.OnDemand}
	pool.Spec.Disruption = karpenter.Disruption{ConsolidationPolicy: karpenter.WhenEmptyOrUnderutilized, ConsolidateAfter: karpenter.After(time.Minute)}
	c := cluster(t, sim.Config{
		Cloud:       catalogue(),
		Workloads:   []sim.Workload{{Name: "inflate", Replicas: 5, Template: template("1", "", ""), StartDelay: time.Second}},
		Autoscalers: []sim.Autoscaler{newKarpenter(t, pool.Defaulted()), &script{at: 5 * time.Minute, actions: []sim.Action{sim.Scale{Workload: "default/inflate", Replicas: 2}}}},
	})
	run(t, c, 5*time.Minute)
	if n := c.View().Nodes(); len(n) != 1 || n[0].Object.Labels[corev1.LabelInstanceTypeStable] != "c4.2xlarge" {
		t.Fatalf("%v", c.History())
	}
	run(t, c, 30*time.Minute)
	nodes := c.View().Nodes()
	w, _ := c.View().Workload("default/inflate")
	if len(nodes) != 1 || nodes[0].Object.Labels[corev1.LabelInstanceTypeStable] != "c4.large" || w.Ready != 2 {
		for _, r := range c.History() {
			t.Log(r.String())
		}
		t.Fatalf("%d nodes, %d ready", len(nodes), w.Ready)
	}
	// The new machine joins before the old one goes.
	var order []sim.What
	for _, r := range c.History() {
		if r.What == sim.NodeJoined || r.What == sim.NodeLeft {
			order = append(order, r.What)
		}
	}
	if !slices.Equal(order, []sim.What{sim.NodeJoined, sim.NodeJoined, sim.NodeLeft}) {
		t.Errorf("%v", order)
	}
}
