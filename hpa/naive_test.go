package hpa_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/hpa"
	"github.com/scalemath/scalemath/metrics"
)

// naive is a second implementation of the per-pod metrics, written for the eye: maps of samples, no sums kept, one rule
// after the other. The real one must agree with it.
type naive struct {
	cfg     hpa.Config
	now     time.Time
	current int32
	pods    []*corev1.Pod
	samples map[string]metrics.PodSample
}

func (n naive) group(cpu bool) (ready int, unready, missing []string) {
	for _, p := range n.pods {
		s, found := n.samples[p.Name]
		switch {
		case p.DeletionTimestamp != nil || p.Status.Phase == corev1.PodFailed:
			delete(n.samples, p.Name)
		case p.Status.Phase == corev1.PodPending || found && cpu && n.initializing(p, s):
			unready = append(unready, p.Name)
			delete(n.samples, p.Name)
		case !found:
			missing = append(missing, p.Name)
		default:
			ready++
		}
	}
	return ready, unready, missing
}

func (n naive) initializing(p *corev1.Pod, s metrics.PodSample) bool {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady && p.Status.StartTime != nil {
			start := p.Status.StartTime.Time
			if start.Add(n.cfg.CPUInitializationPeriod).After(n.now) {
				return c.Status == corev1.ConditionFalse || s.Time.Before(c.LastTransitionTime.Add(s.Window))
			}
			return c.Status == corev1.ConditionFalse && start.Add(n.cfg.InitialReadinessDelay).After(c.LastTransitionTime.Time)
		}
	}
	return true
}

// replicas is the proposal; ratio and fallback say what kind of target there is.
func (n naive) replicas(t hpa.Tolerance, cpu bool, ratio func() (float64, bool), fallback func(pod string) int64) (int32, bool) {
	ready, unready, missing := n.group(cpu)
	if len(n.samples) == 0 {
		return 0, false
	}
	first, ok := ratio()
	if !ok {
		return 0, false
	}
	up := len(unready) > 0 && first > 1
	if !up && len(missing) == 0 {
		if t.Within(first) {
			return n.current, true
		}
		return convert(math.Ceil(first * float64(ready))), true
	}
	for _, name := range missing {
		if first < 1 {
			n.samples[name] = metrics.PodSample{Value: fallback(name)}
		} else if first > 1 {
			n.samples[name] = metrics.PodSample{}
		}
	}
	if up {
		for _, name := range unready {
			n.samples[name] = metrics.PodSample{}
		}
	}
	second, ok := ratio()
	if !ok {
		return 0, false
	}
	count := convert(math.Ceil(second * float64(len(n.samples))))
	if t.Within(second) || first < 1 && second > 1 || first > 1 && second < 1 ||
		second < 1 && count > n.current || second > 1 && count < n.current {
		return n.current, true
	}
	return count, true
}

func convert(x float64) int32 {
	if x > math.MinInt32-1 && x < math.MaxInt32+1 {
		return int32(x)
	}
	return math.MinInt32
}

// situation draws pods in all states and readings for some of them, in some order, and of strangers.
func situation(t *rapid.T) ([]*corev1.Pod, []metrics.PodSample) {
	var list []*corev1.Pod
	var samples []metrics.PodSample
	for i := range rapid.IntRange(1, 12).Draw(t, "pods") {
		label := func(s string) string { return fmt.Sprintf("%s%d", s, i) }
		p := pod(fmt.Sprintf("web-%d", i), rapid.SampledFrom([]string{"100m", "100m", "333m", "1", "1n", "0"}).Draw(t, label("cpu")))
		p.Status.Phase = rapid.SampledFrom([]corev1.PodPhase{"Running", "Running", "Running", "Pending", "Failed", "Succeeded", ""}).Draw(t, label("phase"))
		if rapid.IntRange(0, 9).Draw(t, label("deleting")) == 0 {
			p.DeletionTimestamp = &metav1.Time{Time: noon}
		}
		ago := func(s string) metav1.Time {
			return metav1.Time{Time: noon.Add(-time.Duration(rapid.SampledFrom([]int{0, 5, 29, 30, 31, 270, 299, 300, 301, 3600}).Draw(t, label(s))) * time.Second)}
		}
		start, transition := ago("start"), ago("transition")
		p.Status.StartTime = &start
		p.Status.Conditions[0].LastTransitionTime = transition
		p.Status.Conditions[0].Status = rapid.SampledFrom([]corev1.ConditionStatus{"True", "True", "False", "Unknown"}).Draw(t, label("ready"))
		switch rapid.IntRange(0, 9).Draw(t, label("lacks")) {
		case 0:
			p.Status.StartTime = nil
		case 1:
			p.Status.Conditions = nil
		}
		list = append(list, p)
	}
	for i := range rapid.IntRange(0, 14).Draw(t, "samples") {
		name := fmt.Sprintf("web-%d", rapid.IntRange(0, 14).Draw(t, fmt.Sprintf("of%d", i)))
		samples = append(samples, metrics.PodSample{
			Pod: name, Value: rapid.Int64Range(0, 2000).Draw(t, fmt.Sprintf("value%d", i)), Window: 30 * time.Second,
			Time: noon.Add(-time.Duration(rapid.IntRange(0, 120).Draw(t, fmt.Sprintf("age%d", i))) * time.Second),
		})
	}
	return list, samples
}

func newNaive(cfg hpa.Config, current int32, list []*corev1.Pod, samples []metrics.PodSample) naive {
	n := naive{cfg, noon, current, list, map[string]metrics.PodSample{}}
	for _, s := range samples {
		n.samples[s.Pod] = s
	}
	return n
}

func TestUtilizationAgreesWithTheNaiveOne(t *testing.T) {
	cfg := hpa.Defaults()
	rapid.Check(t, func(t *rapid.T) {
		list, samples := situation(t)
		current := rapid.Int32Range(1, 20).Draw(t, "current")
		target := rapid.SampledFrom([]int32{1, 50, 80, 100, 150}).Draw(t, "target")
		tolerance := hpa.Tolerance{Up: 0.1, Down: rapid.SampledFrom([]float64{0, 0.1}).Draw(t, "down")}

		n := newNaive(cfg, current, list, samples)
		requests := map[string]int64{}
		for _, p := range list {
			q := p.Spec.Containers[0].Resources.Requests[corev1.ResourceCPU]
			requests[p.Name] = q.MilliValue()
		}
		ratio := func() (float64, bool) {
			var usage, requested int64
			for name, s := range n.samples {
				if r, listed := requests[name]; listed {
					usage, requested = usage+s.Value, requested+r
				}
			}
			if requested == 0 {
				return 0, false
			}
			return float64(int32(usage*100/requested)) / float64(target), true
		}
		want, ok := n.replicas(tolerance, true, ratio, func(pod string) int64 { return requests[pod] * int64(max(100, target)) / 100 })

		compiled, err := hpa.CompilePods(list)
		if err != nil {
			t.Fatal(err)
		}
		readings, err := hpa.GroupRequests(cfg, noon, compiled, samples, corev1.ResourceCPU, "", target)
		if err != nil {
			t.Fatal(err)
		}
		got, err := hpa.Utilization(cfg, tolerance, current, target, readings)
		if (err == nil) != ok || ok && got.Replicas != want {
			t.Errorf("%d replicas (%v); the naive one says %d, %v", got.Replicas, err, want, ok)
		}
	})
}

func TestAverageValueAgreesWithTheNaiveOne(t *testing.T) {
	cfg := hpa.Defaults()
	rapid.Check(t, func(t *rapid.T) {
		list, samples := situation(t)
		current := rapid.Int32Range(1, 20).Draw(t, "current")
		target := rapid.Int64Range(1, 1500).Draw(t, "target")
		tolerance := hpa.Tolerance{Up: 0.1, Down: 0.1}
		name := rapid.SampledFrom([]corev1.ResourceName{"cpu", "memory", ""}).Draw(t, "resource")

		n := newNaive(cfg, current, list, samples)
		ratio := func() (float64, bool) {
			var usage int64
			for _, s := range n.samples {
				usage += s.Value
			}
			return float64(usage/int64(len(n.samples))) / float64(target), true
		}
		want, ok := n.replicas(tolerance, name == "cpu", ratio, func(string) int64 { return target })

		compiled, err := hpa.CompilePods(list)
		if err != nil {
			t.Fatal(err)
		}
		got, err := hpa.AverageValue(cfg, tolerance, current, target, hpa.Group(cfg, noon, compiled, samples, name))
		if (err == nil) != ok || ok && got.Replicas != want {
			t.Errorf("%d replicas (%v); the naive one says %d, %v", got.Replicas, err, want, ok)
		}
	})
}

// TestQ5PodLevelRequests adds pod-level requests, sidecars and overhead up in exact quantities.
func TestQ5PodLevelRequests(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	container := func(cpu string, sidecar bool) corev1.Container {
		c := corev1.Container{}
		if cpu != "" {
			c.Resources.Requests = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu)}
		}
		if sidecar {
			c.RestartPolicy = &always
		}
		return c
	}
	podLevel := func(list corev1.ResourceList) *corev1.ResourceRequirements {
		return &corev1.ResourceRequirements{Requests: list}
	}
	memory := corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("1Gi")}
	for _, c := range []struct {
		name string
		spec corev1.PodSpec
		want int64 // -1: missing
	}{
		{"the pod's own request counts", corev1.PodSpec{
			Resources:  podLevel(corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("2")}),
			Containers: []corev1.Container{container("100m", false)}}, 2000},
		{"another resource leaves it to the containers", corev1.PodSpec{
			Resources: podLevel(memory), Containers: []corev1.Container{container("100m", false), container("", false)}}, 100},
		{"an init container's peak", corev1.PodSpec{
			Resources: podLevel(memory), Containers: []corev1.Container{container("100m", false)},
			InitContainers: []corev1.Container{container("50m", true), container("500m", false), container("60m", true)}}, 550},
		{"sidecars run beside the containers", corev1.PodSpec{
			Resources: podLevel(memory), Containers: []corev1.Container{container("100m", false)},
			InitContainers: []corev1.Container{container("50m", true)}}, 150},
		{"overhead is added", corev1.PodSpec{
			Resources: podLevel(memory), Containers: []corev1.Container{container("100m", false)},
			Overhead: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("10m")}}, 110},
		{"missing everywhere", corev1.PodSpec{Resources: podLevel(memory), Containers: []corev1.Container{container("", false)}}, -1},
		{"sums are exact", corev1.PodSpec{
			Resources: podLevel(memory), Containers: []corev1.Container{container("1n", false), container("1n", false)}}, 1},
		{"without a pod-level request each container is rounded", corev1.PodSpec{
			Containers: []corev1.Container{container("1n", false), container("1n", false)}}, 2},
		{"without a pod-level request each container needs one", corev1.PodSpec{
			Containers: []corev1.Container{container("1n", false), container("", false)}}, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := hpa.Request(hpa.Defaults(), &corev1.Pod{Spec: c.spec}, corev1.ResourceCPU, "")
			if c.want < 0 != (err != nil) || err == nil && got != c.want {
				t.Errorf("%d, %v; want %d", got, err, c.want)
			}
		})
	}
}
