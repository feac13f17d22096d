package vpa

import (
	"fmt"
	"io"
	"strings"
)

// String tells the recommendation in one line.
func (r *Recommendation) String() string {
	parts := make([]string, len(r.Containers))
	for i := range r.Containers {
		c := &r.Containers[i]
		parts[i] = c.Name + ": " + list(c.Target.List())
	}
	if len(parts) == 0 {
		return "no recommendation"
	}
	return strings.Join(parts, "; ")
}

// Explain tells how each number came about: how many samples over how long, which bucket, margin, confidence, minimum
// and cap.
func (r *Recommendation) Explain(w io.Writer) error {
	p := &printer{w: w}
	if len(r.Containers) == 0 {
		p.line("No recommendation: no container is known that its policy looks after.")
	}
	for i := range r.Containers {
		r.Containers[i].explain(p)
	}
	for _, name := range r.Off {
		p.line("Container %s is left alone: its policy's mode is Off.", name)
	}
	if n := r.Dropped.Total(); n > 0 {
		p.line("Dropped %s: %d negative, %d out of order, %d kills more than a window late, %d of unknown containers.",
			plural(int(n), "sample", "samples"), r.Dropped.NegativeValue, r.Dropped.OutOfOrder, r.Dropped.LateOOM, r.Dropped.UnknownContainer)
	}
	if n := r.Dropped.Silenced; n > 0 {
		p.line("%s of memory did not count, because 0 bytes opened their window (an upstream defect).", plural(int(n), "sample", "samples"))
	}
	if n := r.Dropped.ClockMovedBack; n > 0 {
		p.line("%s moved the memory clock back, so that older samples were taken again (an upstream defect).", plural(int(n), "late kill", "late kills"))
	}
	for _, text := range r.Refused {
		p.line("Not loaded: %s.", text)
	}
	return p.err
}

func (c *ContainerRecommendation) explain(p *printer) {
	t := &c.Estimate.Why
	p.line("Container %s:", c.Name)
	if t.Samples == 0 {
		p.line("  no CPU sample yet; confidence is 0, so the lower bound is the least and the upper the most there is")
	} else {
		p.line("  %s of CPU over %s, from %s", plural(int(t.Samples), "sample", "samples"), span(t.Last.Sub(t.First)),
			plural(t.Sources, "aggregate", "aggregates"))
	}
	if t.Estimator == Peak {
		p.line("  the highest need of any label set counts, not that of all together")
	}
	if c.Target.HasCPU {
		p.line("  cpu, confidence %.4g, minimum %s (the pod's, divided by %d):", t.CPU.Confidence, milli(t.CPU.Minimum), t.Containers)
		c.resource(p, &t.CPU, true)
	}
	if c.Target.HasMemory {
		p.line("  memory, confidence %.4g, minimum %s (the pod's, divided by %d):", t.Memory.Confidence, size(t.Memory.Minimum), t.Containers)
		c.resource(p, &t.Memory, false)
	}
	if !c.Target.HasCPU && !c.Target.HasMemory {
		p.line("  the policy controls no resource")
	}
	if c.WholeCPU {
		p.line("  cpu is rounded up to whole cores, as an annotation asks")
	}
	if c.GlobalMaximumOff {
		p.line(`  a maximum of "0" in the policy switches the global maximum off (an upstream defect)`)
	}
}

func (c *ContainerRecommendation) resource(p *printer, t *ResourceTrace, cpu bool) {
	e := &c.Estimate
	for _, row := range [...]struct {
		name  string
		step  *Step
		raw   Amounts
		value *Values
		caps  Caps
	}{
		{"target", &t.Target, e.Target, &c.Target, c.TargetCaps},
		{"lowerBound", &t.Lower, e.Lower, &c.LowerBound, c.LowerCaps},
		{"upperBound", &t.Upper, e.Upper, &c.UpperBound, c.UpperCaps},
	} {
		write, raw, final, capped := size, row.raw.Memory, row.value.Memory.String(), row.caps.Memory
		if cpu {
			write, raw, final, capped = milli, row.raw.CPU, row.value.CPU.String(), row.caps.CPU
		}
		text := fmt.Sprintf("    %-10s %s: %s", row.name, final, row.step.explain(write, e.Why.Margin))
		if row.step.AtMinimum {
			text += ", raised to the minimum"
		}
		if capped != NotCapped {
			text += fmt.Sprintf("; %s capped to %s", write(raw), capped)
		}
		p.line("%s", text)
	}
}

func (s *Step) explain(write func(Amount) string, margin float64) string {
	if s.Bucket < 0 {
		return "no samples"
	}
	text := fmt.Sprintf("percentile %.4g ends bucket %d at %s, %s with a margin of %.4g %%",
		s.Percentile, s.Bucket, write(s.Base), write(s.WithMargin), margin*100)
	if s.Factor != 1 {
		text += fmt.Sprintf(", times %.4g for confidence", s.Factor)
	}
	return text
}
