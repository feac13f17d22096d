package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 5, []string{""}},
		{"one two", 7, []string{"one two"}},
		{"one two", 6, []string{"one", "two"}},
		{"one two three", 7, []string{"one two", "three"}},
		{"unbreakable", 5, []string{"unbreakable"}},
		{"  indented text", 10, []string{"  indented", "text"}},
		{"a margin of 15 %", 15, []string{"a margin of", "15 %"}},
		{"15 %", 3, []string{"15 %"}},
		{"% of all", 2, []string{"%", "of", "all"}},
		{"one\ntwo", 9, []string{"one", "two"}},
		{"한국 서울 시간", 5, []string{"한국 서울", "시간"}},
	} {
		if got := wrap(c.text, c.width, 0); !slices.Equal(got, c.want) {
			t.Errorf("%q in %d: %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

func TestWrapWithHangingLines(t *testing.T) {
	if got, want := wrap("one two three four", 9, 4), []string{"one two", "three", "four"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestBars(t *testing.T) {
	bars := []Bar{{"a", 0, "none"}, {"longer", 0.5, "half"}, {"b", 1, "full"}, {"c", 7, "too much"}, {"d", -1, "too little"}}
	want := []string{
		"a       ░░░░░░░░░░░░░░░░░░░░░░░░  none",
		"longer  ████████████░░░░░░░░░░░░  half",
		"b       ████████████████████████  full",
		"c       ████████████████████████  too much",
		"d       ░░░░░░░░░░░░░░░░░░░░░░░░  too little",
	}
	if got := drawBars(bars, true); !slices.Equal(got, want) {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	if got := drawBars(bars[1:2], false); got[0] != "longer  half" {
		t.Error(got[0])
	}
}

func TestCourse(t *testing.T) {
	c := &Course{Values: []int{0, 0, 1, 4, 8}, every: 30 * time.Second}
	if got, want := drawCourse(c, true), []string{"  ▁▄█", "0 for 1m, 1 for 30s, 4 for 30s, 8 for 30s"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	long := make([]int, 1000)
	long[500] = 3
	line := []rune(sparkline(long))
	if len(line) > pageWidth || strings.Count(string(line), "█") != 1 {
		t.Errorf("%d cells: %s", len(line), string(line))
	}
	if got := sparkline(nil); got != "" {
		t.Errorf("%q of nothing", got)
	}
}

func TestShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 15 * time.Second: "15s", 5 * time.Minute: "5m", time.Hour: "1h", 75 * time.Second: "1m15s", time.Hour + 10*time.Second: "1h0m10s", 10 * time.Minute: "10m",
	} {
		if got := short(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}

// keeper keeps what it is told.
type keeper struct{ events []Event }

func (k *keeper) tell(e Event) error { k.events = append(k.events, e); return nil }

func (k *keeper) flush() error { return nil }

func TestLiveTellingTakesItsTime(t *testing.T) {
	var progress bytes.Buffer
	var slept time.Duration
	out := &keeper{}
	l := &live{next: out, progress: &progress, speed: 60, sleep: func(d time.Duration) { slept += d }}
	tells := Chapter{Name: "slow", Tell: func(t *Teller) error {
		t.At(time.Minute).Saw("one")
		t.At(10 * time.Minute).Saw("two")
		t.Untimed().Check("it", 1, 1)
		return nil
	}}
	if status := tell([]Chapter{tells, tells}, 1, l, &bytes.Buffer{}); status != 0 {
		t.Fatal(status)
	}
	if want := 20 * time.Second; slept < want-time.Millisecond || slept > want+time.Millisecond {
		t.Errorf("slept for %s, want %s", slept, want)
	}
	if len(out.events) != 10 || !strings.Contains(progress.String(), "slow 5m") {
		t.Errorf("%d events; %q", len(out.events), progress.String())
	}
}

func TestClock(t *testing.T) {
	for in, want := range map[string]string{
		"until 2023-05-01T00:25:00Z":      "until 09:25:00",
		"at 2023-05-01T09:04:30+09:00, 1": "at 09:04:30, 1",
		"2023-99-01T09:04:30Z":            "2023-99-01T09:04:30Z",
	} {
		if got := clock(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
