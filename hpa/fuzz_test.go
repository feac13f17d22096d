package hpa_test

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/hpa"
	"github.com/scalemath/scalemath/metrics"
)

// The generators below draw everything a decision can be given, the absurd included: nil parts, unknown words, numbers at
// the ends of their range.

func oddInt32(t *rapid.T, label string) int32 {
	return rapid.OneOf(rapid.Int32Range(0, 20), rapid.SampledFrom([]int32{-1, 0, 1, 100, math.MaxInt32, math.MinInt32, math.MaxInt32 - 1})).Draw(t, label)
}

func oddInt64(t *rapid.T, label string) int64 {
	return rapid.OneOf(rapid.Int64Range(0, 5000), rapid.SampledFrom([]int64{-1, math.MaxInt64, math.MinInt64, math.MaxInt64 / 100}), rapid.Int64()).Draw(t, label)
}

func oddQuantity(t *rapid.T, label string) *resource.Quantity {
	text := rapid.SampledFrom([]string{"", "0", "1", "10", "100m", "1n", "333m", "10k", "1Gi", "10E", "-5", "9223372036854775807", "0.1"}).Draw(t, label)
	if text == "" {
		return nil
	}
	q := resource.MustParse(text)
	return &q
}

func maybe[T any](t *rapid.T, label string, draw func() T) *T {
	if rapid.IntRange(0, 4).Draw(t, label+" given") == 0 {
		return nil
	}
	v := draw()
	return &v
}

func oddTarget(t *rapid.T) autoscalingv2.MetricTarget {
	target := autoscalingv2.MetricTarget{
		Type: rapid.SampledFrom([]autoscalingv2.MetricTargetType{"Utilization", "Value", "AverageValue", "", "Odd"}).Draw(t, "target type"),
	}
	if rapid.Bool().Draw(t, "has utilization") {
		u := oddInt32(t, "utilization")
		target.AverageUtilization = &u
	}
	target.Value, target.AverageValue = oddQuantity(t, "value"), oddQuantity(t, "average")
	return target
}

func oddIdentifier(t *rapid.T) autoscalingv2.MetricIdentifier {
	return autoscalingv2.MetricIdentifier{Name: "m", Selector: rapid.SampledFrom([]*metav1.LabelSelector{
		nil, {}, {MatchLabels: map[string]string{"a": "b"}}, {MatchLabels: map[string]string{"a": "no/value"}},
		{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "k", Operator: "Odd"}}},
	}).Draw(t, "selector")}
}

func oddMetric(t *rapid.T) autoscalingv2.MetricSpec {
	m := autoscalingv2.MetricSpec{Type: rapid.SampledFrom([]autoscalingv2.MetricSourceType{
		"Resource", "ContainerResource", "Pods", "Object", "External", "Odd"}).Draw(t, "metric type")}
	if rapid.IntRange(0, 15).Draw(t, "source missing") == 0 {
		return m
	}
	name := rapid.SampledFrom([]corev1.ResourceName{"cpu", "memory", ""}).Draw(t, "resource")
	switch m.Type {
	case "Resource":
		m.Resource = &autoscalingv2.ResourceMetricSource{Name: name, Target: oddTarget(t)}
	case "ContainerResource":
		m.ContainerResource = &autoscalingv2.ContainerResourceMetricSource{Name: name, Container: "app", Target: oddTarget(t)}
	case "Pods":
		m.Pods = &autoscalingv2.PodsMetricSource{Metric: oddIdentifier(t), Target: oddTarget(t)}
	case "Object":
		m.Object = &autoscalingv2.ObjectMetricSource{Metric: oddIdentifier(t), Target: oddTarget(t)}
	case "External":
		m.External = &autoscalingv2.ExternalMetricSource{Metric: oddIdentifier(t), Target: oddTarget(t)}
	}
	return m
}

func oddRules(t *rapid.T, label string) *autoscalingv2.HPAScalingRules {
	return maybe(t, label, func() autoscalingv2.HPAScalingRules {
		r := autoscalingv2.HPAScalingRules{
			StabilizationWindowSeconds: maybe(t, label+" window", func() int32 { return oddInt32(t, label+" window") }),
			Tolerance:                  oddQuantity(t, label+" tolerance"),
			SelectPolicy: maybe(t, label+" select", func() autoscalingv2.ScalingPolicySelect {
				return rapid.SampledFrom([]autoscalingv2.ScalingPolicySelect{"Max", "Min", "Disabled", "Odd"}).Draw(t, label+" select")
			}),
		}
		for range rapid.IntRange(0, 3).Draw(t, label+" policies") {
			r.Policies = append(r.Policies, autoscalingv2.HPAScalingPolicy{
				Type:  rapid.SampledFrom([]autoscalingv2.HPAScalingPolicyType{"Pods", "Pods", "Percent", "Percent", "Percent", "Odd"}).Draw(t, label+" type"),
				Value: oddInt32(t, label+" value"), PeriodSeconds: oddInt32(t, label+" period"),
			})
		}
		return r
	})
}

func oddObject(t *rapid.T) *autoscalingv2.HorizontalPodAutoscaler {
	h := &autoscalingv2.HorizontalPodAutoscaler{Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
		MinReplicas: maybe(t, "min", func() int32 { return oddInt32(t, "min") }), MaxReplicas: oddInt32(t, "max"),
	}}
	for range rapid.IntRange(0, 3).Draw(t, "metrics") {
		h.Spec.Metrics = append(h.Spec.Metrics, oddMetric(t))
	}
	if rapid.Bool().Draw(t, "behavior") {
		h.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{ScaleUp: oddRules(t, "up"), ScaleDown: oddRules(t, "down")}
	}
	if rapid.Bool().Draw(t, "scaled to zero") {
		scaledToZero(h)
	}
	return h
}

func oddTime(t *rapid.T, label string) time.Time {
	return rapid.OneOf(rapid.Map(rapid.IntRange(-4000, 100), func(s int) time.Time { return noon.Add(time.Duration(s) * time.Second) }),
		rapid.SampledFrom([]time.Time{{}, noon, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)})).Draw(t, label)
}

func oddHistory(t *rapid.T) hpa.History {
	var h hpa.History
	for range rapid.IntRange(0, 5).Draw(t, "recommendations") {
		h.Recommendations = append(h.Recommendations, hpa.Recommendation{At: oddTime(t, "recommended at"), Replicas: oddInt32(t, "recommended")})
	}
	events := func(label string) (list []hpa.ScaleEvent) {
		for range rapid.IntRange(0, 3).Draw(t, label) {
			list = append(list, hpa.ScaleEvent{At: oddTime(t, label+" at"), Change: oddInt32(t, label+" change"), Outdated: rapid.Bool().Draw(t, label+" outdated")})
		}
		return list
	}
	h.ScaleUps, h.ScaleDowns = events("ups"), events("downs")
	return h
}

func oddConfig(t *rapid.T) hpa.Config {
	cfg := hpa.Defaults()
	cfg.Tolerance = rapid.SampledFrom([]float64{0, 0.1, 1, 10, math.NaN(), -1, math.Inf(1)}).Draw(t, "tolerance")
	cfg.DownscaleStabilization = rapid.SampledFrom([]time.Duration{0, time.Minute, 5 * time.Minute, -1, math.MaxInt64}).Draw(t, "stabilization")
	cfg.CPUInitializationPeriod = rapid.SampledFrom([]time.Duration{0, 5 * time.Minute, math.MaxInt64}).Draw(t, "initialization")
	cfg.Profile = rapid.SampledFrom([]hpa.Profile{hpa.V1_37, hpa.Fixed}).Draw(t, "profile")
	cfg.Gates = hpa.Gates{
		HPAScaleToZero: rapid.Bool().Draw(t, "zero gate"), HPAGeneration: rapid.Bool().Draw(t, "generation gate"),
		HPAConfigurableTolerance: rapid.Bool().Draw(t, "tolerance gate"), PodLevelResources: rapid.Bool().Draw(t, "pod-level gate"),
	}
	if rapid.Bool().Draw(t, "smallest") {
		cfg.Combine = hpa.Smallest
	}
	return cfg
}

// neverAbsurd is what must hold for whatever a decision is given: no panic, an error that says what it is, and an answer
// that can be told and stored.
func neverAbsurd(t *rapid.T) {
	cfg, h := oddConfig(t), oddHistory(t)
	list, samples := situation(t)
	in := hpa.Input{Now: oddTime(t, "now"), HPA: oddObject(t), Pods: list}
	if rapid.IntRange(0, 9).Draw(t, "scale missing") > 0 {
		in.Scale = scale(oddInt32(t, "spec"), oddInt32(t, "status"))
	} else if rapid.Bool().Draw(t, "scale failed") {
		in.ScaleErr = errors.New("no scale")
	}
	for range max(1, len(in.HPA.Spec.Metrics)) {
		o := metrics.Observation{Pods: samples}
		for range rapid.IntRange(0, 3).Draw(t, "series") {
			o.Values = append(o.Values, oddInt64(t, "value"))
		}
		if rapid.IntRange(0, 5).Draw(t, "metric failed") == 0 {
			o.Err = metrics.ErrEmpty
		}
		in.Metrics = append(in.Metrics, o)
	}
	if rapid.IntRange(0, 5).Draw(t, "write failed") == 0 {
		in.UpdateErr = errors.New("conflict")
	}
	hpa.Preflight(cfg, in)
	d, next, err := hpa.Decide(cfg, in, h)
	if err != nil {
		if !errors.Is(err, hpa.ErrInvalid) {
			t.Errorf("%v does not wrap ErrInvalid", err)
		}
		return
	}
	// As released, the cap on one scale-up wraps below zero from 2^30 replicas on (N1, L5).
	if d.Rescale && d.Replicas < 0 && cfg.Profile == hpa.Fixed {
		t.Errorf("%v", &d)
	}
	if err := d.Explain(io.Discard); err != nil {
		t.Error(err)
	}
	if _, err := json.Marshal(d); err != nil {
		t.Errorf("the decision has no JSON: %v", err)
	}
	if _, err := json.Marshal(next); err != nil {
		t.Errorf("the history has no JSON: %v", err)
	}
	o, err := hpa.LookAhead(cfg, in, h)
	if err != nil {
		t.Errorf("no outlook of a decision: %v", err)
	}
	if err := o.Explain(io.Discard); err != nil {
		t.Error(err)
	}
}

func FuzzDecide(f *testing.F) { f.Fuzz(rapid.MakeFuzz(neverAbsurd)) }

func TestNeverAbsurd(t *testing.T) { rapid.Check(t, neverAbsurd) }

func FuzzProfile(f *testing.F) {
	f.Add("1.37")
	f.Add("fixed")
	f.Fuzz(func(t *testing.T, text string) {
		var p hpa.Profile
		if err := p.UnmarshalText([]byte(text)); err == nil && p.String() != text {
			t.Errorf("%q became %q", text, p)
		}
	})
}
