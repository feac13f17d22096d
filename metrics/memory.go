package metrics

import (
	"context"
	"fmt"
	"sync"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/labels"
)

// Memory is a metric source filled by hand, for tests, simulations and examples. Its zero value is empty and ready for
// use, also by several goroutines. Selectors of series are ignored: what was set under a name is what it gives.
type Memory struct {
	mu       sync.RWMutex
	resource map[string][]PodMetrics
	custom   map[series][]PodSample
	object   map[object]int64
	external map[series][]int64
	failures map[string]error
}

type series struct{ namespace, metric string }

type object struct{ namespace, kind, name, metric string }

// Sources gives the memory as the source of every metric.
func (m *Memory) Sources() Sources {
	return Sources{Resource: m, Custom: m, Object: m, External: m}
}

// SetPodMetrics replaces what the resource metrics API knows of a namespace.
func (m *Memory) SetPodMetrics(namespace string, items ...PodMetrics) {
	m.mu.Lock()
	defer m.mu.Unlock()
	put(&m.resource, namespace, items)
}

// SetPodMetric replaces the readings of one metric of a namespace's pods.
func (m *Memory) SetPodMetric(namespace, metric string, samples ...PodSample) {
	m.mu.Lock()
	defer m.mu.Unlock()
	put(&m.custom, series{namespace, metric}, samples)
}

// SetObjectMetric replaces one metric of one object, in thousandths.
func (m *Memory) SetObjectMetric(namespace, kind, name, metric string, milli int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	put(&m.object, object{namespace, kind, name, metric}, milli)
}

// SetExternalMetric replaces the series of an external metric, in thousandths.
func (m *Memory) SetExternalMetric(namespace, metric string, milli ...int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	put(&m.external, series{namespace, metric}, milli)
}

// Fail makes every question about a metric end in err, until err is nil. The resource metrics API is "resource".
func (m *Memory) Fail(metric string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	put(&m.failures, metric, err)
}

func put[K comparable, V any](in *map[K]V, key K, value V) {
	if *in == nil {
		*in = map[K]V{}
	}
	(*in)[key] = value
}

// PodMetrics implements [ResourceSource].
func (m *Memory) PodMetrics(_ context.Context, namespace string, pods labels.Selector) ([]PodMetrics, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if err := m.failures["resource"]; err != nil {
		return nil, err
	}
	var out []PodMetrics
	for _, item := range m.resource[namespace] {
		if pods.Matches(labels.Set(item.Labels)) {
			out = append(out, item)
		}
	}
	return out, nil
}

// PodMetric implements [CustomSource].
func (m *Memory) PodMetric(_ context.Context, namespace, metric string, _, _ labels.Selector) ([]PodSample, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return append([]PodSample(nil), m.custom[series{namespace, metric}]...), m.failures[metric]
}

// ObjectMetric implements [ObjectSource].
func (m *Memory) ObjectMetric(_ context.Context, namespace string, of autoscalingv2.CrossVersionObjectReference, metric string, _ labels.Selector) (int64, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if err := m.failures[metric]; err != nil {
		return 0, err
	}
	value, ok := m.object[object{namespace, of.Kind, of.Name, metric}]
	if !ok {
		return 0, fmt.Errorf("%s %s/%s has no metric %q", of.Kind, namespace, of.Name, metric)
	}
	return value, nil
}

// ExternalMetric implements [ExternalSource].
func (m *Memory) ExternalMetric(_ context.Context, namespace, metric string, _ labels.Selector) ([]int64, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return append([]int64(nil), m.external[series{namespace, metric}]...), m.failures[metric]
}
