package hpa

import (
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/metrics"
)

// Input is everything one decision depends on. It is never modified.
type Input struct {
	// Now is the instant of the decision.
	Now time.Time
	// HPA is the object, spec and status. Fields that the API server would have defaulted count as it would have
	// defaulted them (rules D1 to D4), so a manifest will do.
	HPA *autoscalingv2.HorizontalPodAutoscaler
	// Scale is the scale subresource of the target: wanted and observed replicas and the pods' selector.
	Scale *autoscalingv1.Scale
	// ScaleErr says why Scale could not be read; Scale is then ignored.
	ScaleErr error
	// Pods are the pods of the object's namespace that match Scale.Status.Selector.
	Pods []*corev1.Pod
	// Compiled takes the place of Pods where the same pods serve several decisions.
	Compiled *Pods
	// Metrics is what the metrics APIs answered, one for each of [MetricsOf] the object and in that order. It may be empty
	// where no metric is read: see [NeedsMetrics].
	Metrics []metrics.Observation
	// Rivals are the names of other objects of the namespace whose selector matches one of the pods; the controller then
	// refuses to act (C8).
	Rivals []string
	// UpdateErr is what writing the new size ended in. A caller that does not write leaves it nil, which assumes success;
	// one whose write failed decides again, from the same history, with the error here (C13).
	UpdateErr error
}

// minReplicas is spec.minReplicas with its default (D1).
func minReplicas(hpa *autoscalingv2.HorizontalPodAutoscaler) int32 {
	if hpa.Spec.MinReplicas == nil {
		return 1
	}
	return *hpa.Spec.MinReplicas
}

func (in *Input) validate() error {
	if in.HPA == nil {
		return invalid("hpa", "is nil")
	}
	spec := &in.HPA.Spec
	if min := minReplicas(in.HPA); min < 0 {
		return invalid("spec.minReplicas", "%d is negative", min)
	}
	if spec.MaxReplicas < 0 {
		return invalid("spec.maxReplicas", "%d is negative", spec.MaxReplicas)
	}
	if err := validateBehavior(spec.Behavior); err != nil {
		return err
	}
	if in.ScaleErr != nil {
		return nil
	}
	if in.Scale == nil {
		return invalid("scale", "is nil, and no error says why")
	}
	if n := in.Scale.Spec.Replicas; n < 0 {
		return invalid("scale.spec.replicas", "%d is negative", n)
	}
	if n := in.Scale.Status.Replicas; n < 0 {
		return invalid("scale.status.replicas", "%d is negative", n)
	}
	return nil
}

// validateMetrics holds what a decision that reads metrics needs beyond validate.
func (in *Input) validateMetrics(specs []autoscalingv2.MetricSpec) error {
	if len(in.Metrics) != len(specs) {
		return invalid("metrics", "%d observations for the %d metrics of the object", len(in.Metrics), len(specs))
	}
	for i := range specs {
		if err := validateSource(&specs[i]); err != nil {
			return invalid("spec.metrics["+itoa(i)+"]."+err.field, "%s", err.problem)
		}
	}
	return nil
}

type sourceError struct{ field, problem string }

// validateSource finds what would make upstream dereference nothing; all other oddities are its decisions.
func validateSource(spec *autoscalingv2.MetricSpec) *sourceError {
	missing := func(field string) *sourceError {
		return &sourceError{field, "is missing for a metric of type " + string(spec.Type)}
	}
	switch spec.Type {
	case autoscalingv2.ResourceMetricSourceType:
		if spec.Resource == nil {
			return missing("resource")
		}
	case autoscalingv2.ContainerResourceMetricSourceType:
		if spec.ContainerResource == nil {
			return missing("containerResource")
		}
	case autoscalingv2.ObjectMetricSourceType:
		if spec.Object == nil {
			return missing("object")
		}
	case autoscalingv2.ExternalMetricSourceType:
		if spec.External == nil {
			return missing("external")
		}
	case autoscalingv2.PodsMetricSourceType:
		if spec.Pods == nil {
			return missing("pods")
		}
		if spec.Pods.Target.AverageValue == nil {
			return missing("pods.target.averageValue")
		}
	}
	return nil
}

func validateBehavior(b *autoscalingv2.HorizontalPodAutoscalerBehavior) error {
	if b == nil {
		return nil
	}
	if err := validateRules(b.ScaleUp); err != nil {
		return invalid("spec.behavior.scaleUp."+err.field, "%s", err.problem)
	}
	if err := validateRules(b.ScaleDown); err != nil {
		return invalid("spec.behavior.scaleDown."+err.field, "%s", err.problem)
	}
	return nil
}

func validateRules(rules *autoscalingv2.HPAScalingRules) *sourceError {
	if rules == nil {
		return nil
	}
	if w := rules.StabilizationWindowSeconds; w != nil && *w < 0 {
		return &sourceError{"stabilizationWindowSeconds", itoa(int(*w)) + " is negative"}
	}
	for i := range rules.Policies {
		if p := &rules.Policies[i]; p.Type != autoscalingv2.PodsScalingPolicy && p.Type != autoscalingv2.PercentScalingPolicy {
			return &sourceError{"policies[" + itoa(i) + "].type", `"` + string(p.Type) + `" is neither Pods nor Percent`}
		}
	}
	return nil
}
