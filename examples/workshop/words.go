package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
)

// lines writes texts, a line each.
func lines(texts ...string) func(io.Writer) error {
	return func(w io.Writer) error {
		for _, text := range texts {
			if _, err := fmt.Fprintln(w, text); err != nil {
				return err
			}
		}
		return nil
	}
}

// without is an explanation less the lines that have one of these words in them.
func without(explain func(io.Writer) error, words ...string) func(io.Writer) error {
	return func(w io.Writer) error {
		var text strings.Builder
		if err := explain(&text); err != nil {
			return err
		}
	next:
		for _, line := range strings.Split(strings.TrimRight(text.String(), "\n"), "\n") {
			for _, word := range words {
				if strings.Contains(line, word) {
					continue next
				}
			}
			if _, err := fmt.Fprintln(w, clock(strings.TrimSpace(line))); err != nil {
				return err
			}
		}
		return nil
	}
}

// count writes a number of things: 1 node, 2 nodes.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// short writes a duration without what is zero at its end: 5m rather than 5m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

var instant = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)`)

// clock writes the instants in a text as the clock in Seoul shows them: the story is of one day and in one place.
func clock(text string) string {
	return instant.ReplaceAllStringFunc(text, func(found string) string {
		at, err := time.Parse(time.RFC3339, found)
		if err != nil {
			return found
		}
		return at.In(nine.Location()).Format(time.TimeOnly)
	})
}
