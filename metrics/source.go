// Package metrics says what a metric source is: a few small interfaces, the samples they give, and a source in memory.
//
// An autoscaler's decision wants readings, not clients. [Observe] asks a source for the readings of one metric of a
// HorizontalPodAutoscaler; the packages below this one connect real sources, and [Memory] is one to fill by hand.
package metrics

import (
	"context"
	"errors"
	"fmt"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// ResourceSource answers like the resource metrics API, metrics.k8s.io.
type ResourceSource interface {
	// PodMetrics lists the usage of the namespace's pods that match.
	PodMetrics(ctx context.Context, namespace string, pods labels.Selector) ([]PodMetrics, error)
}

// CustomSource answers like the custom metrics API for pods, custom.metrics.k8s.io.
type CustomSource interface {
	// PodMetric lists one metric of the namespace's pods that match.
	PodMetric(ctx context.Context, namespace, metric string, pods, series labels.Selector) ([]PodSample, error)
}

// ObjectSource answers like the custom metrics API for any one object.
type ObjectSource interface {
	// ObjectMetric gives one metric of one object, in thousandths. A Namespace is asked for itself.
	ObjectMetric(ctx context.Context, namespace string, object autoscalingv2.CrossVersionObjectReference, metric string, series labels.Selector) (int64, error)
}

// ExternalSource answers like the external metrics API, external.metrics.k8s.io.
type ExternalSource interface {
	// ExternalMetric lists the series of one metric, in thousandths and in the source's order.
	ExternalMetric(ctx context.Context, namespace, metric string, series labels.Selector) ([]int64, error)
}

// Sources are the sources of a cluster. A nil one is a metrics API that is not installed.
type Sources struct {
	// Resource serves Resource and ContainerResource metrics.
	Resource ResourceSource
	// Custom serves Pods metrics.
	Custom CustomSource
	// Object serves Object metrics.
	Object ObjectSource
	// External serves External metrics.
	External ExternalSource
}

// ErrNoSource marks a metric for which no source was given.
var ErrNoSource = errors.New("no source of such metrics")

// Observe asks for the readings of one metric of a HorizontalPodAutoscaler. What goes wrong is part of the observation,
// worded as the controller's own metrics client words it.
func (s Sources) Observe(ctx context.Context, namespace string, pods labels.Selector, spec autoscalingv2.MetricSpec) Observation {
	o, err := s.observe(ctx, namespace, pods, spec)
	if err != nil {
		return Observation{Err: err}
	}
	return o
}

func (s Sources) observe(ctx context.Context, namespace string, pods labels.Selector, spec autoscalingv2.MetricSpec) (Observation, error) {
	switch {
	case spec.Type == autoscalingv2.ResourceMetricSourceType && spec.Resource != nil:
		items, err := s.podMetrics(ctx, namespace, pods)
		return Observation{Pods: PodSamples(items, spec.Resource.Name, "")}, err
	case spec.Type == autoscalingv2.ContainerResourceMetricSourceType && spec.ContainerResource != nil:
		items, err := s.podMetrics(ctx, namespace, pods)
		return Observation{Pods: PodSamples(items, spec.ContainerResource.Name, spec.ContainerResource.Container)}, err
	case spec.Type == autoscalingv2.PodsMetricSourceType && spec.Pods != nil:
		series, err := selector(spec.Pods.Metric.Selector)
		if err != nil {
			return Observation{}, err
		}
		if s.Custom == nil {
			return Observation{}, fetchError("custom", ErrNoSource)
		}
		samples, err := s.Custom.PodMetric(ctx, namespace, spec.Pods.Metric.Name, pods, series)
		return Observation{Pods: samples}, answer("custom", len(samples), err)
	case spec.Type == autoscalingv2.ObjectMetricSourceType && spec.Object != nil:
		series, err := selector(spec.Object.Metric.Selector)
		if err != nil {
			return Observation{}, err
		}
		if s.Object == nil {
			return Observation{}, fetchError("custom", ErrNoSource)
		}
		value, err := s.Object.ObjectMetric(ctx, namespace, spec.Object.DescribedObject, spec.Object.Metric.Name, series)
		return Observation{Values: []int64{value}}, answer("custom", 1, err)
	case spec.Type == autoscalingv2.ExternalMetricSourceType && spec.External != nil:
		series, err := selector(spec.External.Metric.Selector)
		if err != nil {
			return Observation{}, err
		}
		if s.External == nil {
			return Observation{}, fetchError("external", ErrNoSource)
		}
		values, err := s.External.ExternalMetric(ctx, namespace, spec.External.Metric.Name, series)
		return Observation{Values: values}, answer("external", len(values), err)
	}
	return Observation{}, fmt.Errorf("metric of type %q without its source", spec.Type)
}

func (s Sources) podMetrics(ctx context.Context, namespace string, pods labels.Selector) ([]PodMetrics, error) {
	if s.Resource == nil {
		return nil, fetchError("resource", ErrNoSource)
	}
	items, err := s.Resource.PodMetrics(ctx, namespace, pods)
	return items, answer("resource", len(items), err)
}

func answer(api string, readings int, err error) error {
	switch {
	case err != nil:
		return fetchError(api, err)
	case readings == 0:
		return EmptyError(api)
	}
	return nil
}

// EmptyError is an [ErrEmpty] that names the metrics API ("resource", "custom" or "external"), in upstream's words (X4).
func EmptyError(api string) error { return emptyError(api) }

type emptyError string

func (e emptyError) Error() string {
	return fmt.Sprintf("no metrics returned from %s metrics API", string(e))
}
func (e emptyError) Unwrap() error { return ErrEmpty }

func fetchError(api string, err error) error {
	return fmt.Errorf("unable to fetch metrics from %s metrics API: %w", api, err)
}

// selector reads a metric's label selector; none selects every series.
func selector(s *metav1.LabelSelector) (labels.Selector, error) {
	if s == nil {
		return labels.Everything(), nil
	}
	return metav1.LabelSelectorAsSelector(s)
}
