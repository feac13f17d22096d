package keda

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ConditionType names a condition of a ScaledObject or ScaledJob.
type ConditionType string

// The conditions.
const (
	// ConditionReady tells whether the object is defined well and its triggers answer.
	ConditionReady ConditionType = "Ready"
	// ConditionActive tells whether any trigger is active.
	ConditionActive ConditionType = "Active"
	// ConditionFallback tells whether any trigger fell back.
	ConditionFallback ConditionType = "Fallback"
	// ConditionPaused tells whether an annotation stops the object.
	ConditionPaused ConditionType = "Paused"
	// ConditionHPAActive mirrors ScalingActive of the HorizontalPodAutoscaler.
	ConditionHPAActive ConditionType = "HPAActive"
)

// Condition is one condition of an object's status.
type Condition struct {
	// Type names the condition.
	Type ConditionType `json:"type"`
	// Status is True, False or Unknown.
	Status metav1.ConditionStatus `json:"status"`
	// Reason is the reason in one word, as upstream spells it.
	Reason string `json:"reason,omitempty"`
	// Message is the reason in words, as upstream words it.
	Message string `json:"message,omitempty"`
}

// Conditions are the conditions of an object's status, one a type.
type Conditions []Condition

// InitialConditions are those of a new object.
func InitialConditions() Conditions {
	return Conditions{
		{Type: ConditionReady, Status: metav1.ConditionUnknown},
		{Type: ConditionActive, Status: metav1.ConditionUnknown},
		{Type: ConditionFallback, Status: metav1.ConditionUnknown},
		{Type: ConditionPaused, Status: metav1.ConditionFalse},
	}
}

// Status returns the status of a condition, empty if it is not there.
func (c Conditions) Status(of ConditionType) metav1.ConditionStatus {
	for i := range c {
		if c[i].Type == of {
			return c[i].Status
		}
	}
	return ""
}

// set overwrites the condition of that type in place, or appends it.
func (c *Conditions) set(with Condition) {
	for i := range *c {
		if (*c)[i].Type == with.Type {
			(*c)[i] = with
			return
		}
	}
	*c = append(*c, with)
}

// Merge returns the conditions with those of a decision written over them: by type, in place, and never removing one (E9).
func (c Conditions) Merge(decided Conditions) Conditions {
	out := slices.Clone(c)
	for _, d := range decided {
		out.set(d)
	}
	return out
}
