package vpa_test

import (
	"testing"

	"github.com/scalemath/scalemath/internal/conformance/replay"
	"github.com/scalemath/scalemath/internal/conformance/vpa"
)

func FuzzAnswer(f *testing.F) { replay.Fuzz(f, vpa.System(), 4000) }
