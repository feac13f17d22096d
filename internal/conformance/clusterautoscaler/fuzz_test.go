package clusterautoscaler_test

import (
	"testing"

	"github.com/scalemath/scalemath/internal/conformance/clusterautoscaler"
	"github.com/scalemath/scalemath/internal/conformance/replay"
)

func FuzzAnswer(f *testing.F) { replay.Fuzz(f, clusterautoscaler.System(), 6000) }
