package hpa

import (
	"errors"
	"fmt"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
)

// MetricError is the failure of one metric, with the three texts that upstream has of it.
type MetricError struct {
	// Reason is that of the condition and the event, such as FailedGetResourceMetric.
	Reason string
	// Cause is what the metrics API or the arithmetic said.
	Cause error
	// Shown is the text of the condition and the event.
	Shown error
	// Full is the text in the error of the reconcile.
	Full error
}

// Error is the full text.
func (e *MetricError) Error() string { return e.Full.Error() }

// Unwrap gives the cause.
func (e *MetricError) Unwrap() error { return e.Full }

// selectorError marks the one failure of an Object metric that upstream does not wrap twice.
type selectorError struct{ error }

var (
	errNoResourceTarget = errors.New("invalid resource metric source: neither an average utilization target nor an average value (usage) target was set")
	errNoObjectTarget   = errors.New("invalid object metric source: neither a value target nor an average value target was set")
	errNoExternalTarget = errors.New("invalid external metric source: neither a value target nor an average value target was set")
)

// noTarget is the failure of a metric without a usable target, or of an unknown type.
func noTarget(spec *autoscalingv2.MetricSpec) *MetricError {
	switch spec.Type {
	case autoscalingv2.ResourceMetricSourceType, autoscalingv2.ContainerResourceMetricSourceType:
		return wrapped(spec, errNoResourceTarget, errNoResourceTarget, errNoResourceTarget)
	case autoscalingv2.ObjectMetricSourceType:
		return wrapped(spec, errNoObjectTarget, errNoObjectTarget, errNoObjectTarget)
	case autoscalingv2.ExternalMetricSourceType:
		return wrapped(spec, errNoExternalTarget, errNoExternalTarget, errNoExternalTarget)
	}
	err := fmt.Errorf("unknown metric source type %q", string(spec.Type))
	return &MetricError{Reason: "InvalidMetricSourceType", Cause: err, Shown: err, Full: err}
}

// failed words the failure of a metric at upstream's three levels, from the innermost text.
func failed(spec *autoscalingv2.MetricSpec, a Arithmetic, cause error) *MetricError {
	switch spec.Type {
	case autoscalingv2.ResourceMetricSourceType:
		err := resourceError(spec.Resource.Name, a, cause)
		return wrapped(spec, cause, err, err)
	case autoscalingv2.ContainerResourceMetricSourceType:
		err := resourceError(spec.ContainerResource.Name, a, cause)
		return wrapped(spec, cause, err, err)
	case autoscalingv2.ObjectMetricSourceType:
		if _, plain := cause.(selectorError); a == ByValuePerPod && !plain {
			return wrapped(spec, cause, cause, fmt.Errorf("failed to get %s object metric: %w", spec.Object.Metric.Name, cause))
		}
	case autoscalingv2.ExternalMetricSourceType:
		if a == ByValue {
			return wrapped(spec, cause, cause, fmt.Errorf("failed to get external metric %s: %w", spec.External.Metric.Name, cause))
		}
		return wrapped(spec, cause, cause, fmt.Errorf("failed to get %s external metric: %w", spec.External.Metric.Name, cause))
	}
	return wrapped(spec, cause, cause, cause)
}

func resourceError(name corev1.ResourceName, a Arithmetic, err error) error {
	if a == ByUtilization {
		return fmt.Errorf("failed to get %s utilization: %w", name, err)
	}
	return fmt.Errorf("failed to get %s usage: %w", name, err)
}

// wrapped puts the outermost text around full.
func wrapped(spec *autoscalingv2.MetricSpec, cause, shown, full error) *MetricError {
	e := &MetricError{Reason: "FailedGet" + string(spec.Type) + "Metric", Cause: cause, Shown: shown}
	switch spec.Type {
	case autoscalingv2.ResourceMetricSourceType:
		e.Full = fmt.Errorf("failed to get %s resource metric value: %w", spec.Resource.Name, full)
	case autoscalingv2.ContainerResourceMetricSourceType:
		e.Full = fmt.Errorf("failed to get %s container metric value: %w", spec.ContainerResource.Container, full)
	case autoscalingv2.PodsMetricSourceType:
		e.Full = fmt.Errorf("failed to get pods metric value: %w", full)
	case autoscalingv2.ObjectMetricSourceType:
		e.Full = fmt.Errorf("failed to get object metric value: %w", full)
	case autoscalingv2.ExternalMetricSourceType:
		e.Full = fmt.Errorf("failed to get %s external metric value: %w", spec.External.Metric.Name, full)
	}
	return e
}

// metricName is what conditions and events call a metric (rules C9, M5).
func (f *Fixes) metricName(spec *autoscalingv2.MetricSpec) string {
	switch spec.Type {
	case autoscalingv2.ResourceMetricSourceType:
		if spec.Resource.Target.AverageValue != nil {
			return fmt.Sprintf("%s resource", spec.Resource.Name)
		}
		return fmt.Sprintf("%s resource utilization (percentage of request)", spec.Resource.Name)
	case autoscalingv2.ContainerResourceMetricSourceType:
		if spec.ContainerResource.Target.AverageValue != nil {
			return fmt.Sprintf("%s resource", spec.ContainerResource.Name)
		}
		return fmt.Sprintf("%s container resource utilization (percentage of request)", spec.ContainerResource.Name)
	case autoscalingv2.PodsMetricSourceType:
		return fmt.Sprintf("pods metric %s", spec.Pods.Metric.Name)
	case autoscalingv2.ObjectMetricSourceType:
		metric := &spec.Object.Metric
		if spec.Object.Target.Type == autoscalingv2.AverageValueMetricType && !f.NameObjectMetric {
			return fmt.Sprintf("external metric %s(%v)", metric.Name, metric.Selector)
		}
		return fmt.Sprintf("%s metric %s", spec.Object.DescribedObject.Kind, metric.Name)
	case autoscalingv2.ExternalMetricSourceType:
		return fmt.Sprintf("external metric %s(%v)", spec.External.Metric.Name, spec.External.Metric.Selector)
	}
	return fmt.Sprintf("metric of type %q", string(spec.Type))
}
