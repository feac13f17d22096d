package hpa_test

import (
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/hpa"
	"github.com/scalemath/scalemath/metrics"
)

func TestInvalidInputNamesFieldAndValue(t *testing.T) {
	good := func() hpa.Input {
		return hpa.Input{Now: noon, HPA: object(cpuHalf), Scale: scale(2, 2), Pods: pods(2, "100m"), Metrics: []metrics.Observation{uses(noon, 1, 1)}}
	}
	for want, spoil := range map[string]func(*hpa.Config, *hpa.Input){
		"hpa: is nil":                                                   func(_ *hpa.Config, in *hpa.Input) { in.HPA = nil },
		"scale: is nil, and no error says why":                          func(_ *hpa.Config, in *hpa.Input) { in.Scale = nil },
		"scale.spec.replicas: -1 is negative":                           func(_ *hpa.Config, in *hpa.Input) { in.Scale.Spec.Replicas = -1 },
		"scale.status.replicas: -2 is negative":                         func(_ *hpa.Config, in *hpa.Input) { in.Scale.Status.Replicas = -2 },
		"spec.minReplicas: -3 is negative":                              func(_ *hpa.Config, in *hpa.Input) { *in.HPA.Spec.MinReplicas = -3 },
		"spec.maxReplicas: -4 is negative":                              func(_ *hpa.Config, in *hpa.Input) { in.HPA.Spec.MaxReplicas = -4 },
		"metrics: 0 observations for the 1 metrics of the object":       func(_ *hpa.Config, in *hpa.Input) { in.Metrics = nil },
		"config.tolerance: NaN is not a number of 0 or more":            func(c *hpa.Config, _ *hpa.Input) { c.Tolerance = math.NaN() },
		"config.tolerance: -0.1 is not a number of 0 or more":           func(c *hpa.Config, _ *hpa.Input) { c.Tolerance = -0.1 },
		"config.downscaleStabilization: -1ns is negative":               func(c *hpa.Config, _ *hpa.Input) { c.DownscaleStabilization = -1 },
		"pods[1]: is nil":                                               func(_ *hpa.Config, in *hpa.Input) { in.Pods[1] = nil },
		`pods[1].metadata.name: "web-0" is already the name of pods[0]`: func(_ *hpa.Config, in *hpa.Input) { in.Pods[1].Name = "web-0" },
		"spec.metrics[0].resource: is missing for a metric of type Resource": func(_ *hpa.Config, in *hpa.Input) {
			in.HPA.Spec.Metrics[0].Resource = nil
		},
		"spec.metrics[0].pods.target.averageValue: is missing for a metric of type Pods": func(_ *hpa.Config, in *hpa.Input) {
			in.HPA.Spec.Metrics[0] = autoscalingv2.MetricSpec{Type: "Pods", Pods: &autoscalingv2.PodsMetricSource{}}
		},
		`spec.behavior.scaleUp.policies[0].type: "Pod" is neither Pods nor Percent`: func(_ *hpa.Config, in *hpa.Input) {
			in.HPA.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{
				ScaleUp: &autoscalingv2.HPAScalingRules{Policies: []autoscalingv2.HPAScalingPolicy{{Type: "Pod"}}}}
		},
		"spec.behavior.scaleDown.stabilizationWindowSeconds: -9 is negative": func(_ *hpa.Config, in *hpa.Input) {
			window := int32(-9)
			in.HPA.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{
				ScaleDown: &autoscalingv2.HPAScalingRules{StabilizationWindowSeconds: &window}}
		},
	} {
		cfg, in := hpa.Defaults(), good()
		spoil(&cfg, &in)
		_, _, err := hpa.Decide(cfg, in, hpa.History{})
		if !errors.Is(err, hpa.ErrInvalid) || err.Error() != "invalid input: "+want {
			t.Errorf("%v; want %q", err, want)
		}
	}
}

// TestOdditiesAreDecisions holds what looks like bad input but has an upstream answer.
func TestOdditiesAreDecisions(t *testing.T) {
	base := func() hpa.Input {
		return hpa.Input{Now: noon, HPA: object(cpuHalf), Scale: scale(2, 2), Pods: pods(2, "100m"), Metrics: []metrics.Observation{uses(noon, 50, 50)}}
	}
	for name, c := range map[string]struct {
		change func(*hpa.Input)
		want   string
	}{
		"unknown metric type": {
			func(in *hpa.Input) { in.HPA.Spec.Metrics[0].Type = "Guess" },
			`failed to compute desired number of replicas based on listed metrics for Deployment/default/web: invalid metrics (1 invalid out of 1), first error is: unknown metric source type "Guess"`,
		},
		"a target of the wrong kind": {
			func(in *hpa.Input) {
				q := resource.MustParse("1")
				in.HPA.Spec.Metrics[0].Resource.Target = autoscalingv2.MetricTarget{Type: autoscalingv2.ValueMetricType, Value: &q}
			},
			"failed to compute desired number of replicas based on listed metrics for Deployment/default/web: invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: invalid resource metric source: neither an average utilization target nor an average value (usage) target was set",
		},
		"no selector": {
			func(in *hpa.Input) { in.Scale.Status.Selector = "" },
			"failed to compute desired number of replicas based on listed metrics for Deployment/default/web: selector is required",
		},
		"a broken selector": {
			func(in *hpa.Input) { in.Scale.Status.Selector = "app in (" },
			"failed to compute desired number of replicas based on listed metrics for Deployment/default/web: couldn't convert selector into a corresponding internal selector object: unable to parse requirement: found '', expected: ',', ')' or identifier",
		},
		"two objects for the same pods": {
			func(in *hpa.Input) { in.Rivals = []string{"other"} },
			"failed to compute desired number of replicas based on listed metrics for Deployment/default/web: pods by selector app=web are controlled by more than one HPA (e.g. [default/web default/other])",
		},
		"no answer but no error either": {
			func(in *hpa.Input) { in.Metrics[0] = metrics.Observation{} },
			"failed to compute desired number of replicas based on listed metrics for Deployment/default/web: invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: failed to get cpu utilization: did not receive metrics for targeted pods (pods might be unready)",
		},
		"the scale cannot be read": {
			func(in *hpa.Input) { in.Scale, in.ScaleErr = nil, errors.New("no such kind") },
			"failed to query scale subresource for Deployment/default/web: no such kind",
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := base()
			c.change(&in)
			d, _ := decide(t, hpa.Defaults(), in, hpa.History{})
			if err := d.Err(); err == nil || err.Error() != c.want {
				t.Errorf("%v\nwant %s", err, c.want)
			}
			if d.Rescale {
				t.Errorf("it rescales: %v", &d)
			}
		})
	}
}

// TestHistoryFromTheFuture counts as upstream's clock would have it: not old yet.
func TestHistoryFromTheFuture(t *testing.T) {
	in := hpa.Input{Now: noon, HPA: object(cpuHalf), Scale: scale(2, 2), Pods: pods(2, "100m"), Metrics: []metrics.Observation{uses(noon, 10, 10)}}
	d, _ := decide(t, hpa.Defaults(), in, hpa.History{Recommendations: []hpa.Recommendation{{At: noon.Add(time.Hour), Replicas: 4}}})
	if d.Replicas != 4 || d.Normalized.Stabilization != hpa.ScaleDownStabilized {
		t.Errorf("%v", &d)
	}
}

func TestC13WriteFailed(t *testing.T) {
	object := object(cpuHalf)
	object.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{}
	in := hpa.Input{Now: noon, HPA: object, Scale: scale(2, 2), Pods: pods(2, "100m"), Metrics: []metrics.Observation{uses(noon, 100, 100)}}
	written, after := decide(t, hpa.Defaults(), in, hpa.History{})
	in.UpdateErr = errors.New("conflict")
	failed, afterFailure := decide(t, hpa.Defaults(), in, hpa.History{})
	if len(after.ScaleUps) != 1 || len(afterFailure.ScaleUps) != 0 {
		t.Errorf("scale events %v after success, %v after failure", after.ScaleUps, afterFailure.ScaleUps)
	}
	if diff := cmp.Diff(after.Recommendations, afterFailure.Recommendations); diff != "" {
		t.Errorf("the recommendation of a failed write is lost:\n%s", diff)
	}
	if failed.Status().DesiredReplicas != 0 || written.Status().DesiredReplicas != 4 {
		t.Errorf("desired %d after failure, %d after success", failed.Status().DesiredReplicas, written.Status().DesiredReplicas)
	}
}

// TestHistorySurvivesARestart decides a story twice, once with the history carried as JSON.
func TestHistorySurvivesARestart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		object := object(external(`{type: AverageValue, averageValue: "10"}`))
		if rapid.Bool().Draw(t, "behavior") {
			object.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{}
		}
		var kept, carried hpa.History
		size := int32(3)
		for i := range rapid.IntRange(1, 30).Draw(t, "steps") {
			in := hpa.Input{
				Now: noon.Add(time.Duration(i) * 15 * time.Second), HPA: object, Scale: scale(size, size),
				Metrics: []metrics.Observation{total(rapid.Int64Range(0, 500_000).Draw(t, "queue"))},
			}
			a, next, err := hpa.Decide(hpa.Defaults(), in, kept)
			if err != nil {
				t.Fatal(err)
			}
			kept = next
			text, err := json.Marshal(carried)
			if err != nil {
				t.Fatal(err)
			}
			carried = hpa.History{}
			if err := json.Unmarshal(text, &carried); err != nil {
				t.Fatal(err)
			}
			b, next, err := hpa.Decide(hpa.Defaults(), in, carried)
			if err != nil {
				t.Fatal(err)
			}
			if carried = next; a.String() != b.String() {
				t.Fatalf("%v, but after a restart %v", &a, &b)
			}
			size = a.Replicas
		}
	})
}

// TestInvariants holds for every decision that the metrics made: the size is within bounds unless it was left alone, the
// input is not modified, and the same input gives the same answer.
func TestInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list, samples := situation(t)
		object := object(cpuHalf)
		*object.Spec.MinReplicas = rapid.Int32Range(1, 4).Draw(t, "min")
		object.Spec.MaxReplicas = *object.Spec.MinReplicas + rapid.Int32Range(0, 9).Draw(t, "spread")
		if rapid.Bool().Draw(t, "behavior") {
			object.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{}
		}
		current := rapid.Int32Range(0, 20).Draw(t, "current")
		in := hpa.Input{Now: noon, HPA: object, Scale: scale(current, current), Pods: list, Metrics: []metrics.Observation{{Pods: samples}}}
		h := hpa.History{Recommendations: []hpa.Recommendation{
			{At: noon.Add(-time.Duration(rapid.IntRange(0, 600).Draw(t, "age")) * time.Second), Replicas: rapid.Int32Range(0, 30).Draw(t, "recommended")},
		}}
		before, kept := object.DeepCopy(), h.Clone()
		d, next, err := hpa.Decide(hpa.Defaults(), in, h)
		if err != nil {
			t.Fatal(err)
		}
		again, nextAgain, _ := hpa.Decide(hpa.Defaults(), in, h)
		if diff := cmp.Diff(d.Status(), again.Status()) + cmp.Diff(next, nextAgain); diff != "" {
			t.Errorf("the same input, another answer:\n%s", diff)
		}
		if diff := cmp.Diff(before, object) + cmp.Diff(kept, h); diff != "" {
			t.Errorf("the input was modified:\n%s", diff)
		}
		if d.Rescale && (d.Replicas < *object.Spec.MinReplicas || d.Replicas > object.Spec.MaxReplicas) {
			t.Errorf("%v is out of bounds %d to %d", &d, *object.Spec.MinReplicas, object.Spec.MaxReplicas)
		}
		if !d.Rescale && d.Replicas != current {
			t.Errorf("%v: no rescale, but another size", &d)
		}
		if _, err := json.Marshal(d); err != nil {
			t.Errorf("no JSON: %v", err)
		}
	})
}

// TestOutlookKeepsItsWord decides again at each turning point and beside it.
func TestOutlookKeepsItsWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		object := object(external(`{type: AverageValue, averageValue: "10"}`))
		if rapid.Bool().Draw(t, "value") {
			object = hpaObjectValue()
		}
		if rapid.Bool().Draw(t, "behavior") {
			object.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{}
		}
		size := rapid.Int32Range(1, 30).Draw(t, "size")
		sum := rapid.Int64Range(0, 900_000).Draw(t, "queue")
		h := hpa.History{Recommendations: []hpa.Recommendation{
			{At: noon.Add(-time.Duration(rapid.IntRange(0, 400).Draw(t, "age")) * time.Second), Replicas: rapid.Int32Range(1, 30).Draw(t, "recommended")},
		}}
		at := func(sum int64) int32 {
			d, _, err := hpa.Decide(hpa.Defaults(), hpa.Input{
				Now: noon, HPA: object, Scale: scale(size, size), Pods: pods(int(size), ""), Metrics: []metrics.Observation{total(sum)}}, h)
			if err != nil {
				t.Fatal(err)
			}
			return d.Replicas
		}
		o, err := hpa.LookAhead(hpa.Defaults(), hpa.Input{
			Now: noon, HPA: object, Scale: scale(size, size), Pods: pods(int(size), ""), Metrics: []metrics.Observation{total(sum)}}, h)
		if err != nil {
			t.Fatal(err)
		}
		now := at(sum)
		for _, side := range []struct {
			turn *hpa.Turn
			back int64
		}{{o.Thresholds[0].Up, -1}, {o.Thresholds[0].Down, 1}} {
			if side.turn == nil {
				continue
			}
			if got := at(side.turn.Total); got != side.turn.Replicas || got == now {
				t.Errorf("at %d: %d replicas; promised %d, now %d", side.turn.Total, got, side.turn.Replicas, now)
			}
			if got := at(side.turn.Total + side.back); got != now {
				t.Errorf("one before %d: %d replicas already, now %d", side.turn.Total, got, now)
			}
		}
	})
}

func hpaObjectValue() *autoscalingv2.HorizontalPodAutoscaler {
	return object(external(`{type: Value, value: "100"}`))
}

func TestNeedsMetrics(t *testing.T) {
	for _, c := range []struct {
		size int32
		want bool
	}{{0, false}, {1, true}, {10, true}, {11, false}} {
		got, err := hpa.NeedsMetrics(hpa.Defaults(), hpa.Input{Now: noon, HPA: object(cpuHalf), Scale: scale(c.size, c.size)})
		if err != nil || got != c.want {
			t.Errorf("at %d replicas: %v, %v", c.size, got, err)
		}
		// Where none is read, none need be given.
		if _, _, err := hpa.Decide(hpa.Defaults(), hpa.Input{Now: noon, HPA: object(cpuHalf), Scale: scale(c.size, c.size)}, hpa.History{}); (err == nil) == c.want {
			t.Errorf("at %d replicas without observations: %v", c.size, err)
		}
	}
}

// TestSteadyStateAllocatesNothing holds the decider to its promise, with pods compiled before and for the decision.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	for name, in := range map[string]hpa.Input{
		"resource":      crowdInput(100),
		"external":      {Now: noon, HPA: object(external(`{type: AverageValue, averageValue: "10"}`)), Scale: scale(5, 5), Metrics: []metrics.Observation{total(70_000)}},
		"out of bounds": {Now: noon, HPA: object(cpuHalf), Scale: scale(50, 50)},
	} {
		t.Run(name, func(t *testing.T) {
			decider, err := hpa.NewDecider(hpa.Defaults())
			if err != nil {
				t.Fatal(err)
			}
			var h hpa.History
			var out hpa.Decision
			if n := testing.AllocsPerRun(20, func() {
				h.Recommendations = h.Recommendations[:min(1, len(h.Recommendations))]
				if err := decider.Decide(&in, &h, &out); err != nil {
					t.Fatal(err)
				}
			}); n != 0 {
				t.Errorf("%v allocations a decision", n)
			}
		})
	}
}

// TestDuplicatePods finds a name that occurs twice wherever the two stand: beside each other, and apart in no order.
func TestDuplicatePods(t *testing.T) {
	for want, names := range map[string][]string{
		"pods[1].metadata.name: \"a\" is already the name of pods[0]": {"a", "a", "b"},
		"pods[3].metadata.name: \"b\" is already the name of pods[1]": {"a", "b", "c", "b"},
		"pods[2].metadata.name: \"b\" is already the name of pods[0]": {"b", "a", "b"},
		"": {"c", "a", "b"},
	} {
		var list []*corev1.Pod
		for _, name := range names {
			list = append(list, pod(name, "1"))
		}
		_, err := hpa.CompilePods(list)
		if want == "" && err != nil || want != "" && (err == nil || err.Error() != "invalid input: "+want) {
			t.Errorf("%v: %v, want %q", names, err, want)
		}
	}
}
