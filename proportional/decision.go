package proportional

import (
	"fmt"
	"io"
)

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
			return "the ConfigMap could not be read; one is to be created with the default params"
		}
		return "the ConfigMap could not be read"
	case SourceDropped:
		return fmt.Sprintf("no config is in force, and the targets keep their replicas: %v", d.Err)
	}
	return fmt.Sprint(d.Err)
}

// Explain writes what an on-call engineer wants to read.
func (d Decision) Explain(w io.Writer) error {
	if !d.Scale {
		_, err := fmt.Fprintln(w, d)
		return err
	}
	return d.Outcome.Explain(w)
}

// Explain writes which of nodes and cores decided and whether max cut.
func (o VerticalOutcome) Explain(w io.Writer) error {
	_, err := fmt.Fprintln(w, o.Milli)
	return err
}
