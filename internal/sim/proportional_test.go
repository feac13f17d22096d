package sim_test

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/internal/sim"
	"github.com/scalemath/scalemath/proportional"
)

func TestALadderFollowsTheNodes(t *testing.T) {
	config := &corev1.ConfigMap{Data: map[string]string{"ladder": `{"nodesToReplicas": [[1, 1], [2, 2], [3, 3], [4, 3], [5, 5]]}`}}
	config.ResourceVersion = "1"
	p, err := sim.NewProportional(proportional.Defaults(), proportional.Options{Namespace: "default", Target: "deployment/dns"}, config)
	if err != nil {
		t.Fatal(err)
	}
	resize := func(at time.Duration, size int) *script {
		return &script{at: at, actions: []sim.Action{sim.ResizeGroup{Group: "workers", Size: size}}}
	}
	c := cluster(t, sim.Config{
		Cloud:       workers(1, 5, 1),
		Workloads:   []sim.Workload{{Name: "dns", Replicas: 1, Template: template("100m", "", "")}},
		Autoscalers: []sim.Autoscaler{p, resize(time.Minute, 5), resize(10*time.Minute, 4)},
	})
	for _, step := range []struct {
		at   time.Duration
		want int32
	}{{time.Minute, 1}, {5 * time.Minute, 5}, {11 * time.Minute, 3}} {
		run(t, c, step.at)
		if got := replicas(c, "default/dns"); got != step.want {
			t.Fatalf("after %s: %d replicas, want %d", step.at, got, step.want)
		}
	}
}

// script acts once.
type script struct {
	at      time.Duration
	actions []sim.Action
	done    bool
}

func (*script) Name() string            { return "script" }
func (s *script) Period() time.Duration { return s.at }

func (s *script) Step(time.Time, *sim.View) []sim.Action {
	if s.done {
		return nil
	}
	s.done = true
	return s.actions
}
