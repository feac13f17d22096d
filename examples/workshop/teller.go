package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Kind is what an event of the story is.
type Kind string

// The kinds.
const (
	KindChapter Kind = "chapter" // a chapter begins
	KindSay     Kind = "say"     // the teller speaks
	KindSaw     Kind = "saw"     // what an autoscaler was given
	KindDecided Kind = "decided" // what it decided
	KindWhy     Kind = "why"     // why
	KindTable   Kind = "table"   // figures, or an object
	KindBars    Kind = "bars"    // how full things are
	KindCourse  Kind = "course"  // how a number went
	KindCheck   Kind = "check"   // what is expected against what came out
	KindEnd     Kind = "end"     // the sum of the checks
)

// Event is one thing told.
type Event struct {
	Chapter  string   `json:"chapter,omitempty"`
	At       string   `json:"at,omitempty"` // time since the chapter's beginning
	Kind     Kind     `json:"kind"`
	Text     string   `json:"text,omitempty"`
	Lines    []string `json:"lines,omitempty"`
	Bars     []Bar    `json:"bars,omitempty"`
	Course   *Course  `json:"course,omitempty"`
	Expected string   `json:"expected,omitempty"` // of a check: by the workshop's page
	Seen     string   `json:"seen,omitempty"`     // of a check: what came out
	Equal    *bool    `json:"equal,omitempty"`

	at time.Duration
}

// Bar is how much of something is taken.
type Bar struct {
	Name  string  `json:"name"`
	Part  float64 `json:"part"` // from 0 to 1
	Label string  `json:"label"`
}

// Course is how a number went, one value for each step of time.
type Course struct {
	Every  string `json:"every"`
	Values []int  `json:"values"`

	every time.Duration
}

// listener takes events as they are told.
type listener interface {
	tell(e Event) error
	// flush is called at the end.
	flush() error
}

// Teller tells a chapter: every method is one event. Times are since the chapter began; they only order the telling.
type Teller struct {
	Seed uint64 // of everything that is drawn

	out             listener
	chapter         string
	at              time.Duration
	timed           bool
	checked, differ int
	err             error
}

func (t *Teller) begin(c Chapter) {
	t.chapter, t.at, t.timed = c.Name, 0, false
	t.tell(Event{Kind: KindChapter, Text: c.Title})
}

func (t *Teller) end() {
	t.chapter, t.at, t.timed = "", 0, false
	equal := t.differ == 0
	t.tell(Event{Kind: KindEnd, Equal: &equal, Text: fmt.Sprintf("%d of %d outcomes as expected", t.checked-t.differ, t.checked)})
	t.flush()
}

func (t *Teller) flush() {
	if err := t.out.flush(); t.err == nil {
		t.err = err
	}
}

func (t *Teller) tell(e Event) {
	e.Chapter, e.at = t.chapter, t.at
	if t.timed {
		e.At = short(t.at)
	}
	if err := t.out.tell(e); t.err == nil {
		t.err = err
	}
}

// At sets the time of what is told next.
func (t *Teller) At(since time.Duration) *Teller {
	t.at, t.timed = since, true
	return t
}

// Say speaks to the reader.
func (t *Teller) Say(text string) {
	t.timed = false
	t.tell(Event{Kind: KindSay, Text: text})
}

// Untimed tells what comes next outside time.
func (t *Teller) Untimed() *Teller {
	t.timed = false
	return t
}

// Saw tells what an autoscaler was given.
func (t *Teller) Saw(format string, args ...any) {
	t.tell(Event{Kind: KindSaw, Text: fmt.Sprintf(format, args...)})
}

// Decided tells what an autoscaler decided.
func (t *Teller) Decided(format string, args ...any) {
	t.tell(Event{Kind: KindDecided, Text: fmt.Sprintf(format, args...)})
}

// Why tells why, in the decision's own words.
func (t *Teller) Why(explain func(io.Writer) error) {
	if lines := t.lines(explain); len(lines) > 0 {
		t.tell(Event{Kind: KindWhy, Lines: lines})
	}
}

// Table shows lines as they are.
func (t *Teller) Table(title string, write func(io.Writer) error) {
	t.tell(Event{Kind: KindTable, Text: title, Lines: t.lines(write)})
}

func (t *Teller) lines(write func(io.Writer) error) []string {
	var text strings.Builder
	if err := write(&text); err != nil && t.err == nil {
		t.err = err
	}
	if text.Len() == 0 {
		return nil
	}
	return strings.Split(strings.TrimRight(text.String(), "\n"), "\n")
}

// Bars shows how full things are.
func (t *Teller) Bars(title string, bars ...Bar) {
	t.tell(Event{Kind: KindBars, Text: title, Bars: bars})
}

// Course shows how a number went.
func (t *Teller) Course(title string, every time.Duration, values []int) {
	t.tell(Event{Kind: KindCourse, Text: title, Course: &Course{Every: short(every), Values: values, every: every}})
}

// Check compares what came out with what is expected.
func (t *Teller) Check(what string, expected, seen any) {
	want, got := fmt.Sprint(expected), fmt.Sprint(seen)
	equal := want == got
	t.checked++
	if !equal {
		t.differ++
	}
	t.tell(Event{Kind: KindCheck, Text: what, Expected: want, Seen: got, Equal: &equal})
}
