package karpenter_test

import (
	"testing"

	"github.com/scalemath/scalemath/internal/conformance/karpenter"
	"github.com/scalemath/scalemath/internal/conformance/replay"
)

func FuzzAnswer(f *testing.F) { replay.Fuzz(f, karpenter.System(), 9000) }
