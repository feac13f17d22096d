package hpa_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/hpa"
	"github.com/scalemath/scalemath/metrics"
)

// TestD1ToD4DefaultsAreImplied decides an object as written and as the API server would have defaulted it.
func TestD1ToD4DefaultsAreImplied(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		written := oddObject(t)
		defaulted := written.DeepCopy()
		hpa.SetDefaults(defaulted)
		in := hpa.Input{Now: noon, Scale: scale(rapid.Int32Range(0, 30).Draw(t, "spec"), rapid.Int32Range(0, 30).Draw(t, "status")), Pods: pods(3, "100m")}
		for range hpa.MetricsOf(written) {
			in.Metrics = append(in.Metrics, metrics.Observation{Pods: uses(noon, 10, 90, 200).Pods, Values: []int64{oddInt64(t, "value")}})
		}
		h := oddHistory(t)
		in.HPA = written
		a, after, err := hpa.Decide(hpa.Defaults(), in, h)
		in.HPA = defaulted
		b, afterDefaults, errDefaults := hpa.Decide(hpa.Defaults(), in, h)
		if (err == nil) != (errDefaults == nil) {
			t.Fatalf("%v as written, %v with defaults", err, errDefaults)
		}
		if diff := cmp.Diff(a.Status(), b.Status()) + cmp.Diff(after, afterDefaults); diff != "" {
			t.Errorf("-as written +with defaults:\n%s", diff)
		}
	})
}

// TestCompactDecidesAlike forgets what cannot matter any more before each decision of a story, and decides as without.
func TestCompactDecidesAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		object := object(external(`{type: AverageValue, averageValue: "10"}`))
		if rapid.Bool().Draw(t, "behavior") {
			object.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{}
		}
		var whole, compact hpa.History
		size, now := int32(3), noon
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(1, 200).Draw(t, "seconds")) * time.Second)
			in := hpa.Input{
				Now: now, HPA: object, Scale: scale(size, size), Metrics: []metrics.Observation{total(rapid.Int64Range(0, 300_000).Draw(t, "queue"))},
			}
			a, next, err := hpa.Decide(hpa.Defaults(), in, whole)
			if err != nil {
				t.Fatal(err)
			}
			whole = next
			compact = compact.Compact(now, 5*time.Minute, 15*time.Second)
			b, next, err := hpa.Decide(hpa.Defaults(), in, compact)
			if err != nil {
				t.Fatal(err)
			}
			if compact = next; a.String() != b.String() {
				t.Fatalf("%v, compacted %v", &a, &b)
			}
			size = a.Replicas
		}
		if len(compact.Recommendations) > len(whole.Recommendations) || len(compact.ScaleUps) > len(whole.ScaleUps) {
			t.Errorf("compacting made the history longer")
		}
	})
}

func TestStatusChanged(t *testing.T) {
	in := hpa.Input{Now: noon, HPA: object(cpuHalf), Scale: scale(2, 2), Pods: pods(2, "100m"), Metrics: []metrics.Observation{uses(noon, 50, 50)}}
	first, h := decide(t, hpa.Defaults(), in, hpa.History{})
	if !first.StatusChanged() {
		t.Error("a status that was empty has not changed")
	}
	in.HPA = in.HPA.DeepCopy()
	in.HPA.Status = first.Status()
	in.Now = noon.Add(15 * time.Second)
	if second, _ := decide(t, hpa.Defaults(), in, h); second.StatusChanged() {
		t.Errorf("nothing happened, but the status changed:\n%s", cmp.Diff(first.Status(), second.Status()))
	}
}
