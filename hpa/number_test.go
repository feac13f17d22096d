package hpa

import (
	"math"
	"math/big"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"
	"pgregory.net/rapid"
)

func TestN1ConversionOutOfRange(t *testing.T) {
	released, fixed := Fixes{}, AllFixes()
	for _, c := range []struct {
		x                      float64
		amd64, saturated       int32
		amd64Wide, saturated64 int64
	}{
		{0, 0, 0, 0, 0},
		{-1.9, -1, -1, -1, -1},
		{math.MaxInt32, math.MaxInt32, math.MaxInt32, math.MaxInt32, math.MaxInt32},
		{math.MaxInt32 + 0.5, math.MaxInt32, math.MaxInt32, math.MaxInt32, math.MaxInt32},
		{math.MaxInt32 + 1, math.MinInt32, math.MaxInt32, math.MaxInt32 + 1, math.MaxInt32 + 1},
		{math.MinInt32 - 0.5, math.MinInt32, math.MinInt32, math.MinInt32, math.MinInt32},
		{math.MinInt32 - 1, math.MinInt32, math.MinInt32, math.MinInt32 - 1, math.MinInt32 - 1},
		{math.Inf(1), math.MinInt32, math.MaxInt32, math.MinInt64, math.MaxInt64},
		{math.Inf(-1), math.MinInt32, math.MinInt32, math.MinInt64, math.MinInt64},
		{math.NaN(), math.MinInt32, 0, math.MinInt64, 0},
		{1 << 63, math.MinInt32, math.MaxInt32, math.MinInt64, math.MaxInt64},
	} {
		if got := released.toInt32(c.x); got != c.amd64 {
			t.Errorf("toInt32(%v) = %d, want %d", c.x, got, c.amd64)
		}
		if got := fixed.toInt32(c.x); got != c.saturated {
			t.Errorf("saturated toInt32(%v) = %d, want %d", c.x, got, c.saturated)
		}
		if got := released.toInt64(c.x); got != c.amd64Wide {
			t.Errorf("toInt64(%v) = %d, want %d", c.x, got, c.amd64Wide)
		}
		if got := fixed.toInt64(c.x); got != c.saturated64 {
			t.Errorf("saturated toInt64(%v) = %d, want %d", c.x, got, c.saturated64)
		}
	}
}

func TestN2QuantitiesInThousandths(t *testing.T) {
	released, fixed := Fixes{}, AllFixes()
	for text, want := range map[string][2]int64{
		"1n":                  {1, 1},
		"100000001n":          {101, 101},
		"-0.5m":               {-1, -1},
		"10E":                 {0, math.MaxInt64},
		"9223372036854775807": {-1000, math.MaxInt64},
		"2":                   {2000, 2000},
	} {
		q := resource.MustParse(text)
		if got := released.milli(&q); got != want[0] {
			t.Errorf("%s in thousandths = %d, want %d", text, got, want[0])
		}
		if got := fixed.milli(&q); got != want[1] {
			t.Errorf("%s in thousandths, saturated = %d, want %d", text, got, want[1])
		}
	}
}

// TestSaturatedArithmetic holds the clever saturating sums and products against exact ones.
func TestSaturatedArithmetic(t *testing.T) {
	fixed, released := AllFixes(), Fixes{}
	clamp := func(x *big.Int) int64 {
		switch {
		case x.IsInt64():
			return x.Int64()
		case x.Sign() > 0:
			return math.MaxInt64
		}
		return math.MinInt64
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		c := rapid.Int64().Filter(func(c int64) bool { return c != 0 }).Draw(t, "c")
		x, y, z := big.NewInt(a), big.NewInt(b), big.NewInt(c)
		if got, want := fixed.add(a, b), clamp(new(big.Int).Add(x, y)); got != want {
			t.Errorf("add(%d, %d) = %d, want %d", a, b, got, want)
		}
		if got, want := fixed.mulDiv(a, b, c), clamp(new(big.Int).Quo(new(big.Int).Mul(x, y), z)); got != want {
			t.Errorf("mulDiv(%d, %d, %d) = %d, want %d", a, b, c, got, want)
		}
		if got := released.add(a, b); got != a+b {
			t.Errorf("wrapping add(%d, %d) = %d", a, b, got)
		}
	})
}
