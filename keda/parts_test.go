package keda_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/scalemath/scalemath/keda"
)

func TestStateGoesThroughTheStatusAndJSON(t *testing.T) {
	so := decoded(strings.Replace(orders, "externalMetricNames: [s0-prometheus]", `externalMetricNames: [s0-prometheus]
  lastActiveTime: "2026-05-01T11:00:00Z"
  health: {s0-prometheus: {numberOfFailures: 2, status: Failing}, gone: {numberOfFailures: 1, status: Failing}}
  conditions: [{type: Fallback, status: "True"}]`, 1))
	st := keda.StateOf(&so.Status)
	if !st.LastActive.Equal(noon.Add(-time.Hour)) || !st.FellBack || len(st.Health) != 2 {
		t.Fatalf("%+v", st)
	}
	if kept := st.Keep([]string{"s0-prometheus", "new"}); len(kept.Health) != 1 || len(st.Health) != 2 {
		t.Errorf("%+v of %+v", kept.Health, st.Health)
	}
	text, err := json.Marshal(st)
	if err != nil {
		t.Fatal(err)
	}
	var back keda.State
	if err := json.Unmarshal(text, &back); err != nil || !back.LastActive.Equal(st.LastActive) || *back.Health["gone"].NumberOfFailures != 1 {
		t.Errorf("%s became %+v, %v", text, back, err)
	}
}

func TestConditionsMergeByType(t *testing.T) {
	before := keda.InitialConditions()
	after := before.Merge(keda.Conditions{{Type: keda.ConditionActive, Status: "True"}, {Type: keda.ConditionHPAActive, Status: "True"}})
	if len(after) != 5 || after[1].Status != "True" || before[1].Status != "Unknown" || after.Status("none") != "" {
		t.Errorf("%v from %v", after, before)
	}
}

func TestPausedReplicas(t *testing.T) {
	for text, want := range map[string]int32{"3": 3, "-1": -1, "x": 0, "": 0} {
		n, err := keda.PausedReplicas(map[string]string{keda.AnnotationPausedReplicas: text})
		if (err == nil) != (n != nil) || n != nil && *n != want {
			t.Errorf("%q: %v %v", text, n, err)
		}
	}
	if n, err := keda.PausedReplicas(nil); n != nil || err != nil {
		t.Errorf("%v %v", n, err)
	}
}

func TestHPADrives(t *testing.T) {
	so := worker()
	if keda.HPADrives(so) {
		t.Error("an object that goes to zero has to find out by itself")
	}
	so.Spec.MinReplicaCount = ptr[int32](1)
	if !keda.HPADrives(so) {
		t.Error("an object with a minimum need not")
	}
	so.Spec.Triggers[0].UseCachedMetrics = true
	if keda.HPADrives(so) {
		t.Error("cached metrics come from the tick")
	}
}

// TestExplanations holds what an on-call engineer reads, to the letter.
func TestExplanations(t *testing.T) {
	so := worker()
	so.Spec.Advanced = &keda.AdvancedConfig{ScalingModifiers: keda.ScalingModifiers{Formula: "a", Target: "2"}}
	hpa := built(t, keda.Defaults(), so, append(specs(), container("app"))...)
	jobs, err := keda.DecideJobs(keda.Defaults(), keda.JobInput{Object: jobRequest(0).Object, Queue: keda.JobQueue{Empty: 1}})
	if err != nil {
		t.Fatal(err)
	}
	answer, _, err := keda.AnswerHPA(keda.Defaults(), keda.TickInput{Object: worker(), Readings: []keda.Reading{{Metric: "s0", Err: errGone}}}, "s0", keda.State{})
	if err != nil {
		t.Fatal(err)
	}
	for want, explain := range map[string]func(*strings.Builder) error{
		`HorizontalPodAutoscaler keda-hpa-worker for Deployment worker: 1 to 20 replicas, metrics: 2
  - cpu of the pods
  - composite-metric, 2 for each replica
  - cpu of container app disappears: scaling modifiers keep metrics of whole pods alone
  - computed from s0-prometheus, s1-cron-UTC-08xxx-018xxx, s2-rabbitmq-orders
`: func(w *strings.Builder) error { return hpa.Explain(w) },
		`ScaledJob import: start nothing, no trigger is active
  - queue of 0, good for 0 jobs at once
  - 1 trigger active with an empty queue, which KEDA takes for inactive unless the queues are summed
  - under way: 0 jobs, 0 of them pending
  - kept in any case: 0 jobs; at most 100 on top of that
  - strategy accurate: 0 less 0 pending, so 0 may start
`: func(w *strings.Builder) error { return jobs.Explain(w) },
		`trigger 0, metric s0: failed: gone
the HorizontalPodAutoscaler gets metric encountered error: s0
`: func(w *strings.Builder) error { return answer.Explain(w) },
	} {
		var text strings.Builder
		if err := explain(&text); err != nil || text.String() != want {
			t.Errorf("%v\n%s\nwant\n%s", err, text.String(), want)
		}
	}
	for _, v := range []any{hpa, jobs, answer} {
		if _, err := json.Marshal(v); err != nil {
			t.Errorf("%T: %v", v, err)
		}
	}
}

func TestConfigGoesThroughJSON(t *testing.T) {
	cfg := keda.Defaults()
	cfg.Profile, cfg.Combine, cfg.CooldownFrom, cfg.Fixes.RoundToNearest = keda.Fixed, keda.CombineAll, ptr[int32](1), true
	text, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var back keda.Config
	if err := json.Unmarshal(text, &back); err != nil || back.Profile != keda.Fixed || back.Combine != keda.CombineAll || *back.CooldownFrom != 1 || !back.Fixes.RoundToNearest {
		t.Errorf("%s became %+v, %v", text, back, err)
	}
	if err := json.Unmarshal([]byte(`{"profile":"1.0"}`), &back); err == nil {
		t.Error("an unknown release was accepted")
	}
}
