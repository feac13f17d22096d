package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/lipgloss"
)

// The page, in cells.
const (
	pageWidth   = 100
	clockWidth  = 8 // of the column with the time
	labelWidth  = 9 // of the column with saw, decided
	checkMargin = 6
	checkWidth  = 58 // of the column with what is checked
)

// textWriter writes events for people. Colour and pictures appear on terminals only.
type textWriter struct {
	w     *bufio.Writer
	fancy bool
	last  Event // the one before

	title, heading, faint, good, bad lipgloss.Style
}

func newTextWriter(w io.Writer) *textWriter {
	r := lipgloss.NewRenderer(w)
	return &textWriter{
		w: bufio.NewWriter(w), fancy: r.ColorProfile() != asciiProfile,
		title:   r.NewStyle().Bold(true).Foreground(lipgloss.Color("12")),
		heading: r.NewStyle().Bold(true),
		faint:   r.NewStyle().Faint(true),
		good:    r.NewStyle().Foreground(lipgloss.Color("2")),
		bad:     r.NewStyle().Bold(true).Foreground(lipgloss.Color("1")),
	}
}

func (t *textWriter) tell(e Event) error {
	t.space(e)
	switch e.Kind {
	case KindChapter:
		title := strings.ToUpper(e.Chapter) + "  " + e.Text
		fmt.Fprintf(t.w, "%s\n%s\n", t.title.Render(title), t.faint.Render(strings.Repeat("-", utf8.RuneCountInString(title))))
	case KindSay:
		for _, line := range wrap(e.Text, pageWidth, 0) {
			fmt.Fprintln(t.w, line)
		}
	case KindSaw:
		t.row(e, t.faint, "saw")
	case KindDecided:
		t.row(e, t.heading, "decided")
	case KindWhy:
		t.lines(e.Lines, t.margin(e)+labelWidth, t.faint)
	case KindTable:
		fmt.Fprintln(t.w, t.before(e)+t.heading.Render(e.Text))
		t.lines(e.Lines, t.margin(e)+2, lipgloss.NewStyle())
	case KindBars:
		fmt.Fprintln(t.w, t.before(e)+t.heading.Render(e.Text))
		t.lines(drawBars(e.Bars, t.fancy), t.margin(e)+2, lipgloss.NewStyle())
	case KindCourse:
		fmt.Fprintln(t.w, t.before(e)+t.heading.Render(e.Text))
		t.lines(drawCourse(e.Course, t.fancy), t.margin(e)+2, lipgloss.NewStyle())
	case KindCheck:
		t.check(e)
	case KindEnd:
		style := t.good
		if !*e.Equal {
			style = t.bad
		}
		fmt.Fprintln(t.w, style.Render(e.Text))
	}
	t.last = e
	return t.w.Flush()
}

func (t *textWriter) flush() error { return t.w.Flush() }

// space leaves a line out where something else begins.
func (t *textWriter) space(e Event) {
	if t.last.Kind == "" {
		return
	}
	switch {
	case e.Kind == t.last.Kind && e.Kind != KindSay && e.Kind != KindTable && e.Kind != KindBars && e.Kind != KindCourse:
		return
	case e.Kind == KindWhy, e.Kind == KindDecided && t.last.Kind == KindSaw:
		return
	case e.Kind == KindSaw && t.last.Kind == KindDecided, e.Kind == KindDecided && t.last.Kind == KindWhy && e.At != "":
		return
	case e.Kind == KindSaw && t.last.Kind == KindWhy && e.At != "":
		return
	}
	fmt.Fprintln(t.w)
}

// margin is where the text of an event begins: behind the clock where there is one.
func (t *textWriter) margin(e Event) int {
	if e.At != "" {
		return clockWidth + 2
	}
	return 2
}

// before fills the margin, with the time where it is another one than just before.
func (t *textWriter) before(e Event) string {
	if e.At != "" && (e.At != t.last.At || e.Chapter != t.last.Chapter || t.last.Kind == KindCheck) {
		return t.faint.Render(fmt.Sprintf("%*s  ", clockWidth, e.At))
	}
	return strings.Repeat(" ", t.margin(e))
}

func (t *textWriter) row(e Event, style lipgloss.Style, label string) {
	margin := t.margin(e) + labelWidth
	for i, line := range wrap(e.Text, pageWidth-margin, 0) {
		if i == 0 {
			fmt.Fprintf(t.w, "%s%s%s\n", t.before(e), style.Render(fmt.Sprintf("%-*s", labelWidth, label)), line)
			continue
		}
		fmt.Fprintf(t.w, "%*s%s\n", margin, "", line)
	}
}

func (t *textWriter) lines(lines []string, margin int, style lipgloss.Style) {
	for _, l := range lines {
		inner := len(l) - len(strings.TrimLeft(l, " "))
		for i, part := range wrap(l, pageWidth-margin, inner+2) {
			if i > 0 {
				part = strings.Repeat(" ", inner+2) + part
			}
			fmt.Fprintf(t.w, "%*s%s\n", margin, "", style.Render(part))
		}
	}
}

func (t *textWriter) check(e Event) {
	result := fmt.Sprintf("expected %s, seen %s", e.Expected, e.Seen)
	if !*e.Equal {
		fmt.Fprintf(t.w, "  %s\n", t.bad.Render("DIFFERS  "+e.Text+": "+result))
		return
	}
	mark := "ok"
	if t.fancy {
		mark = "✓ "
	}
	// The results are in one column, as long as they fit on the line.
	width := max(min(checkWidth, pageWidth-checkMargin-utf8.RuneCountInString(result)), utf8.RuneCountInString(e.Text)+2)
	fmt.Fprintf(t.w, "  %s  %-*s%s\n", t.good.Render(mark), width, e.Text, t.faint.Render(result))
}

// wrap breaks a text between words, and leaves a line that fits as it is. What follows a break has a narrower line, by hang.
func wrap(text string, width, hang int) []string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		room := width
		for utf8.RuneCountInString(line) > room {
			at := breakAt(line, room)
			if len(strings.TrimLeft(line[:at], " ")) == 0 {
				break // one word fills the line
			}
			out = append(out, line[:at])
			line, room = strings.TrimLeft(line[at:], " "), width-hang
		}
		out = append(out, line)
	}
	return out
}

// breakAt is the last space at which a line may break so as to fit; 0 where there is none. A per cent sign stays with its
// number.
func breakAt(line string, room int) int {
	head := string([]rune(line)[:room+1])
	at := strings.LastIndexByte(head, ' ')
	if at > 0 && strings.HasPrefix(line[at+1:], "%") {
		at = strings.LastIndexByte(head[:at], ' ')
	}
	return max(at, 0)
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
