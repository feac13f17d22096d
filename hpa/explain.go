package hpa

import "io"

// Explain x.
func (d *Decision) Explain(w io.Writer) error { return nil }

// Explain x.
func (r *MetricResult) Explain(w io.Writer) error { return nil }
