package kube_test

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// workload makes pods of some deployments as a cluster has them: every pod its own memory, a label of its own, the usual
// tolerations and a projected volume.
func workload(count, deployments int, change func(d int, p *corev1.Pod)) []*corev1.Pod {
	seconds := int64(300)
	pods := make([]*corev1.Pod, count)
	for i := range pods {
		d := i % deployments
		p := newPod(fmt.Sprint("pod-", i), "cpu", fmt.Sprint(100+d, "m"), "memory", fmt.Sprint(128+d, "Mi"))
		p.Labels["app"] = fmt.Sprint("app-", d)
		p.Labels["pod-template-hash"] = fmt.Sprint("5d8c7f-", d)
		p.Labels["id"] = p.Name
		p.Spec.Tolerations = []corev1.Toleration{
			{Key: "node.kubernetes.io/not-ready", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: &seconds},
			{Key: "node.kubernetes.io/unreachable", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: &seconds},
		}
		p.Spec.Volumes = []corev1.Volume{{Name: "kube-api-access", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{}}}}
		if change != nil {
			change(d, p)
		}
		pods[i] = p
	}
	return pods
}

func withSpread(d int, p *corev1.Pod) {
	p.Spec.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{
		MaxSkew: 1, TopologyKey: "zone", WhenUnsatisfiable: corev1.DoNotSchedule, LabelSelector: app(fmt.Sprint("app-", d)),
	}}
}

func withAnti(d int, p *corev1.Pod) {
	p.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{
		RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{{TopologyKey: corev1.LabelHostname, LabelSelector: app(fmt.Sprint("app-", d))}},
	}}
}

var kinds = []struct {
	name   string
	change func(d int, p *corev1.Pod)
}{{"plain", nil}, {"spread", withSpread}, {"anti-affinity", withAnti}}

func farm(count int) []*corev1.Node {
	nodes := make([]*corev1.Node, count)
	for i := range nodes {
		nodes[i] = newNode(fmt.Sprint("node-", i), "zone", string(rune('a'+i%3)), "node.kubernetes.io/instance-type", fmt.Sprint("m5.", i%7), "kubernetes.io/arch", "amd64")
	}
	return nodes
}

// cluster is a snapshot with nodes and the class of the first pod.
func cluster(tb testing.TB, nodes []*corev1.Node, pods ...*corev1.Pod) (*kube.Snapshot, kube.Class) {
	s, err := kube.NewSnapshot(kube.Options{}, pods...)
	if err != nil {
		tb.Fatal(err)
	}
	for _, n := range nodes {
		if _, err := s.AddNode(n); err != nil {
			tb.Fatal(err)
		}
	}
	c, err := s.Class(pods[0])
	if err != nil {
		tb.Fatal(err)
	}
	return s, c
}

func BenchmarkClass(b *testing.B) {
	distinct := func(_ int, p *corev1.Pod) { p.Spec.NodeSelector = map[string]string{"id": p.Name} }
	for _, c := range append(kinds, struct {
		name   string
		change func(int, *corev1.Pod)
	}{"distinct", distinct}) {
		b.Run(c.name, func(b *testing.B) {
			pods := workload(100_000, 200, c.change)
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				var k kube.Classifier
				for _, p := range pods {
					if err := k.Mention(p); err != nil {
						b.Fatal(err)
					}
				}
				for _, p := range pods {
					if _, err := k.Class(p); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(pods)), "ns/pod")
		})
	}
}

func BenchmarkAddNode(b *testing.B) {
	nodes := farm(5000)
	pods := append(append(workload(20, 20, nil), workload(5, 5, withSpread)...), workload(5, 5, withAnti)...)
	b.ReportAllocs()
	for b.Loop() {
		s, _ := cluster(b, nil, pods...)
		for _, p := range pods {
			if _, err := s.Class(p); err != nil {
				b.Fatal(err)
			}
		}
		for _, n := range nodes {
			if _, err := s.AddNode(n); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(nodes)), "ns/node")
}

func BenchmarkFits(b *testing.B) {
	for _, c := range kinds {
		b.Run(c.name, func(b *testing.B) {
			s, class := cluster(b, farm(1000), workload(1, 1, c.change)...)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				if s.Fits(class, kube.NodeID(n%1000)) {
					n++
				}
			}
		})
	}
	b.Run("alone", func(b *testing.B) {
		pod, node, running := workload(1, 1, nil)[0], farm(1)[0], workload(10, 10, nil)
		b.ReportAllocs()
		for b.Loop() {
			kube.Fits(pod, node, running...)
		}
	})
}

func BenchmarkPlaceUndo(b *testing.B) {
	for _, c := range kinds {
		b.Run(c.name, func(b *testing.B) {
			s, class := cluster(b, farm(1000), workload(1, 1, c.change)...)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				m := s.Mark()
				if err := s.Place(class, kube.NodeID(n%1000)); err != nil {
					b.Fatal(err)
				}
				s.Undo(m)
				n++
			}
		})
	}
}

// Each round fills the cluster with pods of one class, one at a time from the first node on.
func BenchmarkFirstFit(b *testing.B) {
	for _, c := range kinds {
		for _, size := range []int{1000, 5000} {
			b.Run(fmt.Sprint(c.name, "/", size), func(b *testing.B) {
				s, class := cluster(b, farm(size), workload(1, 1, func(d int, p *corev1.Pod) {
					p.Spec.Containers[0].Resources.Requests["cpu"] = list("q", "1900m")["q"]
					if c.change != nil {
						c.change(d, p)
					}
				})...)
				b.ReportAllocs()
				pods := 0
				for b.Loop() {
					m := s.Mark()
					for n := s.FirstFit(class, 0); n >= 0; n = s.FirstFit(class, 0) {
						if err := s.Place(class, n); err != nil {
							b.Fatal(err)
						}
						pods++
					}
					s.Undo(m)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(pods), "ns/pod")
			})
		}
	}
}

func BenchmarkFill(b *testing.B) {
	for _, c := range kinds {
		b.Run(c.name, func(b *testing.B) {
			s, class := cluster(b, farm(1000), workload(1, 1, c.change)...)
			b.ReportAllocs()
			pods := 0
			for b.Loop() {
				m := s.Mark()
				placed, _ := s.FillFirst(class, 0, 50_000)
				pods += placed
				s.Undo(m)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(pods), "ns/pod")
		})
	}
}
