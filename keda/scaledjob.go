package keda

import (
	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ScaledJob is KEDA's resource for work that is scaled by starting jobs (keda.sh/v1alpha1).
type ScaledJob struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	// Spec is what the user asks for.
	Spec ScaledJobSpec `json:"spec,omitempty"`
	// Status is what KEDA keeps between ticks.
	Status ScaledJobStatus `json:"status,omitempty"`
}

// ScaledJobSpec is the specification of a [ScaledJob].
type ScaledJobSpec struct {
	// JobTargetRef is the specification of the jobs to start.
	JobTargetRef *batchv1.JobSpec `json:"jobTargetRef"`
	// PollingInterval is the time between two ticks in seconds; default 30.
	PollingInterval *int32 `json:"pollingInterval,omitempty"`
	// SuccessfulJobsHistoryLimit is how many completed jobs are kept; default 100.
	SuccessfulJobsHistoryLimit *int32 `json:"successfulJobsHistoryLimit,omitempty"`
	// FailedJobsHistoryLimit is how many failed jobs are kept; default 100.
	FailedJobsHistoryLimit *int32 `json:"failedJobsHistoryLimit,omitempty"`
	// RolloutStrategy is the old place of Rollout.Strategy.
	RolloutStrategy string `json:"rolloutStrategy,omitempty"`
	// Rollout says what happens to running jobs when the specification changes.
	Rollout Rollout `json:"rollout,omitempty"`
	// EnvSourceContainerName is the container whose environment serves trigger fields that end in FromEnv; default is
	// the first one.
	EnvSourceContainerName string `json:"envSourceContainerName,omitempty"`
	// MinReplicaCount is the number of jobs kept running whatever the metrics say; default 0.
	MinReplicaCount *int32 `json:"minReplicaCount,omitempty"`
	// MaxReplicaCount bounds the jobs that run at once; default 100, on top of MinReplicaCount.
	MaxReplicaCount *int32 `json:"maxReplicaCount,omitempty"`
	// ScalingStrategy says how a queue becomes a number of jobs.
	ScalingStrategy ScalingStrategy `json:"scalingStrategy,omitempty"`
	// Triggers are the sources of metrics, at least one.
	Triggers []ScaleTriggers `json:"triggers"`
}

// Rollout says what happens to running jobs when a [ScaledJob] changes.
type Rollout struct {
	// Strategy is immediate (default: jobs of an older specification are deleted) or gradual (they may finish).
	Strategy string `json:"strategy,omitempty"`
	// PropagationPolicy is background (default) or foreground.
	PropagationPolicy string `json:"propagationPolicy,omitempty"`
}

// ScalingStrategy says how a queue becomes a number of jobs.
type ScalingStrategy struct {
	// Strategy is default, custom, accurate or eager; anything else is default.
	Strategy string `json:"strategy,omitempty"`
	// CustomScalingQueueLengthDeduction is taken off by the custom strategy; default 0.
	CustomScalingQueueLengthDeduction *int32 `json:"customScalingQueueLengthDeduction,omitempty"`
	// CustomScalingRunningJobPercentage is the share of running jobs that the custom strategy takes off, as a number
	// such as "0.5". Without a number in it the strategy is default.
	CustomScalingRunningJobPercentage string `json:"customScalingRunningJobPercentage,omitempty"`
	// PendingPodConditions are the conditions that must all be True on one pod of a job for it not to count as pending.
	// Empty means that a pod must be running or have succeeded.
	PendingPodConditions []string `json:"pendingPodConditions,omitempty"`
	// MultipleScalersCalculation combines several triggers: max (default), min, avg or sum.
	MultipleScalersCalculation string `json:"multipleScalersCalculation,omitempty"`
}

// The strategies of a [ScaledJob].
const (
	// StrategyDefault starts what the queue asks for less what runs.
	StrategyDefault = "default"
	// StrategyCustom takes off a fixed number and a share of what runs.
	StrategyCustom = "custom"
	// StrategyAccurate takes off what is pending, for queues whose messages leave when work on them starts.
	StrategyAccurate = "accurate"
	// StrategyEager fills up to the maximum at once.
	StrategyEager = "eager"
)

// ScaledJobStatus is what KEDA keeps of a [ScaledJob] between ticks.
type ScaledJobStatus struct {
	// LastActiveTime is when the object was last active, to the second.
	LastActiveTime *metav1.Time `json:"lastActiveTime,omitempty"`
	// Conditions are the object's conditions.
	Conditions Conditions `json:"conditions,omitempty"`
	// Paused is a leftover that KEDA no longer writes. Its name has a capital letter upstream too.
	Paused string `json:"Paused,omitempty"`
	// TriggersTypes lists the trigger types for printing.
	TriggersTypes *string `json:"triggersTypes,omitempty"`
	// AuthenticationsTypes lists the authentications for printing.
	AuthenticationsTypes *string `json:"authenticationsTypes,omitempty"`
	// ExternalMetricNames are the metrics of the triggers.
	ExternalMetricNames []string `json:"externalMetricNames,omitempty"`
	// TriggersActivity tells which metrics were active.
	TriggersActivity map[string]TriggerActivityStatus `json:"triggersActivity,omitempty"`
}
