package vpa

import (
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// VerticalPodAutoscaler is the object of autoscaling.k8s.io/v1, with its JSON names.
type VerticalPodAutoscaler struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	// Spec is what the user wants.
	Spec Spec `json:"spec"`
	// Status is what the recommender found.
	Status Status `json:"status,omitempty"`
}

// Spec is the specification of a VerticalPodAutoscaler.
type Spec struct {
	// TargetRef is the workload whose pods are looked at.
	TargetRef *autoscalingv1.CrossVersionObjectReference `json:"targetRef,omitempty"`
	// UpdatePolicy says how a recommendation reaches pods; nil means mode Recreate and the flags' defaults.
	UpdatePolicy *UpdatePolicy `json:"updatePolicy,omitempty"`
	// ResourcePolicy says what may be recommended; nil means no restriction.
	ResourcePolicy *ResourcePolicy `json:"resourcePolicy,omitempty"`
	// Recommenders names the recommender in charge, at most one; none means the default recommender.
	Recommenders []RecommenderSelector `json:"recommenders,omitempty"`
	// StartupBoost raises CPU while a pod starts, for containers without a boost of their own.
	StartupBoost *StartupBoost `json:"startupBoost,omitempty"`
}

// RecommenderSelector names a recommender.
type RecommenderSelector struct {
	// Name is the recommender's name.
	Name string `json:"name"`
}

// UpdateMode says when a recommendation is applied to pods.
type UpdateMode string

// The update modes.
const (
	// UpdateModeOff computes recommendations and applies none.
	UpdateModeOff UpdateMode = "Off"
	// UpdateModeInitial applies them to new pods only.
	UpdateModeInitial UpdateMode = "Initial"
	// UpdateModeRecreate evicts pods so that they are made anew; it is the default.
	UpdateModeRecreate UpdateMode = "Recreate"
	// UpdateModeAuto is a deprecated name of Recreate.
	UpdateModeAuto UpdateMode = "Auto"
	// UpdateModeInPlaceOrRecreate resizes running pods and evicts those that cannot be resized.
	UpdateModeInPlaceOrRecreate UpdateMode = "InPlaceOrRecreate"
	// UpdateModeInPlace resizes running pods and never evicts.
	UpdateModeInPlace UpdateMode = "InPlace"
)

// UpdatePolicy says how a recommendation reaches pods.
type UpdatePolicy struct {
	// UpdateMode is when; nil means Recreate.
	UpdateMode *UpdateMode `json:"updateMode,omitempty"`
	// MinReplicas is how many live pods a group must have to be touched; nil means the updater's flag.
	MinReplicas *int32 `json:"minReplicas,omitempty"`
	// EvictionRequirements must all hold for a pod to be touched.
	EvictionRequirements []EvictionRequirement `json:"evictionRequirements,omitempty"`
	// EvictAfterOOMSeconds is how soon after its start an out-of-memory kill counts as quick; nil means the updater's
	// flag. It is behind the gate PerVPAConfig.
	EvictAfterOOMSeconds *int32 `json:"evictAfterOOMSeconds,omitempty"`
}

// ChangeRequirement is the direction in which a recommendation must differ from the requests.
type ChangeRequirement string

// The directions of an eviction requirement.
const (
	// TargetHigherThanRequests wants a target above the request.
	TargetHigherThanRequests ChangeRequirement = "TargetHigherThanRequests"
	// TargetLowerThanRequests wants a target below the request.
	TargetLowerThanRequests ChangeRequirement = "TargetLowerThanRequests"
)

// EvictionRequirement holds if any of its resources changes in its direction.
type EvictionRequirement struct {
	// Resources are the resources of which one must change.
	Resources []corev1.ResourceName `json:"resources"`
	// ChangeRequirement is the direction.
	ChangeRequirement ChangeRequirement `json:"changeRequirement"`
}

// ResourcePolicy says what may be recommended.
type ResourcePolicy struct {
	// ContainerPolicies are the rules by container; the name "*" stands for all others.
	ContainerPolicies []ContainerPolicy `json:"containerPolicies,omitempty"`
}

// EveryContainer is the container name of the policy for containers that have none of their own.
const EveryContainer = "*"

// ScalingMode says whether a container is looked after.
type ScalingMode string

// The scaling modes of a container.
const (
	// ScalingModeAuto computes and applies recommendations; it is the default.
	ScalingModeAuto ScalingMode = "Auto"
	// ScalingModeOff leaves the container alone.
	ScalingModeOff ScalingMode = "Off"
)

// ControlledValues says which of a container's values are set.
type ControlledValues string

// What is set on a container.
const (
	// RequestsAndLimits sets requests and moves limits in proportion; it is the default.
	RequestsAndLimits ControlledValues = "RequestsAndLimits"
	// RequestsOnly sets requests and leaves limits.
	RequestsOnly ControlledValues = "RequestsOnly"
)

// ContainerPolicy is the rule for one container, or for every container without a rule of its own.
type ContainerPolicy struct {
	// ContainerName is the container's name, or "*".
	ContainerName string `json:"containerName,omitempty"`
	// Mode is Auto unless set.
	Mode *ScalingMode `json:"mode,omitempty"`
	// MinAllowed is the least that may be recommended; a zero or missing value is no bound.
	MinAllowed corev1.ResourceList `json:"minAllowed,omitempty"`
	// MaxAllowed is the most that may be recommended; a zero or missing value is no bound.
	MaxAllowed corev1.ResourceList `json:"maxAllowed,omitempty"`
	// ControlledResources are the resources that are recommended; nil means cpu and memory, an empty list none.
	ControlledResources *[]corev1.ResourceName `json:"controlledResources,omitempty"`
	// ControlledValues is RequestsAndLimits unless set.
	ControlledValues *ControlledValues `json:"controlledValues,omitempty"`
	// OOMBumpUpRatio is the factor of memory after an out-of-memory kill. Behind the gate PerVPAConfig, like the next three.
	OOMBumpUpRatio *resource.Quantity `json:"oomBumpUpRatio,omitempty"`
	// OOMMinBumpUp is the least by which memory rises after an out-of-memory kill, in bytes.
	OOMMinBumpUp *resource.Quantity `json:"oomMinBumpUp,omitempty"`
	// MemoryAggregationIntervalSeconds is the length of a window of which only the peak of memory counts.
	MemoryAggregationIntervalSeconds *int64 `json:"memoryAggregationIntervalSeconds,omitempty"`
	// MemoryAggregationIntervalCount is how many such windows an aggregate outlives without samples.
	MemoryAggregationIntervalCount *int64 `json:"memoryAggregationIntervalCount,omitempty"`
	// StartupBoost replaces the pod's boost for this container.
	StartupBoost *StartupBoost `json:"startupBoost,omitempty"`
}

// StartupBoost raises resources while a pod starts. It is behind the gate CPUStartupBoost.
type StartupBoost struct {
	// CPU is the boost of CPU.
	CPU *Boost `json:"cpu,omitempty"`
}

// BoostType is how a boost is counted.
type BoostType string

// The ways to count a boost.
const (
	// BoostFactor multiplies.
	BoostFactor BoostType = "Factor"
	// BoostQuantity adds.
	BoostQuantity BoostType = "Quantity"
)

// Boost is by how much and for how long a resource is raised.
type Boost struct {
	// Type is Factor or Quantity.
	Type BoostType `json:"type,omitempty"`
	// Factor multiplies the base; at least 1.
	Factor *int32 `json:"factor,omitempty"`
	// Quantity is added to the base.
	Quantity *resource.Quantity `json:"quantity,omitempty"`
	// DurationSeconds is how long the boost lasts after the pod became ready; nil means 0.
	DurationSeconds *int32 `json:"durationSeconds,omitempty"`
}

// Status is the status of a VerticalPodAutoscaler.
type Status struct {
	// Recommendation is the latest recommendation; nil where there was none yet.
	Recommendation *RecommendedPodResources `json:"recommendation,omitempty"`
	// Conditions are sorted by type.
	Conditions []Condition `json:"conditions,omitempty"`
}

// RecommendedPodResources is a recommendation as it stands in the object's status.
type RecommendedPodResources struct {
	// ContainerRecommendations are sorted by container name.
	ContainerRecommendations []RecommendedContainerResources `json:"containerRecommendations,omitempty"`
}

// RecommendedContainerResources is the recommendation for one container.
type RecommendedContainerResources struct {
	// ContainerName is the container's name.
	ContainerName string `json:"containerName,omitempty"`
	// Target is what the container should request.
	Target corev1.ResourceList `json:"target"`
	// LowerBound is below what a request is taken for too small.
	LowerBound corev1.ResourceList `json:"lowerBound,omitempty"`
	// UpperBound is above what a request is taken for too large.
	UpperBound corev1.ResourceList `json:"upperBound,omitempty"`
	// UncappedTarget is the target before policies capped it.
	UncappedTarget corev1.ResourceList `json:"uncappedTarget,omitempty"`
}

// ConditionType is what a condition is about.
type ConditionType string

// Condition is a state of a VerticalPodAutoscaler.
type Condition struct {
	// Type is what the condition is about.
	Type ConditionType `json:"type"`
	// Status is whether it holds.
	Status corev1.ConditionStatus `json:"status"`
	// LastTransitionTime is when Status changed last.
	LastTransitionTime metav1.Time `json:"lastTransitionTime,omitempty"`
	// Reason is a word for programs.
	Reason string `json:"reason,omitempty"`
	// Message is a sentence for people.
	Message string `json:"message,omitempty"`
}

// VerticalPodAutoscalerCheckpoint is the object in which a recommender keeps what it knows of one container.
type VerticalPodAutoscalerCheckpoint struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	// Spec says whose checkpoint it is.
	Spec CheckpointSpec `json:"spec,omitempty"`
	// Status is the checkpoint.
	Status CheckpointStatus `json:"status,omitempty"`
}

// CheckpointSpec says whose checkpoint it is.
type CheckpointSpec struct {
	// VPAObjectName is the VerticalPodAutoscaler's name.
	VPAObjectName string `json:"vpaObjectName,omitempty"`
	// ContainerName is the container's name.
	ContainerName string `json:"containerName,omitempty"`
}

// CheckpointStatus is what is known of one container.
type CheckpointStatus struct {
	// LastUpdateTime is when the object was written.
	LastUpdateTime metav1.Time `json:"lastUpdateTime,omitempty"`
	// Version is the format, "v3".
	Version string `json:"version,omitempty"`
	// CPUHistogram is the usage of CPU, in cores.
	CPUHistogram HistogramCheckpoint `json:"cpuHistogram,omitempty"`
	// MemoryHistogram is the peaks of memory, in bytes.
	MemoryHistogram HistogramCheckpoint `json:"memoryHistogram,omitempty"`
	// FirstSampleStart is the time of the first CPU sample.
	FirstSampleStart metav1.Time `json:"firstSampleStart,omitempty"`
	// LastSampleStart is the time of the last CPU sample.
	LastSampleStart metav1.Time `json:"lastSampleStart,omitempty"`
	// TotalSamplesCount is the number of CPU samples.
	TotalSamplesCount int64 `json:"totalSamplesCount,omitempty"`
}

// HistogramCheckpoint is one histogram of a checkpoint.
type HistogramCheckpoint struct {
	// ReferenceTimestamp is the time at which a sample counts with its plain weight.
	ReferenceTimestamp metav1.Time `json:"referenceTimestamp,omitempty"`
	// BucketWeights are the buckets that weigh anything, relative to 10000 for the heaviest.
	BucketWeights map[int]uint32 `json:"bucketWeights,omitempty"`
	// TotalWeight is the sum of the weights, not scaled.
	TotalWeight float64 `json:"totalWeight,omitempty"`
}
