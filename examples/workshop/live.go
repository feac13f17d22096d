package main

import (
	"fmt"
	"io"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

const (
	asciiProfile = termenv.Ascii
	// maxSpeed is where a day passes in less than a tenth of a millisecond.
	maxSpeed = 1e9
	// frame is how often the progress line is written anew.
	frame = 100 * time.Millisecond
)

// live lets time pass between events. On a terminal a line tells how far the story is; it stands on standard error, so
// that what is told can be piped on.
type live struct {
	next     listener
	progress io.Writer // nil where it is no terminal
	speed    float64
	chapter  string
	at       time.Duration
	dirty    bool // the progress line is there
	sleep    func(time.Duration)
}

func newLive(next listener, stderr io.Writer, speed float64) *live {
	l := &live{next: next, speed: speed, sleep: time.Sleep}
	if lipgloss.NewRenderer(stderr).ColorProfile() != asciiProfile {
		l.progress = stderr
	}
	return l
}

func (l *live) tell(e Event) error {
	if e.Chapter != l.chapter {
		l.chapter, l.at = e.Chapter, 0
	}
	l.at = min(l.at, e.at) // a chapter may begin anew
	for e.at > l.at {
		step := min(e.at-l.at, time.Duration(l.speed*float64(frame)))
		l.write("\r\x1b[K%s %s", l.chapter, (l.at + step).Round(time.Second))
		l.dirty = true
		l.sleep(time.Duration(float64(step) / l.speed))
		l.at += max(step, 1)
	}
	if l.dirty {
		l.write("\r\x1b[K")
		l.dirty = false
	}
	return l.next.tell(e)
}

func (l *live) flush() error { return l.next.flush() }

func (l *live) write(format string, args ...any) {
	if l.progress != nil {
		fmt.Fprintf(l.progress, format, args...)
	}
}
