package vpa

import "io"

// Explain tells how the recommendation came about.
func (r *Recommendation) Explain(w io.Writer) error { return nil }
