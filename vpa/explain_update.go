package vpa

import "io"

// Explain tells why each pod is, or is not, touched.
func (d *UpdateDecision) Explain(w io.Writer) error { return nil }
