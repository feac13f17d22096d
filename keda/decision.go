package keda

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Rule names the branch by which a decision was made.
type Rule string

// The branches of a decision about a ScaledObject.
const (
	// RuleUnreadable: the workload could not be read, nothing is done.
	RuleUnreadable Rule = "Unreadable"
	// RulePaused: an annotation stops the object.
	RulePaused Rule = "Paused"
	// RuleActivate: the object is active and its workload is started.
	RuleActivate Rule = "Activate"
	// RuleScaleOutPaused: the workload should be raised, but an annotation forbids it.
	RuleScaleOutPaused Rule = "ScaleOutPaused"
	// RulePartialError: the object is active and its workload runs, but some trigger failed.
	RulePartialError Rule = "PartialError"
	// RuleActive: the object is active and its workload runs; the HorizontalPodAutoscaler does the rest.
	RuleActive Rule = "Active"
	// RuleHoldForFallback: triggers failed, and the replicas are held until the fallback takes over.
	RuleHoldForFallback Rule = "HoldForFallback"
	// RuleTriggerError: triggers failed without a fallback, and the replicas are held.
	RuleTriggerError Rule = "TriggerError"
	// RuleDeactivate: the object is inactive for long enough and its workload is stopped.
	RuleDeactivate Rule = "Deactivate"
	// RuleScaleInPaused: the workload should be stopped, but an annotation forbids it.
	RuleScaleInPaused Rule = "ScaleInPaused"
	// RuleCoolingDown: the object is inactive, but not for long enough.
	RuleCoolingDown Rule = "CoolingDown"
	// RuleRaiseToMinimum: the object is inactive and its workload is raised to the minimum.
	RuleRaiseToMinimum Rule = "RaiseToMinimum"
	// RuleInactive: the object is inactive and nothing needs doing.
	RuleInactive Rule = "Inactive"
)

// Decision is what KEDA does with the workload of a ScaledObject, and why.
type Decision struct {
	// Rule is the branch by which the decision was made.
	Rule Rule `json:"rule"`
	// Scale tells whether the workload is scaled.
	Scale bool `json:"scale"`
	// From is the replicas before.
	From int32 `json:"from"`
	// To is the replicas after; the same as From unless Scale is set.
	To int32 `json:"to"`
	// Active tells whether the object counts as active.
	Active bool `json:"active"`
	// Forced tells whether an annotation makes it count as active, whatever the triggers say.
	Forced bool `json:"forced,omitempty"`
	// Failed tells whether a trigger gave no reading.
	Failed bool `json:"failed,omitempty"`
	// Min is the floor that the decision went by.
	Min int32 `json:"min"`
	// Idle is the replicas of an idle workload, nil if the object does not set them.
	Idle *int32 `json:"idle,omitempty"`
	// Why lists the reasons in the order in which they decided.
	Why []Reason `json:"why"`
	// LastActive is the time of activity to remember; zero to leave the old one alone.
	LastActive time.Time `json:"lastActive,omitzero"`
	// Recheck is the moment after which time alone changes the decision; zero if it does not.
	Recheck time.Time `json:"recheck,omitzero"`
	// Activity tells which metrics are active.
	Activity []MetricActivity `json:"activity,omitempty"`
	// Err is why the workload could not be read, or not be written.
	Err error `json:"-"`

	target      target
	hpa         *autoscalingv2.HorizontalPodAutoscalerCondition
	metrics     []string
	lastActive  time.Time // before the decision
	writeFailed bool
}

// target is what messages call the workload by.
type target struct{ kind, namespace, name string }

func (t target) String() string { return t.kind + " " + t.namespace + "/" + t.name }

// MetricActivity tells whether a metric is active.
type MetricActivity struct {
	// Metric is the metric's name.
	Metric string `json:"metric"`
	// Active is true while it is active.
	Active bool `json:"active"`
}

// ReasonCode says what kind of fact a [Reason] is.
type ReasonCode string

// The facts that decide about a ScaledObject.
const (
	// TargetUnreadable: the workload's replicas are unknown.
	TargetUnreadable ReasonCode = "TargetUnreadable"
	// PausedByAnnotation: an annotation forbids it.
	PausedByAnnotation ReasonCode = "PausedByAnnotation"
	// ForcedByAnnotation: an annotation counts as an active trigger.
	ForcedByAnnotation ReasonCode = "ForcedByAnnotation"
	// TriggersActive: Value metrics are active.
	TriggersActive ReasonCode = "TriggersActive"
	// TriggersInactive: no trigger is active.
	TriggersInactive ReasonCode = "TriggersInactive"
	// TriggersFailed: a trigger gave no reading.
	TriggersFailed ReasonCode = "TriggersFailed"
	// AtZero: the workload has no replicas.
	AtZero ReasonCode = "AtZero"
	// BelowMinimum: the workload has Value replicas, fewer than the minimum of Limit.
	BelowMinimum ReasonCode = "BelowMinimum"
	// AlreadyRunning: the workload has Value replicas.
	AlreadyRunning ReasonCode = "AlreadyRunning"
	// FallbackConfigured: the fallback has Value replicas.
	FallbackConfigured ReasonCode = "FallbackConfigured"
	// FallbackToZero: the fallback has 0 replicas, so failing triggers do not hold the workload (E5).
	FallbackToZero ReasonCode = "FallbackToZero"
	// NoFallback: there is no fallback.
	NoFallback ReasonCode = "NoFallback"
	// InitialCooldown: Value seconds are counted from the object's creation At.
	InitialCooldown ReasonCode = "InitialCooldown"
	// Cooldown: Value seconds are counted from At.
	Cooldown ReasonCode = "Cooldown"
	// CooldownEnds: the cooldown is over after At.
	CooldownEnds ReasonCode = "CooldownEnds"
	// AboveCooldownFrom: the workload has Value replicas, more than the Limit that a cooldown starts from.
	AboveCooldownFrom ReasonCode = "AboveCooldownFrom"
	// NothingToDo: the workload has the Value replicas that it should have.
	NothingToDo ReasonCode = "NothingToDo"
)

// Reason is one fact that decided, with its numbers.
type Reason struct {
	// Code says which fact it is.
	Code ReasonCode `json:"code"`
	// Value is the number that the code speaks of.
	Value int64 `json:"value,omitempty"`
	// Limit is the number that the code holds Value against.
	Limit int64 `json:"limit,omitempty"`
	// At is the time that the code speaks of.
	At time.Time `json:"at,omitzero"`
}

// Failure is the decision's error in upstream's words, nil if there is none.
func (d *Decision) Failure() error {
	switch {
	case d.Err == nil:
		return nil
	case d.Rule == RuleUnreadable:
		return fmt.Errorf("%w: %w", ErrReading, d.Err)
	case d.Rule == RuleActivate:
		return fmt.Errorf("%w: %w", ErrActivating, d.Err)
	case d.Rule == RuleRaiseToMinimum:
		return fmt.Errorf("%w: %w", ErrRaising, d.Err)
	}
	return fmt.Errorf("%w: %w", ErrDeactivating, d.Err)
}

// Conditions are the conditions to write, in upstream's order and words. [Conditions.Merge] puts them into a status.
func (d *Decision) Conditions() Conditions {
	ready := Condition{ConditionReady, metav1.ConditionTrue, "ScaledObjectReady", "ScaledObject is defined correctly and is ready for scaling"}
	switch {
	case d.Rule == RuleUnreadable:
		// Upstream begins the condition's message with a capital letter, the error with a small one.
		return Conditions{{ConditionReady, metav1.ConditionFalse, "ErrorGettingCurrentReplicas", "E" + d.Failure().Error()[1:]}}
	case d.Rule == RulePaused:
		return Conditions{ready, {ConditionPaused, metav1.ConditionTrue, "ScaledObjectPaused", "ScaledObject is paused"}}
	case d.writeFailed:
		ready.Status, ready.Reason, ready.Message = metav1.ConditionFalse, "ErrorScalingTarget", d.Failure().Error()
	case d.Rule == RulePartialError:
		ready.Status, ready.Reason, ready.Message = metav1.ConditionUnknown, "PartialTriggerError", "Some triggers defined in ScaledObject are not working correctly"
	case d.Rule == RuleTriggerError:
		ready.Status, ready.Reason, ready.Message = metav1.ConditionFalse, "TriggerError", "Triggers defined in ScaledObject are not working correctly"
	}
	active := Condition{ConditionActive, metav1.ConditionFalse, "ScalerNotActive", "Scaling is not performed because triggers are not active"}
	switch {
	case d.Forced:
		active.Status, active.Reason, active.Message = metav1.ConditionTrue, "ScalerActive", "Scaling is performed because activation is being forced by annotation"
	case d.Active:
		active.Status, active.Reason, active.Message = metav1.ConditionTrue, "ScalerActive", "Scaling is performed because triggers are active"
	case d.Rule == RuleCoolingDown:
		active.Reason, active.Message = "ScalerCooldown", "Scaler cooling down because triggers are not active"
	}
	out := Conditions{ready, active}
	if d.hpa != nil {
		out = append(out, hpaActive(d.hpa))
	}
	return out
}

// hpaActive mirrors the HorizontalPodAutoscaler's ScalingActive condition (E8).
func hpaActive(c *autoscalingv2.HorizontalPodAutoscalerCondition) Condition {
	switch {
	case c.Status == corev1.ConditionTrue:
		return Condition{ConditionHPAActive, metav1.ConditionTrue, "HPAActive", "HPA is actively scaling"}
	case c.Reason == "ScalingDisabled":
		return Condition{ConditionHPAActive, metav1.ConditionTrue, "ScalingDisabled", c.Message}
	}
	reason := c.Reason
	if reason == "" {
		reason = "HPAMetricsUnavailable"
	}
	return Condition{ConditionHPAActive, metav1.ConditionFalse, reason, "HPA is not actively scaling: " + c.Message}
}

// Event is a Kubernetes event.
type Event struct {
	// Type is Normal or Warning.
	Type string `json:"type"`
	// Reason is the reason in one word, as upstream spells it.
	Reason string `json:"reason"`
	// Message is what happened, as upstream words it.
	Message string `json:"message"`
}

// String is the event on one line.
func (e Event) String() string { return e.Type + " " + e.Reason + " " + e.Message }

// Events are the events to record, in upstream's words.
func (d *Decision) Events() []Event {
	if !d.Scale {
		return nil
	}
	switch {
	case d.Rule == RuleActivate && d.writeFailed:
		return []Event{{corev1.EventTypeWarning, "KEDAScaleTargetActivationFailed", fmt.Sprintf("Failed to scale %s from %d to %d: %v", d.target, d.From, d.To, d.Err)}}
	case d.Rule == RuleActivate && d.Forced:
		return []Event{{corev1.EventTypeNormal, "KEDAScaleTargetActivated", fmt.Sprintf("Scaled %s from %d to %d, caused by forced activation annotation", d.target, d.From, d.To)}}
	case d.Rule == RuleActivate:
		return []Event{{corev1.EventTypeNormal, "KEDAScaleTargetActivated", fmt.Sprintf("Scaled %s from %d to %d, triggered by %s", d.target, d.From, d.To, strings.Join(d.metrics, ";"))}}
	case d.Rule == RuleDeactivate && d.writeFailed:
		return []Event{{corev1.EventTypeWarning, "KEDAScaleTargetDeactivationFailed", fmt.Sprintf("Failed to deactivate %s from %d to %d: %v", d.target, d.From, d.To, d.Err)}}
	case d.Rule == RuleDeactivate:
		return []Event{{corev1.EventTypeNormal, "KEDAScaleTargetDeactivated", fmt.Sprintf("Deactivated %s from %d to %d", d.target, d.From, d.To)}}
	}
	return nil
}

// TriggersActivity is [Decision.Activity] in the form of the object's status. Entries of the status that are not in it are
// to be deleted (E9).
func (d *Decision) TriggersActivity() map[string]TriggerActivityStatus {
	out := make(map[string]TriggerActivityStatus, len(d.Activity))
	for _, a := range d.Activity {
		out[a.Metric] = TriggerActivityStatus{a.Active}
	}
	return out
}

// MarshalJSON adds the error's text, the conditions and the events to the fields.
func (d Decision) MarshalJSON() ([]byte, error) {
	type fields Decision
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

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
