package main

import (
	"fmt"
	"io"

	"github.com/scalemath/scalemath/clusterautoscaler"
)

// remove tells whether the cluster could do without one node.
func remove(o clusterautoscaler.Options, in clusterautoscaler.Input, node, format string, w io.Writer) error {
	s, err := clusterautoscaler.SimulateRemoval(o, in, node)
	if err != nil {
		return err
	}
	if format == "json" {
		return writeJSON(w, s)
	}
	if !s.Removable() {
		_, err := fmt.Fprintf(w, "%s cannot go: %s\n", node, s.NodeStatus.String())
		return err
	}
	if _, err := fmt.Fprintf(w, "%s could go; %d pods would move\n", node, len(s.Removal.Moves)); err != nil {
		return err
	}
	for _, m := range s.Removal.Moves {
		if _, err := fmt.Fprintf(w, "  %s to %s\n", m.Name(), m.To); err != nil {
			return err
		}
	}
	return nil
}
