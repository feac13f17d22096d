package kube

import (
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// Universe numbers label keys and the values known under each, so that requirements become bitsets: a [Set] of a few
// words instead of lists of strings. Fill it with all values that instance types, nodes and demands name, then compile.
// Values that come later are numbered too, and sets compiled before stay right.
type Universe struct {
	keys  map[string]int32
	under []keyValues
}

// keyValues are the values known under one key.
type keyValues struct {
	key     string
	numbers map[string]int32
	values  []string
	integer []int64
	isInt   []bool
}

// Key returns the number of a key, a new one where it was unknown.
func (u *Universe) Key(key string) int32 {
	if n, ok := u.keys[key]; ok {
		return n
	}
	if u.keys == nil {
		u.keys = map[string]int32{}
	}
	n := int32(len(u.under))
	u.keys[key] = n
	u.under = append(u.under, keyValues{key: key, numbers: map[string]int32{}})
	return n
}

// Value returns the number of a value under a key, a new one where it was unknown.
func (u *Universe) Value(key int32, value string) int32 {
	k := &u.under[key]
	if n, ok := k.numbers[value]; ok {
		return n
	}
	n := int32(len(k.values))
	k.numbers[value] = n
	k.values = append(k.values, value)
	i, err := strconv.ParseInt(value, 10, 64)
	k.integer, k.isInt = append(k.integer, i), append(k.isInt, err == nil)
	return n
}

// Len is the number of keys.
func (u *Universe) Len() int { return len(u.under) }

// KeyName is the label that a key number stands for.
func (u *Universe) KeyName(key int32) string { return u.under[key].key }

// ValueName is the value that a number stands for under a key.
func (u *Universe) ValueName(key, value int32) string { return u.under[key].values[value] }

// ValueCount is how many values are known under a key.
func (u *Universe) ValueCount(key int32) int { return len(u.under[key].values) }

// Set is a requirement as a bitset over the values of one key: the values allowed or, where Open, the values excluded.
// It obeys the laws of [Requirement] and, made by [Universe.Set], equals it in every answer.
type Set struct {
	Bits     []uint64 // by value number; missing words are zero
	Open     bool     // all values but those in Bits, also ones without a number
	Bounded  bool     // only integers from Lower to Upper; only where Open
	Lower    int64    // inclusive; math.MinInt64 where not Bounded
	Upper    int64    // inclusive; math.MaxInt64 where not Bounded
	MinValue int      // Requirement.MinValues
}

// AnyValue is the set of Exists: what an absent requirement becomes before it is narrowed.
func AnyValue() Set { return Set{Open: true, Lower: math.MinInt64, Upper: math.MaxInt64} }

// Set compiles a requirement, numbering its key and values as needed.
func (u *Universe) Set(r Requirement) (key int32, s Set) {
	key = u.Key(r.key)
	s = Set{Open: r.complement, Bounded: r.bounded, Lower: r.floor(), Upper: r.ceiling(), MinValue: r.minValues}
	for _, v := range r.values {
		s.Bits = setBit(s.Bits, u.Value(key, v))
	}
	return key, s
}

// Requirement translates a set back.
func (u *Universe) Requirement(key int32, s *Set) Requirement {
	k := &u.under[key]
	r := Requirement{key: k.key, complement: s.Open, bounded: s.Bounded, lower: s.Lower, upper: s.Upper, minValues: s.MinValue}
	for n := range s.All() {
		r.values = append(r.values, k.values[n])
	}
	slices.SortFunc(r.values, strings.Compare)
	return r
}

func setBit(b []uint64, n int32) []uint64 {
	for int(n>>6) >= len(b) {
		b = append(b, 0)
	}
	b[n>>6] |= 1 << (n & 63)
	return b
}

func hasBit(b []uint64, n int32) bool {
	return int(n>>6) < len(b) && b[n>>6]>>(n&63)&1 != 0
}

// All yields the numbers in Bits in ascending order.
func (s *Set) All() func(yield func(int32) bool) {
	return func(yield func(int32) bool) {
		for i, w := range s.Bits {
			for ; w != 0; w &= w - 1 {
				if !yield(int32(i<<6 + bits.TrailingZeros64(w))) {
					return
				}
			}
		}
	}
}

// Count is the number of values in Bits.
func (s *Set) Count() int {
	n := 0
	for _, w := range s.Bits {
		n += bits.OnesCount64(w)
	}
	return n
}

// empty tells that Bits has no value.
func (s *Set) empty() bool {
	for _, w := range s.Bits {
		if w != 0 {
			return false
		}
	}
	return true
}

// AllowsAbsent is [Requirement.AllowsAbsent].
func (s *Set) AllowsAbsent() bool { return s.Open != s.empty() }

// Operator is [Requirement.Operator].
func (s *Set) Operator() Operator {
	switch empty := s.empty(); {
	case s.Open && !empty:
		return NotIn
	case s.Open:
		return Exists
	case !empty:
		return In
	}
	return DoesNotExist
}

// Has tells whether the value with a number is in the set.
func (u *Universe) Has(key int32, s *Set, value int32) bool {
	return hasBit(s.Bits, value) != s.Open && (!s.Bounded || u.within(key, s, value))
}

func (u *Universe) within(key int32, s *Set, value int32) bool {
	k := &u.under[key]
	return k.isInt[value] && s.Lower <= k.integer[value] && k.integer[value] <= s.Upper
}

// SetsIntersect is [Requirement.Intersects]; both sets belong to the key.
func (u *Universe) SetsIntersect(key int32, a, b *Set) bool {
	if a.Open && b.Open {
		return max(a.Lower, b.Lower) <= min(a.Upper, b.Upper)
	}
	if a.Open {
		a, b = b, a
	}
	if !b.Open {
		for i := range min(len(a.Bits), len(b.Bits)) {
			if a.Bits[i]&b.Bits[i] != 0 {
				return true
			}
		}
		return false
	}
	bounded := b.Bounded
	for i, w := range a.Bits {
		if i < len(b.Bits) {
			w &^= b.Bits[i]
		}
		if w != 0 && !bounded {
			return true
		}
		for ; w != 0; w &= w - 1 {
			if u.within(key, b, int32(i<<6+bits.TrailingZeros64(w))) {
				return true
			}
		}
	}
	return false
}

// IntersectInto narrows a by b in place, as [Requirement.Intersect] does, reusing the memory of a's bits.
func (u *Universe) IntersectInto(key int32, a, b *Set) {
	a.MinValue = max(a.MinValue, b.MinValue)
	if a.Open && b.Open {
		a.Bounded, a.Lower, a.Upper = a.Bounded || b.Bounded, max(a.Lower, b.Lower), min(a.Upper, b.Upper)
		if a.Lower > a.Upper {
			a.close(nil)
			return
		}
		for i, w := range b.Bits {
			if i == len(a.Bits) {
				a.Bits = append(a.Bits, 0)
			}
			a.Bits[i] |= w
		}
		u.dropOutside(key, a, a)
		return
	}
	if !a.Open && !b.Open {
		for i := range a.Bits {
			if i < len(b.Bits) {
				a.Bits[i] &= b.Bits[i]
			} else {
				a.Bits[i] = 0
			}
		}
		return
	}
	if !a.Open {
		for i := range min(len(a.Bits), len(b.Bits)) {
			a.Bits[i] &^= b.Bits[i]
		}
		u.dropOutside(key, a, b)
		return
	}
	// An open set meets a closed one: the closed one's values stay, but those excluded and those outside of the bounds.
	bounds := Set{Open: true, Bounded: a.Bounded, Lower: a.Lower, Upper: a.Upper}
	for len(a.Bits) < len(b.Bits) {
		a.Bits = append(a.Bits, 0)
	}
	for i := range a.Bits {
		if i < len(b.Bits) {
			a.Bits[i] = b.Bits[i] &^ a.Bits[i]
		} else {
			a.Bits[i] = 0
		}
	}
	a.close(a.Bits)
	u.dropOutside(key, a, &bounds)
}

// close makes the set closed, without bounds.
func (s *Set) close(b []uint64) {
	if b == nil {
		b = s.Bits[:0]
	}
	s.Bits, s.Open, s.Bounded, s.Lower, s.Upper = b, false, false, math.MinInt64, math.MaxInt64
}

// dropOutside takes away the bits outside of the bounds of b.
func (u *Universe) dropOutside(key int32, a, b *Set) {
	if !b.Bounded {
		return
	}
	for i, w := range a.Bits {
		for ; w != 0; w &= w - 1 {
			n := int32(i<<6 + bits.TrailingZeros64(w))
			if !u.within(key, b, n) {
				a.Bits[i] &^= 1 << (n & 63)
			}
		}
	}
}

// Clone copies a set with its memory.
func (s *Set) Clone() Set {
	out := *s
	out.Bits = slices.Clone(s.Bits)
	return out
}
