package hpa_test

import (
	"fmt"
	"math/rand"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/hpa"
	"github.com/scalemath/scalemath/metrics"
)

// crowd is n pods of two containers each and a reading of each, in the same order, from a fixed seed.
func crowd(n int) ([]*corev1.Pod, []metrics.PodSample) {
	random := rand.New(rand.NewSource(42))
	var list []*corev1.Pod
	var samples []metrics.PodSample
	for i := range n {
		p := pod(fmt.Sprintf("php-apache-6d4cf56db6-%05d", i), "150m")
		p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: "sidecar", Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("50m"), corev1.ResourceMemory: resource.MustParse("64Mi")},
		}})
		list = append(list, p)
		samples = append(samples, metrics.PodSample{
			Pod: fmt.Sprintf("php-apache-6d4cf56db6-%05d", i), Value: 50 + random.Int63n(150), Time: noon, Window: 30 * time.Second,
		})
	}
	return list, samples
}

func crowdInput(n int) hpa.Input {
	list, samples := crowd(n)
	object := object(cpuHalf)
	object.Spec.MaxReplicas = 10_000
	return hpa.Input{
		Now: noon, HPA: object, Scale: scale(int32(n), int32(n)), Pods: list,
		Metrics: []metrics.Observation{{Pods: samples}},
	}
}

// run decides again and again, as a controller does, and reports how often a second.
func run(b *testing.B, in hpa.Input) {
	b.Helper()
	decider, err := hpa.NewDecider(hpa.Defaults())
	if err != nil {
		b.Fatal(err)
	}
	var h hpa.History
	var out hpa.Decision
	decideOnce := func() {
		if err := decider.Decide(&in, &h, &out); err != nil {
			b.Fatal(err)
		}
		h.ScaleUps, h.ScaleDowns, h.Recommendations = h.ScaleUps[:0], h.ScaleDowns[:0], h.Recommendations[:1]
	}
	decideOnce()
	b.ReportAllocs()
	for b.Loop() {
		decideOnce()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
}

var sizes = []int{10, 100, 1000, 5000}

// BenchmarkResource decides a cpu utilization over pods that are compiled once.
func BenchmarkResource(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("pods=%d", n), func(b *testing.B) {
			in := crowdInput(n)
			compiled, err := hpa.CompilePods(in.Pods)
			if err != nil {
				b.Fatal(err)
			}
			in.Compiled = compiled
			run(b, in)
		})
	}
}

// BenchmarkResourceShuffled is BenchmarkResource with the readings in another order than the pods.
func BenchmarkResourceShuffled(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("pods=%d", n), func(b *testing.B) {
			in := crowdInput(n)
			compiled, err := hpa.CompilePods(in.Pods)
			if err != nil {
				b.Fatal(err)
			}
			in.Compiled = compiled
			samples := in.Metrics[0].Pods
			rand.New(rand.NewSource(42)).Shuffle(n, func(i, j int) { samples[i], samples[j] = samples[j], samples[i] })
			run(b, in)
		})
	}
}

// BenchmarkResourceFromPods compiles the pods anew for each decision.
func BenchmarkResourceFromPods(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("pods=%d", n), func(b *testing.B) { run(b, crowdInput(n)) })
	}
}

// BenchmarkDecide is a whole decision where the metric itself costs nothing: one external value, behavior, and a history
// of five minutes.
func BenchmarkDecide(b *testing.B) {
	for name, behavior := range map[string]*autoscalingv2.HorizontalPodAutoscalerBehavior{"legacy": nil, "behavior": {}} {
		b.Run(name, func(b *testing.B) {
			object := object(external(`{type: AverageValue, averageValue: "10"}`))
			object.Spec.Behavior = behavior
			in := hpa.Input{Now: noon, HPA: object, Scale: scale(5, 5), Metrics: []metrics.Observation{total(70_000)}}
			decider, err := hpa.NewDecider(hpa.Defaults())
			if err != nil {
				b.Fatal(err)
			}
			var h hpa.History
			for i := range 20 {
				h.Recommendations = append(h.Recommendations, hpa.Recommendation{At: noon.Add(-time.Duration(i+1) * 15 * time.Second), Replicas: 5})
			}
			h.Recommendations = append(h.Recommendations, hpa.Recommendation{At: noon.Add(-time.Hour), Replicas: 5})
			kept := h.Clone()
			var out hpa.Decision
			b.ReportAllocs()
			for b.Loop() {
				h.Recommendations, h.ScaleUps = append(h.Recommendations[:0], kept.Recommendations...), h.ScaleUps[:0]
				if err := decider.Decide(&in, &h, &out); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
		})
	}
}
