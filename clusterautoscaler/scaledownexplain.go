package clusterautoscaler

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// String is the scale-down in one line.
func (d *ScaleDown) String() string {
	var names []string
	for i := range d.Empty {
		names = append(names, d.Empty[i].Node)
	}
	for i := range d.Drain {
		names = append(names, d.Drain[i].Node+" (drained)")
	}
	switch {
	case d.Disabled:
		return "scale-down is off"
	case len(names) > 0:
		return "scale down " + strings.Join(names, ", ")
	case len(d.Unneeded) > 0:
		return fmt.Sprintf("no node goes; %d unneeded", len(d.Unneeded))
	}
	return "no node goes"
}

// Explain writes which nodes go, and for every other why it stays and, where that is known, until when.
func (d *ScaleDown) Explain(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintln(&b, d)
	for i := range d.Drain {
		for _, m := range d.Drain[i].Moves {
			fmt.Fprintf(&b, "  %s: pod %s can go to %s\n", d.Drain[i].Node, m.Name(), m.To)
		}
		if d.Drain[i].Risky {
			fmt.Fprintf(&b, "  %s: a disruption budget may hold it up\n", d.Drain[i].Node)
		}
	}
	for i := range d.Nodes {
		if n := &d.Nodes[i]; n.Reason != NodeRemovable {
			fmt.Fprintf(&b, "  %s stays: %s\n", n.Name, n)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// String is why the node stays, in words.
func (s *NodeStatus) String() string {
	text := string(s.Reason)
	if s.Reason == NodeRemovable {
		text = "it goes"
	}
	if s.Pod != "" && s.Verdict == nil {
		text += " (pod " + s.Pod + ")"
	}
	if s.Verdict != nil {
		text += ", rule " + s.Verdict.Rule
	}
	if s.Detail != "" {
		text += ": " + s.Detail
	}
	if !s.FreeAt.IsZero() {
		text += ", until " + s.FreeAt.UTC().Format(time.RFC3339) + " (" + s.Rest.String() + " left)"
	}
	return text
}
