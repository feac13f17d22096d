package karpenter

import "io"

// Attempt is what one kind of place said to a pod.
type Attempt struct {
	Target string `json:"target"`
}

func (c *Cluster) explain(k *class) *Failure {
	if len(c.usable) == 0 {
		return &Failure{Rule: NoPools}
	}
	return &Failure{Rule: NoPlace}
}

func (c *Cluster) cutText(m *claim) string { return "" }

// Explain writes the plan as a person wants to read it.
func (p Plan) Explain(w io.Writer) error { return nil }
