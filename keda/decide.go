package keda

import (
	"errors"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

// Input is everything that the decision about a ScaledObject's replicas depends on, once its triggers have been read.
// [Tick] makes it from readings.
type Input struct {
	// Now is the time of the decision.
	Now time.Time
	// Object is the ScaledObject. Of its status only scaleTargetKind, externalMetricNames, triggersActivity and hpaName
	// are read; what must live between ticks is in [State].
	Object *ScaledObject
	// Replicas is the workload's spec.replicas; a workload that leaves it out has 1.
	Replicas int32
	// ReplicasErr is set where the workload could not be read.
	ReplicasErr error
	// Active tells whether the triggers want the workload to run, Failed whether any of them gave no reading.
	Active, Failed bool
	// ActiveMetrics names the metrics that are active.
	ActiveMetrics []string
	// Push is the metric that a push event is about; empty in a tick.
	Push string
	// HPA is the ScalingActive condition of the HorizontalPodAutoscaler, nil if there is none to be seen. It is only
	// reported.
	HPA *autoscalingv2.HorizontalPodAutoscalerCondition
	// Switches are what the object's annotations say, read once by [SwitchesOf] for many decisions; nil to read them anew.
	Switches *Switches
}

// Decide says what KEDA does with the workload of a ScaledObject: start it, stop it, raise it to its minimum, or leave it
// to the HorizontalPodAutoscaler. The returned state is the one after a successful write; if the write fails, tell
// [Decision.WriteFailed].
//
// The error is [ErrInvalid] and says which field makes no sense.
func Decide(cfg Config, in Input, st State) (Decision, State, error) {
	var d Decision
	next, err := DecideInto(&cfg, &in, st, &d)
	return d, next, err
}

// DecideInto is [Decide] into a decision that is used again and again; it allocates nothing once the decision's lists have
// grown.
func DecideInto(cfg *Config, in *Input, st State, d *Decision) (State, error) {
	*d = Decision{Why: d.Why[:0], Activity: d.Activity[:0]}
	if in.Object == nil {
		return st, invalid("object", "missing")
	}
	if in.Object.Spec.ScaleTargetRef == nil {
		return st, invalid("spec.scaleTargetRef", "missing")
	}
	if in.Replicas < 0 && in.ReplicasErr == nil {
		return st, invalid("replicas", "%d is negative", in.Replicas)
	}
	if err := cfg.validate(); err != nil {
		return st, err
	}
	so := in.Object
	d.lastActive = st.LastActive
	d.From, d.To, d.Min, d.Idle = in.Replicas, in.Replicas, so.minReplicas(), so.Spec.IdleReplicaCount
	d.target = target{so.Status.ScaleTargetKind, so.Namespace, so.Spec.ScaleTargetRef.Name}
	d.Activity = activity(d.Activity, so, in)
	if in.ReplicasErr != nil {
		d.rule(RuleUnreadable, Reason{Code: TargetUnreadable})
		d.Err = in.ReplicasErr
		return st, nil
	}
	if in.paused() {
		d.rule(RulePaused, Reason{Code: PausedByAnnotation})
		return st, nil
	}
	d.Forced = in.forced()
	d.Active, d.Failed = in.Active || d.Forced, in.Failed
	d.hpa = in.HPA
	if so.Status.HpaName == "" {
		d.hpa = nil
	}
	d.metrics = in.ActiveMetrics
	st.low(cfg, in)
	if d.Active {
		d.active(cfg, in)
	} else {
		d.inactive(cfg, in, &st)
	}
	if !d.LastActive.IsZero() {
		st.LastActive = d.LastActive
	}
	return st, nil
}

// low follows since when the replicas have been low enough for a cooldown that does not start before.
func (st *State) low(cfg *Config, in *Input) {
	switch {
	case cfg.CooldownFrom == nil || in.Replicas > *cfg.CooldownFrom:
		st.LowSince = time.Time{}
	case st.LowSince.IsZero():
		st.LowSince = in.Now
	}
}

// active is E4.
func (d *Decision) active(cfg *Config, in *Input) {
	if d.Forced {
		d.because(Reason{Code: ForcedByAnnotation})
	} else {
		d.because(Reason{Code: TriggersActive, Value: int64(len(in.ActiveMetrics))})
	}
	switch {
	case d.From == 0 || d.Idle != nil && d.From < d.Min:
		if d.From == 0 {
			d.because(Reason{Code: AtZero})
		} else {
			d.because(Reason{Code: BelowMinimum, Value: int64(d.From), Limit: int64(d.Min)})
		}
		if in.scaleOutPaused() {
			d.rule(RuleScaleOutPaused, Reason{Code: PausedByAnnotation})
			return
		}
		d.scale(RuleActivate, max(d.Min, 1))
		d.LastActive = in.Now
	case d.Failed:
		d.rule(RulePartialError, Reason{Code: TriggersFailed})
		// E4.2: an error beside activity leaves the time of the last activity alone.
		if cfg.fixes().RefreshOnPartialError {
			d.LastActive = in.Now
		}
	default:
		d.rule(RuleActive, Reason{Code: AlreadyRunning, Value: int64(d.From)})
		d.LastActive = in.Now
	}
}

// inactive is E5.
func (d *Decision) inactive(cfg *Config, in *Input, st *State) {
	d.because(Reason{Code: TriggersInactive})
	if d.Failed {
		d.because(Reason{Code: TriggersFailed})
	}
	fallback := in.Object.Spec.Fallback
	switch {
	case d.Failed && fallback != nil && (fallback.Replicas != 0 || cfg.fixes().HoldAtZeroFallback):
		d.rule(RuleHoldForFallback, Reason{Code: FallbackConfigured, Value: int64(fallback.Replicas)})
	case d.Failed && fallback == nil:
		d.rule(RuleTriggerError, Reason{Code: NoFallback})
	case d.Idle != nil && d.From > *d.Idle || d.From > 0 && d.Min == 0:
		// Also reached with errors if fallback.replicas is 0: the hole between the two cases above (E5).
		if d.Failed {
			d.because(Reason{Code: FallbackToZero})
		}
		d.deactivate(cfg, in, st)
	case d.Idle == nil && d.From < d.Min:
		d.because(Reason{Code: BelowMinimum, Value: int64(d.From), Limit: int64(d.Min)})
		// E5.4: paused-scale-out is not asked here.
		if cfg.fixes().RespectPauseAtMinimum && in.scaleOutPaused() {
			d.rule(RuleScaleOutPaused, Reason{Code: PausedByAnnotation})
			return
		}
		d.scale(RuleRaiseToMinimum, d.Min)
	default:
		d.rule(RuleInactive, Reason{Code: NothingToDo, Value: int64(d.From)})
	}
}

// deactivate is E7.
func (d *Decision) deactivate(cfg *Config, in *Input, st *State) {
	so := in.Object
	if in.scaleInPaused() {
		d.rule(RuleScaleInPaused, Reason{Code: PausedByAnnotation})
		return
	}
	since, period, code := so.CreationTimestamp.Time, or(so.Spec.InitialCooldownPeriod, 0), InitialCooldown
	if !st.LastActive.IsZero() {
		since, period, code = st.LastActive, or(so.Spec.CooldownPeriod, 300), Cooldown
	}
	if cfg.CooldownFrom != nil {
		if d.From > *cfg.CooldownFrom {
			d.rule(RuleCoolingDown, Reason{Code: AboveCooldownFrom, Value: int64(d.From), Limit: int64(*cfg.CooldownFrom)})
			return
		}
		if st.LowSince.After(since) {
			since, period = st.LowSince, or(so.Spec.CooldownPeriod, 300)
		}
	}
	end := since.Add(time.Duration(period) * time.Second)
	d.because(Reason{Code: code, Value: int64(period), At: since})
	if !end.Before(in.Now) {
		d.rule(RuleCoolingDown, Reason{Code: CooldownEnds, At: end})
		d.Recheck = end
		return
	}
	to := d.Min
	if d.Idle != nil {
		to = *d.Idle
	}
	d.scale(RuleDeactivate, to)
}

func (d *Decision) scale(rule Rule, to int32) { d.Rule, d.Scale, d.To = rule, true, to }

func (d *Decision) rule(rule Rule, why Reason) {
	d.Rule = rule
	d.because(why)
}

func (d *Decision) because(why Reason) { d.Why = append(d.Why, why) }

// activity is E1: which of the object's metrics are active now.
func activity(into []MetricActivity, so *ScaledObject, in *Input) []MetricActivity {
	if in.Push == "" {
		active := namesOf(in.ActiveMetrics)
		for _, name := range so.Status.ExternalMetricNames {
			into = append(into, MetricActivity{name, active.has(name)})
		}
		return into
	}
	return pushed(into, so, in)
}

// pushed takes over what was known and updates the one metric that a push event is about.
func pushed(into []MetricActivity, so *ScaledObject, in *Input) []MetricActivity {
	for _, name := range sortedKeys(so.Status.TriggersActivity) {
		if name != in.Push {
			into = append(into, MetricActivity{name, so.Status.TriggersActivity[name].IsActive})
		}
	}
	return append(into, MetricActivity{in.Push, contains(in.ActiveMetrics, in.Push)})
}

// WriteFailed turns a decision to scale into what it is when the write failed with err: nothing was scaled, and the object
// is not ready. It puts the time of the last activity in next, the state that came with the decision, back to what it was;
// failures that were counted stay counted.
func (d *Decision) WriteFailed(err error, next *State) {
	if !d.Scale || err == nil {
		return
	}
	d.Err, d.writeFailed, d.LastActive = err, true, time.Time{}
	if next != nil {
		next.LastActive = d.lastActive
	}
}

// Errors of a decision, in upstream's words.
var (
	// ErrActivating wraps the error of a write that should have started a workload.
	ErrActivating = errors.New("error activating ScaleTarget")
	// ErrDeactivating wraps the error of a write that should have stopped a workload.
	ErrDeactivating = errors.New("error deactivating ScaleTarget")
	// ErrRaising wraps the error of a write that should have raised a workload to its minimum.
	ErrRaising = errors.New("error setting ScaleTarget replicas count to ScaledObject minReplicaCount")
	// ErrReading wraps the error of reading a workload.
	ErrReading = errors.New("error getting current replicas count for ScaleTarget")
)
