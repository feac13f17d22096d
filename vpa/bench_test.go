package vpa_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/vpa"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func settings(t testing.TB, cfg vpa.Config) *vpa.Settings {
	s, err := cfg.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fed returns a recommender with a pod of some containers, fed a sample a minute for a day.
func fed(t testing.TB, s *vpa.Settings, containers int) *vpa.Recommender {
	r, err := vpa.NewRecommender(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	pod := vpa.Pod{Name: "pod", Labels: map[string]string{"app": "x"}}
	for i := range containers {
		pod.Containers = append(pod.Containers, vpa.PodContainer{Name: fmt.Sprintf("c%d", i)})
	}
	r.SetPod(start, pod)
	for _, c := range pod.Containers {
		running := r.Container("pod", c.Name)
		level := 50 + random.Float64()*500
		for m := range 24 * 60 {
			at := start.Add(time.Duration(m) * time.Minute)
			running.AddCPU(at, vpa.Amount(level*(0.5+random.ExpFloat64())))
			running.AddMemory(at, vpa.Amount(2e8+random.Float64()*1e8))
		}
	}
	return r
}

// BenchmarkSample adds what a scrape brings: of each of 64 containers a sample of CPU and one of memory at one time.
func BenchmarkSample(b *testing.B) {
	r := fed(b, settings(b, vpa.Defaults()), 64)
	containers := make([]*vpa.Container, 64)
	for i := range containers {
		containers[i] = r.Container("pod", fmt.Sprintf("c%d", i))
	}
	for _, kind := range []string{"cpu", "memory"} {
		b.Run(kind, func(b *testing.B) {
			at := start.AddDate(0, 0, 2)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i&63 == 0 {
					at = at.Add(time.Minute)
				}
				o := vpa.Accepted
				if kind == "cpu" {
					o = containers[i&63].AddCPU(at, vpa.Amount(i*7919)&1023)
				} else {
					o = containers[i&63].AddMemory(at, 2e8+vpa.Amount(i*7919)&0xfffffff)
				}
				if o != vpa.Accepted {
					b.Fatal(o)
				}
			}
		})
	}
	// One container alone: every sample has its own time, so that no decay is shared.
	b.Run("alone", func(b *testing.B) {
		at := start.AddDate(1, 0, 0)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			at = at.Add(time.Minute)
			if o := containers[0].AddCPU(at, vpa.Amount(i*7919)&1023); o != vpa.Accepted {
				b.Fatal(o)
			}
		}
	})
}

// BenchmarkRecommend decides, from merging to caps and the trace behind each number.
func BenchmarkRecommend(b *testing.B) {
	for _, n := range []int{1, 3} {
		b.Run(fmt.Sprintf("containers=%d", n), func(b *testing.B) {
			r := fed(b, settings(b, vpa.Defaults()), n)
			var d vpa.Recommendation
			b.ReportAllocs()
			for b.Loop() {
				r.Recommend(&d)
			}
		})
	}
	b.Run("status", func(b *testing.B) {
		r := fed(b, settings(b, vpa.Defaults()), 1)
		var d vpa.Recommendation
		b.ReportAllocs()
		for b.Loop() {
			r.Recommend(&d)
			d.Status()
		}
	})
}

func quantities(cpu, memory int64) corev1.ResourceList {
	return corev1.ResourceList{
		corev1.ResourceCPU:    *resource.NewMilliQuantity(cpu, resource.DecimalSI),
		corev1.ResourceMemory: *resource.NewQuantity(memory, resource.BinarySI),
	}
}

// fleet is a decision about n pods of two containers, each with its own requests.
func fleet(n int) vpa.UpdateInput {
	random := rand.New(rand.NewPCG(3, 4))
	object := &vpa.VerticalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "vpa"}}
	object.Status.Recommendation = &vpa.RecommendedPodResources{}
	for _, name := range []string{"app", "sidecar"} {
		object.Status.Recommendation.ContainerRecommendations = append(object.Status.Recommendation.ContainerRecommendations,
			vpa.RecommendedContainerResources{
				ContainerName: name, Target: quantities(500, 500<<20), LowerBound: quantities(400, 400<<20), UpperBound: quantities(700, 700<<20),
			})
	}
	in := vpa.UpdateInput{Now: start, Object: object, Owners: []vpa.Owner{{Kind: "ReplicaSet", Name: "web", Replicas: int32(n)}}}
	yes := true
	for i := range n {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
			Namespace: "ns", Name: fmt.Sprintf("web-%d", i), Annotations: map[string]string{"vpaObservedContainers": "app, sidecar"},
			OwnerReferences: []metav1.OwnerReference{{Kind: "ReplicaSet", Name: "web", Controller: &yes}},
		}}
		started := metav1.NewTime(start.Add(-24 * time.Hour))
		pod.Status = corev1.PodStatus{Phase: corev1.PodRunning, StartTime: &started}
		for _, name := range []string{"app", "sidecar"} {
			requests := quantities(100+random.Int64N(900), (100+random.Int64N(900))<<20)
			pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{Name: name, Resources: corev1.ResourceRequirements{Requests: requests}})
			pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, corev1.ContainerStatus{Name: name,
				Resources: &corev1.ResourceRequirements{Requests: requests}})
		}
		in.Pods = append(in.Pods, pod)
	}
	return in
}

// BenchmarkOrder prepares the pods of one object, finds their priorities and puts them in order.
func BenchmarkOrder(b *testing.B) {
	for _, n := range []int{100, 1000} {
		b.Run(fmt.Sprintf("pods=%d", n), func(b *testing.B) {
			in := fleet(n)
			all := make([]int, n)
			for i := range all {
				all[i] = i
			}
			b.ReportAllocs()
			for b.Loop() {
				u, err := vpa.NewUpdater(vpa.UpdateDefaults(), in, vpa.UpdateState{})
				if err != nil {
					b.Fatal(err)
				}
				if order, err := u.Order(all); err != nil || len(order) == 0 {
					b.Fatal(order, err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "pods/s")
		})
	}
}

// BenchmarkUpdate is the whole decision.
func BenchmarkUpdate(b *testing.B) {
	in := fleet(1000)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := vpa.Update(vpa.UpdateDefaults(), in, vpa.UpdateState{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAdmit(b *testing.B) {
	in := fleet(1)
	admission := vpa.AdmitInput{Object: in.Object, Pod: in.Pods[0]}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := vpa.Admit(vpa.AdmitDefaults(), admission); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMemory measures what 100,000 aggregates take, each with its own label set's share of pods, containers and
// samples of a day: 25,000 objects of two pods with two containers, and a rollout.
func BenchmarkMemory(b *testing.B) {
	const objects = 25_000
	for b.Loop() {
		b.StopTimer()
		s := settings(b, vpa.Defaults())
		random := rand.New(rand.NewPCG(5, 6))
		before := heap()
		b.StartTimer()
		all := make([]*vpa.Recommender, objects)
		aggregates := 0
		for i := range all {
			r, err := vpa.NewRecommender(s, nil)
			if err != nil {
				b.Fatal(err)
			}
			for pod := range 2 {
				name := fmt.Sprintf("web-%d-%d", i, pod)
				r.SetPod(start, vpa.Pod{
					Name: name, Labels: map[string]string{"app": fmt.Sprintf("web-%d", i), "pod-template-hash": fmt.Sprintf("%08x", pod)},
					Containers: []vpa.PodContainer{{Name: "app"}, {Name: "sidecar"}},
				})
				for _, container := range []string{"app", "sidecar"} {
					c := r.Container(name, container)
					cpu, memory := 20*random.ExpFloat64()*20, 5e7+random.ExpFloat64()*3e8
					for m := range 100 {
						at := start.Add(time.Duration(m) * 15 * time.Minute)
						c.AddCPU(at, vpa.Amount(cpu*(0.3+random.ExpFloat64())))
						c.AddMemory(at, vpa.Amount(memory*(0.8+0.4*random.Float64())))
					}
				}
			}
			all[i] = r
			aggregates += r.Aggregates()
		}
		b.StopTimer()
		b.ReportMetric(float64(heap()-before)/float64(aggregates), "B/aggregate")
		b.ReportMetric(float64(aggregates), "aggregates")
		runtime.KeepAlive(all)
		b.StartTimer()
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
