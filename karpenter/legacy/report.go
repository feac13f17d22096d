package legacy

import (
	"fmt"
	"io"
)

// Action is what became of a field.
type Action string

// What becomes of fields.
const (
	Kept    Action = "kept"    // says the same in another place
	Changed Action = "changed" // says the same in other words
	Added   Action = "added"   // was a default before and has to be said now
	Dropped Action = "dropped" // has no place any more
	Needed  Action = "needed"  // has to be filled in by hand
)

// Change is what became of one field.
type Change struct {
	Action Action `json:"action"`         // what became of it
	Object string `json:"object"`         // such as Provisioner default
	From   string `json:"from,omitempty"` // the old field with its value; empty where nothing stood there
	To     string `json:"to,omitempty"`   // the new field with its value; empty where there is none
	Why    string `json:"why,omitempty"`  // in words, where it does not explain itself
}

// String is the change in one line.
func (c Change) String() string {
	text := fmt.Sprintf("%-7s %s: ", c.Action, c.Object)
	switch {
	case c.From == "":
		text += c.To
	case c.To == "":
		text += c.From
	default:
		text += c.From + " -> " + c.To
	}
	if c.Why != "" {
		text += " (" + c.Why + ")"
	}
	return text
}

// Report is what became of all fields, in the order of objects and fields.
type Report []Change

// Explain writes a line for each change.
func (r Report) Explain(w io.Writer) error {
	for _, c := range r {
		if _, err := fmt.Fprintln(w, c); err != nil {
			return err
		}
	}
	return nil
}

func (r *Report) add(action Action, object, from, to, why string) {
	*r = append(*r, Change{Action: action, Object: object, From: from, To: to, Why: why})
}
