package keda

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// String is the decision on one line.
func (d Decision) String() string {
	if d.writeFailed {
		return fmt.Sprintf("%s: write of %s failed: %v", d.Rule, many(d.To, "replica"), d.Err)
	}
	switch {
	case d.Scale:
		return fmt.Sprintf("%s: %d -> %s", d.Rule, d.From, many(d.To, "replica"))
	case !d.Recheck.IsZero():
		return fmt.Sprintf("%s: %s until %s", d.Rule, many(d.From, "replica"), clock(d.Recheck))
	}
	return fmt.Sprintf("%s: %s", d.Rule, many(d.From, "replica"))
}

// Explain tells the decision, its reasons and what would change it in words.
func (d *Decision) Explain(w io.Writer) error {
	p := prose{w: w}
	p.line("%s: %s", d.target.label(), d.what())
	for _, r := range d.Why {
		p.line("  - %s", d.words(r))
	}
	if next := d.next(); next != "" {
		p.line("  %s", next)
	}
	return p.err
}

// prose writes lines until one fails.
type prose struct {
	w   io.Writer
	err error
}

func (p *prose) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (t target) label() string {
	if t.kind == "" {
		return t.namespace + "/" + t.name
	}
	return t.String()
}

// many is a number of things.
func many[N int32 | int64 | int](n N, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func clock(t time.Time) string { return t.Format(time.RFC3339) }

// what is the decision in a clause.
func (d *Decision) what() string {
	if d.writeFailed {
		return fmt.Sprintf("scaling from %d to %d failed: %v", d.From, d.To, d.Err)
	}
	switch d.Rule {
	case RuleUnreadable:
		return "nothing is done, its replicas could not be read"
	case RulePaused:
		return "nothing is done, the ScaledObject is paused"
	case RuleActivate:
		return fmt.Sprintf("start, from %d to %s", d.From, many(d.To, "replica"))
	case RuleDeactivate:
		return fmt.Sprintf("stop, from %d to %s", d.From, many(d.To, "replica"))
	case RuleRaiseToMinimum:
		return fmt.Sprintf("raise from %d to the minimum of %s", d.From, many(d.To, "replica"))
	case RuleScaleOutPaused:
		return fmt.Sprintf("stays at %s, scaling out is paused", many(d.From, "replica"))
	case RuleScaleInPaused:
		return fmt.Sprintf("stays at %s, scaling in is paused", many(d.From, "replica"))
	case RuleCoolingDown:
		return fmt.Sprintf("stays at %s, cooling down", many(d.From, "replica"))
	case RuleHoldForFallback:
		return fmt.Sprintf("stays at %s, waiting for the fallback", many(d.From, "replica"))
	case RuleTriggerError:
		return fmt.Sprintf("stays at %s, because the triggers cannot be read", many(d.From, "replica"))
	case RulePartialError:
		return fmt.Sprintf("runs with %s, but not every trigger can be read", many(d.From, "replica"))
	case RuleActive:
		return fmt.Sprintf("runs with %s; the HorizontalPodAutoscaler does the rest", many(d.From, "replica"))
	}
	return fmt.Sprintf("stays at %s", many(d.From, "replica"))
}

// words is one reason as a clause.
func (d *Decision) words(r Reason) string {
	switch r.Code {
	case TargetUnreadable:
		return fmt.Sprintf("the workload could not be read: %v", d.Err)
	case PausedByAnnotation:
		return "an annotation on the ScaledObject forbids it"
	case ForcedByAnnotation:
		return "annotation " + AnnotationForceActivation + " counts as an active trigger"
	case TriggersActive:
		if len(d.metrics) == 0 {
			return "the triggers are active"
		}
		return "active: " + strings.Join(d.metrics, ", ")
	case TriggersInactive:
		return "no trigger is active"
	case TriggersFailed:
		return "a trigger gave no reading"
	case AtZero:
		return "nothing runs yet"
	case BelowMinimum:
		return fmt.Sprintf("%s, fewer than the minimum of %d", many(r.Value, "replica"), r.Limit)
	case AlreadyRunning:
		return fmt.Sprintf("already at %s", many(r.Value, "replica"))
	case FallbackConfigured:
		return fmt.Sprintf("a fallback to %s is configured and decides once failures exceed its threshold", many(r.Value, "replica"))
	case FallbackToZero:
		return "the fallback is to 0 replicas, and KEDA then treats failing triggers like quiet ones"
	case NoFallback:
		return "there is no fallback, so the replicas are frozen, below the minimum too"
	case InitialCooldown:
		return fmt.Sprintf("it was never active; the initial cooldown of %s counts from its creation at %s", period(r), clock(r.At))
	case Cooldown:
		return fmt.Sprintf("it was last active at %s; the cooldown is %s", clock(r.At), period(r))
	case CooldownEnds:
		return fmt.Sprintf("the cooldown lasts until %s", clock(r.At))
	case AboveCooldownFrom:
		return fmt.Sprintf("at %s, and the cooldown does not start above %d", many(r.Value, "replica"), r.Limit)
	case NothingToDo:
		return fmt.Sprintf("an inactive workload may have %s", many(r.Value, "replica"))
	}
	return string(r.Code)
}

func period(r Reason) time.Duration { return time.Duration(r.Value) * time.Second }

// next is what would change the decision, where that is known.
func (d *Decision) next() string {
	rest := d.Min
	if d.Idle != nil {
		rest = *d.Idle
	}
	switch {
	case !d.Recheck.IsZero():
		return fmt.Sprintf("Unless a trigger becomes active, it goes to %s at the first tick after %s.", many(rest, "replica"), clock(d.Recheck))
	case d.Rule == RuleCoolingDown:
		return "The HorizontalPodAutoscaler has to bring the replicas down first."
	case d.Rule == RuleTriggerError:
		return "A reading, or a fallback in the ScaledObject, would change it."
	case d.Rule == RulePartialError && d.LastActive.IsZero():
		return "The time of the last activity is not renewed meanwhile; it may stop at once when the other triggers go quiet."
	case d.Rule == RuleActivate:
		return "The number comes from the minimum alone; the HorizontalPodAutoscaler takes over from there."
	}
	return ""
}

// String is the tick on one line.
func (d TickDecision) String() string {
	if d.Aborted != nil {
		return "nothing is done: " + d.Aborted.Error()
	}
	if d.Scale == nil {
		return "nothing is done"
	}
	return d.Scale.String()
}

// Explain tells the whole tick in words: what each reading counts as, what the formula made of them, and what happens to the
// workload.
func (d *TickDecision) Explain(w io.Writer) error {
	p := prose{w: w}
	for i := range d.Readings {
		p.line("%s", d.reading(&d.Readings[i]))
	}
	if c := d.Composition; c != nil {
		p.line("scaling modifiers: %s", c)
	}
	if d.FallbackChanged && d.FellBack {
		p.line("the fallback takes over with this tick")
	} else if d.FallbackChanged {
		p.line("the fallback ends with this tick")
	}
	if d.Aborted != nil {
		p.line("the tick ends here, and nothing is scaled: %v", d.Aborted)
	}
	if p.err == nil && d.Scale != nil {
		p.err = d.Scale.Explain(w)
	}
	return p.err
}

func (d *TickDecision) reading(r *ReadingDecision) string {
	name := fmt.Sprintf("trigger %d, metric %s: ", r.Trigger, r.Metric)
	switch {
	case r.Err != nil && r.Counted:
		return name + fmt.Sprintf("failed, %d in a row (fallback beyond %d): %v", r.Failures, d.threshold, r.Err)
	case r.Err != nil || r.FellBack || r.Placeholder:
		return name + r.FallbackDecision.String()
	case r.Active:
		return name + listed(r.Values) + ", active"
	}
	return name + listed(r.Values) + ", not active"
}
