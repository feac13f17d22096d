package keda_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/keda"
)

func ptr[T any](v T) *T { return &v }

// TestE walks through the branches of the decision, each row one of them.
func TestE(t *testing.T) {
	fallback := func(replicas int32) *keda.Fallback {
		return &keda.Fallback{FailureThreshold: 3, Replicas: replicas, Behavior: keda.FallbackStatic}
	}
	for _, c := range []struct {
		name           string
		min, idle      *int32
		fallback       *keda.Fallback
		annotations    map[string]string
		replicas       int32
		active, failed bool
		lastActive     time.Duration // before now; 0 for never
		want           keda.Rule
		to             int32
		refreshed      bool
		cfg            func(*keda.Config)
	}{
		{name: "E2 unreadable", replicas: -1, want: keda.RuleUnreadable, to: -1},
		{name: "E3 paused", annotations: map[string]string{keda.AnnotationPaused: "true"}, replicas: 3, want: keda.RulePaused, to: 3},
		{name: "E3 paused by an empty value", annotations: map[string]string{keda.AnnotationPaused: ""}, replicas: 3, want: keda.RulePaused, to: 3},
		{name: "E3 paused-replicas wins", annotations: map[string]string{keda.AnnotationPaused: "false", keda.AnnotationPausedReplicas: "x"}, replicas: 3, want: keda.RulePaused, to: 3},
		{name: "E4.1 from zero to one", active: true, want: keda.RuleActivate, to: 1, refreshed: true},
		{name: "E4.1 from zero to the minimum", min: ptr[int32](4), active: true, want: keda.RuleActivate, to: 4, refreshed: true},
		{name: "E4.1 from idle to the minimum", min: ptr[int32](4), idle: ptr[int32](2), replicas: 2, active: true, want: keda.RuleActivate, to: 4, refreshed: true},
		{name: "E4.1 with errors too", active: true, failed: true, want: keda.RuleActivate, to: 1, refreshed: true},
		{name: "E4.1 forced", annotations: map[string]string{keda.AnnotationForceActivation: "yes"}, want: keda.RuleActivate, to: 1, refreshed: true},
		{name: "E4.2 error beside activity", replicas: 3, active: true, failed: true, want: keda.RulePartialError, to: 3},
		{name: "E4.2 repaired", replicas: 3, active: true, failed: true, want: keda.RulePartialError, to: 3, refreshed: true,
			cfg: func(c *keda.Config) { c.Fixes.RefreshOnPartialError = true }},
		{name: "E4.3 running", replicas: 3, active: true, want: keda.RuleActive, to: 3, refreshed: true},
		{name: "E4.3 below the minimum without idle count", min: ptr[int32](4), replicas: 3, active: true, want: keda.RuleActive, to: 3, refreshed: true},
		{name: "E6 scale-out paused", annotations: map[string]string{keda.AnnotationPausedScaleOut: "true"}, active: true, want: keda.RuleScaleOutPaused},
		{name: "E5.1 error waits for the fallback", fallback: fallback(5), replicas: 3, failed: true, lastActive: time.Hour, want: keda.RuleHoldForFallback, to: 3},
		{name: "E5.2 error without fallback freezes", min: ptr[int32](5), replicas: 3, failed: true, want: keda.RuleTriggerError, to: 3},
		{name: "E5 hole: fallback to zero", fallback: fallback(0), replicas: 3, failed: true, lastActive: time.Hour, want: keda.RuleDeactivate, to: 0},
		{name: "E5 hole repaired", fallback: fallback(0), replicas: 3, failed: true, lastActive: time.Hour, want: keda.RuleHoldForFallback, to: 3,
			cfg: func(c *keda.Config) { c.Profile = keda.Fixed }},
		{name: "E5.3 to zero from any number", replicas: 30, lastActive: time.Hour, want: keda.RuleDeactivate, to: 0},
		{name: "E5.3 to idle", min: ptr[int32](4), idle: ptr[int32](2), replicas: 9, lastActive: time.Hour, want: keda.RuleDeactivate, to: 2},
		{name: "E5.4 raised to the minimum", min: ptr[int32](4), replicas: 3, want: keda.RuleRaiseToMinimum, to: 4},
		{name: "E5.4 although scale-out is paused", annotations: map[string]string{keda.AnnotationPausedScaleOut: "1"}, min: ptr[int32](4), replicas: 3, want: keda.RuleRaiseToMinimum, to: 4},
		{name: "E5.4 repaired", annotations: map[string]string{keda.AnnotationPausedScaleOut: "1"}, min: ptr[int32](4), replicas: 3, want: keda.RuleScaleOutPaused, to: 3,
			cfg: func(c *keda.Config) { c.Fixes.RespectPauseAtMinimum = true }},
		{name: "E5.5 nothing to do at zero", want: keda.RuleInactive},
		{name: "E5.5 nothing to do above the minimum", min: ptr[int32](2), replicas: 5, want: keda.RuleInactive, to: 5},
		{name: "E7 scale-in paused", annotations: map[string]string{keda.AnnotationPausedScaleIn: "true"}, replicas: 3, lastActive: time.Hour, want: keda.RuleScaleInPaused, to: 3},
		{name: "E7 cooling down", replicas: 3, lastActive: time.Minute, want: keda.RuleCoolingDown, to: 3},
		{name: "E7 the very end still cools", replicas: 3, lastActive: 5 * time.Minute, want: keda.RuleCoolingDown, to: 3},
		{name: "E7 a nanosecond later it goes", replicas: 3, lastActive: 5*time.Minute + 1, want: keda.RuleDeactivate, to: 0},
		{name: "E7 never active: initial cooldown", replicas: 3, want: keda.RuleDeactivate, to: 0},
		{name: "cooldown from 2: too many replicas", replicas: 3, lastActive: time.Hour, want: keda.RuleCoolingDown, to: 3,
			cfg: func(c *keda.Config) { c.CooldownFrom = ptr[int32](2) }},
		{name: "cooldown from 2: starts now", replicas: 2, lastActive: time.Hour, want: keda.RuleCoolingDown, to: 2,
			cfg: func(c *keda.Config) { c.CooldownFrom = ptr[int32](2) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			so := worker()
			so.Annotations, so.Spec.MinReplicaCount, so.Spec.IdleReplicaCount, so.Spec.Fallback = c.annotations, c.min, c.idle, c.fallback
			in := keda.Input{Now: now, Object: so, Replicas: c.replicas, Active: c.active, Failed: c.failed}
			if c.replicas < 0 {
				in.ReplicasErr = errors.New("gone")
			}
			cfg := keda.Defaults()
			if c.cfg != nil {
				c.cfg(&cfg)
			}
			st := keda.State{}
			if c.lastActive > 0 {
				st.LastActive = now.Add(-c.lastActive)
			}
			d, next, err := keda.Decide(cfg, in, st)
			if err != nil {
				t.Fatal(err)
			}
			if d.Rule != c.want || d.To != c.to || d.Scale != (d.To != d.From) {
				t.Errorf("%v (scale %v, to %d), want %v to %d", d.Rule, d.Scale, d.To, c.want, c.to)
			}
			if d.LastActive.Equal(now) != c.refreshed || next.LastActive.Equal(now) != c.refreshed {
				t.Errorf("last active %v, next %v; refreshed should be %v", d.LastActive, next.LastActive, c.refreshed)
			}
		})
	}
}

// TestCooldownFrom follows a workload that the HorizontalPodAutoscaler brings down step by step.
func TestCooldownFrom(t *testing.T) {
	cfg := keda.Defaults()
	cfg.CooldownFrom = ptr[int32](1)
	st := keda.State{LastActive: now}
	for _, step := range []struct {
		minute   int
		replicas int32
		want     keda.Rule
	}{
		{1, 8, keda.RuleCoolingDown}, {6, 4, keda.RuleCoolingDown}, {7, 1, keda.RuleCoolingDown}, {11, 1, keda.RuleCoolingDown},
		{12, 1, keda.RuleCoolingDown}, {13, 1, keda.RuleDeactivate},
	} {
		d, next, err := keda.Decide(cfg, keda.Input{Now: now.Add(time.Duration(step.minute) * time.Minute), Object: worker(), Replicas: step.replicas}, st)
		if err != nil || d.Rule != step.want {
			t.Errorf("minute %d: %v, %v; want %v", step.minute, d, err, step.want)
		}
		text, err := json.Marshal(next)
		if err != nil {
			t.Fatal(err)
		}
		st = keda.State{}
		if err := json.Unmarshal(text, &st); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWriteFailed(t *testing.T) {
	for _, c := range []struct {
		in   keda.Input
		min  *int32
		want string
	}{
		{keda.Input{Active: true}, nil, "error activating ScaleTarget: boom"},
		{keda.Input{Replicas: 3}, nil, "error deactivating ScaleTarget: boom"},
		{keda.Input{Replicas: 1}, ptr[int32](2), "error setting ScaleTarget replicas count to ScaledObject minReplicaCount: boom"},
	} {
		c.in.Now, c.in.Object = now, worker()
		c.in.Object.Spec.MinReplicaCount = c.min
		before := keda.State{LastActive: now.Add(-time.Hour)}
		d, next, err := keda.Decide(keda.Defaults(), c.in, before)
		if err != nil {
			t.Fatal(err)
		}
		boom := errors.New("boom")
		d.WriteFailed(boom, &next)
		if !next.LastActive.Equal(before.LastActive) {
			t.Errorf("last active %v", next.LastActive)
		}
		if err := d.Failure(); err == nil || err.Error() != c.want || !errors.Is(err, boom) {
			t.Errorf("error %v, want %s", err, c.want)
		}
		if s := d.Conditions().Status(keda.ConditionReady); s != metav1.ConditionFalse || !d.LastActive.IsZero() {
			t.Errorf("%s: ready %s, last active %v", c.want, s, d.LastActive)
		}
	}
}

// TestCombine makes one activity of several.
func TestCombine(t *testing.T) {
	type trigger struct{ active, failed bool }
	on, off, broken := trigger{active: true}, trigger{}, trigger{failed: true}
	for _, c := range []struct {
		triggers           []trigger
		any, all, priority bool
	}{
		{[]trigger{on, on}, true, true, true},
		{[]trigger{on, off}, true, false, true},
		{[]trigger{off, on}, true, false, false},
		{[]trigger{broken, on}, true, false, true},
		{[]trigger{broken, off}, false, false, false},
		{[]trigger{off, off}, false, false, false},
	} {
		so := worker()
		in := keda.TickInput{Now: now, Object: so}
		for i, tr := range c.triggers {
			r := keda.Reading{Trigger: i, Metric: so.Status.ExternalMetricNames[i], Active: tr.active}
			if tr.failed {
				r.Err = errors.New("boom")
			}
			in.Readings = append(in.Readings, r)
		}
		for how, want := range map[keda.Combine]bool{keda.CombineAny: c.any, keda.CombineAll: c.all, keda.CombinePriority: c.priority, "": c.any} {
			cfg := keda.Defaults()
			cfg.Combine = how
			d, _, err := keda.Tick(cfg, in, keda.State{})
			if err != nil || d.Active != want {
				t.Errorf("%v of %v: active %v, %v; want %v", how, c.triggers, d.Active, err, want)
			}
		}
	}
}

func TestBadInputNamesTheField(t *testing.T) {
	object := worker()
	object.Spec.ScaleTargetRef = nil
	for want, in := range map[string]keda.Input{
		"object":              {},
		"spec.scaleTargetRef": {Object: object},
		"replicas: -1":        {Object: worker(), Replicas: -1},
	} {
		if _, _, err := keda.Decide(keda.Defaults(), in, keda.State{}); !errors.Is(err, keda.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	cfg := keda.Defaults()
	cfg.Combine = "most"
	if _, _, err := keda.Tick(cfg, keda.TickInput{Object: worker()}, keda.State{}); !errors.Is(err, keda.ErrInvalid) || !strings.Contains(err.Error(), `"most"`) {
		t.Errorf("%v does not name the way to combine", err)
	}
	cfg = keda.Defaults()
	cfg.CooldownFrom = ptr[int32](-2)
	if _, _, err := keda.Decide(cfg, keda.Input{Object: worker()}, keda.State{}); !errors.Is(err, keda.ErrInvalid) || !strings.Contains(err.Error(), "cooldownFrom: -2") {
		t.Errorf("%v does not name the field", err)
	}
	for want, readings := range map[string][]keda.Reading{
		"readings[0].trigger: -1": {{Trigger: -1}},
		"readings[1].trigger: 0":  {{Trigger: 1}, {Trigger: 0}},
		"readings[0].trigger: 9":  {{Trigger: 9}},
	} {
		_, _, err := keda.Tick(keda.Defaults(), keda.TickInput{Object: worker(), Readings: readings}, keda.State{})
		if !errors.Is(err, keda.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

// anyInput draws a decision's input.
func anyInput(t *rapid.T) (keda.Input, keda.State) {
	count := func(name string) *int32 {
		return rapid.Ptr(rapid.Int32Range(0, 5), true).Draw(t, name)
	}
	so := worker()
	so.Spec.MinReplicaCount, so.Spec.IdleReplicaCount = count("min"), count("idle")
	so.Spec.CooldownPeriod, so.Spec.InitialCooldownPeriod = rapid.Ptr(rapid.Int32Range(0, 600), true).Draw(t, "cooldown"), rapid.Ptr(rapid.Int32Range(0, 600), true).Draw(t, "initial")
	so.Annotations = rapid.MapOfN(rapid.SampledFrom([]string{
		keda.AnnotationPaused, keda.AnnotationPausedReplicas, keda.AnnotationPausedScaleIn, keda.AnnotationPausedScaleOut, keda.AnnotationForceActivation,
	}), rapid.SampledFrom([]string{"true", "false", "", "3"}), 0, 2).Draw(t, "annotations")
	if rapid.Bool().Draw(t, "fallback") {
		so.Spec.Fallback = &keda.Fallback{Replicas: rapid.Int32Range(0, 3).Draw(t, "fallback replicas")}
	}
	in := keda.Input{
		Now: now, Object: so, Replicas: rapid.Int32Range(0, 8).Draw(t, "replicas"), Active: rapid.Bool().Draw(t, "active"),
		Failed: rapid.Bool().Draw(t, "failed"), ActiveMetrics: so.Status.ExternalMetricNames[:1],
		HPA: &autoscalingv2.HorizontalPodAutoscalerCondition{Status: "False", Reason: "FailedGetExternalMetric"},
	}
	st := keda.State{}
	if rapid.Bool().Draw(t, "was active") {
		st.LastActive = now.Add(-time.Duration(rapid.IntRange(0, 900).Draw(t, "seconds ago")) * time.Second)
	}
	return in, st
}

func TestDecisionsAreLawful(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, st := anyInput(t)
		before, _ := json.Marshal(in.Object)
		d, next, err := keda.Decide(keda.Defaults(), in, st)
		if err != nil {
			t.Fatal(err)
		}
		once := in
		once.Switches = ptr(keda.SwitchesOf(in.Object.Annotations))
		if same, _, _ := keda.Decide(keda.Defaults(), once, st); same.String() != d.String() || same.Rule != d.Rule {
			t.Fatalf("%v with annotations read once, %v anew", same, d)
		}
		if after, _ := json.Marshal(in.Object); string(after) != string(before) {
			t.Fatal("the input was modified")
		}
		low, idle := int32(0), int32(-1)
		if p := in.Object.Spec.MinReplicaCount; p != nil {
			low = *p
		}
		if p := in.Object.Spec.IdleReplicaCount; p != nil {
			idle = *p
		}
		if d.Scale && d.To != max(low, 1) && d.To != low && d.To != idle {
			t.Fatalf("scaled to %d: neither minimum %d nor idle %d nor 1", d.To, low, idle)
		}
		if keda.Paused(in.Object.Annotations) && (d.Scale || next.LastActive != st.LastActive) {
			t.Fatal("a paused object was touched")
		}
		if d.Scale && d.To < d.From && d.Active {
			t.Fatal("an active workload was made smaller")
		}
		if next.LastActive.Before(st.LastActive) {
			t.Fatal("the last activity moved back")
		}
		if !d.Recheck.IsZero() {
			in.Now = d.Recheck
			if still, _, _ := keda.Decide(keda.Defaults(), in, st); still.Rule != keda.RuleCoolingDown {
				t.Fatalf("at its end the cooldown was over: %v", still)
			}
			in.Now = d.Recheck.Add(1)
			if over, _, _ := keda.Decide(keda.Defaults(), in, st); over.Rule != keda.RuleDeactivate {
				t.Fatalf("after its end the cooldown went on: %v", over)
			}
		}
		var text strings.Builder
		if err := d.Explain(&text); err != nil || text.Len() == 0 {
			t.Fatalf("no explanation: %v", err)
		}
		if _, err := json.Marshal(d); err != nil {
			t.Fatal(err)
		}
	})
}
