package proportional

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// String gives the answer and its reason in one line.
func (o VerticalOutcome) String() string {
	var reason string
	switch o.Decider {
	case DecidedByCores:
		reason = steps(o.CoreSteps, "cores")
	case DecidedByNodes:
		reason = steps(o.NodeSteps, "nodes")
	default:
		reason = "nodes and cores alike"
	}
	text := fmt.Sprintf("%s, by %s", thousandths(o.Milli), reason)
	if o.Max > 0 {
		text += ", cut to max"
	}
	if o.Wrapped {
		text += "; the arithmetic went beyond 64 bits and wrapped"
	}
	return text
}

// Explain writes what nodes and cores ask for, which decided, and whether max cut.
func (o VerticalOutcome) Explain(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%s\n  nodes: %s gives %s\n  cores: %s gives %s\n", o,
		steps(o.NodeSteps, "nodes"), thousandths(o.ByNodes), steps(o.CoreSteps, "cores"), thousandths(o.ByCores))
	return err
}

func steps(n int64, what string) string {
	if n == 1 {
		return "1 step of " + what
	}
	return fmt.Sprintf("%d steps of %s", n, what)
}

func thousandths(milli int64) string {
	return resource.NewMilliQuantity(milli, resource.DecimalSI).String()
}

// MarshalJSON writes the decision.
func (d VerticalDecision) MarshalJSON() ([]byte, error) {
	form := struct {
		Write     bool                                   `json:"write"`
		Size      VerticalSize                           `json:"size"`
		Resources map[string]corev1.ResourceRequirements `json:"resources,omitempty"`
		Results   []VerticalResult                       `json:"results,omitempty"`
		Error     string                                 `json:"error,omitempty"`
	}{Write: d.Write, Size: d.Size, Resources: d.Resources, Results: d.Results}
	if d.Err != nil {
		form.Error = d.Err.Error()
	}
	return json.Marshal(form)
}

// String gives the decision in one line.
func (d VerticalDecision) String() string {
	if d.Err != nil {
		return fmt.Sprintf("nothing is written: %v", d.Err)
	}
	var parts []string
	for i := range d.Results {
		parts = append(parts, d.Results[i].title())
	}
	text := strings.Join(parts, ", ")
	if !d.Write {
		return "nothing to write: " + text
	}
	return text
}

func (r *VerticalResult) title() string {
	kind := "requests"
	if r.Limit {
		kind = "limits"
	}
	return fmt.Sprintf("%s %s.%s %s", r.Container, kind, r.Resource, r.Quantity.String())
}

// Explain writes each request and limit with what decided.
func (d VerticalDecision) Explain(w io.Writer) error {
	if d.Err != nil {
		_, err := fmt.Fprintln(w, d)
		return err
	}
	verdict := "as last applied, nothing to write"
	if d.Write {
		verdict = "to be written"
	}
	if _, err := fmt.Fprintf(w, "%d nodes, %d cores: %s\n", d.Size.Nodes, d.Size.Cores, verdict); err != nil {
		return err
	}
	for i := range d.Results {
		if _, err := fmt.Fprintf(w, "  %s: %s\n", d.Results[i].title(), d.Results[i].Outcome); err != nil {
			return err
		}
	}
	return nil
}
