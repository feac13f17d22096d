package keda

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
)

// TickInput is everything that one pass of the scale loop over a ScaledObject depends on.
type TickInput struct {
	// Now is the time of the tick.
	Now time.Time
	// Object is the ScaledObject; see [Input.Object].
	Object *ScaledObject
	// Readings are what the triggers gave, by rising trigger index and, within a trigger, in the order of its metrics.
	// Triggers of type cpu and memory have none.
	Readings []Reading
	// Workload is the workload as it was read.
	Workload Workload
	// HPA is the ScalingActive condition of the HorizontalPodAutoscaler, nil if there is none to be seen.
	HPA *autoscalingv2.HorizontalPodAutoscalerCondition
	// Formula is the compiled formula of the object's scaling modifiers, see [CompileFormula]; nil without them.
	Formula Formula
	// BuildErr is set where the triggers or the formula could not even be set up. The tick then ends without any action
	// (A6).
	BuildErr error
}

// TickDecision is what one pass of the scale loop does.
type TickDecision struct {
	// Aborted is why the tick ended before the workload was looked at; nil if it went through.
	Aborted error `json:"-"`
	// Readings tells what each reading counts as, in the order of the input.
	Readings []ReadingDecision `json:"readings,omitempty"`
	// Composition is what scaling modifiers made of the metrics; nil without them.
	Composition *Composition `json:"composition,omitempty"`
	// FallbackChanged tells whether falling back began or ended with this tick, FellBack whether any reading fell back.
	FallbackChanged bool `json:"fallbackChanged,omitempty"`
	// FellBack tells whether any reading fell back.
	FellBack bool `json:"fellBack,omitempty"`
	// Active tells whether the triggers, or the formula, want the workload to run; Failed whether a trigger failed.
	Active bool `json:"active"`
	// Failed tells whether a trigger failed.
	Failed bool `json:"failed,omitempty"`
	// Scale is the decision about the workload; nil where the tick was aborted.
	Scale *Decision `json:"scale,omitempty"`

	health    bool
	state     State
	modifiers bool
	threshold int32
}

// ReadingDecision is what one reading counts as in a tick.
type ReadingDecision struct {
	// Trigger and Metric say which reading it is.
	Trigger int `json:"trigger"`
	// Metric is the metric's name.
	Metric string `json:"metric"`
	FallbackDecision
	// Active tells whether the reading counts as active.
	Active bool `json:"active"`
	// Failure is the text of the error that is passed on.
	Failure string `json:"failure,omitempty"`
}

// ErrActivationTarget is why a tick is aborted over an activation target that is no number (A4).
var ErrActivationTarget = errors.New("spec.advanced.scalingModifiers.activationTarget is not a number")

// Tick is one pass of KEDA's scale loop over a ScaledObject: from the readings of its triggers, over fallback and scaling
// modifiers, to the decision about its workload.
//
// The returned state is the one after a successful write; see [Decide]. The error is [ErrInvalid] and says which field
// makes no sense.
func Tick(cfg Config, in TickInput, st State) (TickDecision, State, error) {
	if in.Object == nil {
		return TickDecision{}, st, invalid("object", "missing")
	}
	if err := cfg.validate(); err != nil {
		return TickDecision{}, st, err
	}
	so := in.Object
	d := TickDecision{modifiers: so.modifiersInUse(), state: st}
	if so.Spec.Fallback != nil {
		d.threshold = so.Spec.Fallback.FailureThreshold
	}
	if in.BuildErr != nil {
		d.Aborted = in.BuildErr
		return d, st, nil
	}
	if d.modifiers && in.Formula == nil {
		return d, st, invalid("formula", "missing although spec.advanced.scalingModifiers is set")
	}
	t := tick{cfg: cfg, in: &in, d: &d, pairs: map[string]string{}}
	fellBack := st.FellBack
	st, err := t.read(st)
	d.state = st
	if err != nil {
		return d, st, err
	}
	if t.combine(); d.modifiers {
		if err := t.compose(st); err != nil {
			d.Aborted = err
			return d, st, nil
		}
	}
	// A3: nothing but cpu and memory keeps an object active.
	if !d.Failed && onlyResources(so) {
		d.Active = true
	}
	d.FallbackChanged = d.FellBack != fellBack
	d.Scale = new(Decision)
	next, err := DecideInto(&cfg, &Input{
		Now: in.Now, Object: so, Replicas: in.Workload.Replicas, ReplicasErr: in.Workload.ReplicasErr,
		Active: d.Active, Failed: d.Failed, ActiveMetrics: t.active, HPA: in.HPA,
	}, st, d.Scale)
	return d, next, err
}

// tick is the work of one pass.
type tick struct {
	cfg      Config
	in       *TickInput
	d        *TickDecision
	triggers []triggerState
	values   []MetricValue
	fallback []MetricValue
	pairs    map[string]string
	active   []string
	// keepPairs gives every metric of a trigger its name, not the last alone.
	keepPairs bool
}

// triggerState is what one trigger's readings come to.
type triggerState struct {
	active, failed bool
	metrics        []string
}

// read takes the readings in, trigger by trigger.
func (t *tick) read(st State) (State, error) {
	so, last := t.in.Object, -1
	h, counted := health{was: st.Health}, FallbackValid(t.cfg, so)
	t.d.Readings = make([]ReadingDecision, 0, len(t.in.Readings))
	for i := range t.in.Readings {
		r := &t.in.Readings[i]
		switch {
		case r.Trigger < 0 || r.Trigger < last:
			return st, invalid(fmt.Sprintf("readings[%d].trigger", i), "%d must not be negative or stand behind %d", r.Trigger, last)
		case r.Trigger >= len(so.Spec.Triggers):
			return st, invalid(fmt.Sprintf("readings[%d].trigger", i), "%d of %d triggers", r.Trigger, len(so.Spec.Triggers))
		case r.Trigger > last:
			t.triggers = append(t.triggers, triggerState{})
			last = r.Trigger
		}
		f, err := h.decide(&t.cfg, so, r, &t.in.Workload, counted)
		if err != nil {
			return st, fmt.Errorf("readings[%d]: %w", i, err)
		}
		t.take(r, f)
	}
	err := h.keep(&st, so.Spec.Fallback)
	return st, err
}

func (t *tick) take(r *Reading, f FallbackDecision) {
	state := &t.triggers[len(t.triggers)-1]
	out := ReadingDecision{Trigger: r.Trigger, Metric: r.Metric, FallbackDecision: f}
	for i := range f.Values {
		state.metrics = append(state.metrics, f.Values[i].Name)
	}
	t.values = append(t.values, f.Values...)
	t.d.health = t.d.health || f.Counted
	if f.FellBack {
		t.d.FellBack = true
		t.fallback = append(t.fallback, f.Values...)
	}
	if f.Err != nil {
		state.failed, t.d.Failed, out.Failure = true, true, f.Err.Error()
	} else {
		// A1: the last of a trigger's metrics decides; one that fell back is active.
		out.Active = r.Active && r.Err == nil || f.FellBack
		state.active = out.Active
	}
	if t.in.Object.modifiers().Formula != "" {
		t.pair(r)
	}
	t.d.Readings = append(t.d.Readings, out)
}

// pair notes which trigger name a metric stands under. Of a trigger with several metrics the last alone has a name, and
// without a name of its own a trigger has none (M8).
func (t *tick) pair(r *Reading) {
	n := len(t.d.Readings)
	if !t.keepPairs && n > 0 && t.d.Readings[n-1].Trigger == r.Trigger {
		delete(t.pairs, t.d.Readings[n-1].Metric)
	}
	if name := t.in.Object.Spec.Triggers[r.Trigger].Name; name != "" {
		t.pairs[r.Metric] = name
	}
}

// combine is A2, or one of the other ways to make one activity of several.
func (t *tick) combine() {
	all := len(t.triggers) > 0
	for i := range t.triggers {
		s := &t.triggers[i]
		if t.cfg.Combine == CombinePriority && !s.failed {
			if t.d.Active = s.active; s.active {
				t.active = s.metrics
			}
			return
		}
		all = all && s.active && !s.failed
		if s.active && t.cfg.Combine != CombinePriority {
			t.d.Active = true
			t.active = append(t.active, s.metrics...)
		}
	}
	if t.cfg.Combine == CombineAll && !all {
		t.d.Active, t.active = false, nil
	}
}

// compose is A4: with scaling modifiers the composite metric alone makes an object active.
func (t *tick) compose(st State) error {
	so, d := t.in.Object, t.d
	c := Compose(t.cfg, ComposeInput{
		Now: t.in.Now, Object: so, Formula: t.in.Formula, Values: t.values, Trigger: t.pairs,
		FellBack: d.FellBack, FallbackValues: t.fallback, Health: st.Health,
	})
	d.Composition = &c
	d.Active, t.active = false, nil
	if d.Failed {
		return nil
	}
	activation, err := activationTarget(so)
	if err != nil {
		return err
	}
	for i := range c.Values {
		if c.Values[i].Value.AsApproximateFloat64() > activation {
			d.Active, t.active = true, []string{c.Values[i].Name}
			return nil
		}
	}
	return nil
}

func activationTarget(so *ScaledObject) (float64, error) {
	text := so.modifiers().ActivationTarget
	if text == "" {
		return 0, nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: %q", ErrActivationTarget, text)
	}
	return x, nil
}

func onlyResources(so *ScaledObject) bool {
	for i := range so.Spec.Triggers {
		if !resourceTrigger(so.Spec.Triggers[i].Type) {
			return false
		}
	}
	return true
}

// Conditions are the conditions to write: that of the fallback where failures are counted, and those of the decision about
// the workload.
func (d *TickDecision) Conditions() Conditions {
	var out Conditions
	if d.health {
		out = Conditions{d.state.FallbackCondition()}
	}
	if d.Scale != nil {
		out = out.Merge(d.Scale.Conditions())
	}
	return out
}

// Events are the events to record, in upstream's words.
func (d *TickDecision) Events() []Event {
	var out []Event
	reason := "KEDAScalerFailed"
	if d.modifiers {
		reason = "KEDAMetricSourceFailed"
	}
	for i := range d.Readings {
		if d.Readings[i].Err != nil {
			out = append(out, Event{corev1.EventTypeWarning, reason, d.Readings[i].Failure})
		}
	}
	switch {
	case d.FallbackChanged && d.FellBack:
		out = append(out, Event{corev1.EventTypeNormal, "ScaledObjectFallbackActivated", "ScaledObject fallback is active"})
	case d.FallbackChanged:
		out = append(out, Event{corev1.EventTypeNormal, "ScaledObjectFallbackDeactivated", "ScaledObject fallback is no longer active"})
	}
	if d.Scale != nil {
		out = append(out, d.Scale.Events()...)
	}
	return out
}

// MarshalJSON adds the text of the error and the events to the fields.
func (d TickDecision) MarshalJSON() ([]byte, error) {
	type fields TickDecision
	text := ""
	if d.Aborted != nil {
		text = d.Aborted.Error()
	}
	return json.Marshal(struct {
		fields
		Aborted string  `json:"aborted,omitempty"`
		Events  []Event `json:"events,omitempty"`
	}{fields(d), text, d.Events()})
}
