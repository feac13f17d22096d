package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/scalemath/scalemath/metrics"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func item(name string, usage ...string) metrics.PodMetrics {
	m := metrics.PodMetrics{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": name}}, Timestamp: metav1.Time{Time: noon}}
	for i, cpu := range usage {
		c := metrics.ContainerMetrics{Name: fmt.Sprintf("c%d", i)}
		if cpu != "" {
			c.Usage = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu)}
		}
		m.Containers = append(m.Containers, c)
	}
	return m
}

func ExampleSources_Observe() {
	var memory metrics.Memory
	memory.SetExternalMetric("default", "queue", 30_000, 12_000) // thousandths: 30 and 12 messages
	spec := autoscalingv2.MetricSpec{
		Type:     autoscalingv2.ExternalMetricSourceType,
		External: &autoscalingv2.ExternalMetricSource{Metric: autoscalingv2.MetricIdentifier{Name: "queue"}},
	}
	observed := memory.Sources().Observe(context.Background(), "default", labels.Everything(), spec)
	fmt.Println(observed.Values, observed.Err)
	// Output:
	// [30000 12000] <nil>
}

func ExamplePodSamples() {
	items := []metrics.PodMetrics{item("web-0", "100m", "20m"), item("web-1", "50m")}
	for _, s := range metrics.PodSamples(items, corev1.ResourceCPU, "") {
		fmt.Println(s.Pod, s.Value)
	}
	// Output:
	// web-0 120
	// web-1 50
}

func TestX1X2PodSamples(t *testing.T) {
	items := []metrics.PodMetrics{item("both", "100m", "1n"), item("half", "100m", ""), item("none"), item("other", "", "7m")}
	for _, c := range []struct {
		container string
		want      map[string]int64
	}{
		{"", map[string]int64{"both": 101}},
		{"c0", map[string]int64{"both": 100, "half": 100}},
		{"c1", map[string]int64{"both": 1, "other": 7}},
		{"c9", map[string]int64{}},
	} {
		got := map[string]int64{}
		for _, s := range metrics.PodSamples(items, corev1.ResourceCPU, c.container) {
			got[s.Pod] = s.Value
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("container %q:\n%s", c.container, diff)
		}
	}
}

func TestObserveWordsFailures(t *testing.T) {
	failing, empty := &metrics.Memory{}, &metrics.Memory{}
	for _, name := range []string{"resource", "m"} {
		failing.Fail(name, errors.New("source is down"))
	}
	identifier := autoscalingv2.MetricIdentifier{Name: "m"}
	specs := map[string]autoscalingv2.MetricSpec{
		"resource": {Type: "Resource", Resource: &autoscalingv2.ResourceMetricSource{Name: "cpu"}},
		"custom":   {Type: "Pods", Pods: &autoscalingv2.PodsMetricSource{Metric: identifier}},
		"external": {Type: "External", External: &autoscalingv2.ExternalMetricSource{Metric: identifier}},
	}
	for api, spec := range specs {
		down := failing.Sources().Observe(context.Background(), "default", labels.Everything(), spec)
		if want := "unable to fetch metrics from " + api + " metrics API: source is down"; down.Err == nil || down.Err.Error() != want {
			t.Errorf("%v; want %q", down.Err, want)
		}
		none := empty.Sources().Observe(context.Background(), "default", labels.Everything(), spec)
		if want := "no metrics returned from " + api + " metrics API"; !errors.Is(none.Err, metrics.ErrEmpty) || none.Err.Error() != want {
			t.Errorf("%v; want %q", none.Err, want)
		}
		if absent := (metrics.Sources{}).Observe(context.Background(), "default", labels.Everything(), spec); !errors.Is(absent.Err, metrics.ErrNoSource) {
			t.Errorf("no source: %v", absent.Err)
		}
	}
	object := autoscalingv2.MetricSpec{Type: "Object", Object: &autoscalingv2.ObjectMetricSource{Metric: identifier, DescribedObject: autoscalingv2.CrossVersionObjectReference{Kind: "Ingress", Name: "front"}}}
	if got := empty.Sources().Observe(context.Background(), "default", labels.Everything(), object); got.Err == nil {
		t.Error("an object without the metric has an answer")
	}
	if got := empty.Sources().Observe(context.Background(), "default", labels.Everything(), autoscalingv2.MetricSpec{Type: "Resource"}); got.Err == nil {
		t.Error("a metric without its source has an answer")
	}
}

func TestMemoryServesSelectedPods(t *testing.T) {
	var memory metrics.Memory
	memory.SetPodMetrics("default", item("web", "1"), item("db", "2"))
	got, err := memory.PodMetrics(context.Background(), "default", labels.SelectorFromSet(labels.Set{"app": "db"}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]metrics.PodMetrics{item("db", "2")}, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func TestMemoryIsSafeForSeveralGoroutines(t *testing.T) {
	var memory metrics.Memory
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			memory.SetExternalMetric("default", "queue", int64(i))
			memory.SetObjectMetric("default", "Ingress", "front", "hits", int64(i))
			if _, err := memory.ExternalMetric(context.Background(), "default", "queue", nil); err != nil {
				t.Error(err)
			}
			if _, err := memory.ObjectMetric(context.Background(), "default", autoscalingv2.CrossVersionObjectReference{Kind: "Ingress", Name: "front"}, "hits", nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
