package keda

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/scalemath/scalemath/internal/conformance/replay"
)

// TestKinds holds every kind against the record by itself, so that one sees which of them agree.
func TestKinds(t *testing.T) {
	vectors, err := replay.Locate("keda")
	if err != nil {
		t.Fatal(err)
	}
	byKind := map[string][][]byte{}
	for c, err := range vectors.Cases("cases") {
		if err != nil {
			t.Fatal(err)
		}
		var q question
		if err := json.Unmarshal(c.Question, &q); err != nil {
			t.Fatal(err)
		}
		byKind[q.Kind] = append(byKind[q.Kind], c.Question)
	}
	compare := System().Kinds[0].Compare
	for _, name := range slices.Sorted(maps.Keys(kinds())) {
		t.Run(name, func(t *testing.T) {
			equal := 0
			for _, text := range byKind[name] {
				a, err := answer(text)
				if err != nil {
					t.Errorf("%s: %v", text, err)
					continue
				}
				got, err := json.Marshal(a.Line)
				if err != nil {
					t.Fatal(err)
				}
				if diff, err := replay.Diff(compare, text, text, got); err != nil || diff != "" {
					t.Errorf("(-upstream +ours) %v\n%s\n%s", err, diff, text)
					continue
				}
				equal++
			}
			t.Logf("%s: %d of %d equal", name, equal, len(byKind[name]))
			if len(byKind[name]) == 0 {
				t.Error("no cases")
			}
		})
	}
}
