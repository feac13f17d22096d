package systems_test

import (
	"testing"

	"github.com/scalemath/scalemath/internal/conformance/replay"
	"github.com/scalemath/scalemath/internal/conformance/systems"
)

// TestVectors holds every system against upstream's recorded answers: all of them where the record lies beside the
// checkout, else the committed subset.
func TestVectors(t *testing.T) {
	for _, s := range systems.All() {
		t.Run(s.Name, func(t *testing.T) { replay.Run(t, s) })
	}
}
