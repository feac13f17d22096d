package vpa

// UpdateReason says in a word why a pod is, or is not, touched.
type UpdateReason string

// Why a pod is touched.
const (
	// ReasonOutsideRange means that a request is missing or outside the recommended range.
	ReasonOutsideRange UpdateReason = "OutsideRecommendedRange"
	// ReasonQuickOOM means that a container was killed for want of memory soon after its start.
	ReasonQuickOOM UpdateReason = "QuickOOM"
	// ReasonDifference means that the pod is old enough and its requests differ enough.
	ReasonDifference UpdateReason = "DifferenceAboveThreshold"
	// ReasonNoRestart means that a resize restarts nothing and needs no budget.
	ReasonNoRestart UpdateReason = "ResizeWithoutRestart"
	// ReasonDeferredTooLong means that a resize was deferred for more than 5 minutes.
	ReasonDeferredTooLong UpdateReason = "ResizeDeferredTooLong"
	// ReasonInProgressTooLong means that a resize was in progress for more than an hour.
	ReasonInProgressTooLong UpdateReason = "ResizeInProgressTooLong"
	// ReasonResizeError means that the kubelet reported an error about a resize.
	ReasonResizeError UpdateReason = "ResizeError"
	// ReasonResizeUnknown means that a resize has a state that nobody knows.
	ReasonResizeUnknown UpdateReason = "ResizeStateUnknown"
	// ReasonDeferralIgnored means that the mode InPlace sends a resize although it was deferred (an upstream defect, N4).
	ReasonDeferralIgnored UpdateReason = "DeferralIgnored"
)

// Why a pod is not touched.
const (
	// ReasonModeOff means that the mode applies nothing.
	ReasonModeOff UpdateReason = "ModeOff"
	// ReasonModeInitial means that the mode applies recommendations to new pods only.
	ReasonModeInitial UpdateReason = "ModeInitial"
	// ReasonGate means that the mode InPlace is behind a gate that is off.
	ReasonGate UpdateReason = "GateInPlaceOff"
	// ReasonTerminating means that the pod is being deleted.
	ReasonTerminating UpdateReason = "Terminating"
	// ReasonBoosted means that the pod's startup boost has not run out.
	ReasonBoosted UpdateReason = "StartupBoost"
	// ReasonTooFewReplicas means that the group has fewer live pods than required.
	ReasonTooFewReplicas UpdateReason = "TooFewReplicas"
	// ReasonNoReplicaCount means that nobody knows how many pods the controller should have.
	ReasonNoReplicaCount UpdateReason = "NoReplicaCount"
	// ReasonBudget means that no more pods of the group may be disrupted now.
	ReasonBudget UpdateReason = "DisruptionBudget"
	// ReasonPending means that the pod is pending.
	ReasonPending UpdateReason = "Pending"
	// ReasonNoRecommendation means that there is no recommendation.
	ReasonNoRecommendation UpdateReason = "NoRecommendation"
	// ReasonNoStartTime means that the pod is within its range and does not say when it started.
	ReasonNoStartTime UpdateReason = "NoStartTime"
	// ReasonTooYoung means that the pod is within its range and has not lived long enough.
	ReasonTooYoung UpdateReason = "TooYoung"
	// ReasonSmallDifference means that the pod is within its range and its requests differ too little.
	ReasonSmallDifference UpdateReason = "DifferenceBelowThreshold"
	// ReasonOOMNoChange means that a container was killed soon after its start but nothing would change.
	ReasonOOMNoChange UpdateReason = "QuickOOMWithoutChange"
	// ReasonRequirements means that the eviction requirements do not hold.
	ReasonRequirements UpdateReason = "EvictionRequirements"
	// ReasonResizing means that a resize of the pod goes on.
	ReasonResizing UpdateReason = "Resizing"
	// ReasonInfeasible means that the node has no room for the resize.
	ReasonInfeasible UpdateReason = "ResizeInfeasible"
	// ReasonInfeasibleBefore means that no less is recommended than what the node had no room for.
	ReasonInfeasibleBefore UpdateReason = "ResizeInfeasibleBefore"
	// ReasonUpstreamCrash means that upstream's updater crashes on the pod or on one beside it.
	ReasonUpstreamCrash UpdateReason = "UpstreamCrash"
)
