package hpa

import (
	"fmt"
	"io"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
)

// String is the decision in one line.
func (d *Decision) String() string {
	var b strings.Builder
	switch {
	case d.Rescale:
		fmt.Fprintf(&b, "%d -> %d replicas", d.Current, d.Replicas)
		if reason := d.ReasonText(); reason != "" {
			fmt.Fprintf(&b, " (%s)", reason)
		}
		if d.updateErr != nil {
			fmt.Fprintf(&b, ", but the write failed: %v", d.updateErr)
		}
	case d.Course == NoScale:
		fmt.Fprintf(&b, "nothing done: the scale could not be read: %v", d.scaleErr)
	case d.Course == CannotDecide:
		fmt.Fprintf(&b, "%d replicas kept: %v", d.Current, d.cause())
	case d.Course == Disabled:
		b.WriteString("0 replicas kept: scaling is disabled")
	default:
		fmt.Fprintf(&b, "%d replicas kept", d.Current)
	}
	if d.Course == Computed && d.Desired != d.Replicas {
		fmt.Fprintf(&b, ", %d asked for", d.Desired)
		if s := d.Normalized.Stabilization; s != NotStabilized {
			fmt.Fprintf(&b, ", %s", s)
		}
		if l := d.Normalized.Limit; l != WithinRange {
			fmt.Fprintf(&b, ", %s", l)
		}
	}
	return b.String()
}

// printer writes lines and keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// Explain writes the decision as an on-call engineer wants to read it: what happens, what each metric came to, and what
// held or cut the size.
func (d *Decision) Explain(w io.Writer) error {
	p := &printer{w: w}
	if d.hpa == nil {
		p.line("no decision")
		return p.err
	}
	p.line("%s (%s/%s): %s", namespaced(d.hpa), d.hpa.Spec.ScaleTargetRef.Kind, d.hpa.Spec.ScaleTargetRef.Name, d)
	switch d.Course {
	case Disabled:
		p.line("  the target has no replicas, and no condition ScaledToZero says that this object brought it there")
	case AboveMax, BelowMin:
		p.line("  the size is out of bounds [%d, %d]: corrected at once, metrics are not read", minReplicas(d.hpa), d.hpa.Spec.MaxReplicas)
	}
	for i := range d.Metrics {
		mark := ""
		if i == d.Winner {
			mark = ", which decides"
		}
		p.line("  metric %d, %s%s", i, d.metricTitle(i), mark)
		d.Metrics[i].explain(p, "    ")
	}
	if d.Course == CannotDecide && d.refused == nil && d.Failed < len(d.Metrics) {
		p.line("  %d of %d metrics failed and the others ask for fewer replicas: a scale-down is not safe", d.Failed, len(d.Metrics))
	}
	if d.Course == Computed {
		d.Normalized.explain(p, d)
	}
	return p.err
}

func (d *Decision) metricTitle(i int) string {
	if name := d.MetricName(i); name != "" {
		return name
	}
	return "without a name"
}

// Explain writes what one metric came to.
func (r *MetricResult) Explain(w io.Writer) error {
	p := &printer{w: w}
	r.explain(p, "")
	return p.err
}

func (r *MetricResult) explain(p *printer, indent string) {
	if r.Err != nil {
		p.line("%sfailed: %v", indent, r.Err.Shown)
		return
	}
	p.line("%s%s, target %s: ratio %.6g (exact %.6g)", indent, r.shown(), r.targetText(), r.Ratio, r.Exact)
	if r.Arithmetic == ByUtilization || r.Arithmetic == ByAverageValue {
		p.line("%spods: %s", indent, r.Groups)
		for _, f := range []struct {
			bit  Fill
			text string
		}{
			{MissingAsFull, "taken at full use, lest the scale-down be too eager: " + some(int32(r.Groups.Missing), "missing pod")},
			{MissingAsZero, "taken at no use, lest the scale-up be too eager: " + some(int32(r.Groups.Missing), "missing pod")},
			{UnreadyAsZero, "taken at no use, lest the scale-up be too eager: " + some(int32(r.Groups.Unready), "unready pod")},
		} {
			if r.Filled&f.bit != 0 {
				p.line("%s%s", indent, f.text)
			}
		}
		if r.Filled != 0 {
			p.line("%sratio with them: %.6g", indent, r.Final)
		}
	}
	p.line("%sasks for %s: %s", indent, some(r.Replicas, "replica"), r.how())
}

// how says in words how the proposal's size came about.
func (r *MetricResult) how() string {
	switch r.Outcome {
	case WithinTolerance:
		return fmt.Sprintf("the ratio is within tolerance [%.6g, %.6g]", 1-r.ask.tolerance.Down, 1+r.ask.tolerance.Up)
	case DirectionReversed:
		return "with the assumed readings it would scale the other way, so it stays"
	case CountReversed:
		return fmt.Sprintf("times %s it would scale the other way, so it stays", some(int32(r.Pods), "pod"))
	case FromZero:
		return "none runs, so the ratio alone counts, rounded up"
	case DividedByTarget:
		return "the whole over the target per pod, rounded up"
	}
	return fmt.Sprintf("ratio times %s, rounded up", some(int32(r.Pods), "pod"))
}

// some is a number of things.
func some(n int32, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// String lists the groups that have members.
func (g Groups) String() string {
	text := fmt.Sprintf("%d ready", g.Ready)
	for _, group := range []struct {
		n    int
		name string
	}{{g.Unready, "unready"}, {g.Missing, "missing"}, {g.Ignored, "ignored"}, {g.Gone, "gone"}} {
		if group.n > 0 {
			text += fmt.Sprintf(", %d %s", group.n, group.name)
		}
	}
	return text
}

// shown is the metric's value as the status has it.
func (r *MetricResult) shown() string {
	value := resource.NewMilliQuantity(r.Value, resource.DecimalSI).String()
	switch r.Arithmetic {
	case ByUtilization:
		return fmt.Sprintf("%d%% of the requests (%s a pod)", r.Utilization, value)
	case ByAverageValue, ByValuePerPod:
		return value + " a pod"
	}
	return value + " in all"
}

func (r *MetricResult) targetText() string {
	if r.Arithmetic == ByUtilization {
		return fmt.Sprintf("%d%%", r.Target)
	}
	return resource.NewMilliQuantity(r.Target, resource.DecimalSI).String()
}

func (n *Normalized) explain(p *printer, d *Decision) {
	switch n.Stabilization {
	case ScaleDownStabilized:
		p.line("  %s: %s instead of %d, for %d were recommended at %s; that counts until %s",
			n.Stabilization, some(n.Stabilized, "replica"), d.Desired, n.HeldBy.Replicas, clock(n.HeldBy.At), clock(n.HeldUntil))
	case ScaleUpStabilized:
		p.line("  %s: %s instead of %d, for only %d were recommended at %s; that counts until %s",
			n.Stabilization, some(n.Stabilized, "replica"), d.Desired, n.HeldBy.Replicas, clock(n.HeldBy.At), clock(n.HeldUntil))
	}
	switch n.Limit {
	case TooFewReplicas, TooManyReplicas:
		p.line("  %s: the object's bounds are %d and %d", n.Limit, minReplicas(d.hpa), d.hpa.Spec.MaxReplicas)
	case ScaleUpLimit, ScaleDownLimit:
		p.line("  %s: %s", n.Limit, n.policyText())
	}
	if d.RaisedToMin {
		p.line("  a target that leaves zero takes at least %d replicas", minReplicas(d.hpa))
	}
}

func (n *Normalized) policyText() string {
	u := &n.Policy
	switch {
	case u.Disabled:
		return "this direction is disabled by its selectPolicy"
	case u.Policy.Type == "":
		return fmt.Sprintf("one step may not go beyond %s", some(n.Bound, "replica"))
	}
	unit := " pods"
	if u.Policy.Type == "Percent" {
		unit = " %"
	}
	way := "down"
	if u.Up {
		way = "up"
	}
	text := fmt.Sprintf("policy %d allows %d%s %s in %d s, which is %s from the %d at the period's start",
		u.Index, u.Policy.Value, unit, way, u.Policy.PeriodSeconds, some(n.Bound, "replica"), u.Start)
	if !u.FreesAt.IsZero() {
		text += "; the oldest change in it stops counting at " + clock(u.FreesAt)
	}
	return text
}

// clock prints an instant for people.
func clock(t time.Time) string {
	if t.IsZero() {
		return "an unknown time"
	}
	return t.UTC().Format(time.RFC3339)
}
