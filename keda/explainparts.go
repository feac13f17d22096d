package keda

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// String is the decision on one line.
func (d FallbackDecision) String() string {
	switch {
	case d.Err != nil && d.Counted:
		return fmt.Sprintf("failed, %d in a row: %v", d.Failures, d.Err)
	case d.Err != nil:
		return fmt.Sprintf("failed: %v", d.Err)
	case d.FellBack:
		return fmt.Sprintf("failed %s in a row and falls back to %s, value %s; that counts as active", many(d.Failures, "time"), many(d.Replicas, "replica"), listed(d.Values))
	case d.Placeholder:
		return fmt.Sprintf("failed %s in a row and is nil in the formula", many(d.Failures, "time"))
	}
	return listed(d.Values)
}

// Explain tells the decision in words.
func (d FallbackDecision) Explain(w io.Writer) error {
	_, err := fmt.Fprintln(w, d.String())
	return err
}

func listed(values []MetricValue) string {
	var list []string
	for i := range values {
		list = append(list, values[i].Value.String())
	}
	return strings.Join(list, ", ")
}

// String is the composition on one line.
func (c Composition) String() string {
	switch {
	case c.Err != nil:
		return fmt.Sprintf("the formula failed, so there is no metric: %v", c.Err)
	case c.FellBack:
		return "the formula is skipped, because a metric fell back: " + listed(c.Values)
	case c.FromNil:
		return fmt.Sprintf("the formula gave nil; the fallback's replicas make it %v", c.Result)
	}
	return fmt.Sprintf("the formula gave %v", c.Result)
}

// Explain tells the composition in words.
func (c Composition) Explain(w io.Writer) error {
	_, err := fmt.Fprintln(w, c.String())
	return err
}

// MarshalJSON adds the error's text to the fields.
func (c Composition) MarshalJSON() ([]byte, error) {
	type fields Composition
	return json.Marshal(struct {
		fields
		Err string `json:"error,omitempty"`
	}{fields(c), words(c.Err)})
}

// String is the decision on one line.
func (d HPADecision) String() string {
	if d.Object == nil {
		return fmt.Sprintf("no HorizontalPodAutoscaler: %v", d.Err)
	}
	s := &d.Object.Spec
	return fmt.Sprintf("HorizontalPodAutoscaler %s for %s %s: %d to %s, metrics: %d", d.Object.Name, s.ScaleTargetRef.Kind, s.ScaleTargetRef.Name,
		*s.MinReplicas, many(s.MaxReplicas, "replica"), len(s.Metrics))
}

// Explain tells the decision in words: the bounds, each metric with its target, and what was left out.
func (d HPADecision) Explain(w io.Writer) error {
	p := prose{w: w}
	p.line("%s", d.String())
	if d.Object == nil {
		return p.err
	}
	for _, m := range d.Object.Spec.Metrics {
		switch {
		case m.External != nil && m.External.Target.AverageValue != nil:
			p.line("  - %s, %s for each replica", m.External.Metric.Name, m.External.Target.AverageValue)
		case m.External != nil && m.External.Target.Value != nil:
			p.line("  - %s, %s in all", m.External.Metric.Name, m.External.Target.Value)
		case m.External != nil:
			p.line("  - %s, without a target", m.External.Metric.Name)
		case m.Resource != nil:
			p.line("  - %s of the pods", m.Resource.Name)
		case m.ContainerResource != nil:
			p.line("  - %s of container %s", m.ContainerResource.Name, m.ContainerResource.Container)
		}
	}
	for _, name := range d.Dropped {
		p.line("  - %s disappears: scaling modifiers keep metrics of whole pods alone", name)
	}
	if d.Composite != "" {
		p.line("  - computed from %s", strings.Join(d.ExternalMetricNames, ", "))
	}
	return p.err
}

// MarshalJSON adds the error's text to the fields.
func (d HPADecision) MarshalJSON() ([]byte, error) {
	type fields HPADecision
	return json.Marshal(struct {
		fields
		Err string `json:"error,omitempty"`
	}{fields(d), words(d.Err)})
}

// String is the answer on one line.
func (a Answer) String() string {
	switch {
	case a.Err != nil:
		return a.Err.Error()
	case len(a.Values) == 0:
		return "an empty list, because the formula failed"
	}
	return a.Values[0].Name + ": " + listed(a.Values)
}

// Explain tells the answer in words.
func (a Answer) Explain(w io.Writer) error {
	p := prose{w: w}
	for i := range a.Readings {
		p.line("trigger %d, metric %s: %s", a.Readings[i].Trigger, a.Readings[i].Metric, a.Readings[i].FallbackDecision)
	}
	if a.Composition != nil {
		p.line("scaling modifiers: %s", a.Composition)
	}
	p.line("the HorizontalPodAutoscaler gets %s", a.String())
	return p.err
}

// MarshalJSON adds the error's text to the fields.
func (a Answer) MarshalJSON() ([]byte, error) {
	type fields Answer
	return json.Marshal(struct {
		fields
		Err string `json:"error,omitempty"`
	}{fields(a), words(a.Err)})
}

func words(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
