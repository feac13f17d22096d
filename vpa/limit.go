package vpa

import (
	"math"
	"math/big"
	"math/bits"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// proportion is base × part / whole in whole units of the resource (thousandths of a core, or bytes), each input rounded
// up to them and the result down, in the format of base (L2). More than an int64 becomes the largest one.
func proportion(name corev1.ResourceName, base, whole, part resource.Quantity) (result resource.Quantity, capped bool) {
	if name == corev1.ResourceCPU {
		milli, capped := mulDiv(base.MilliValue(), part.MilliValue(), whole.MilliValue())
		return *resource.NewMilliQuantity(milli, base.Format), capped
	}
	value, capped := mulDiv(base.Value(), part.Value(), whole.Value())
	return *resource.NewQuantity(value, base.Format), capped
}

// mulDiv is a × b / c rounded towards minus infinity, with a product of 128 bits. A c of 0 gives a.
func mulDiv(a, b, c int64) (result int64, capped bool) {
	if c == 0 {
		return a, false
	}
	if a >= 0 && b >= 0 && c > 0 {
		hi, lo := bits.Mul64(uint64(a), uint64(b))
		if hi >= uint64(c) {
			return math.MaxInt64, true
		}
		quotient, _ := bits.Div64(hi, lo, uint64(c))
		if quotient > math.MaxInt64 {
			return math.MaxInt64, true
		}
		return int64(quotient), false
	}
	product := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
	quotient := product.Div(product, big.NewInt(c))
	if !quotient.IsInt64() {
		return math.MaxInt64, true
	}
	return quotient.Int64(), false
}

// mulDivUp is mulDiv rounded up.
func mulDivUp(a, b, c int64) (result int64, capped bool) {
	result, capped = mulDiv(a, b, c)
	if capped || c == 0 {
		return result, capped
	}
	product := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
	if new(big.Int).Mul(big.NewInt(result), big.NewInt(c)).Cmp(product) != 0 && result < math.MaxInt64 {
		result++
	}
	return result, false
}

// proportionalLimit is the limit of one resource that goes with a recommended request (L1). Without one, ok is false and
// note says why; a note with ok set says that the limit was cut.
func proportionalLimit(name corev1.ResourceName, limit, request, recommended, standard resource.Quantity) (q resource.Quantity, ok bool, note string) {
	if limit.Value() == 0 {
		limit = standard
	}
	switch {
	case limit.Value() == 0:
		return q, false, string(name) + noteNoLimit
	case recommended.Value() == 0:
		return q, false, string(name) + noteNoRequest
	case request.Value() == 0, request.MilliValue() == limit.MilliValue():
		return recommended, true, ""
	}
	q, capped := proportion(name, limit, request, recommended)
	if capped {
		note = string(name) + noteLimitCut
	}
	return q, true, note
}

// proportionalLimits are the limits that go with recommended requests, and notes about them. Without any limit the notes
// are lost (L3).
func proportionalLimits(limit, request, recommended, standard corev1.ResourceList) (corev1.ResourceList, []string) {
	var out corev1.ResourceList
	var notes []string
	for _, name := range [...]corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		q, ok, note := proportionalLimit(name, limit[name], request[name], recommended[name], standard[name])
		if note != "" {
			notes = append(notes, note)
		}
		if ok {
			if out == nil {
				out = corev1.ResourceList{}
			}
			out[name] = q
		}
	}
	if out == nil {
		return nil, nil
	}
	return out, notes
}

// requestWithin is the request that keeps its proportion to the limit where the limit is at a bound (K4). It is zero,
// which bounds nothing, where there is no limit.
func requestWithin(name corev1.ResourceName, request, limit, bound, standard resource.Quantity) resource.Quantity {
	if limit.Value() == 0 {
		limit = standard
	}
	switch {
	case limit.Value() == 0:
		return resource.Quantity{}
	case request.Value() == 0:
		return bound
	}
	q, _ := proportion(name, request, limit, bound)
	return q
}
