package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var rewrite = flag.Bool("rewrite", false, "write testdata/story.txt anew")

// told runs the command.
func told(t *testing.T, status int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	if got := run(args, &out, &err); got != status {
		var differ []string
		for line := range strings.Lines(out.String()) {
			if strings.Contains(line, "DIFFERS") || strings.Contains(line, `"equal":false`) {
				differ = append(differ, line)
			}
		}
		t.Fatalf("%v: exit status %d, want %d\n%s%s", args, got, status, &err, strings.Join(differ, ""))
	}
	return out.String(), err.String()
}

func TestStory(t *testing.T) {
	const golden = "testdata/story.txt"
	story, _ := told(t, 0)
	if *rewrite {
		if err := os.WriteFile(golden, []byte(story), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(story, "\n")); diff != "" {
		t.Errorf("go test ./examples/workshop -rewrite writes it anew:\n%s", diff)
	}
	for i, line := range strings.Split(story, "\n") {
		if n := utf8.RuneCountInString(line); n > pageWidth {
			t.Errorf("line %d has %d cells: %s", i+1, n, line)
		}
		if strings.TrimRight(line, " ") != line {
			t.Errorf("line %d ends in spaces", i+1)
		}
	}
}

func TestTheSameSeedTellsTheSameStory(t *testing.T) {
	stories := map[string]bool{}
	for _, seed := range []string{"1", "2", "3"} {
		first, _ := told(t, 0, "-seed", seed) // every outcome is as expected, whatever is drawn
		again, _ := told(t, 0, "-seed", seed)
		if first != again {
			t.Errorf("seed %s tells two stories", seed)
		}
		stories[first] = true
	}
	if len(stories) < 2 {
		t.Error("the seed decides nothing")
	}
}

func TestEveryChapterStandsAlone(t *testing.T) {
	for _, name := range names() {
		t.Run(name, func(t *testing.T) {
			story, _ := told(t, 0, "-chapter", name)
			if !strings.Contains(story, strings.ToUpper(name)+"  ") || strings.Contains(story, foreword[:20]) || !strings.Contains(story, "  ok  ") {
				t.Error(story)
			}
		})
	}
}

func TestJSONLines(t *testing.T) {
	story, _ := told(t, 0, "-o", "json")
	kinds := map[Kind]int{}
	var last Event
	for line := range strings.Lines(story) {
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		last = Event{}
		if err := d.Decode(&last); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		kinds[last.Kind]++
		if last.Kind == KindCheck && (last.Equal == nil || *last.Equal != (last.Expected == last.Seen)) {
			t.Error(line)
		}
	}
	if kinds[KindChapter] != len(chapters()) || kinds[KindEnd] != 1 || last.Kind != KindEnd || !*last.Equal {
		t.Errorf("%v, ending in %+v", kinds, last)
	}
	for _, kind := range []Kind{KindSay, KindSaw, KindDecided, KindWhy, KindTable, KindCheck, KindCourse} {
		if kinds[kind] == 0 {
			t.Errorf("nothing of kind %s", kind)
		}
	}
}

func TestAnOutcomeThatDiffersIsTold(t *testing.T) {
	wrong := Chapter{Name: "wrong", Title: "of a difference", Tell: func(t *Teller) error {
		t.Check("first", 1, 1)
		t.Check("second", 548, "549m")
		return nil
	}}
	var out, err bytes.Buffer
	if status := tell([]Chapter{wrong}, 1, newTextWriter(&out), &err); status != exitDiffers {
		t.Errorf("exit status %d", status)
	}
	for _, want := range []string{"DIFFERS  second: expected 548, seen 549m\n", "1 of 2 outcomes as expected\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, &out)
		}
	}
}

func TestAChapterThatFailsOrChecksNothing(t *testing.T) {
	for name, tells := range map[string]func(*Teller) error{
		"fails":   func(t *Teller) error { t.Check("it", 1, 1); return errors.New("boom") },
		"nothing": func(*Teller) error { return nil },
	} {
		var out, err bytes.Buffer
		if status := tell([]Chapter{{Name: name, Tell: tells}}, 1, newTextWriter(&out), &err); status != exitDiffers {
			t.Errorf("%s: exit status %d", name, status)
		}
		if name == "fails" && !strings.Contains(err.String(), "chapter fails: boom") {
			t.Errorf("%s", &err)
		}
	}
}

// broken is a pipe whose reader is gone.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestOutputThatCannotBeWritten(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var err bytes.Buffer
		if status := run([]string{"-o", format, "-chapter", "proportional"}, broken{}, &err); status != exitDiffers || !strings.Contains(err.String(), "broken pipe") {
			t.Errorf("%s: exit status %d, %s", format, status, &err)
		}
	}
}

func TestUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-chapter", "x"}, `there is no chapter "x"; there are metrics, hpa, `},
		{[]string{"-o", "yaml"}, `-o: "yaml" is neither text nor json`},
		{[]string{"-speed", "-1"}, "-speed: -1"},
		{[]string{"-speed", "NaN"}, "-speed: NaN"},
		{[]string{"-speed", "1e300"}, "-speed: 1e+300"},
		{[]string{"more"}, `unexpected argument "more"`},
		{[]string{"-seed", "x"}, "invalid value"},
	} {
		if _, stderr := told(t, exitUsage, c.args...); !strings.Contains(stderr, c.want) {
			t.Errorf("%v: %s", c.args, stderr)
		}
	}
	if _, stderr := told(t, 0, "-h"); !strings.Contains(stderr, "-chapter") {
		t.Error(stderr)
	}
}
