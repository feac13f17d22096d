package vpa

import "io"

// Explain tells what each container is given, and why.
func (d *Admission) Explain(w io.Writer) error { return nil }
