package keda

import "io"

// Explain tells the decision in words.
func (d *Decision) Explain(w io.Writer) error { return nil }

// Explain tells the decision in words.
func (d *JobDecision) Explain(w io.Writer) error { return nil }

// Explain tells the tick in words.
func (d *TickDecision) Explain(w io.Writer) error { return nil }
