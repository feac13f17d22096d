package keda

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ScaledObject is KEDA's resource for a workload that is scaled by replicas (keda.sh/v1alpha1).
type ScaledObject struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	// Spec is what the user asks for.
	Spec ScaledObjectSpec `json:"spec"`
	// Status is what KEDA keeps between ticks.
	Status ScaledObjectStatus `json:"status,omitempty"`
}

// ScaledObjectSpec is the specification of a [ScaledObject].
type ScaledObjectSpec struct {
	// ScaleTargetRef names the workload.
	ScaleTargetRef *ScaleTarget `json:"scaleTargetRef"`
	// PollingInterval is the time between two ticks in seconds; default 30.
	PollingInterval *int32 `json:"pollingInterval,omitempty"`
	// InitialCooldownPeriod delays the first step to zero or idle, in seconds from the object's creation; default 0. It
	// only counts until the object was active for the first time.
	InitialCooldownPeriod *int32 `json:"initialCooldownPeriod,omitempty"`
	// CooldownPeriod delays the step to zero or idle, in seconds from the last activity; default 300.
	CooldownPeriod *int32 `json:"cooldownPeriod,omitempty"`
	// IdleReplicaCount is the number of replicas of an inactive workload; unset means MinReplicaCount.
	IdleReplicaCount *int32 `json:"idleReplicaCount,omitempty"`
	// MinReplicaCount is the floor; default 0. The HorizontalPodAutoscaler gets 1 for 0.
	MinReplicaCount *int32 `json:"minReplicaCount,omitempty"`
	// MaxReplicaCount is the ceiling; default 100.
	MaxReplicaCount *int32 `json:"maxReplicaCount,omitempty"`
	// Advanced holds the settings that few need.
	Advanced *AdvancedConfig `json:"advanced,omitempty"`
	// Triggers are the sources of metrics, at least one.
	Triggers []ScaleTriggers `json:"triggers"`
	// Fallback says what to do when triggers keep failing.
	Fallback *Fallback `json:"fallback,omitempty"`
}

// ScaleTarget names the workload that a [ScaledObject] scales.
type ScaleTarget struct {
	// Name is the workload's name, in the object's namespace.
	Name string `json:"name"`
	// APIVersion is the workload's API version; default apps/v1.
	APIVersion string `json:"apiVersion,omitempty"`
	// Kind is the workload's kind; default Deployment.
	Kind string `json:"kind,omitempty"`
	// EnvSourceContainerName is the container whose environment serves trigger fields that end in FromEnv; default is
	// the first one.
	EnvSourceContainerName string `json:"envSourceContainerName,omitempty"`
}

// AdvancedConfig holds the settings of a [ScaledObject] that few need.
type AdvancedConfig struct {
	// HorizontalPodAutoscalerConfig shapes the HorizontalPodAutoscaler that KEDA makes.
	HorizontalPodAutoscalerConfig *HorizontalPodAutoscalerConfig `json:"horizontalPodAutoscalerConfig,omitempty"`
	// RestoreToOriginalReplicaCount writes the replicas of before back when the object is deleted.
	RestoreToOriginalReplicaCount bool `json:"restoreToOriginalReplicaCount,omitempty"`
	// ScalingModifiers replaces all external metrics by one computed metric.
	ScalingModifiers ScalingModifiers `json:"scalingModifiers,omitempty"`
}

// HorizontalPodAutoscalerConfig shapes the HorizontalPodAutoscaler that KEDA makes.
type HorizontalPodAutoscalerConfig struct {
	// Behavior is copied as it is.
	Behavior *autoscalingv2.HorizontalPodAutoscalerBehavior `json:"behavior,omitempty"`
	// Name is the HorizontalPodAutoscaler's name; default "keda-hpa-" and the object's name.
	Name string `json:"name,omitempty"`
}

// ScalingModifiers replaces all external metrics by one that a formula computes. It is in use as soon as any field is set.
type ScalingModifiers struct {
	// Formula computes the metric from the readings by trigger name; mandatory when in use.
	Formula string `json:"formula,omitempty"`
	// Target is the computed metric's target, a number above 0; mandatory when in use.
	Target string `json:"target,omitempty"`
	// ActivationTarget is what the computed metric must exceed to activate the workload; default 0.
	ActivationTarget string `json:"activationTarget,omitempty"`
	// MetricType is AverageValue (default) or Value.
	MetricType autoscalingv2.MetricTargetType `json:"metricType,omitempty"`
}

// Fallback says what to do when triggers keep failing.
type Fallback struct {
	// FailureThreshold is the number of failures in a row that are put up with; at the next one the fallback holds.
	FailureThreshold int32 `json:"failureThreshold"`
	// Replicas is the number of replicas to fall back to.
	Replicas int32 `json:"replicas"`
	// Behavior is one of the Fallback constants; the API server writes static where the user leaves it out.
	Behavior string `json:"behavior,omitempty"`
}

// The behaviours of a [Fallback].
const (
	// FallbackStatic falls back to the replicas given.
	FallbackStatic = "static"
	// FallbackCurrentReplicas keeps the current replicas.
	FallbackCurrentReplicas = "currentReplicas"
	// FallbackCurrentReplicasIfHigher takes the larger of current and given replicas.
	FallbackCurrentReplicasIfHigher = "currentReplicasIfHigher"
	// FallbackCurrentReplicasIfLower takes the smaller of current and given replicas.
	FallbackCurrentReplicasIfLower = "currentReplicasIfLower"
	// FallbackScalingModifiers makes a failed trigger nil in the formula.
	FallbackScalingModifiers = "scalingModifiers"
)

// ScaleTriggers is one source of metrics.
type ScaleTriggers struct {
	// Type chooses the trigger, such as cron or prometheus.
	Type string `json:"type"`
	// Name is what a formula calls the trigger by.
	Name string `json:"name,omitempty"`
	// UseCachedMetrics answers the HorizontalPodAutoscaler from the last tick's reading.
	UseCachedMetrics bool `json:"useCachedMetrics,omitempty"`
	// Metadata are the trigger's own settings.
	Metadata map[string]string `json:"metadata"`
	// AuthenticationRef names where credentials come from.
	AuthenticationRef *AuthenticationRef `json:"authenticationRef,omitempty"`
	// MetricType is AverageValue (default) or Value; Utilization or AverageValue for cpu and memory, where it must be
	// given.
	MetricType autoscalingv2.MetricTargetType `json:"metricType,omitempty"`
}

// AuthenticationRef names a TriggerAuthentication or ClusterTriggerAuthentication.
type AuthenticationRef struct {
	// Name is its name.
	Name string `json:"name"`
	// Kind is its kind; default TriggerAuthentication.
	Kind string `json:"kind,omitempty"`
}

// ScaledObjectStatus is what KEDA keeps of a [ScaledObject] between ticks.
type ScaledObjectStatus struct {
	// ScaleTargetKind is the workload's resolved kind for messages, such as apps/v1.Deployment.
	ScaleTargetKind string `json:"scaleTargetKind,omitempty"`
	// ScaleTargetGVKR is the workload's resolved kind and resource.
	ScaleTargetGVKR *GroupVersionKindResource `json:"scaleTargetGVKR,omitempty"`
	// OriginalReplicaCount is the replicas found at the first reconcile.
	OriginalReplicaCount *int32 `json:"originalReplicaCount,omitempty"`
	// LastActiveTime is when the object was last active, to the second.
	LastActiveTime *metav1.Time `json:"lastActiveTime,omitempty"`
	// ExternalMetricNames are the metrics of the triggers other than cpu and memory.
	ExternalMetricNames []string `json:"externalMetricNames,omitempty"`
	// ResourceMetricNames are the metrics of cpu and memory triggers.
	ResourceMetricNames []string `json:"resourceMetricNames,omitempty"`
	// CompositeScalerName is the computed metric's name where scaling modifiers are in use.
	CompositeScalerName string `json:"compositeScalerName,omitempty"`
	// Conditions are the object's conditions.
	Conditions Conditions `json:"conditions,omitempty"`
	// Health counts failures by metric.
	Health map[string]HealthStatus `json:"health,omitempty"`
	// TriggersActivity tells which metrics were active.
	TriggersActivity map[string]TriggerActivityStatus `json:"triggersActivity,omitempty"`
	// PausedReplicaCount is the replicas that the object is paused at.
	PausedReplicaCount *int32 `json:"pausedReplicaCount,omitempty"`
	// HpaName is the HorizontalPodAutoscaler's name.
	HpaName string `json:"hpaName,omitempty"`
	// TriggersTypes lists the trigger types for printing.
	TriggersTypes *string `json:"triggersTypes,omitempty"`
	// AuthenticationsTypes lists the authentications for printing.
	AuthenticationsTypes *string `json:"authenticationsTypes,omitempty"`
}

// GroupVersionKindResource is a kind and the resource that serves it.
type GroupVersionKindResource struct {
	// Group is the API group, empty for core.
	Group string `json:"group"`
	// Version is the API version.
	Version string `json:"version"`
	// Kind is the kind.
	Kind string `json:"kind"`
	// Resource is the resource's plural name.
	Resource string `json:"resource"`
}

// HealthStatus counts the failures of one metric.
type HealthStatus struct {
	// NumberOfFailures is the failures in a row. Every query counts, that of a tick and that of the
	// HorizontalPodAutoscaler alike.
	NumberOfFailures *int32 `json:"numberOfFailures,omitempty"`
	// Status is Happy or Failing.
	Status HealthStatusType `json:"status,omitempty"`
}

// HealthStatusType tells whether a metric's last query succeeded.
type HealthStatusType string

// The states of a metric's health.
const (
	// HealthStatusHappy follows a success.
	HealthStatusHappy HealthStatusType = "Happy"
	// HealthStatusFailing follows a failure.
	HealthStatusFailing HealthStatusType = "Failing"
)

// TriggerActivityStatus tells whether a metric is active.
type TriggerActivityStatus struct {
	// IsActive is true while the metric is active.
	IsActive bool `json:"isActive"`
}

// modifiersInUse is rule M1's first half.
func (so *ScaledObject) modifiersInUse() bool {
	return so.Spec.Advanced != nil && so.Spec.Advanced.ScalingModifiers != ScalingModifiers{}
}

// modifiers returns the scaling modifiers, empty if there are none.
func (so *ScaledObject) modifiers() ScalingModifiers {
	if so.Spec.Advanced == nil {
		return ScalingModifiers{}
	}
	return so.Spec.Advanced.ScalingModifiers
}

// minReplicas is the floor that decisions use, which is not the HorizontalPodAutoscaler's.
func (so *ScaledObject) minReplicas() int32 { return or(so.Spec.MinReplicaCount, 0) }

func or(p *int32, otherwise int32) int32 {
	if p == nil {
		return otherwise
	}
	return *p
}
