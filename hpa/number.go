package hpa

import (
	"math"
	"math/bits"

	"k8s.io/apimachinery/pkg/api/resource"
)

// toInt32 converts as the profile's processor does: out of range and NaN give the smallest int32 on amd64 (N1), or the
// nearest one where conversions saturate.
func (f *Fixes) toInt32(x float64) int32 {
	// The bounds are exact in float64; truncation towards zero keeps anything between them in range.
	if x > math.MinInt32-1 && x < math.MaxInt32+1 {
		return int32(x)
	}
	switch {
	case !f.SaturateConversions:
		return math.MinInt32
	case x > 0:
		return math.MaxInt32
	case x < 0:
		return math.MinInt32
	}
	return 0 // NaN
}

// toInt64 is toInt32 for 64 bits.
func (f *Fixes) toInt64(x float64) int64 {
	if x >= math.MinInt64 && x < math.MaxInt64 { // the latter rounds to 2^63
		return int64(x)
	}
	switch {
	case !f.SaturateConversions:
		return math.MinInt64
	case x > 0:
		return math.MaxInt64
	case x < 0:
		return math.MinInt64
	}
	return 0
}

// add sums readings: wrapping (N3), or saturating.
func (f *Fixes) add(a, b int64) int64 {
	sum := a + b
	if f.SaturateSums && (a >= 0) == (b >= 0) && (sum >= 0) != (a >= 0) {
		if a >= 0 {
			return math.MaxInt64
		}
		return math.MinInt64
	}
	return sum
}

// mulDiv is a*b/c, truncated: in wrapping 64 bits (U3), or exact and then saturating. c is not 0.
func (f *Fixes) mulDiv(a, b, c int64) int64 {
	if !f.SaturateSums {
		return a * b / c
	}
	negative := (a < 0) != (b < 0) != (c < 0)
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	if divisor := magnitude(c); high < divisor {
		if quotient, _ := bits.Div64(high, low, divisor); quotient <= math.MaxInt64 {
			if negative {
				return -int64(quotient)
			}
			return int64(quotient)
		}
	}
	if negative {
		return math.MinInt64
	}
	return math.MaxInt64
}

func magnitude(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

// percent narrows a utilization to int32, wrapping (N5) or saturating.
func (f *Fixes) percent(p int64) int32 {
	if f.SaturateSums {
		p = min(max(p, math.MinInt32), math.MaxInt32)
	}
	return int32(p)
}

// addReplicas moves a replica count by a policy's value: wrapping (B7), or saturating.
func (f *Fixes) addReplicas(a, b int32) int32 {
	if f.SaturatePolicies {
		return int32(min(max(int64(a)+int64(b), math.MinInt32), math.MaxInt32))
	}
	return a + b
}

// milli reads a quantity in thousandths, rounded away from zero (N2).
func (f *Fixes) milli(q *resource.Quantity) int64 {
	if f.SaturateQuantities {
		if q.CmpInt64(math.MaxInt64/1000) > 0 {
			return math.MaxInt64
		}
		if q.CmpInt64(math.MinInt64/1000) < 0 {
			return math.MinInt64
		}
	}
	return q.MilliValue()
}
