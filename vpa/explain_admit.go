package vpa

import (
	"fmt"
	"io"
	"strings"
)

// String tells the admission in one line.
func (d *Admission) String() string {
	if d.Error != "" {
		return "admitted as it is: " + d.Error
	}
	changed := 0
	for i := range d.Containers {
		if d.Containers[i].Reason == "" || d.Containers[i].Boosted != nil {
			changed++
		}
	}
	return fmt.Sprintf("%d of %s set by %s", changed, plural(len(d.Containers), "container", "containers"), plural(len(d.Patch), "operation", "operations"))
}

// Explain tells what each container is given, and why.
func (d *Admission) Explain(w io.Writer) error {
	p := &printer{w: w}
	p.line("%s", d)
	for i := range d.Containers {
		c := &d.Containers[i]
		if c.Defect != "" {
			p.line("  an upstream defect: %s", c.Defect)
		}
		switch {
		case c.Boosted != nil:
			p.line("  container %s starts with requests %s and limits %s; without the boost %s and %s", c.Name,
				list(c.Boosted.Requests), list(c.Boosted.Limits), list(c.Resources.Requests), list(c.Resources.Limits))
		case c.Reason != "":
			p.line("  container %s keeps what it has: %s", c.Name, admitTexts[c.Reason])
			continue
		default:
			p.line("  container %s: requests %s (had %s), limits %s (had %s)", c.Name,
				list(c.Resources.Requests), list(c.was.Requests), list(c.Resources.Limits), list(c.was.Limits))
		}
		if len(c.Notes) > 0 {
			p.line("    %s", strings.Join(c.Notes, "; "))
		}
	}
	return p.err
}

// admitTexts say each reason in words.
var admitTexts = map[AdmitReason]string{
	AdmitNoRecommendation: "there is no recommendation for it",
	AdmitModeOff:          "mode Off applies nothing",
	AdmitContainerOff:     "its policy's mode is Off",
}
