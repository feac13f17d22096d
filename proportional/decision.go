package proportional

import (
	"encoding/json"
	"fmt"
	"io"
)

// Changes says at which sizes the answer would be another. There are none where no config is in force.
func (d Decision) Changes() Changes {
	if d.policy == nil {
		return Changes{}
	}
	return d.policy.Changes(d.Outcome.Size)
}

// MarshalJSON writes the decision with what would change it.
func (d Decision) MarshalJSON() ([]byte, error) {
	form := struct {
		Scale   bool              `json:"scale"`
		Source  Source            `json:"source"`
		Outcome *Outcome          `json:"outcome,omitempty"`
		Changes *Changes          `json:"changes,omitempty"`
		Error   string            `json:"error,omitempty"`
		Create  map[string]string `json:"create,omitempty"`
		Writes  []Target          `json:"writes,omitempty"`
	}{Scale: d.Scale, Source: d.Source, Create: d.Create, Writes: d.Writes}
	if d.Scale {
		changes := d.Changes()
		form.Outcome, form.Changes = &d.Outcome, &changes
	}
	if d.Err != nil {
		form.Error = d.Err.Error()
	}
	return json.Marshal(form)
}

// String gives the decision in one line.
func (d Decision) String() string {
	if d.Scale {
		return d.Outcome.String()
	}
	return "nothing is scaled: " + d.hold()
}

func (d Decision) hold() string {
	switch d.Source {
	case SourceUnreadable:
		if d.Create != nil {
			return "the ConfigMap could not be read, and is to be created with the default params"
		}
		return "the ConfigMap could not be read"
	case SourceDropped:
		return fmt.Sprintf("no config is in force until a good one appears (%v)", d.Err)
	}
	return fmt.Sprint(d.Err)
}

// Explain writes which quotient or step decided, which bound cut, what became of the config, and at which sizes the
// answer changes.
func (d Decision) Explain(w io.Writer) error {
	if !d.Scale {
		_, err := fmt.Fprintln(w, d)
		return err
	}
	if err := d.Outcome.Explain(w); err != nil {
		return err
	}
	if d.Source == SourceKept {
		if _, err := fmt.Fprintf(w, "  config: the last good one stays in force (%v)\n", d.Err); err != nil {
			return err
		}
	}
	for _, t := range d.Writes {
		if _, err := fmt.Fprintf(w, "  write: %s\n", t); err != nil {
			return err
		}
	}
	return d.Changes().Explain(w)
}
