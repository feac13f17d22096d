package karpenter_test

import (
	"testing"

	"github.com/scalemath/scalemath/internal/conformance/karpenter"
	"github.com/scalemath/scalemath/internal/conformance/replay"
)

// FuzzAnswer puts mutations of recorded questions and wants neither a panic nor an answer without JSON form.
func FuzzAnswer(f *testing.F) {
	vectors, err := replay.Locate("karpenter")
	if err != nil {
		f.Fatal(err)
	}
	system := karpenter.System()
	for k, kind := range system.Kinds {
		n := 0
		for c, err := range vectors.Cases(kind.Name) {
			if err != nil {
				f.Fatal(err)
			}
			if n++; len(c.Question) < 9000 {
				f.Add(k, c.Question)
			}
			if n == 30 {
				break
			}
		}
	}
	f.Fuzz(func(t *testing.T, kind int, question []byte) {
		if kind < 0 || kind >= len(system.Kinds) {
			t.Skip()
		}
		if _, err := system.Kinds[kind].Answer(question); err != nil {
			t.Skip(err)
		}
	})
}
