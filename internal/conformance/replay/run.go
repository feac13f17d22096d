package replay

import (
	"encoding/json"
	"testing"

	"github.com/scalemath/scalemath/internal/conformance"
)

// shown is how many differences of a kind are printed.
const shown = 3

// Run answers every recorded question of a system, one subtest a kind, and fails on the first differences. It logs how
// many cases there were and how many agreed.
func Run(t *testing.T, system conformance.System) {
	vectors, err := Locate(system.Name)
	if err != nil {
		t.Fatal(err)
	}
	if !vectors.Complete {
		t.Logf("%s: the whole record is not beside this checkout; replaying the committed subset", system.Name)
	}
	for _, kind := range system.Kinds {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			cases, equal := 0, 0
			for c, err := range vectors.Cases(kind.Name) {
				if err != nil {
					t.Fatal(err)
				}
				cases++
				diff := check(kind, c)
				if diff == "" {
					equal++
				} else if cases-equal <= shown {
					t.Errorf("case %d (-upstream +ours):\n%s", cases, diff)
				}
			}
			t.Logf("%s %s: %d of %d equal", system.Name, kind.Name, equal, cases)
			if cases == 0 || equal < cases {
				t.Fail()
			}
		})
	}
}

func check(kind conformance.Kind, c Case) string {
	answer, err := kind.Answer(c.Question)
	if err != nil {
		return "the question was refused: " + err.Error()
	}
	line, err := json.Marshal(answer.Line)
	if err != nil {
		return "our answer has no JSON form: " + err.Error()
	}
	diff, err := Diff(kind.Compare, c.Question, c.Answer, line)
	if err != nil {
		return err.Error()
	}
	return diff
}
