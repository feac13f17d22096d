package hpa

import (
	"context"
	"errors"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/scalemath/scalemath/hpa"
	"github.com/scalemath/scalemath/metrics"
)

// namespace is where every question plays.
const namespace = "test-namespace"

// world is what the controller would have read: the target's scale, pods, and the metrics APIs. It is a metric source.
type world struct {
	SpecReplicas   int32                          `json:"specReplicas"`
	StatusReplicas int32                          `json:"statusReplicas"`
	Selector       string                         `json:"selector"`
	Pods           []*corev1.Pod                  `json:"pods"`
	PodMetricsList []metrics.PodMetrics           `json:"podMetrics"`
	Custom         map[string][]customSample      `json:"custom"`
	Object         map[string]resource.Quantity   `json:"object"`
	External       map[string][]resource.Quantity `json:"external"`
	Errors         map[string]string              `json:"errors"`
}

type customSample struct {
	Pod           string            `json:"pod"`
	Value         resource.Quantity `json:"value"`
	Timestamp     metav1.Time       `json:"timestamp"`
	WindowSeconds *int64            `json:"windowSeconds"`
}

// input turns the world into a decision's input.
func (w *world) input(now time.Time, object *autoscalingv2.HorizontalPodAutoscaler, specs []autoscalingv2.MetricSpec) hpa.Input {
	in := hpa.Input{
		Now: now, HPA: object, Pods: w.Pods,
		Scale: &autoscalingv1.Scale{
			Spec:   autoscalingv1.ScaleSpec{Replicas: w.SpecReplicas},
			Status: autoscalingv1.ScaleStatus{Replicas: w.StatusReplicas, Selector: w.Selector},
		},
		ScaleErr: w.failure("scaleGet"), UpdateErr: w.failure("scaleUpdate"),
	}
	for _, spec := range specs {
		in.Metrics = append(in.Metrics, w.observe(spec))
	}
	return in
}

func (w *world) observe(spec autoscalingv2.MetricSpec) metrics.Observation {
	sources := metrics.Sources{Resource: w, Custom: w, Object: w, External: w}
	return sources.Observe(context.Background(), namespace, labels.Everything(), spec)
}

func (w *world) failure(source string) error {
	if text, ok := w.Errors[source]; ok {
		return errors.New(text)
	}
	return nil
}

// PodMetrics implements [metrics.ResourceSource].
func (w *world) PodMetrics(context.Context, string, labels.Selector) ([]metrics.PodMetrics, error) {
	return w.PodMetricsList, w.failure("resource")
}

// PodMetric implements [metrics.CustomSource].
func (w *world) PodMetric(_ context.Context, _, metric string, _, _ labels.Selector) ([]metrics.PodSample, error) {
	var samples []metrics.PodSample
	for _, s := range w.Custom[metric] {
		window := time.Minute
		if s.WindowSeconds != nil {
			window = time.Duration(*s.WindowSeconds) * time.Second
		}
		samples = append(samples, metrics.PodSample{Pod: s.Pod, Value: s.Value.MilliValue(), Time: s.Timestamp.Time, Window: window})
	}
	return samples, w.failure("custom/" + metric)
}

// ObjectMetric implements [metrics.ObjectSource].
func (w *world) ObjectMetric(_ context.Context, _ string, _ autoscalingv2.CrossVersionObjectReference, metric string, _ labels.Selector) (int64, error) {
	if err := w.failure("object/" + metric); err != nil {
		return 0, err
	}
	value, ok := w.Object[metric]
	if !ok {
		return 0, errors.New("object metric not found")
	}
	return value.MilliValue(), nil
}

// ExternalMetric implements [metrics.ExternalSource].
func (w *world) ExternalMetric(_ context.Context, _, metric string, _ labels.Selector) ([]int64, error) {
	var values []int64
	for _, v := range w.External[metric] {
		values = append(values, v.MilliValue())
	}
	return values, w.failure("external/" + metric)
}
