package histogram

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestExp2IsTheStandardLibrarysToTheBit(t *testing.T) {
	check := func(x float64) {
		t.Helper()
		if got, want := exp2(x), math.Exp2(x); math.Float64bits(got) != math.Float64bits(want) && got == got {
			t.Fatalf("exp2(%v) = %x, math.Exp2 gives %x", x, math.Float64bits(got), math.Float64bits(want))
		}
	}
	for i := -110_000; i <= 110_000; i++ {
		check(float64(i) / 1000)
	}
	for second := range 86400 * 3 {
		check(float64(second) / 86400)
	}
	for _, x := range []float64{0, math.Copysign(0, -1), 1023.9, 1024, -1022, -1075, -1e9, 1e9, math.Inf(1), math.Inf(-1), math.NaN(),
		math.SmallestNonzeroFloat64, 0.5, -0.5, 999.9999999, -999.9999999} {
		check(x)
	}
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64().Draw(t, "x")
		if got, want := exp2(x), math.Exp2(x); math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("exp2(%v) = %v, math.Exp2 gives %v", x, got, want)
		}
	})
}
