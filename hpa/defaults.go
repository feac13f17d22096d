package hpa

import (
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// What the API server fills in (D1 to D3). The slices are shared and never written to.
const (
	defaultCPUUtilization = 80
	defaultPeriodSeconds  = 15
)

var (
	defaultUpPolicies = []autoscalingv2.HPAScalingPolicy{
		{Type: autoscalingv2.PodsScalingPolicy, Value: 4, PeriodSeconds: defaultPeriodSeconds},
		{Type: autoscalingv2.PercentScalingPolicy, Value: 100, PeriodSeconds: defaultPeriodSeconds},
	}
	defaultDownPolicies = []autoscalingv2.HPAScalingPolicy{
		{Type: autoscalingv2.PercentScalingPolicy, Value: 100, PeriodSeconds: defaultPeriodSeconds},
	}
	defaultMetrics = []autoscalingv2.MetricSpec{defaultMetric()}
)

func defaultMetric() autoscalingv2.MetricSpec {
	utilization := int32(defaultCPUUtilization)
	return autoscalingv2.MetricSpec{
		Type: autoscalingv2.ResourceMetricSourceType,
		Resource: &autoscalingv2.ResourceMetricSource{
			Name:   corev1.ResourceCPU,
			Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: &utilization},
		},
	}
}

// SetDefaults fills in what the API server would: at least one replica, a cpu utilization of 80 % where no metric is
// given, and both directions of a behavior, field by field. An absent behavior stays absent, which is not the same as an
// empty one (rule D3). [Decide] does not need it.
func SetDefaults(hpa *autoscalingv2.HorizontalPodAutoscaler) {
	if hpa.Spec.MinReplicas == nil {
		one := int32(1)
		hpa.Spec.MinReplicas = &one
	}
	if len(hpa.Spec.Metrics) == 0 {
		hpa.Spec.Metrics = []autoscalingv2.MetricSpec{defaultMetric()}
	}
	b := hpa.Spec.Behavior
	if b == nil {
		return
	}
	b.ScaleUp = defaulted(b.ScaleUp, defaultUpPolicies)
	b.ScaleDown = defaulted(b.ScaleDown, defaultDownPolicies)
	if b.ScaleUp.StabilizationWindowSeconds == nil {
		b.ScaleUp.StabilizationWindowSeconds = new(int32)
	}
}

func defaulted(given *autoscalingv2.HPAScalingRules, policies []autoscalingv2.HPAScalingPolicy) *autoscalingv2.HPAScalingRules {
	rules := &autoscalingv2.HPAScalingRules{}
	if given != nil {
		given.DeepCopyInto(rules)
	}
	if rules.SelectPolicy == nil {
		largest := autoscalingv2.MaxChangePolicySelect
		rules.SelectPolicy = &largest
	}
	if rules.Policies == nil {
		rules.Policies = append(rules.Policies, policies...)
	}
	return rules
}

// MetricsOf are the metrics an object is decided by: its own, or the default one (D2).
func MetricsOf(hpa *autoscalingv2.HorizontalPodAutoscaler) []autoscalingv2.MetricSpec {
	if len(hpa.Spec.Metrics) == 0 {
		return defaultMetrics
	}
	return hpa.Spec.Metrics
}

// rules are the scaling rules of one direction with defaults in place, without copying the object's.
type rules struct {
	window   time.Duration
	choice   autoscalingv2.ScalingPolicySelect
	policies []autoscalingv2.HPAScalingPolicy
}

// upRules and downRules read a behavior as the API server would have defaulted it (D3, D4).
func upRules(b *autoscalingv2.HorizontalPodAutoscalerBehavior) rules {
	return rulesOf(b.ScaleUp, defaultUpPolicies, 0)
}

func downRules(b *autoscalingv2.HorizontalPodAutoscalerBehavior, flag time.Duration) rules {
	return rulesOf(b.ScaleDown, defaultDownPolicies, int32(flag/time.Second))
}

func rulesOf(given *autoscalingv2.HPAScalingRules, policies []autoscalingv2.HPAScalingPolicy, windowSeconds int32) rules {
	r := rules{choice: autoscalingv2.MaxChangePolicySelect, policies: policies}
	if given != nil {
		if given.SelectPolicy != nil {
			r.choice = *given.SelectPolicy
		}
		if given.Policies != nil {
			r.policies = given.Policies
		}
		if given.StabilizationWindowSeconds != nil {
			windowSeconds = *given.StabilizationWindowSeconds
		}
	}
	r.window = time.Duration(windowSeconds) * time.Second
	return r
}

// longestPeriod is the longest period of a direction's policies.
func (r *rules) longestPeriod() time.Duration {
	var longest int32
	for i := range r.policies {
		longest = max(longest, r.policies[i].PeriodSeconds)
	}
	return time.Duration(longest) * time.Second
}

// namespaced names an object for messages.
func namespaced(hpa *autoscalingv2.HorizontalPodAutoscaler) types.NamespacedName {
	return types.NamespacedName{Namespace: hpa.Namespace, Name: hpa.Name}
}
