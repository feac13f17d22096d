package keda

import (
	"fmt"
	"strconv"
)

// LintJob checks a ScaledJob without a cluster, as [Lint] does a ScaledObject.
func LintJob(sj *ScaledJob) []Finding {
	var f findings
	if sj == nil {
		f.refuse("", "there is no object")
		return f
	}
	if len(sj.Name) > maxLabelLength {
		f.refuse("metadata.name", "%d characters are too many, %d fit: the name becomes the value of label %s", len(sj.Name), maxLabelLength, LabelScaledJob)
	}
	if sj.Spec.JobTargetRef == nil {
		f.refuse("spec.jobTargetRef", "missing")
	}
	f.jobLimits(sj)
	f.jobStrategy(&sj.Spec.ScalingStrategy)
	f.jobRollout(&sj.Spec)
	f.triggers(sj.Spec.Triggers)
	f.jobTriggers(sj)
	return f
}

func (f *findings) jobLimits(sj *ScaledJob) {
	s := &sj.Spec
	for _, field := range []struct {
		name  string
		value *int32
	}{
		{"successfulJobsHistoryLimit", s.SuccessfulJobsHistoryLimit}, {"failedJobsHistoryLimit", s.FailedJobsHistoryLimit},
		{"minReplicaCount", s.MinReplicaCount}, {"maxReplicaCount", s.MaxReplicaCount},
	} {
		if field.value != nil && *field.value < 0 {
			f.refuse("spec."+field.name, "%d is negative", *field.value)
		}
	}
	if s.PollingInterval != nil && *s.PollingInterval < 1 {
		f.refuse("spec.pollingInterval", "%d is below 1 second", *s.PollingInterval)
	}
	switch low := or(s.MinReplicaCount, 0); {
	case low > 0 && s.MaxReplicaCount == nil:
		f.warn("spec.maxReplicaCount", "unset means 100 on top of the minimum, %d in all", 100+int64(low))
	case s.MaxReplicaCount != nil && low > *s.MaxReplicaCount:
		f.warn("spec.minReplicaCount", "%d is above the maximum of %d; KEDA then keeps %[2]d and starts up to %[2]d more", low, *s.MaxReplicaCount)
	}
}

func (f *findings) jobStrategy(s *ScalingStrategy) {
	const path = "spec.scalingStrategy"
	switch s.Strategy {
	case "", StrategyDefault, StrategyAccurate, StrategyEager:
		if s.CustomScalingRunningJobPercentage != "" || s.CustomScalingQueueLengthDeduction != nil {
			f.warn(path+".strategy", "the custom settings count for strategy custom alone")
		}
	case StrategyCustom:
		if _, err := strconv.ParseFloat(s.CustomScalingRunningJobPercentage, 64); err != nil {
			f.warn(path+".customScalingRunningJobPercentage", "%q is not a number, so the strategy is default", s.CustomScalingRunningJobPercentage)
		}
	default:
		f.warn(path+".strategy", "%q is unknown and means default", s.Strategy)
	}
	switch s.MultipleScalersCalculation {
	case "", "max", "min", "avg", "sum":
	default:
		f.refuse(path+".multipleScalersCalculation", "%q is none of max, min, avg and sum", s.MultipleScalersCalculation)
	}
	if !distinct(s.PendingPodConditions) {
		f.warn(path+".pendingPodConditions", "a condition is listed twice, which no pod ever satisfies: every job counts as pending")
	}
}

func (f *findings) jobRollout(s *ScaledJobSpec) {
	strategies := map[string]bool{"": true, "immediate": true, "gradual": true}
	if !strategies[s.Rollout.Strategy] {
		f.refuse("spec.rollout.strategy", "%q is neither immediate nor gradual", s.Rollout.Strategy)
	}
	if s.RolloutStrategy != "" {
		f.warn("spec.rolloutStrategy", "is deprecated and wins over spec.rollout.strategy")
	}
	if p := s.Rollout.PropagationPolicy; p != "" && p != "background" && p != "foreground" {
		f.refuse("spec.rollout.propagationPolicy", "%q is neither background nor foreground", p)
	}
}

func (f *findings) jobTriggers(sj *ScaledJob) {
	for i := range sj.Spec.Triggers {
		t, path := &sj.Spec.Triggers[i], fmt.Sprintf("spec.triggers[%d]", i)
		if t.MetricType != "" {
			f.refuse(path+".metricType", "not possible in a ScaledJob")
		}
		if t.UseCachedMetrics {
			f.warn(path+".useCachedMetrics", "has no effect in a ScaledJob")
		}
		switch {
		case resourceTrigger(t.Type):
			f.warn(path+".type", "%s is skipped in a ScaledJob", t.Type)
		case t.Type == "cron":
			f.warn(path+".type", "jobs that finish within the window are started again at every tick; a ScaledJob has no cooldown")
		}
	}
	if _, ok := sj.Annotations[AnnotationPausedReplicas]; ok {
		f.warn("metadata.annotations["+AnnotationPausedReplicas+"]", "has no effect on a ScaledJob; use %s", AnnotationPaused)
	}
}
