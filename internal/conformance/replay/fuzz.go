package replay

import (
	"encoding/json"
	"testing"

	"github.com/scalemath/scalemath/internal/conformance"
)

// seeds is how many recorded questions of each kind a fuzz run begins with.
const seeds = 30

// Fuzz puts mutations of recorded questions, of those not longer than so many bytes, and wants neither a panic nor an answer
// without JSON form.
func Fuzz(f *testing.F, system conformance.System, longest int) {
	vectors, err := Locate(system.Name)
	if err != nil {
		f.Fatal(err)
	}
	for k, kind := range system.Kinds {
		n := 0
		for c, err := range vectors.Cases(kind.Name) {
			if err != nil {
				f.Fatal(err)
			}
			if len(c.Question) < longest {
				f.Add(k, c.Question)
			}
			if n++; n == seeds {
				break
			}
		}
	}
	f.Fuzz(func(t *testing.T, kind int, question []byte) {
		if kind < 0 || kind >= len(system.Kinds) {
			t.Skip()
		}
		answer, err := system.Kinds[kind].Answer(question)
		if err != nil {
			t.Skip(err)
		}
		if _, err := json.Marshal(answer.Line); err != nil {
			t.Fatal(err)
		}
	})
}
