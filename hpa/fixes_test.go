package hpa_test

import (
	"math"
	"reflect"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/hpa"
	"github.com/scalemath/scalemath/metrics"
)

// seen is what one defect bears on; a case compares all of it.
type seen struct {
	replicas int32
	shown    string // of the first metric in status
	text     string // the reason of the rescale
	failed   bool
}

// TestEachFixMatters decides a situation in which a defect shows, as released, with that one switch on, and with all.
func TestEachFixMatters(t *testing.T) {
	list := func(change func(last *corev1.Pod)) []*corev1.Pod {
		l := pods(3, "100m")
		change(l[2])
		return l
	}
	perPod := external(`{type: AverageValue, averageValue: "10"}`)
	value := external(`{type: Value, value: "10"}`)
	behavior := func(text string) *autoscalingv2.HorizontalPodAutoscaler {
		return object(perPod + "  behavior: " + text + "\n")
	}
	cases := map[string]struct {
		fix             func(*hpa.Fixes)
		in              hpa.Input
		history         hpa.History
		released, fixed seen
	}{
		"SaturateConversions": {
			fix:      func(f *hpa.Fixes) { f.SaturateConversions = true },
			in:       hpa.Input{HPA: scaledToZero(object(value)), Scale: scale(0, 0), Metrics: []metrics.Observation{total(math.MaxInt64)}},
			released: seen{replicas: 1, shown: "9223372036854775807m"},
			fixed:    seen{replicas: 4, shown: "9223372036854775807m", text: "external metric queue(nil) above target"},
		},
		"IgnoreSucceededPods": {
			fix: func(f *hpa.Fixes) { f.IgnoreSucceededPods = true },
			in: hpa.Input{HPA: object(cpuHalf), Scale: scale(2, 2), Metrics: []metrics.Observation{uses(noon, 60, 60)},
				Pods: list(func(p *corev1.Pod) { p.Status.Phase = corev1.PodSucceeded })},
			released: seen{2, "60m", "", false}, // with the finished pod at no use it is 40 %
			fixed:    seen{3, "60m", "cpu resource utilization (percentage of request) above target", false},
		},
		"TotalAtZeroReplicas": {
			fix:      func(f *hpa.Fixes) { f.TotalAtZeroReplicas = true },
			in:       hpa.Input{HPA: object(perPod), Scale: scale(2, 0), Metrics: []metrics.Observation{total(20_000)}},
			released: seen{2, "-9223372036854775808m", "", false},
			fixed:    seen{2, "20", "", false},
		},
		"KeepSpecWithinTolerance": {
			fix:      func(f *hpa.Fixes) { f.KeepSpecWithinTolerance = true },
			in:       hpa.Input{HPA: object(perPod), Scale: scale(4, 5), Metrics: []metrics.Observation{total(50_000)}},
			released: seen{5, "10", "external metric queue(nil) above target", false},
			fixed:    seen{4, "10", "", false},
		},
		"SaturateSums": {
			fix:      func(f *hpa.Fixes) { f.SaturateSums = true },
			in:       hpa.Input{HPA: object(cpuHalf), Scale: scale(2, 2), Pods: pods(2, "100m"), Metrics: []metrics.Observation{uses(noon, math.MaxInt64/150, 1)}},
			released: seen{2, "30744573456182586m", "All metrics below target", false},
			fixed:    seen{4, "30744573456182586m", "cpu resource utilization (percentage of request) above target", false},
		},
		"SaturateQuantities": {
			fix:      func(f *hpa.Fixes) { f.SaturateQuantities = true },
			in:       hpa.Input{HPA: object(external(`{type: AverageValue, averageValue: 10E}`)), Scale: scale(2, 2), Metrics: []metrics.Observation{total(20_000)}},
			released: seen{4, "10", "external metric queue(nil) above target", false},
			fixed:    seen{2, "10", "All metrics below target", false}, // held by the fresh controller's first recommendation
		},
		"SaturatePolicies": {
			fix:      func(f *hpa.Fixes) { f.SaturatePolicies = true },
			in:       hpa.Input{HPA: behavior(`{scaleUp: {policies: [{type: Pods, value: 2147483647, periodSeconds: 15}]}}`), Scale: scale(2, 2), Metrics: []metrics.Observation{total(90_000)}},
			released: seen{2, "45", "external metric queue(nil) above target", false},
			fixed:    seen{9, "45", "external metric queue(nil) above target", false},
		},
		"NegativeSeries": {
			fix:      func(f *hpa.Fixes) { f.NegativeSeries = true },
			in:       hpa.Input{HPA: object(perPod), Scale: scale(2, 2), Metrics: []metrics.Observation{total(-1000, 21_000)}},
			released: seen{4, "9223372036854775807m", "external metric queue(nil) above target", false},
			fixed:    seen{2, "10", "", false},
		},
		"SkipDeletingPods": {
			fix: func(f *hpa.Fixes) { f.SkipDeletingPods = true },
			in: hpa.Input{HPA: object(value), Scale: scale(3, 3), Metrics: []metrics.Observation{total(20_000)},
				Pods: list(func(p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{Time: noon} })},
			released: seen{6, "20", "external metric queue(nil) above target", false},
			fixed:    seen{4, "20", "external metric queue(nil) above target", false},
		},
		"SkipGoneSamples": {
			fix: func(f *hpa.Fixes) { f.SkipGoneSamples = true },
			in: hpa.Input{HPA: object(cpuHalf), Scale: scale(4, 4), Metrics: []metrics.Observation{uses(noon, 60, 60, 60, 9, 9)},
				Pods: list(func(p *corev1.Pod) { p.Name = "web-9" })},
			released: seen{4, "60m", "", false},
			fixed:    seen{4, "60m", "", false},
		},
		"SkipIgnoredRequests": {
			fix: func(f *hpa.Fixes) { f.SkipIgnoredRequests = true },
			in: hpa.Input{HPA: object(cpuHalf), Scale: scale(2, 2), Metrics: []metrics.Observation{uses(noon, 50, 50)},
				Pods: list(func(p *corev1.Pod) { p.Status.Phase = corev1.PodFailed; p.Spec.Containers[0].Resources.Requests = nil })},
			released: seen{2, "", "", true},
			fixed:    seen{2, "50m", "", false},
		},
		"UnknownIsUnready": {
			fix: func(f *hpa.Fixes) { f.UnknownIsUnready = true },
			in: hpa.Input{HPA: object(cpuHalf), Scale: scale(3, 3), Metrics: []metrics.Observation{uses(noon, 80, 80, 0)},
				Pods: list(func(p *corev1.Pod) { p.Status.Conditions[0].Status = corev1.ConditionUnknown })},
			released: seen{3, "53m", "", false},
			fixed:    seen{3, "80m", "", false},
		},
		"NoScaleUpFromHistory": {
			fix:      func(f *hpa.Fixes) { f.NoScaleUpFromHistory = true },
			in:       hpa.Input{HPA: object(perPod), Scale: scale(5, 5), Metrics: []metrics.Observation{total(50_000)}},
			history:  hpa.History{Recommendations: []hpa.Recommendation{{At: noon.Add(-time.Minute), Replicas: 10}}},
			released: seen{10, "10", "", false},
			fixed:    seen{5, "10", "", false},
		},
		"NameEveryReason": {
			fix:      func(f *hpa.Fixes) { f.NameEveryReason = true },
			in:       hpa.Input{HPA: object(perPod), Scale: scale(5, 5), Metrics: []metrics.Observation{total(50_000)}},
			history:  hpa.History{Recommendations: []hpa.Recommendation{{At: noon.Add(-time.Minute), Replicas: 10}}},
			released: seen{10, "10", "", false},
			fixed:    seen{10, "10", "Recent recommendations or bounds force a size that the metrics do not ask for", false},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.in.Now = noon
			released, fixed := hpa.Defaults(), hpa.Defaults()
			c.fix(&fixed.Fixes)
			if got := see(t, released, c.in, c.history); got != c.released {
				t.Errorf("as released: %+v, want %+v", got, c.released)
			}
			if got := see(t, fixed, c.in, c.history); got != c.fixed {
				t.Errorf("fixed: %+v, want %+v", got, c.fixed)
			}
		})
	}
}

func see(t *testing.T, cfg hpa.Config, in hpa.Input, h hpa.History) seen {
	t.Helper()
	d, _ := decide(t, cfg, in, h)
	s := seen{replicas: d.Replicas, text: d.ReasonText(), failed: d.Err() != nil}
	if list := d.Status().CurrentMetrics; len(list) == 1 && !s.failed {
		var q *resource.Quantity
		switch m := list[0]; {
		case m.Resource != nil:
			q = m.Resource.Current.AverageValue
		case m.External.Current.Value != nil:
			q = m.External.Current.Value
		default:
			q = m.External.Current.AverageValue
		}
		s.shown = q.String()
	}
	return s
}

// scaledToZero is an object that brought its target to zero.
func scaledToZero(h *autoscalingv2.HorizontalPodAutoscaler) *autoscalingv2.HorizontalPodAutoscaler {
	h.Status.Conditions = []autoscalingv2.HorizontalPodAutoscalerCondition{{Type: autoscalingv2.ScaledToZero, Status: corev1.ConditionTrue}}
	return h
}

func TestExpireHistory(t *testing.T) {
	old := hpa.History{Recommendations: []hpa.Recommendation{{At: noon.Add(-time.Hour), Replicas: 9}, {At: noon.Add(-2 * time.Hour), Replicas: 8}}}
	in := hpa.Input{Now: noon, HPA: object(external(`{type: AverageValue, averageValue: "10"}`)), Scale: scale(5, 5), Metrics: []metrics.Observation{total(50_000)}}
	_, released := decide(t, hpa.Defaults(), in, old)
	if len(released.Recommendations) != 2 { // H3: the last old one is overwritten, the other stays
		t.Errorf("as released: %v", released.Recommendations)
	}
	cfg := hpa.Defaults()
	cfg.Fixes.ExpireHistory = true
	if _, fixed := decide(t, cfg, in, old); len(fixed.Recommendations) != 1 || fixed.Recommendations[0].Replicas != 5 {
		t.Errorf("fixed: %v", fixed.Recommendations)
	}
}

func TestNamesInStatus(t *testing.T) {
	object := object(`
metadata: {name: web, namespace: default}
spec:
  scaleTargetRef: {kind: Deployment, name: web}
  maxReplicas: 9
  metrics:
  - type: Object
    object: {metric: {name: hits}, describedObject: {kind: Ingress, name: front}, target: {type: AverageValue, averageValue: "10"}}
  - type: External
    external: {metric: {name: queue}, target: {type: Value, value: "10"}}
`)
	in := hpa.Input{Now: noon, HPA: object, Scale: scale(2, 2), Metrics: []metrics.Observation{total(90_000), {Err: metrics.ErrEmpty}}}
	released, _ := decide(t, hpa.Defaults(), in, hpa.History{})
	if got := released.ReasonText(); got != "external metric hits(nil) above target" {
		t.Errorf("as released: %q", got)
	}
	if got := released.Status().CurrentMetrics[1].Type; got != "" {
		t.Errorf("as released, a failed metric has type %q", got)
	}
	cfg := hpa.Defaults()
	cfg.Profile = hpa.Fixed
	fixed, _ := decide(t, cfg, in, hpa.History{})
	if got := fixed.ReasonText(); got != "Ingress metric hits above target" {
		t.Errorf("fixed: %q", got)
	}
	if got := fixed.Status().CurrentMetrics[1].Type; got != autoscalingv2.ExternalMetricSourceType {
		t.Errorf("fixed, a failed metric has type %q", got)
	}
}

func TestFixedProfileHasEverySwitchOn(t *testing.T) {
	v := reflect.ValueOf(hpa.AllFixes())
	for i := range v.NumField() {
		if !v.Field(i).Bool() {
			t.Errorf("%s is off", v.Type().Field(i).Name)
		}
	}
}
