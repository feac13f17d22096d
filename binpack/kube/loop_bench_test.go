package kube_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// mixed gives a tenth of the deployments each spread over zones and anti-affinity to their own kind.
func mixed(d int, p *corev1.Pod) {
	switch d % 20 {
	case 0, 1:
		withSpread(d, p)
	case 2:
		withAnti(d, p)
	}
}

// Pending pods go to empty nodes, first fit from the last place, as a scale-up has it: all from nothing, every round.
func BenchmarkScaleUp(b *testing.B) {
	pods, nodes := workload(50_000, 200, mixed), farm(1000)
	for _, n := range nodes {
		n.Status.Allocatable = list("cpu", "64", "memory", "256Gi", "pods", "110")
	}
	b.ReportAllocs()
	placed := 0
	for b.Loop() {
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
				placed++
			}
		}
	}
	b.ReportMetric(float64(placed)/float64(b.N), "placed")
	b.ReportMetric(float64(placed)/b.Elapsed().Seconds(), "pods/s")
}

// Every node in turn is taken away, its pods go where they fit, and all is taken back, as a scale-down tries it.
func BenchmarkScaleDown(b *testing.B) {
	pods, nodes := workload(80_000, 200, mixed), farm(2000)
	for _, n := range nodes {
		n.Status.Allocatable = list("cpu", "16", "memory", "64Gi", "pods", "110")
	}
	build := func() *kube.Snapshot {
		s, _ := cluster(b, nodes, pods...)
		for i, p := range pods {
			class, err := s.Class(p)
			if err != nil {
				b.Fatal(err)
			}
			if err := s.Place(class, kube.NodeID(i%len(nodes))); err != nil {
				b.Fatal(err)
			}
		}
		return s
	}
	b.Run("build", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			build()
		}
	})
	b.Run("try", func(b *testing.B) {
		s := build()
		empty := 0
		b.ReportAllocs()
		for b.Loop() {
			for n := range kube.NodeID(s.Len()) {
				m := s.Mark()
				moving := s.Pods(n)
				if err := s.RemoveNode(n); err != nil {
					b.Fatal(err)
				}
				left := 0
				for _, class := range moving {
					to := s.FirstFit(class, n)
					if to < 0 {
						left++
						continue
					}
					if err := s.Place(class, to); err != nil {
						b.Fatal(err)
					}
				}
				if left == 0 {
					empty++
				}
				s.Undo(m)
			}
		}
		b.ReportMetric(float64(empty)/float64(b.N), "could-go")
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(pods)), "ns/pod")
	})
}
