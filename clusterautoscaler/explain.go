package clusterautoscaler

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// String is the scale-up in one line.
func (u *ScaleUp) String() string {
	switch u.Result {
	case ScaleUpSuccessful:
		var parts []string
		for _, i := range u.Increases {
			parts = append(parts, fmt.Sprintf("%s %d -> %d", i.ID, i.From, i.To))
		}
		return fmt.Sprintf("scale up %s for %d pods", strings.Join(parts, ", "), u.triggered())
	case ScaleUpNotNeeded:
		return "no pod waits for a node"
	}
	return fmt.Sprintf("no scale-up (%s): %d pods wait", u.Result, u.waiting())
}

func (u *ScaleUp) triggered() int {
	n := 0
	for i := range u.Groups {
		n += u.Groups[i].Triggered
	}
	return n
}

func (u *ScaleUp) waiting() int {
	n := 0
	for i := range u.Groups {
		n += len(u.Groups[i].Pods)
	}
	return n
}

// Explain writes the options with their scores, what limits cut, and for pods that stay pending why no group can help.
func (u *ScaleUp) Explain(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintln(&b, u)
	for i := range u.Options {
		o := &u.Options[i]
		fmt.Fprintf(&b, "  option %s: %d nodes for %d pods", o.ID, o.Nodes, o.Pods())
		if o.Estimate.Limit != NoLimit {
			fmt.Fprintf(&b, ", ended by %s", o.Estimate.Limit)
		}
		if o.Estimate.Existing > 0 {
			fmt.Fprintf(&b, ", %d of them there already", o.Estimate.Existing)
		}
		fmt.Fprintln(&b)
	}
	for _, s := range u.Choice.Steps {
		fmt.Fprintf(&b, "  %s keeps %s%s\n", s.Expander, strings.Join(s.Kept, ", "), scores(s))
	}
	for _, c := range u.Cut {
		fmt.Fprintf(&b, "  cut: %s\n", c)
	}
	if u.Error != "" {
		fmt.Fprintf(&b, "  cannot be done: %s\n", u.Error)
	}
	for i := range u.Groups {
		u.Groups[i].explain(&b, u.Skipped)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func scores(s Step) string {
	var parts []string
	for _, score := range s.Scores {
		if score.Value == nil {
			parts = append(parts, score.ID+" none")
		} else {
			parts = append(parts, fmt.Sprintf("%s %.6g", score.ID, *score.Value))
		}
	}
	text := strings.Join(parts, ", ")
	if text != "" && s.Note != "" {
		text += "; "
	}
	text += s.Note
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

func (g *PendingGroup) explain(b *strings.Builder, skipped []Skip) {
	first := g.Pods[0]
	name := first.Namespace + "/" + first.Name
	if len(g.Pods) > 1 {
		name += fmt.Sprintf(" and %d like it", len(g.Pods)-1)
	}
	switch {
	case g.Triggered == len(g.Pods):
		fmt.Fprintf(b, "  %s: the scale-up is for them\n", name)
		return
	case g.Triggered > 0:
		fmt.Fprintf(b, "  %s: the scale-up is for %d of them, %d wait for a later one\n", name, g.Triggered, len(g.Pods)-g.Triggered)
	case g.Schedulable:
		fmt.Fprintf(b, "  %s: another group could hold them; they wait for the next loop\n", name)
	default:
		fmt.Fprintf(b, "  %s: pod didn't trigger scale-up\n", name)
	}
	for _, id := range slices.Sorted(maps.Keys(g.Rejections)) {
		r := g.Rejections[id]
		if r.Text != "" {
			fmt.Fprintf(b, "    %s: %s\n", id, r.Text)
			continue
		}
		for i := range r.Why {
			fmt.Fprintf(b, "    %s: %s\n", id, r.Why[i].String())
		}
	}
	if !g.Schedulable {
		for _, s := range skipped {
			fmt.Fprintf(b, "    %s: %s\n", s.ID, strings.Join(s.Reasons, "; "))
		}
	}
}
