package keda_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/scalemath/scalemath/keda"
)

func container(name string) autoscalingv2.MetricSpec {
	return autoscalingv2.MetricSpec{Type: autoscalingv2.ContainerResourceMetricSourceType, ContainerResource: &autoscalingv2.ContainerResourceMetricSource{
		Name: "cpu", Container: name, Target: averageOf("1"),
	}}
}

func built(t *testing.T, cfg keda.Config, so *keda.ScaledObject, metrics ...autoscalingv2.MetricSpec) keda.HPADecision {
	t.Helper()
	d, err := keda.BuildHPA(cfg, so, metrics)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestH1MinimumIsAtLeastOne(t *testing.T) {
	for _, c := range []struct {
		min, max *int32
		low, top int32
	}{{nil, nil, 1, 100}, {ptr[int32](0), ptr[int32](0), 1, 0}, {ptr[int32](3), ptr[int32](7), 3, 7}} {
		so := worker()
		so.Spec.MinReplicaCount, so.Spec.MaxReplicaCount = c.min, c.max
		if s := built(t, keda.Defaults(), so, specs()...).Object.Spec; *s.MinReplicas != c.low || s.MaxReplicas != c.top {
			t.Errorf("%d to %d, want %d to %d", *s.MinReplicas, s.MaxReplicas, c.low, c.top)
		}
	}
}

func TestH3LabelsAreOverriddenAndExcluded(t *testing.T) {
	so := worker()
	so.Name = strings.Repeat("long-", 12) + "x"
	so.Labels = map[string]string{"app.kubernetes.io/name": "mine", "a": "1", "b": "2", "c": "3"}
	so.Annotations = map[string]string{keda.AnnotationExcludedLabels: "a, b,c"}
	l := built(t, keda.Defaults(), so, specs()...).Object.Labels
	if l["app.kubernetes.io/name"] != "mine" || l["a"] != "" || l["b"] != "2" || l["c"] != "" || l["app.kubernetes.io/version"] != "2.21.0" {
		t.Errorf("%v", l)
	}
	so.Labels = nil
	if name := built(t, keda.Defaults(), so, specs()...).Object.Labels["app.kubernetes.io/name"]; len(name) > 63 || strings.HasSuffix(name, "-") {
		t.Errorf("%q", name)
	}
}

func TestH4PausesLeaveTheObjectsBehaviorAlone(t *testing.T) {
	so := worker()
	behavior := &autoscalingv2.HorizontalPodAutoscalerBehavior{ScaleDown: &autoscalingv2.HPAScalingRules{StabilizationWindowSeconds: ptr[int32](30)}}
	so.Spec.Advanced = &keda.AdvancedConfig{HorizontalPodAutoscalerConfig: &keda.HorizontalPodAutoscalerConfig{Behavior: behavior}}
	so.Annotations = map[string]string{keda.AnnotationPausedScaleIn: "true", keda.AnnotationPausedScaleOut: ""}
	b := built(t, keda.Defaults(), so, specs()...).Object.Spec.Behavior
	if *b.ScaleDown.SelectPolicy != "Disabled" || *b.ScaleDown.StabilizationWindowSeconds != 30 || *b.ScaleUp.SelectPolicy != "Disabled" {
		t.Errorf("%+v", b)
	}
	if behavior.ScaleDown.SelectPolicy != nil || behavior.ScaleUp != nil {
		t.Error("the ScaledObject was modified")
	}
}

func TestH5Order(t *testing.T) {
	d := built(t, keda.Defaults(), worker(), append(specs(), container("app"))...)
	var order []string
	for _, m := range d.Object.Spec.Metrics {
		name := ""
		if m.External != nil {
			name = m.External.Metric.Name
		}
		order = append(order, fmt.Sprint(m.Type, " ", name))
	}
	want := []string{"ContainerResource ", "External s0-prometheus", "External s1-cron-UTC-08xxx-018xxx", "External s2-rabbitmq-orders", "Resource "}
	if !slices.Equal(order, want) || !slices.Equal(d.ResourceMetricNames, []string{"cpu"}) || len(d.ExternalMetricNames) != 3 {
		t.Errorf("%v %v %v", order, d.ExternalMetricNames, d.ResourceMetricNames)
	}
	if d := built(t, keda.Defaults(), worker(), external("s0", "1"), external("s0", "2")); !errors.Is(d.Err, keda.ErrDuplicateMetric) {
		t.Errorf("%v", d.Err)
	}
	if d := built(t, keda.Defaults(), worker()); !errors.Is(d.Err, keda.ErrNoMetrics) {
		t.Errorf("%v", d.Err)
	}
}

func TestH6Composite(t *testing.T) {
	so, fixed := worker(), keda.Defaults()
	fixed.Profile = keda.Fixed
	so.Spec.Advanced = &keda.AdvancedConfig{ScalingModifiers: keda.ScalingModifiers{Formula: "a", Target: "2.01"}}
	metrics := append(specs(), container("app"))
	for _, c := range []struct {
		cfg    keda.Config
		milli  int64
		number int
	}{{keda.Defaults(), 2009, 2}, {fixed, 2010, 3}} {
		d := built(t, c.cfg, so, metrics...)
		list := d.Object.Spec.Metrics
		last := list[len(list)-1].External
		if len(list) != c.number || last.Metric.Name != keda.CompositeMetric || last.Target.AverageValue.MilliValue() != c.milli || d.Composite != keda.CompositeMetric {
			t.Errorf("%d metrics, target %s", len(list), last.Target.AverageValue)
		}
		if (len(d.Dropped) == 0) != (c.number == 3) {
			t.Errorf("dropped %v", d.Dropped)
		}
	}
	so.Spec.Advanced.ScalingModifiers.MetricType = autoscalingv2.UtilizationMetricType
	if d := built(t, keda.Defaults(), so, metrics...); !errors.Is(d.Err, keda.ErrCompositeUtilization) {
		t.Errorf("%v", d.Err)
	}
}

func TestH8WhatMakesAnUpdate(t *testing.T) {
	want := built(t, keda.Defaults(), worker(), specs()...).Object
	for name, change := range map[string]func(*autoscalingv2.HorizontalPodAutoscaler){
		"":                  func(h *autoscalingv2.HorizontalPodAutoscaler) { h.Labels["added"] = "by someone" },
		"number of metrics": func(h *autoscalingv2.HorizontalPodAutoscaler) { h.Spec.Metrics = h.Spec.Metrics[:1] },
		"behavior": func(h *autoscalingv2.HorizontalPodAutoscaler) {
			h.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{}
		},
		"specification": func(h *autoscalingv2.HorizontalPodAutoscaler) { h.Spec.MaxReplicas = 3 },
		"labels":        func(h *autoscalingv2.HorizontalPodAutoscaler) { delete(h.Labels, "team") },
		"annotations":   func(h *autoscalingv2.HorizontalPodAutoscaler) { h.Annotations = nil },
	} {
		found := want.DeepCopy()
		change(found)
		if got := strings.Join(keda.HPADiffers(want, found), ","); got != name {
			t.Errorf("%q, want %q", got, name)
		}
	}
}

func TestBuildHPALeavesItsInputAlone(t *testing.T) {
	metrics := append(specs(), container("app"))
	before := fmt.Sprintf("%+v", metrics)
	built(t, keda.Defaults(), worker(), metrics...)
	if after := fmt.Sprintf("%+v", metrics); after != before || metrics[0].External.Metric.Selector != nil {
		t.Error("the metrics were modified")
	}
}

// TestBuildHPAAllocations is a budget: the object, its maps and lists.
func TestBuildHPAAllocations(t *testing.T) {
	cfg, so, metrics := keda.Defaults(), worker(), specs()
	if n := testing.AllocsPerRun(100, func() { _, _ = keda.BuildHPA(cfg, so, metrics) }); n > 13 {
		t.Errorf("%v allocations", n)
	}
}
