package hpa

import (
	"fmt"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

// Finding is something about an object that the API server would refuse, or that will surprise its owner.
type Finding struct {
	// Severity is Refused or Surprising.
	Severity Severity `json:"severity"`
	// Field is the path of the field, such as spec.behavior.scaleUp.policies[0].value.
	Field string `json:"field"`
	// Message says what is wrong with it and what follows.
	Message string `json:"message"`
}

// Severity says how bad a finding is.
type Severity uint8

const (
	// Surprising means that the object works, but not as most people expect.
	Surprising Severity = iota
	// Refused means that the API server would not accept the object.
	Refused
)

// String gives the severity's name.
func (s Severity) String() string {
	if s == Refused {
		return "refused"
	}
	return "surprising"
}

// MarshalText gives the severity's name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String is the finding in one line.
func (f Finding) String() string { return fmt.Sprintf("%s: %s: %s", f.Severity, f.Field, f.Message) }

// findings collects what a lint has to say.
type findings []Finding

func (f *findings) refuse(field, format string, args ...any) {
	*f = append(*f, Finding{Refused, field, fmt.Sprintf(format, args...)})
}

func (f *findings) warn(field, format string, args ...any) {
	*f = append(*f, Finding{Surprising, field, fmt.Sprintf(format, args...)})
}

// Validate lists what the API server would refuse about an object (rule D5).
func Validate(cfg Config, hpa *autoscalingv2.HorizontalPodAutoscaler) []Finding {
	var f findings
	if hpa == nil {
		f.refuse("hpa", "is nil")
		return f
	}
	spec := &hpa.Spec
	low := minReplicas(hpa)
	if spec.MaxReplicas < 1 {
		f.refuse("spec.maxReplicas", "%d is less than 1", spec.MaxReplicas)
	}
	switch {
	case low < 0:
		f.refuse("spec.minReplicas", "%d is negative", low)
	case low == 0 && !cfg.Gates.HPAScaleToZero:
		f.refuse("spec.minReplicas", "0 needs the feature gate HPAScaleToZero")
	case low == 0 && !hasWholeMetric(hpa):
		f.refuse("spec.minReplicas", "0 needs an Object or External metric: no other can be read without pods")
	}
	if low > spec.MaxReplicas {
		f.refuse("spec.maxReplicas", "%d is less than minReplicas, %d", spec.MaxReplicas, low)
	}
	if spec.ScaleTargetRef.Kind == "" {
		f.refuse("spec.scaleTargetRef.kind", "is required")
	}
	if spec.ScaleTargetRef.Name == "" {
		f.refuse("spec.scaleTargetRef.name", "is required")
	}
	for i := range spec.Metrics {
		f.metric("spec.metrics["+itoa(i)+"]", &spec.Metrics[i])
	}
	if b := spec.Behavior; b != nil {
		f.rules("spec.behavior.scaleUp", b.ScaleUp)
		f.rules("spec.behavior.scaleDown", b.ScaleDown)
	}
	return f
}

func (f *findings) metric(path string, m *autoscalingv2.MetricSpec) {
	if err := validateSource(m); err != nil {
		f.refuse(path+"."+err.field, "%s", err.problem)
		return
	}
	switch m.Type {
	case autoscalingv2.ResourceMetricSourceType:
		if m.Resource.Name == "" {
			f.refuse(path+".resource.name", "is required")
		}
		f.podTarget(path+".resource.target", &m.Resource.Target)
	case autoscalingv2.ContainerResourceMetricSourceType:
		if m.ContainerResource.Name == "" {
			f.refuse(path+".containerResource.name", "is required")
		}
		if m.ContainerResource.Container == "" {
			f.refuse(path+".containerResource.container", "is required")
		}
		f.podTarget(path+".containerResource.target", &m.ContainerResource.Target)
	case autoscalingv2.PodsMetricSourceType:
		f.identifier(path+".pods.metric", &m.Pods.Metric)
		f.target(path+".pods.target", &m.Pods.Target)
	case autoscalingv2.ObjectMetricSourceType:
		f.identifier(path+".object.metric", &m.Object.Metric)
		if m.Object.DescribedObject.Kind == "" || m.Object.DescribedObject.Name == "" {
			f.refuse(path+".object.describedObject", "needs a kind and a name")
		}
		f.wholeTarget(path+".object.target", &m.Object.Target)
	case autoscalingv2.ExternalMetricSourceType:
		f.identifier(path+".external.metric", &m.External.Metric)
		f.wholeTarget(path+".external.target", &m.External.Target)
	default:
		f.refuse(path+".type", "%q is not a metric type", m.Type)
	}
}

func (f *findings) identifier(path string, m *autoscalingv2.MetricIdentifier) {
	if m.Name == "" {
		f.refuse(path+".name", "is required")
	} else if strings.ContainsAny(m.Name, "/%") {
		f.refuse(path+".name", "%q holds / or %%, which a path may not", m.Name)
	}
}

// podTarget checks a target of a metric that is a resource of the pods.
func (f *findings) podTarget(path string, t *autoscalingv2.MetricTarget) {
	f.target(path, t)
	switch {
	case t.AverageUtilization == nil && t.AverageValue == nil:
		f.refuse(path, "needs averageUtilization or averageValue")
	case t.AverageUtilization != nil && t.AverageValue != nil:
		f.refuse(path, "may not have both averageUtilization and averageValue")
	}
}

// wholeTarget checks a target of a metric that is not one of the pods.
func (f *findings) wholeTarget(path string, t *autoscalingv2.MetricTarget) {
	f.target(path, t)
	switch {
	case t.Value == nil && t.AverageValue == nil:
		f.refuse(path, "needs value or averageValue")
	case t.Value != nil && t.AverageValue != nil:
		f.refuse(path, "may not have both value and averageValue")
	}
}

func (f *findings) target(path string, t *autoscalingv2.MetricTarget) {
	switch t.Type {
	case autoscalingv2.UtilizationMetricType, autoscalingv2.ValueMetricType, autoscalingv2.AverageValueMetricType:
	default:
		f.refuse(path+".type", "%q is not Utilization, Value or AverageValue", t.Type)
	}
	if u := t.AverageUtilization; u != nil && *u < 1 {
		f.refuse(path+".averageUtilization", "%d is less than 1", *u)
	}
	if t.Value != nil && t.Value.Sign() != 1 {
		f.refuse(path+".value", "%s is not positive", t.Value)
	}
	if t.AverageValue != nil && t.AverageValue.Sign() != 1 {
		f.refuse(path+".averageValue", "%s is not positive", t.AverageValue)
	}
}

// Bounds of a behavior's fields.
const (
	maxWindowSeconds = 3600
	maxPeriodSeconds = 1800
)

func (f *findings) rules(path string, r *autoscalingv2.HPAScalingRules) {
	if r == nil {
		return
	}
	if w := r.StabilizationWindowSeconds; w != nil && (*w < 0 || *w > maxWindowSeconds) {
		f.refuse(path+".stabilizationWindowSeconds", "%d is not within 0 and %d", *w, maxWindowSeconds)
	}
	if s := r.SelectPolicy; s != nil {
		switch *s {
		case autoscalingv2.MaxChangePolicySelect, autoscalingv2.MinChangePolicySelect, autoscalingv2.DisabledPolicySelect:
		default:
			f.refuse(path+".selectPolicy", "%q is not Max, Min or Disabled", *s)
		}
	}
	if t := r.Tolerance; t != nil && t.Sign() < 0 {
		f.refuse(path+".tolerance", "%s is negative", t)
	}
	if r.Policies != nil && len(r.Policies) == 0 {
		f.refuse(path+".policies", "must not be an empty list")
	}
	for i, p := range r.Policies {
		at := path + ".policies[" + itoa(i) + "]"
		if p.Type != autoscalingv2.PodsScalingPolicy && p.Type != autoscalingv2.PercentScalingPolicy {
			f.refuse(at+".type", "%q is neither Pods nor Percent", p.Type)
		}
		if p.Value <= 0 {
			f.refuse(at+".value", "%d is not positive", p.Value)
		}
		if p.PeriodSeconds < 1 || p.PeriodSeconds > maxPeriodSeconds {
			f.refuse(at+".periodSeconds", "%d is not within 1 and %d", p.PeriodSeconds, maxPeriodSeconds)
		}
	}
}
