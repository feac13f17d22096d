package sim_test

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/internal/sim"
	"github.com/scalemath/scalemath/keda"
)

const seoul = `
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: worker, namespace: default}
spec:
  scaleTargetRef: {name: worker}
  minReplicaCount: 0
  maxReplicaCount: 10
  cooldownPeriod: 60
  triggers:
  - type: cron
    metadata: {timezone: Asia/Seoul, start: 0 9 * * *, end: 0 18 * * *, desiredReplicas: "5"}
`

func newKEDA(t testing.TB, manifest string, values map[string]sim.Curve) *sim.KEDA {
	t.Helper()
	so, err := keda.DecodeScaledObject([]byte(manifest))
	if err != nil {
		t.Fatal(err)
	}
	k, err := sim.NewKEDA(keda.Defaults(), values, so)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func worker(replicas int32) sim.Workload {
	return sim.Workload{Name: "worker", Replicas: replicas, Template: template("100m", "", ""), StartDelay: 2 * time.Second}
}

func replicas(c *sim.Cluster, key string) int32 {
	w, _ := c.View().Workload(key)
	return w.Replicas
}

// Nine in Seoul is midnight in UTC: the day shift is from 00:00 to 09:00 of the scenario's day.
func TestACronOfSeoulWorksFromNineToSix(t *testing.T) {
	c := cluster(t, sim.Config{
		Start: start.Add(-time.Hour), Nodes: []*corev1.Node{machine("a", "4")}, Workloads: []sim.Workload{worker(0)},
		Autoscalers: []sim.Autoscaler{newKEDA(t, seoul, nil), newHPA(t)},
	})
	for _, step := range []struct {
		at   time.Duration
		want int32
		why  string
	}{
		{59 * time.Minute, 0, "before nine"},
		{time.Hour + 3*time.Minute, 5, "the day shift"},
		{9*time.Hour + 59*time.Minute, 5, "before six"},
		{10*time.Hour + 2*time.Minute, 0, "a minute of cooldown after six"},
		{24*time.Hour + 30*time.Minute, 0, "the night"},
		{25*time.Hour + 3*time.Minute, 5, "the next day"},
	} {
		run(t, c, step.at)
		if got := replicas(c, "default/worker"); got != step.want {
			t.Fatalf("%s: %d replicas, want %d", step.why, got, step.want)
		}
	}
	if n := len(c.History().Of(sim.HPAApplied)); n != 1 {
		t.Errorf("the HorizontalPodAutoscaler was applied %d times", n)
	}
}

const queue = `
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: worker, namespace: default}
spec:
  scaleTargetRef: {name: worker}
  cooldownPeriod: 120
  pollingInterval: 15
  triggers:
  - type: prometheus
    metadata: {serverAddress: "http://prometheus", query: depth, threshold: "10", activationThreshold: "5"}
`

func TestAQueueLeavesZeroAboveItsActivationAndComesBackAfterTheCooldown(t *testing.T) {
	depth := sim.Steps(sim.Step{From: 2 * time.Minute, Value: 5}, sim.Step{From: 5 * time.Minute, Value: 38}, sim.Step{From: 15 * time.Minute, Value: 0})
	c := cluster(t, sim.Config{
		Nodes: []*corev1.Node{machine("a", "4")}, Workloads: []sim.Workload{worker(0)},
		Autoscalers: []sim.Autoscaler{newKEDA(t, queue, map[string]sim.Curve{"default/worker/s0-prometheus": depth}), newHPA(t)},
	})
	for _, step := range []struct {
		at   time.Duration
		want int32
	}{{5*time.Minute - time.Second, 0}, {8 * time.Minute, 4}, {16 * time.Minute, 4}, {17*time.Minute + 15*time.Second, 0}} {
		run(t, c, step.at)
		if got := replicas(c, "default/worker"); got != step.want {
			t.Fatalf("after %s: %d replicas, want %d", step.at, got, step.want)
		}
	}
}

func TestATriggerWithoutAValueFailsAndMovesNothing(t *testing.T) {
	c := cluster(t, sim.Config{
		Nodes: []*corev1.Node{machine("a", "4")}, Workloads: []sim.Workload{worker(3)},
		Autoscalers: []sim.Autoscaler{newKEDA(t, queue, nil), newHPA(t)},
	})
	run(t, c, time.Hour)
	if got := replicas(c, "default/worker"); got != 3 {
		t.Fatalf("%d replicas", got)
	}
}
