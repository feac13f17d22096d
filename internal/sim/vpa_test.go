package sim_test

import (
	"strings"
	"testing"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/internal/sim"
	"github.com/scalemath/scalemath/vpa"
)

func hamster() sim.Workload {
	return sim.Workload{
		Name: "hamster", Replicas: 2, Template: template("100m", "50Mi", ""), StartDelay: 2 * time.Second,
		Load: sim.Busy{MinCPU: 446, MaxCPU: 477},
	}
}

func newVPA(t testing.TB, target string, mode vpa.UpdateMode) *sim.VPA {
	t.Helper()
	o := &vpa.VerticalPodAutoscaler{}
	o.Namespace, o.Name = "default", target
	o.Spec.TargetRef = &autoscalingv1.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: target}
	o.Spec.UpdatePolicy = &vpa.UpdatePolicy{UpdateMode: &mode}
	a, err := sim.NewVPA(sim.VPADefaults(), o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestTheHamsterIsRecommended548MillicoresAndEvictedForIt(t *testing.T) {
	for _, mode := range []vpa.UpdateMode{vpa.UpdateModeAuto, vpa.UpdateModeRecreate, vpa.UpdateModeInitial, vpa.UpdateModeOff} {
		for _, seed := range []uint64{1, 2, 3} {
			autoscaler := newVPA(t, "hamster", mode)
			c := cluster(t, sim.Config{
				Seed: seed, Nodes: []*corev1.Node{machine("a", "4"), machine("b", "4")},
				Workloads: []sim.Workload{hamster()}, Autoscalers: []sim.Autoscaler{autoscaler},
			})
			run(t, c, 10*time.Minute)
			target := autoscaler.Recommendation("default/hamster").Status().ContainerRecommendations[0].Target
			if target.Cpu().String() != "548m" || target.Memory().Value() != 262144000 {
				t.Errorf("%s, seed %d: target %s, %s", mode, seed, target.Cpu(), target.Memory())
			}
			evicted, given := 2, int64(548)
			if mode == vpa.UpdateModeInitial || mode == vpa.UpdateModeOff {
				evicted, given = 0, 100
			}
			if got := c.History().Of(sim.PodEvicted); len(got) != evicted {
				t.Errorf("%s, seed %d: %d evictions", mode, seed, len(got))
			}
			for _, p := range c.View().Pods("default/hamster") {
				if cpu := p.Spec.Containers[0].Resources.Requests.Cpu().MilliValue(); cpu != given {
					t.Errorf("%s, seed %d: %s requests %dm", mode, seed, p.Name, cpu)
				}
			}
		}
	}
}

func TestHamstersAreEvictedOneAfterTheOther(t *testing.T) {
	c := cluster(t, sim.Config{
		Seed: 1, Nodes: []*corev1.Node{machine("a", "4")}, Workloads: []sim.Workload{hamster()},
		Autoscalers: []sim.Autoscaler{newVPA(t, "hamster", vpa.UpdateModeRecreate)},
	})
	run(t, c, 10*time.Minute)
	evicted := c.History().Of(sim.PodEvicted)
	if len(evicted) != 2 || evicted[1].At.Sub(evicted[0].At) < time.Minute || !strings.Contains(evicted[0].Why, string(vpa.ReasonOutsideRange)) {
		t.Fatalf("%v", evicted)
	}
}

func TestInPlaceOrRecreateResizesAndKeepsThePods(t *testing.T) {
	c := cluster(t, sim.Config{
		Seed: 1, Nodes: []*corev1.Node{machine("a", "4")}, Workloads: []sim.Workload{hamster()},
		Autoscalers: []sim.Autoscaler{newVPA(t, "hamster", vpa.UpdateModeInPlaceOrRecreate)},
	})
	run(t, c, 10*time.Minute)
	if n := len(c.History().Of(sim.PodResized)); n != 2 || len(c.History().Of(sim.PodEvicted)) != 0 {
		t.Errorf("%d resized; %v", n, c.History().Of(sim.PodEvicted))
	}
	if got := c.View().Utilization(corev1.ResourceCPU); got < 0.27 || got > 0.28 {
		t.Errorf("the node is booked at %v, not 2 times 548 of 4000 millicores", got)
	}
}
