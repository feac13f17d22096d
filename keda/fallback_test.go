package keda_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"
	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/keda"
	"github.com/scalemath/scalemath/keda/formula"
)

var errGone = errors.New("gone")

func averageOf(target string) autoscalingv2.MetricTarget {
	return keda.MetricTarget(autoscalingv2.AverageValueMetricType, resource.MustParse(target))
}

func valueOf(target string) autoscalingv2.MetricTarget {
	return keda.MetricTarget(autoscalingv2.ValueMetricType, resource.MustParse(target))
}

// TestF is the value that a fallback gives, or why it gives none.
func TestF(t *testing.T) {
	for _, c := range []struct {
		name     string
		behavior string
		replicas int32
		target   autoscalingv2.MetricTarget
		modify   *keda.ScalingModifiers
		workload keda.Workload
		fixed    bool
		want     string // the value, "error" for the reading's own, "fallback" for a failed fallback
	}{
		{name: "F8 static", behavior: "static", replicas: 6, target: averageOf("100"), want: "600"},
		{name: "F6 current", behavior: "currentReplicas", replicas: 6, target: averageOf("100"), workload: keda.Workload{Replicas: 4}, want: "400"},
		{name: "F6 if higher", behavior: "currentReplicasIfHigher", replicas: 6, target: averageOf("100"), workload: keda.Workload{Replicas: 9}, want: "900"},
		{name: "F6 if lower", behavior: "currentReplicasIfLower", replicas: 6, target: averageOf("100"), workload: keda.Workload{Replicas: 9}, want: "600"},
		{name: "F6 unknown is static", behavior: "whatever", replicas: 6, target: averageOf("100"), want: "600"},
		{name: "F5 static needs no replicas", behavior: "static", replicas: 6, target: averageOf("100"), workload: keda.Workload{ReplicasErr: errGone}, want: "600"},
		{name: "F5 empty needs them", replicas: 6, target: averageOf("100"), workload: keda.Workload{ReplicasErr: errGone}, want: "error"},
		{name: "F7 value is divided by ready pods", behavior: "static", replicas: 6, target: valueOf("100"), workload: keda.Workload{ReadyPods: 3}, want: "200"},
		{name: "F7 no ready pods", behavior: "static", replicas: 6, target: valueOf("100"), want: "fallback"},
		{name: "F7 unreadable pods", behavior: "static", replicas: 6, target: valueOf("100"), workload: keda.Workload{ReadyPods: 3, ReadyPodsErr: errGone}, want: "fallback"},
		{name: "F1 integer target", behavior: "static", replicas: 6, target: averageOf("1"), modify: &keda.ScalingModifiers{Formula: "a", Target: "2"}, want: "12"},
		{name: "F1 fraction switches off", behavior: "static", replicas: 6, target: averageOf("1"), modify: &keda.ScalingModifiers{Formula: "a", Target: "2.5"}, want: "error"},
		{name: "F1 repaired", behavior: "static", replicas: 6, target: averageOf("1"), modify: &keda.ScalingModifiers{Formula: "a", Target: "2.5"}, fixed: true, want: "15"},
		{name: "F5 placeholder", behavior: "scalingModifiers", replicas: 6, target: averageOf("1"), modify: &keda.ScalingModifiers{Formula: "a", Target: "2"}, want: "-1"},
		{name: "F8 cuts off", behavior: "static", replicas: 1, target: averageOf("1"), workload: keda.Workload{ReadyPods: 3},
			modify: &keda.ScalingModifiers{Formula: "a", Target: "2", MetricType: "Value"}, want: "666m"},
		{name: "F8 repaired", behavior: "static", replicas: 1, target: averageOf("1"), workload: keda.Workload{ReadyPods: 3},
			modify: &keda.ScalingModifiers{Formula: "a", Target: "2", MetricType: "Value"}, fixed: true, want: "667m"},
	} {
		so, cfg := worker(), keda.Defaults()
		so.Spec.Fallback = &keda.Fallback{Replicas: c.replicas, Behavior: c.behavior}
		if c.modify != nil {
			so.Spec.Advanced = &keda.AdvancedConfig{ScalingModifiers: *c.modify}
		}
		if c.fixed {
			cfg.Profile = keda.Fixed
		}
		d, _, err := keda.DecideFallback(cfg, so, keda.Reading{Metric: "m", Target: c.target, Err: errGone}, c.workload, keda.State{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := "error"
		switch {
		case errors.Is(d.Err, keda.ErrFallback):
			got = "fallback"
		case d.Err == nil:
			got = d.Values[0].Value.String()
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestF2CountsWithoutTouchingTheOldState counts three failures and a success.
func TestF2CountsWithoutTouchingTheOldState(t *testing.T) {
	so := worker()
	so.Spec.Fallback = &keda.Fallback{FailureThreshold: 1, Replicas: 2, Behavior: keda.FallbackStatic}
	states := []keda.State{{}}
	for _, err := range []error{errGone, errGone, errGone, nil} {
		_, next, bad := keda.DecideFallback(keda.Defaults(), so, keda.Reading{Metric: "m", Target: averageOf("1"), Err: err}, keda.Workload{}, states[len(states)-1])
		if bad != nil {
			t.Fatal(bad)
		}
		states = append(states, next)
	}
	for i, want := range []struct {
		failures int32
		fellBack bool
	}{{0, false}, {1, false}, {2, true}, {3, true}, {0, false}} {
		n := states[i].Health["m"].NumberOfFailures
		if i > 0 && *n != want.failures || states[i].FellBack != want.fellBack {
			t.Errorf("after %d readings: %+v, want %+v", i, states[i], want)
		}
	}
}

// TestFallbackAsksForItsReplicas holds that the HorizontalPodAutoscaler comes to the fallback's replicas (F8).
func TestFallbackAsksForItsReplicas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		so := worker()
		replicas, target := rapid.Int32Range(0, 1000).Draw(t, "replicas"), rapid.Int64Range(1, 1e9).Draw(t, "target in thousandths")
		so.Spec.Fallback = &keda.Fallback{Replicas: replicas, Behavior: keda.FallbackStatic}
		d, _, err := keda.DecideFallback(keda.Defaults(), so, keda.Reading{
			Metric: "m", Err: errGone, Target: keda.MetricTarget(autoscalingv2.AverageValueMetricType, *resource.NewMilliQuantity(target, resource.DecimalSI)),
		}, keda.Workload{}, keda.State{})
		if err != nil || !d.FellBack {
			t.Fatalf("%+v %v", d, err)
		}
		if asked := math.Ceil(float64(d.Values[0].Value.MilliValue()) / float64(target)); asked != float64(replicas) {
			t.Fatalf("%v replicas instead of %d", asked, replicas)
		}
	})
}

func composed(t *testing.T, cfg keda.Config, text, target string, fallback *keda.Fallback, health map[string]keda.HealthStatus) (keda.Composition, error) {
	t.Helper()
	so := worker()
	so.Spec.Fallback = fallback
	so.Spec.Advanced = &keda.AdvancedConfig{ScalingModifiers: keda.ScalingModifiers{Formula: text, Target: target}}
	f, err := keda.CompileFormula(cfg, so, formula.Compile)
	if err != nil {
		return keda.Composition{}, err
	}
	return keda.Compose(cfg, keda.ComposeInput{
		Now: now, Object: so, Formula: f, Health: health,
		Values:  []keda.MetricValue{{Name: "s0", Value: resource.MustParse("8.03")}, {Name: "s1", Value: resource.MustParse("3")}},
		Trigger: map[string]string{"s0": "a", "s1": "b"},
	}), nil
}

func TestM(t *testing.T) {
	failing := map[string]keda.HealthStatus{"s0": {NumberOfFailures: ptr[int32](9), Status: keda.HealthStatusFailing}}
	toModifiers := &keda.Fallback{Replicas: 4, Behavior: keda.FallbackScalingModifiers}
	for _, c := range []struct {
		formula  string
		fallback *keda.Fallback
		health   map[string]keda.HealthStatus
		fixed    bool
		milli    int64
		refused  error
		failed   bool
	}{
		{formula: "a", milli: 8029},              // M5 cuts off: 8.03 * 1000 is 8029.999...
		{formula: "a", fixed: true, milli: 8030}, // unless repaired
		{formula: "b - 10", milli: -7000},        // M5 keeps negatives
		{formula: "a +", refused: keda.ErrFormula},
		{formula: "missing", refused: keda.ErrFormula},
		{formula: `"text"`, refused: keda.ErrFormula},
		{formula: "", refused: keda.ErrFormulaMissing},
		{formula: "float(a) > 3 ? 1 : 2", failed: true},             // M2: left alone, so its result is no float
		{formula: "float(a) > 3 ? 1 : 2", fixed: true, milli: 1000}, // unless repaired
		{formula: "a ?? b", fallback: toModifiers, milli: 8029},     // M4: healthy
		{formula: "a ?? b", fallback: toModifiers, health: failing, milli: 3000},
		{formula: "a ?? nil", fallback: toModifiers, health: failing, milli: 8000}, // M5: 4 replicas of 2
		{formula: "now().Hour()", milli: 12000},
	} {
		cfg := keda.Defaults()
		if c.fixed {
			cfg.Profile = keda.Fixed
		}
		got, err := composed(t, cfg, c.formula, "2", c.fallback, c.health)
		if !errors.Is(err, c.refused) || c.refused == nil && (got.Err != nil) != c.failed {
			t.Errorf("%s: %v, %v", c.formula, err, got.Err)
			continue
		}
		if c.refused == nil && !c.failed && got.Values[0].Value.MilliValue() != c.milli {
			t.Errorf("%s: %d, want %d", c.formula, got.Values[0].Value.MilliValue(), c.milli)
		}
	}
	for _, target := range []string{"x", "0", "-1", ""} {
		if _, err := composed(t, keda.Defaults(), "a", target, nil, nil); err == nil || !strings.Contains(err.Error(), "target") {
			t.Errorf("target %q: %v", target, err)
		}
	}
}

// TestA4 ends a tick over an activation target that is no number, and wakes a workload by the composite metric.
func TestA4(t *testing.T) {
	so := worker()
	so.Spec.Advanced = &keda.AdvancedConfig{ScalingModifiers: keda.ScalingModifiers{Formula: "a * 2", Target: "2", ActivationTarget: "10"}}
	f, err := keda.CompileFormula(keda.Defaults(), so, formula.Compile)
	if err != nil {
		t.Fatal(err)
	}
	in := keda.TickInput{Now: now, Object: so, Formula: f, Readings: []keda.Reading{
		{Metric: "s0", Values: []keda.MetricValue{{Name: "s0", Value: resource.MustParse("5")}}, Active: true},
	}}
	if d, _, err := keda.Tick(keda.Defaults(), in, keda.State{}); err != nil || d.Active || d.Scale.Rule != keda.RuleInactive {
		t.Errorf("10 is not above 10: %v %v", d, err)
	}
	in.Readings[0].Values[0].Value = resource.MustParse("5001m")
	d, _, err := keda.Tick(keda.Defaults(), in, keda.State{})
	if err != nil || d.Scale.Rule != keda.RuleActivate || !strings.Contains(d.Events()[0].Message, "triggered by composite-metric") {
		t.Errorf("%v %v", d, err)
	}
	so.Spec.Advanced.ScalingModifiers.ActivationTarget = "ten"
	if d, _, err := keda.Tick(keda.Defaults(), in, keda.State{}); err != nil || d.Scale != nil || !errors.Is(d.Aborted, keda.ErrActivationTarget) {
		t.Errorf("%v %v", d, err)
	}
}

// TestH9 is what the HorizontalPodAutoscaler gets.
func TestH9(t *testing.T) {
	so := worker()
	in := keda.TickInput{Now: now, Object: so, Readings: []keda.Reading{
		{Trigger: 0, Metric: "s0", Values: []keda.MetricValue{{Name: "s0", Value: resource.MustParse("5")}}},
		{Trigger: 1, Metric: "s1", Err: errGone},
	}}
	for metric, want := range map[string]error{"S0": nil, "s1": keda.ErrReadings, "s2": keda.ErrNoMatch} {
		if a, _, err := keda.AnswerHPA(keda.Defaults(), in, metric, keda.State{}); err != nil || !errors.Is(a.Err, want) {
			t.Errorf("%s: %v %v", metric, a, err)
		}
	}
	so.Spec.Advanced = &keda.AdvancedConfig{ScalingModifiers: keda.ScalingModifiers{Formula: "float(a) > 3 ? 1 : 2", Target: "2"}}
	in.Readings = in.Readings[:1]
	var err error
	if in.Formula, err = keda.CompileFormula(keda.Defaults(), so, formula.Compile); err != nil {
		t.Fatal(err)
	}
	if a, _, err := keda.AnswerHPA(keda.Defaults(), in, keda.CompositeMetric, keda.State{}); err != nil || a.Err != nil || len(a.Values) != 0 || a.Composition.Err == nil {
		t.Errorf("a failed formula is an empty list: %+v %v", a, err)
	}
}
