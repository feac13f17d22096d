package keda

import (
	"errors"
	"maps"
	"math"
	"strconv"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// CompositeMetric is the name of the metric that scaling modifiers compute.
const CompositeMetric = "composite-metric"

// ErrFallback is what a failed reading becomes when its fallback fails too, in upstream's words.
var ErrFallback = errors.New("error performing fallback")

// MetricValue is one value of a metric, as the external metrics API gives it.
type MetricValue struct {
	// Name is the metric's name.
	Name string `json:"name"`
	// Value is its value.
	Value resource.Quantity `json:"value"`
}

// Workload is what a tick needs to know of the workload beside its readings.
type Workload struct {
	// Replicas is the workload's spec.replicas; a workload that leaves it out has 1.
	Replicas int32
	// ReplicasErr is set where the workload could not be read.
	ReplicasErr error
	// ReadyPods is the number of the workload's pods that run and are ready. It matters only for a fallback whose target
	// is of type Value.
	ReadyPods int32
	// ReadyPodsErr is set where the pods could not be read.
	ReadyPodsErr error
}

// Reading is what one query of a trigger for one metric gave.
type Reading struct {
	// Trigger is the trigger's place in spec.triggers.
	Trigger int
	// Metric is the metric's name, such as "s0-prometheus".
	Metric string
	// Target is the metric's target.
	Target autoscalingv2.MetricTarget
	// Values are the metric's values, usually one.
	Values []MetricValue
	// Active tells whether the trigger wants the workload to run.
	Active bool
	// Err is set where the query failed. Values and Active are then ignored.
	Err error
}

// FallbackDecision is what a reading counts as once the fallback had its say.
type FallbackDecision struct {
	// Values are the values that count.
	Values []MetricValue `json:"values,omitempty"`
	// FellBack tells whether they come from the fallback.
	FellBack bool `json:"fellBack,omitempty"`
	// Placeholder tells whether the reading stands for nil in a formula.
	Placeholder bool `json:"placeholder,omitempty"`
	// Replicas is the number of replicas that the fallback's value stands for, before it is divided by ReadyPods.
	Replicas int32 `json:"replicas,omitempty"`
	// Failures is the number of failures in a row, where they are counted.
	Failures int32 `json:"failures,omitempty"`
	// Counted tells whether the reading changed the health of its metric at all: only under a valid fallback.
	Counted bool `json:"counted,omitempty"`
	// Err is the error that is passed on; nil where the reading or the fallback gave a value.
	Err error `json:"-"`
}

// DecideFallback says what one reading counts as: itself, the fallback's value, or an error. It counts failures in the
// state (F1 to F10).
//
// The error returned beside is [ErrInvalid], for input that makes no sense.
func DecideFallback(cfg Config, so *ScaledObject, r Reading, w Workload, st State) (FallbackDecision, State, error) {
	if so == nil {
		return FallbackDecision{}, st, invalid("object", "missing")
	}
	h := health{was: st.Health}
	d, err := h.decide(&cfg, so, &r, &w, FallbackValid(cfg, so))
	if err != nil {
		return d, st, err
	}
	err = h.keep(&st, so.Spec.Fallback)
	return d, st, err
}

// decide is [DecideFallback] for one of many readings; counted tells whether the object's fallback can work.
func (h *health) decide(cfg *Config, so *ScaledObject, r *Reading, w *Workload, counted bool) (FallbackDecision, error) {
	switch {
	case r.Err == nil && counted:
		h.set(r.Metric, HealthStatus{new(int32), HealthStatusHappy})
		return FallbackDecision{Values: r.Values, Counted: true}, nil
	case r.Err == nil:
		return FallbackDecision{Values: r.Values}, nil
	case !counted:
		return FallbackDecision{Err: r.Err}, nil
	}
	fallback := so.Spec.Fallback
	d := FallbackDecision{Err: r.Err, Counted: true, Failures: h.failed(r.Metric)}
	if d.Failures <= fallback.FailureThreshold {
		return d, nil
	}
	if fallback.Behavior == FallbackScalingModifiers {
		// A stand-in that the formula sees as nil; it is neither a fallback nor an error (F5).
		d.Placeholder, d.Err = true, nil
		d.Values = []MetricValue{{r.Metric, *resource.NewQuantity(-1, resource.DecimalSI)}}
		return d, nil
	}
	// F5: every behaviour but static reads the replicas, the unknown ones too.
	if fallback.Behavior != FallbackStatic && w.ReplicasErr != nil {
		return d, nil
	}
	d.Replicas = fallbackReplicas(fallback, w.Replicas)
	value, ok, err := fallbackValue(*cfg, so, *r, d.Replicas, *w)
	if err != nil {
		return d, err
	}
	if !ok {
		d.Err = ErrFallback
		return d, nil
	}
	name := r.Metric
	if so.modifiersInUse() {
		name = CompositeMetric
	}
	d.FellBack, d.Err, d.Values = true, nil, []MetricValue{{name, value}}
	return d, nil
}

// FallbackValid is rule F1: whether the object has a fallback that can work.
func FallbackValid(cfg Config, so *ScaledObject) bool {
	f := so.Spec.Fallback
	if f == nil || f.FailureThreshold < 0 || f.Replicas < 0 {
		return false
	}
	if !so.modifiersInUse() {
		return true
	}
	if cfg.fixes().FractionalFallbackTarget {
		target, err := strconv.ParseFloat(so.modifiers().Target, 64)
		return err == nil && target > 0
	}
	target, err := strconv.ParseInt(so.modifiers().Target, 10, 64)
	return err == nil && target > 0
}

// fallbackReplicas is F6.
func fallbackReplicas(f *Fallback, current int32) int32 {
	switch f.Behavior {
	case FallbackCurrentReplicas:
		return current
	case FallbackCurrentReplicasIfHigher:
		return max(current, f.Replicas)
	case FallbackCurrentReplicasIfLower:
		return min(current, f.Replicas)
	}
	return f.Replicas
}

// fallbackValue is F7 and F8; not ok where there are no ready pods to divide by.
func fallbackValue(cfg Config, so *ScaledObject, r Reading, replicas int32, w Workload) (value resource.Quantity, ok bool, err error) {
	modifiers, kind := so.modifiers(), r.Target.Type
	if so.modifiersInUse() {
		kind = modifiers.MetricType
	}
	count := float64(replicas)
	if kind == autoscalingv2.ValueMetricType {
		if w.ReplicasErr != nil || w.ReadyPodsErr != nil || w.ReadyPods == 0 {
			return value, false, nil
		}
		count /= float64(w.ReadyPods)
	}
	target := 0.0
	switch {
	case so.modifiersInUse():
		target, _ = strconv.ParseFloat(modifiers.Target, 64)
	case kind == autoscalingv2.AverageValueMetricType && r.Target.AverageValue == nil:
		return value, false, invalid("target.averageValue of "+r.Metric, "missing")
	case kind == autoscalingv2.AverageValueMetricType:
		target = r.Target.AverageValue.AsApproximateFloat64()
	case kind == autoscalingv2.ValueMetricType && r.Target.Value == nil:
		return value, false, invalid("target.value of "+r.Metric, "missing")
	case kind == autoscalingv2.ValueMetricType:
		target = r.Target.Value.AsApproximateFloat64()
	}
	return *resource.NewMilliQuantity(thousandths(cfg, target*1000*count), resource.DecimalSI), true, nil
}

// thousandths cuts off as KEDA does, or rounds.
func thousandths(cfg Config, x float64) int64 {
	if cfg.fixes().RoundToNearest {
		x = math.Round(x)
	}
	return truncated(x)
}

// health is F2: the failures by metric, changed in a copy.
type health struct{ was, is map[string]HealthStatus }

func (h *health) set(metric string, status HealthStatus) {
	if h.is == nil {
		h.is = make(map[string]HealthStatus, len(h.was)+1)
		maps.Copy(h.is, h.was)
	}
	h.is[metric] = status
}

func (h *health) get(metric string) HealthStatus {
	if h.is != nil {
		return h.is[metric]
	}
	return h.was[metric]
}

// failed counts one failure more. It wraps after 2147483647 of them, as upstream's counter does.
func (h *health) failed(metric string) int32 {
	failures := or(h.get(metric).NumberOfFailures, 0) + 1
	h.set(metric, HealthStatus{&failures, HealthStatusFailing})
	return failures
}

// keep puts what was counted into the state.
func (h *health) keep(st *State, f *Fallback) error {
	if h.is == nil {
		return nil
	}
	fellBack, missing := false, ""
	for name, s := range h.is {
		switch {
		case s.Status != HealthStatusFailing:
		case s.NumberOfFailures == nil:
			if missing == "" || name < missing {
				missing = name
			}
		case *s.NumberOfFailures > f.FailureThreshold:
			fellBack = true
		}
	}
	if missing != "" {
		return invalid("status.health["+missing+"].numberOfFailures", "missing although the metric is failing")
	}
	st.Health, st.FellBack = h.is, fellBack
	return nil
}

// FallbackCondition is the condition that belongs to a state in which failures are counted.
func (st State) FallbackCondition() Condition {
	if st.FellBack {
		return Condition{ConditionFallback, metav1.ConditionTrue, "FallbackExists", "At least one trigger is falling back on this scaled object"}
	}
	return Condition{ConditionFallback, metav1.ConditionFalse, "NoFallbackFound", "No fallbacks are active on this scaled object"}
}
