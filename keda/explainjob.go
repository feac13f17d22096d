package keda

import (
	"fmt"
	"io"
)

// String is the decision on one line.
func (d JobDecision) String() string {
	return fmt.Sprintf("%s: start %s, delete %d", d.Rule, many(d.Create, "job"), len(d.Delete))
}

// Explain tells the decision and its arithmetic in words.
func (d *JobDecision) Explain(w io.Writer) error {
	p := prose{w: w}
	p.line("ScaledJob %s: %s", d.name, d.what())
	if d.Rule == RulePaused {
		return p.err
	}
	for _, r := range d.Why {
		p.line("  - %s", d.words(r))
	}
	for _, name := range d.Delete {
		p.line("  - job %s is beyond the history limit", name)
	}
	return p.err
}

func (d *JobDecision) what() string {
	switch d.Rule {
	case RulePaused:
		return "nothing is done, it is paused"
	case RuleInactive:
		return "start nothing, no trigger is active"
	case RuleEnoughJobs:
		return "start nothing, enough are under way"
	}
	return "start " + many(d.Create, "job")
}

// words is one reason as a clause.
func (d *JobDecision) words(r Reason) string {
	switch r.Code {
	case QueueAsks:
		return fmt.Sprintf("queue of %d, good for %s at once", r.Value, many(r.Limit, "job"))
	case EmptyQueueIgnored:
		return fmt.Sprintf("%s active with an empty queue, which KEDA takes for inactive unless the queues are summed", many(r.Value, "trigger"))
	case TriggersFailed:
		return "a trigger gave no reading"
	case JobsUnderWay:
		return fmt.Sprintf("under way: %s, %d of them pending", many(r.Value, "job"), r.Limit)
	case JobBoundsAre:
		return fmt.Sprintf("kept in any case: %s; at most %d on top of that", many(r.Value, "job"), r.Limit)
	case MinimumFirst:
		return fmt.Sprintf("%s missing from the minimum, so the queue does not count in this tick", many(r.Value, "job"))
	case StrategyAllows:
		return fmt.Sprintf("strategy %s: %s", d.Strategy.Name, d.arithmetic())
	}
	return string(r.Code)
}

func (d *JobDecision) arithmetic() string {
	queue, running, pending, most := d.Queue.MaxScale, d.Counts.Running-d.Bounds.Min, d.Counts.Pending, d.Bounds.Max
	start := fmt.Sprintf("%d may start", d.Strategy.Effective)
	switch d.Strategy.Name {
	case StrategyDefault:
		return fmt.Sprintf("%d less %d under way, so %s", queue, running, start)
	case StrategyAccurate:
		if queue+running-pending > most {
			return fmt.Sprintf("%d more would exceed %d, which leaves room beside %d under way: %s", queue, most, running, start)
		}
		return fmt.Sprintf("%d less %d pending, so %s", queue, pending, start)
	case StrategyEager:
		return fmt.Sprintf("fill up to %d beside %d under way and %d pending, for a queue of %d: %s", most, running, pending, queue, start)
	}
	return fmt.Sprintf("%d less the deduction and a share of %d under way, at most %d: %s", queue, running, most, start)
}
