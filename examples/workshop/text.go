package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// barWidth is how many cells a full bar has.
const barWidth = 24

// textWriter writes events for people. Colour, and blocks instead of signs in bars, appear on terminals only.
type textWriter struct {
	w     *bufio.Writer
	fancy bool

	title, heading, faint, good, bad lipgloss.Style
}

func newTextWriter(w io.Writer) *textWriter {
	r := lipgloss.NewRenderer(w)
	return &textWriter{
		w: bufio.NewWriter(w), fancy: r.ColorProfile() != asciiProfile,
		title:   r.NewStyle().Bold(true).Foreground(lipgloss.Color("12")),
		heading: r.NewStyle().Bold(true),
		faint:   r.NewStyle().Foreground(lipgloss.Color("8")),
		good:    r.NewStyle().Foreground(lipgloss.Color("2")),
		bad:     r.NewStyle().Bold(true).Foreground(lipgloss.Color("1")),
	}
}

func (t *textWriter) tell(e Event) error {
	when := ""
	if e.At != "" {
		when = t.faint.Render(fmt.Sprintf("%8s  ", e.At))
	}
	switch e.Kind {
	case KindChapter:
		fmt.Fprintf(t.w, "\n%s\n", t.title.Render(strings.ToUpper(e.Chapter)+"  "+e.Text))
	case KindSay:
		fmt.Fprintf(t.w, "\n%s\n\n", e.Text)
	case KindSaw:
		fmt.Fprintf(t.w, "%s%s %s\n", when, t.faint.Render("saw    "), e.Text)
	case KindDecided:
		fmt.Fprintf(t.w, "%s%s %s\n", when, t.heading.Render("decided"), e.Text)
	case KindWhy:
		t.lines(e.Lines)
	case KindTable:
		fmt.Fprintln(t.w, t.heading.Render(e.Text))
		t.lines(e.Lines)
	case KindBars:
		t.bars(when, e)
	case KindCheck:
		t.check(e)
	case KindEnd:
		style := t.good
		if !*e.Equal {
			style = t.bad
		}
		fmt.Fprintf(t.w, "\n%s\n", style.Render(e.Text))
	}
	return t.w.Flush()
}

func (t *textWriter) flush() error { return t.w.Flush() }

func (t *textWriter) lines(lines []string) {
	for _, l := range lines {
		fmt.Fprintln(t.w, t.faint.Render("    "+l))
	}
}

func (t *textWriter) bars(when string, e Event) {
	fmt.Fprintf(t.w, "%s%s\n", when, t.heading.Render(e.Text))
	full, empty := "#", "."
	if t.fancy {
		full, empty = "█", "░"
	}
	width := 0
	for _, b := range e.Bars {
		width = max(width, len(b.Name))
	}
	for _, b := range e.Bars {
		n := int(math.Round(min(max(b.Part, 0), 1) * barWidth))
		fmt.Fprintf(t.w, "    %-*s %s %s\n", width, b.Name, strings.Repeat(full, n)+strings.Repeat(empty, barWidth-n), b.Label)
	}
}

func (t *textWriter) check(e Event) {
	if *e.Equal {
		fmt.Fprintf(t.w, "  %s %s: expected %s, seen %s\n", t.good.Render("ok"), e.Text, e.Expected, e.Seen)
		return
	}
	fmt.Fprintf(t.w, "  %s\n", t.bad.Render(fmt.Sprintf("DIFFERS %s: expected %s, seen %s", e.Text, e.Expected, e.Seen)))
}

// jsonWriter writes one event a line.
type jsonWriter struct{ enc *json.Encoder }

func newJSONWriter(w io.Writer) jsonWriter {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return jsonWriter{enc}
}

func (j jsonWriter) tell(e Event) error { return j.enc.Encode(e) }

func (j jsonWriter) flush() error { return nil }
