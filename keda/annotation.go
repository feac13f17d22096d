package keda

import "strconv"

// The annotations that change a decision.
const (
	// AnnotationPaused stops the object. Any value that is not a boolean, the empty one too, means true.
	AnnotationPaused = "autoscaling.keda.sh/paused"
	// AnnotationPausedReplicas stops the object at a number of replicas. Being there is enough, whatever the value.
	AnnotationPausedReplicas = "autoscaling.keda.sh/paused-replicas"
	// AnnotationPausedScaleIn forbids fewer replicas.
	AnnotationPausedScaleIn = "autoscaling.keda.sh/paused-scale-in"
	// AnnotationPausedScaleOut forbids more replicas, except raising them to the minimum.
	AnnotationPausedScaleOut = "autoscaling.keda.sh/paused-scale-out"
	// AnnotationForceActivation counts as an active trigger.
	AnnotationForceActivation = "autoscaling.keda.sh/force-activation"
	// AnnotationExcludedLabels lists labels, separated by commas alone, that the HorizontalPodAutoscaler does not get.
	AnnotationExcludedLabels = "scaledobject.keda.sh/hpa-excluded-labels"
	// AnnotationExcludedJobLabels lists labels, separated by commas alone, that jobs do not get.
	AnnotationExcludedJobLabels = "scaledjob.keda.sh/job-excluded-labels"
	// AnnotationGeneration is what a job remembers its ScaledJob's generation by.
	AnnotationGeneration = "scaledjob.keda.sh/generation"
	// LabelScaledObject is what a metric remembers its ScaledObject by.
	LabelScaledObject = "scaledobject.keda.sh/name"
	// LabelScaledJob is what a job remembers its ScaledJob by.
	LabelScaledJob = "scaledjob.keda.sh/name"
)

// Switched reads a boolean annotation: absent is false, and whatever is not a boolean is true.
func Switched(annotations map[string]string, name string) bool {
	text, ok := annotations[name]
	if !ok {
		return false
	}
	switch text {
	case "0", "f", "F", "FALSE", "false", "False":
		return false
	}
	return true
}

// Paused tells whether annotations stop an object altogether. For a ScaledJob only [AnnotationPaused] counts; ask
// [Switched] there.
func Paused(annotations map[string]string) bool {
	if _, ok := annotations[AnnotationPausedReplicas]; ok {
		return true
	}
	return Switched(annotations, AnnotationPaused)
}

// PausedReplicas is the number of replicas that an object is paused at (P1); nil if its annotations give none. A number that
// cannot be read is an error, and the object is paused all the same.
func PausedReplicas(annotations map[string]string) (*int32, error) {
	text, ok := annotations[AnnotationPausedReplicas]
	if !ok {
		return nil, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return nil, invalid("metadata.annotations["+AnnotationPausedReplicas+"]", "%q is not a number", text)
	}
	count := int32(n)
	return &count, nil
}
