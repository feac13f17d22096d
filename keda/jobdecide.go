package keda

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// JobInput is everything that the decision about a ScaledJob depends on, once its triggers have been read; see [ReadJobs]
// and [CombineQueues].
type JobInput struct {
	// Now is the time of the decision.
	Now time.Time
	// Object is the ScaledJob. Of its status only condition Active is read, for events.
	Object *ScaledJob
	// Jobs are the object's jobs, finished or not, in the API's order; see [JobsOf].
	Jobs []Job
	// Queue is what the triggers ask for.
	Queue JobQueue
	// Failed tells whether a trigger gave no reading.
	Failed bool
	// ActiveMetrics names the metrics that are active.
	ActiveMetrics []string
}

// The branches of a decision about a ScaledJob, beside [RulePaused] and [RuleInactive].
const (
	// RuleFillMinimum: fewer jobs run than the minimum, so the queue is ignored in this tick (J6).
	RuleFillMinimum Rule = "FillMinimum"
	// RuleStart: the queue asks for jobs.
	RuleStart Rule = "Start"
	// RuleEnoughJobs: the object is active, but enough jobs are under way.
	RuleEnoughJobs Rule = "EnoughJobs"
)

// JobDecision is what KEDA does for a ScaledJob, and why.
type JobDecision struct {
	// Rule is the branch by which the decision was made.
	Rule Rule `json:"rule"`
	// Create is how many jobs to start.
	Create int64 `json:"create"`
	// Delete names the finished jobs that are beyond the history limits.
	Delete []string `json:"delete,omitempty"`
	// Active tells whether the object counts as active, Failed whether a trigger gave no reading.
	Active bool `json:"active"`
	// Failed tells whether a trigger gave no reading.
	Failed bool `json:"failed,omitempty"`
	// Counts are the unfinished jobs.
	Counts JobCounts `json:"counts"`
	// Bounds are the bounds that the decision went by.
	Bounds JobBounds `json:"bounds"`
	// Queue is what the triggers asked for.
	Queue JobQueue `json:"queue"`
	// Strategy is what the strategy made of it; its name is empty where the minimum was filled instead.
	Strategy Strategy `json:"strategy"`
	// Why lists the reasons in the order in which they decided.
	Why []Reason `json:"why"`
	// LastActive is the time of activity to remember; zero to leave the old one alone.
	LastActive time.Time `json:"lastActive,omitzero"`

	name      string
	wasActive bool
	failures  []error
	sort      finishedJobs
}

// The facts that decide about a ScaledJob.
const (
	// QueueAsks: the queue has Value items, which are good for Limit jobs at once.
	QueueAsks ReasonCode = "QueueAsks"
	// EmptyQueueIgnored: Value triggers are active with an empty queue, which KEDA takes for inactive under max (J4).
	EmptyQueueIgnored ReasonCode = "EmptyQueueIgnored"
	// JobsUnderWay: Value jobs are not finished, Limit of them pending.
	JobsUnderWay ReasonCode = "JobsUnderWay"
	// JobBoundsAre: Value jobs are kept in any case, and at most Limit on top of them.
	JobBoundsAre ReasonCode = "JobBoundsAre"
	// MinimumFirst: Value jobs are missing from the minimum, and the queue does not count in this tick (J6).
	MinimumFirst ReasonCode = "MinimumFirst"
	// StrategyAllows: the strategy lets Value jobs start.
	StrategyAllows ReasonCode = "StrategyAllows"
)

// DecideJobs says how many jobs KEDA starts for a ScaledJob, and which finished ones it deletes.
//
// The error is [ErrInvalid] and says which field makes no sense.
func DecideJobs(cfg Config, in JobInput) (JobDecision, error) {
	var d JobDecision
	err := DecideJobsInto(&cfg, &in, &d)
	return d, err
}

// DecideJobsInto is [DecideJobs] into a decision that is used again and again; it allocates nothing once the decision's
// lists have grown.
func DecideJobsInto(cfg *Config, in *JobInput, d *JobDecision) error {
	*d = JobDecision{Delete: d.Delete[:0], Why: d.Why[:0], sort: finishedJobs{index: d.sort.index[:0]}}
	if in.Object == nil {
		return invalid("object", "missing")
	}
	if err := cfg.validate(); err != nil {
		return err
	}
	spec := &in.Object.Spec
	completed, failed := or(spec.SuccessfulJobsHistoryLimit, 100), or(spec.FailedJobsHistoryLimit, 100)
	switch {
	case completed < 0:
		return invalid("spec.successfulJobsHistoryLimit", "%d is negative", completed)
	case failed < 0:
		return invalid("spec.failedJobsHistoryLimit", "%d is negative", failed)
	}
	d.name, d.Queue, d.Bounds = in.Object.Name, in.Queue, BoundsOf(in.Object)
	if Switched(in.Object.Annotations, AnnotationPaused) {
		d.Rule = RulePaused
		d.because(PausedByAnnotation, 0, 0)
		return nil
	}
	d.Active, d.Failed = in.Queue.Active, in.Failed
	d.wasActive = in.Object.Status.Conditions.Status(ConditionActive) == metav1.ConditionTrue
	d.Counts = CountJobs(*cfg, in.Jobs, spec.ScalingStrategy.PendingPodConditions)
	d.because(QueueAsks, in.Queue.ScaleTo, in.Queue.MaxScale)
	if in.Queue.Empty > 0 {
		d.because(EmptyQueueIgnored, int64(in.Queue.Empty), 0)
	}
	if in.Failed {
		d.because(TriggersFailed, 0, 0)
	}
	d.because(JobsUnderWay, d.Counts.Running, d.Counts.Pending)
	d.because(JobBoundsAre, d.Bounds.Min, d.Bounds.Max)
	if short := d.Bounds.Min - d.Counts.Running; short > 0 {
		d.Rule, d.Strategy = RuleFillMinimum, Strategy{Effective: short, ScaleTo: short}
		d.because(MinimumFirst, short, 0)
	} else {
		d.Strategy = ApplyStrategy(spec.ScalingStrategy, in.Queue.ScaleTo, in.Queue.MaxScale, -short, d.Counts.Pending, d.Bounds.Max)
		d.Rule = RuleStart
		d.because(StrategyAllows, d.Strategy.Effective, 0)
	}
	switch {
	case !d.Active:
		d.Rule = RuleInactive
	case d.Strategy.Effective <= 0 || d.Strategy.ScaleTo == 0:
		d.Rule, d.LastActive = RuleEnoughJobs, in.Now
	case d.Strategy.ScaleTo < 0:
		return invalid("queue.scaleTo", "%d is negative", d.Strategy.ScaleTo)
	case spec.JobTargetRef == nil:
		return invalid("spec.jobTargetRef", "missing")
	default:
		d.Create, d.LastActive = min(d.Strategy.ScaleTo, d.Strategy.Effective), in.Now
	}
	d.sort.jobs = in.Jobs
	d.Delete = d.sort.oldest(d.Delete, batchv1.JobComplete, completed)
	d.Delete = d.sort.oldest(d.Delete, batchv1.JobFailed, failed)
	d.sort.jobs = nil
	return nil
}

func (d *JobDecision) because(code ReasonCode, value, limit int64) {
	d.Why = append(d.Why, Reason{Code: code, Value: value, Limit: limit})
}

// CreateFailed turns a decision into what it is when so many of the jobs could not be created.
func (d *JobDecision) CreateFailed(failures ...error) {
	if int64(len(failures)) > d.Create {
		failures = failures[:d.Create]
	}
	d.Create -= int64(len(failures))
	d.failures = append(d.failures, failures...)
}

// Failure is the decision's error in upstream's words: one line for each job that could not be created.
func (d *JobDecision) Failure() error { return errors.Join(d.failures...) }

// Conditions are the conditions to write, in upstream's order and words.
func (d *JobDecision) Conditions() Conditions {
	if d.Rule == RulePaused {
		return Conditions{{ConditionPaused, metav1.ConditionTrue, "ScaledJobPaused", "ScaledJob is paused"}}
	}
	ready := Condition{ConditionReady, metav1.ConditionTrue, "ScaledJobReady", "ScaledJob is defined correctly and is ready for scaling"}
	switch err := d.Failure(); {
	case err != nil:
		ready.Status, ready.Reason, ready.Message = metav1.ConditionFalse, "KEDAJobCreateFailed", err.Error()
	case d.Failed && d.Active:
		ready.Status, ready.Reason, ready.Message = metav1.ConditionUnknown, "PartialTriggerError", "Some triggers defined in ScaledJob are not working correctly"
	case d.Failed:
		ready.Status, ready.Reason, ready.Message = metav1.ConditionFalse, "TriggerError", "Triggers defined in ScaledJob are not working correctly"
	}
	if d.Active {
		return Conditions{ready, {ConditionActive, metav1.ConditionTrue, "ScalerActive", jobsActive}}
	}
	return Conditions{ready, {ConditionActive, metav1.ConditionFalse, "ScalerNotActive", jobsInactive}}
}

const (
	jobsActive   = "Scaling is performed because triggers are active"
	jobsInactive = "Scaling is not performed because triggers are not active"
)

// Events are the events to record, in upstream's words.
func (d *JobDecision) Events() []Event {
	if d.Rule == RulePaused {
		return nil
	}
	var out []Event
	for _, err := range d.failures {
		out = append(out, Event{corev1.EventTypeWarning, "KEDAJobCreateFailed", fmt.Sprintf("Failed to create job %s-: %v", d.name, err)})
	}
	if d.Create > 0 {
		out = append(out, Event{corev1.EventTypeNormal, "KEDAJobsCreated", fmt.Sprintf("Created %d jobs", d.Create)})
	}
	switch {
	case d.Active && !d.wasActive:
		out = append(out, Event{corev1.EventTypeNormal, "ScaledJobActive", jobsActive})
	case !d.Active && d.wasActive:
		out = append(out, Event{corev1.EventTypeNormal, "ScaledJobInactive", jobsInactive})
	}
	return out
}

// MarshalJSON adds the error's text, the conditions and the events to the fields.
func (d JobDecision) MarshalJSON() ([]byte, error) {
	type fields JobDecision
	text := ""
	if err := d.Failure(); err != nil {
		text = err.Error()
	}
	return json.Marshal(struct {
		fields
		Err        string     `json:"error,omitempty"`
		Conditions Conditions `json:"conditions,omitempty"`
		Events     []Event    `json:"events,omitempty"`
	}{fields(d), text, d.Conditions(), d.Events()})
}

// Rollover is J11: the jobs to delete when a ScaledJob's specification has changed, with the propagation policy. Under the
// immediate strategy those are all jobs whose generation is missing or another one; under gradual none.
func Rollover(sj *ScaledJob, jobs []Job) (stale []string, policy metav1.DeletionPropagation) {
	policy = metav1.DeletePropagationBackground
	if sj.Spec.Rollout.PropagationPolicy == "foreground" {
		policy = metav1.DeletePropagationForeground
	}
	strategy := sj.Spec.RolloutStrategy // the old field wins where both are set
	if strategy == "" {
		strategy = sj.Spec.Rollout.Strategy
	}
	if strategy == "gradual" {
		return nil, policy
	}
	generation := strconv.FormatInt(sj.Generation, 10)
	for i := range jobs {
		if jobs[i].Generation != generation {
			stale = append(stale, jobs[i].Name)
		}
	}
	slices.Sort(stale)
	return stale, policy
}
