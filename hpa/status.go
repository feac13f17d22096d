package hpa

import (
	"fmt"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Status is the object's status after the reconcile, with upstream's conditions, reasons and messages to the letter.
func (d *Decision) Status() autoscalingv2.HorizontalPodAutoscalerStatus {
	if d.hpa == nil {
		return autoscalingv2.HorizontalPodAutoscalerStatus{}
	}
	old := d.hpa.Status.DeepCopy()
	if d.Course == NoScale { // C1: only the conditions change
		old.Conditions = d.conditions(old.Conditions)
		return *old
	}
	s := autoscalingv2.HorizontalPodAutoscalerStatus{
		CurrentReplicas:    d.Current,
		DesiredReplicas:    d.Replicas,
		LastScaleTime:      old.LastScaleTime,
		CurrentMetrics:     d.currentMetrics(),
		Conditions:         d.conditions(old.Conditions),
		ObservedGeneration: nil,
	}
	if d.gates.HPAGeneration {
		generation := d.hpa.Generation
		s.ObservedGeneration = &generation
	}
	switch {
	case d.Course == CannotDecide, d.Rescale && d.updateErr != nil:
		s.DesiredReplicas = old.DesiredReplicas // C7, C13
	case d.Rescale:
		s.LastScaleTime = &metav1.Time{Time: d.now}
	}
	return s
}

// StatusChanged tells whether the status differs from the object's, so that it is to be written (C15).
func (d *Decision) StatusChanged() bool {
	if d.hpa == nil {
		return false
	}
	s := d.Status()
	return !equality.Semantic.DeepEqual(&d.hpa.Status, &s)
}

// conditionList is the list of conditions as it changes in the course of a reconcile.
type conditionList struct {
	list []autoscalingv2.HorizontalPodAutoscalerCondition
	now  metav1.Time
}

// set replaces a condition or appends it; only a new status moves the transition time (S1).
func (l *conditionList) set(t autoscalingv2.HorizontalPodAutoscalerConditionType, status corev1.ConditionStatus, reason, message string) {
	for i := range l.list {
		c := &l.list[i]
		if c.Type != t {
			continue
		}
		if c.Status != status {
			c.LastTransitionTime = l.now
		}
		c.Status, c.Reason, c.Message = status, reason, message
		return
	}
	l.list = append(l.list, autoscalingv2.HorizontalPodAutoscalerCondition{
		Type: t, Status: status, LastTransitionTime: l.now, Reason: reason, Message: message,
	})
}

func (l *conditionList) remove(t autoscalingv2.HorizontalPodAutoscalerConditionType) {
	kept := l.list[:0]
	for _, c := range l.list {
		if c.Type != t {
			kept = append(kept, c)
		}
	}
	l.list = kept
}

// conditions walks the reconcile once more, condition by condition: their order and their transitions depend on it.
func (d *Decision) conditions(old []autoscalingv2.HorizontalPodAutoscalerCondition) []autoscalingv2.HorizontalPodAutoscalerCondition {
	l := &conditionList{old, metav1.Time{Time: d.now}}
	if d.Course == NoScale {
		l.set(autoscalingv2.AbleToScale, corev1.ConditionFalse, "FailedGetScale",
			fmt.Sprintf("the HPA controller was unable to get the target's current scale: %v", d.scaleErr))
		return l.list
	}
	l.set(autoscalingv2.AbleToScale, corev1.ConditionTrue, "SucceededGetScale", "the HPA controller was able to get the target's current scale")
	switch d.Course {
	case Disabled:
		l.set(autoscalingv2.ScalingActive, corev1.ConditionFalse, "ScalingDisabled", "scaling is disabled since the replica count of the target is zero")
		if !d.gates.HPAScaleToZero {
			l.remove(autoscalingv2.ScaledToZero)
		}
	case CannotDecide:
		reason, message := d.inactive()
		l.set(autoscalingv2.ScalingActive, corev1.ConditionFalse, reason, message)
	case Computed:
		d.normalConditions(l)
	}
	if d.Rescale {
		d.rescaleConditions(l)
	}
	return l.list
}

// inactive is the reason and message of a reconcile that could not decide (C8, M4).
func (d *Decision) inactive() (reason, message string) {
	if d.refused != nil {
		return d.refused.condition, d.refused.message
	}
	first := d.firstFailure()
	return first.Reason, fmt.Sprintf("the HPA was unable to compute the replica count: %v", first.Shown)
}

func (d *Decision) normalConditions(l *conditionList) {
	l.set(autoscalingv2.ScalingActive, corev1.ConditionTrue, "ValidMetricFound",
		"the HPA was able to successfully calculate a replica count from "+d.MetricName(d.Winner))
	reason, message := d.Normalized.Stabilization.condition()
	l.set(autoscalingv2.AbleToScale, corev1.ConditionTrue, reason, message)
	limited := corev1.ConditionFalse
	if d.Normalized.Limit != WithinRange {
		limited = corev1.ConditionTrue
	}
	reason, message = d.Normalized.Limit.condition()
	l.set(autoscalingv2.ScalingLimited, limited, reason, message)
}

func (d *Decision) rescaleConditions(l *conditionList) {
	if d.updateErr != nil {
		l.set(autoscalingv2.AbleToScale, corev1.ConditionFalse, "FailedUpdateScale",
			fmt.Sprintf("the HPA controller was unable to update the target scale: %v", d.updateErr))
		return
	}
	l.set(autoscalingv2.AbleToScale, corev1.ConditionTrue, "SucceededRescale",
		fmt.Sprintf("the HPA controller was able to update the target scale to %d", d.Replicas))
	switch {
	case !d.gates.HPAScaleToZero:
		l.remove(autoscalingv2.ScaledToZero)
	case d.Current > 0 && d.Replicas == 0 && minReplicas(d.hpa) == 0 && hasWholeMetric(d.hpa): // Z5
		l.set(autoscalingv2.ScaledToZero, corev1.ConditionTrue, "ScaledToZero", "the HPA controller scaled the workload to zero")
	default:
		l.set(autoscalingv2.ScaledToZero, corev1.ConditionFalse, "NotScaledToZero", "the HPA controller did not scale the workload to zero")
	}
}

// currentMetrics has one entry for each metric of the object, nil where none was read.
func (d *Decision) currentMetrics() []autoscalingv2.MetricStatus {
	if len(d.Metrics) == 0 {
		return nil
	}
	specs := MetricsOf(d.hpa)
	out := make([]autoscalingv2.MetricStatus, len(d.Metrics))
	for i := range d.Metrics {
		switch {
		case d.Metrics[i].Err == nil:
			out[i] = currentMetric(&specs[i], &d.Metrics[i])
		case d.fixes.NameFailedMetric:
			out[i].Type = specs[i].Type
		}
	}
	return out
}

func currentMetric(spec *autoscalingv2.MetricSpec, r *MetricResult) autoscalingv2.MetricStatus {
	status := autoscalingv2.MetricStatus{Type: spec.Type}
	identify := func(m *autoscalingv2.MetricIdentifier) autoscalingv2.MetricIdentifier {
		return autoscalingv2.MetricIdentifier{Name: m.Name, Selector: m.Selector.DeepCopy()}
	}
	switch spec.Type {
	case autoscalingv2.ResourceMetricSourceType:
		status.Resource = &autoscalingv2.ResourceMetricStatus{Name: spec.Resource.Name, Current: r.current(spec.Resource.Name)}
	case autoscalingv2.ContainerResourceMetricSourceType:
		source := spec.ContainerResource
		status.ContainerResource = &autoscalingv2.ContainerResourceMetricStatus{
			Name: source.Name, Container: source.Container, Current: r.current(source.Name),
		}
	case autoscalingv2.PodsMetricSourceType:
		status.Pods = &autoscalingv2.PodsMetricStatus{Metric: identify(&spec.Pods.Metric), Current: r.current("")}
	case autoscalingv2.ObjectMetricSourceType:
		status.Object = &autoscalingv2.ObjectMetricStatus{
			DescribedObject: spec.Object.DescribedObject, Metric: identify(&spec.Object.Metric), Current: r.current(""),
		}
	case autoscalingv2.ExternalMetricSourceType:
		status.External = &autoscalingv2.ExternalMetricStatus{Metric: identify(&spec.External.Metric), Current: r.current("")}
	}
	return status
}

// current is a metric's value as the status shows it: memory in binary units, all else in decimal ones (S3).
func (r *MetricResult) current(name corev1.ResourceName) autoscalingv2.MetricValueStatus {
	format := resource.DecimalSI
	if name == corev1.ResourceMemory {
		format = resource.BinarySI
	}
	value := resource.NewMilliQuantity(r.Value, format)
	switch r.Arithmetic {
	case ByUtilization:
		utilization := r.Utilization
		return autoscalingv2.MetricValueStatus{AverageUtilization: &utilization, AverageValue: value}
	case ByValue:
		return autoscalingv2.MetricValueStatus{Value: value}
	}
	return autoscalingv2.MetricValueStatus{AverageValue: value}
}
