package kube_test

import (
	"fmt"
	"runtime"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// Pods that all differ, and all have rules about others, are the worst there is. The work may not grow with the square.
func BenchmarkDistinctPods(b *testing.B) {
	own := func(p *corev1.Pod) { p.Labels["app"] = p.Name }
	for _, c := range []struct {
		name   string
		change func(d int, p *corev1.Pod)
	}{
		{"labels", func(_ int, p *corev1.Pod) { p.Labels["key-"+p.Name] = "x" }},
		{"node-selectors", func(_ int, p *corev1.Pod) { p.Spec.NodeSelector = map[string]string{"key-" + p.Name: "x"} }},
		{"spread", func(_ int, p *corev1.Pod) {
			own(p)
			withSpread(0, p)
			p.Spec.TopologySpreadConstraints[0].LabelSelector = app(p.Name)
		}},
		{"anti-affinity", func(_ int, p *corev1.Pod) {
			own(p)
			withAnti(0, p)
			p.Spec.Affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution[0].LabelSelector = app(p.Name)
		}},
	} {
		for _, size := range []int{10_000, 100_000} {
			b.Run(fmt.Sprint(c.name, "/", size), func(b *testing.B) {
				pods, nodes := workload(size, 1, c.change), farm(100)
				var before, after runtime.MemStats
				b.ResetTimer()
				for b.Loop() {
					runtime.ReadMemStats(&before)
					s, _ := cluster(b, nodes, pods...)
					for _, p := range pods {
						class, err := s.Class(p)
						if err != nil {
							b.Fatal(err)
						}
						if n := s.FirstFit(class, 0); n >= 0 {
							if err := s.Place(class, n); err != nil {
								b.Fatal(err)
							}
						}
					}
					runtime.ReadMemStats(&after)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(size), "ns/pod")
				b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(size), "bytes/pod")
			})
		}
	}
}
