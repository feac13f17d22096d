package vpa_test

import (
	"testing"

	"github.com/scalemath/scalemath/internal/conformance/vpa"
	"github.com/scalemath/scalemath/internal/conformance/replay"
)

func FuzzAnswer(f *testing.F) { replay.Fuzz(f, vpa.System(), 4000) }
