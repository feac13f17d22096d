package kube

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// ErrInvalid is what every error of this package wraps: the input makes no sense, and the text names the field.
var ErrInvalid = errors.New("invalid input")

// Operator relates a label to values: those of node affinity, and two more that NodePools have.
type Operator = corev1.NodeSelectorOperator

// The operators of a requirement.
const (
	In           = corev1.NodeSelectorOpIn           // the label is one of the values
	NotIn        = corev1.NodeSelectorOpNotIn        // the label is none of the values, or absent
	Exists       = corev1.NodeSelectorOpExists       // the label is there, whatever it is
	DoesNotExist = corev1.NodeSelectorOpDoesNotExist // the label is absent
	Gt           = corev1.NodeSelectorOpGt           // the label is an integer above the value
	Lt           = corev1.NodeSelectorOpLt           // the label is an integer below the value
	Gte          = Operator("Gte")                   // the label is an integer of at least the value
	Lte          = Operator("Lte")                   // the label is an integer of at most the value
)

// Requirement is the set of values that a label may have: either some values, or all but some values, within inclusive
// integer bounds. It is a value; every operation returns a new one. The zero value is DoesNotExist of the empty key.
//
// It is the algebra of NodePools, claims and instance types, where a set is narrowed step by step. It forgets whether an
// absent label would do as soon as NotIn meets Exists (both are "all but some values"), as Karpenter's does; for whole
// nodes, whose labels are known, use [NodeSelector].
type Requirement struct {
	key        string
	values     []string // sorted and unique: allowed, or excluded where complement is set
	complement bool
	bounded    bool  // the bounds below are set; only with complement
	lower      int64 // inclusive
	upper      int64 // inclusive
	minValues  int   // 0: none
}

// NewRequirement makes a requirement of what an API object says. Gt, Lt, Gte and Lte take exactly one integer, In and
// NotIn any number of values, the others none. In of no value at all is DoesNotExist.
func NewRequirement(key string, op Operator, values ...string) (Requirement, error) {
	r := Requirement{key: key, lower: math.MinInt64, upper: math.MaxInt64}
	switch op {
	case In, NotIn:
		r.complement = op == NotIn
		r.values = unique(values)
		return r, nil
	case Exists, DoesNotExist:
		if len(values) > 0 {
			return Requirement{}, fmt.Errorf("%w: %s %s takes no values, not %q", ErrInvalid, key, op, values)
		}
		r.complement = op == Exists
		return r, nil
	case Gt, Lt, Gte, Lte:
	default:
		return Requirement{}, fmt.Errorf("%w: %s: %q is not an operator", ErrInvalid, key, op)
	}
	if len(values) != 1 {
		return Requirement{}, fmt.Errorf("%w: %s %s takes one value, not %q", ErrInvalid, key, op, values)
	}
	n, err := strconv.ParseInt(values[0], 10, 64)
	if err != nil {
		return Requirement{}, fmt.Errorf("%w: %s %s %q: not an integer", ErrInvalid, key, op, values[0])
	}
	// Nothing is above the largest integer, and nothing below the smallest: such a set is empty.
	if op == Gt && n == math.MaxInt64 || op == Lt && n == math.MinInt64 {
		return r, nil
	}
	r.complement, r.bounded = true, true
	switch op {
	case Gt:
		r.lower = n + 1
	case Gte:
		r.lower = n
	case Lt:
		r.upper = n - 1
	case Lte:
		r.upper = n
	}
	return r, nil
}

// LabelRequirement is the requirement that a label of a node stands for: In of its value.
func LabelRequirement(key, value string) Requirement {
	return Requirement{key: key, values: []string{value}, lower: math.MinInt64, upper: math.MaxInt64}
}

// WithMinValues returns the requirement with a lower limit on how many distinct values must stay possible; 0 or less
// takes the limit away.
func (r Requirement) WithMinValues(n int) Requirement {
	r.minValues = max(0, n)
	return r
}

// Key is the label's name.
func (r Requirement) Key() string { return r.key }

// MinValues is how many distinct values must stay possible; 0 where nothing is asked.
func (r Requirement) MinValues() int { return r.minValues }

// Complement tells whether the set is open: all values but those of [Requirement.Values], within the bounds.
func (r Requirement) Complement() bool { return r.complement }

// Values returns the values allowed, or excluded where the set is a complement; sorted, and not to be modified.
func (r Requirement) Values() []string { return r.values }

// Bounds returns the inclusive integer bounds, and whether there are any.
func (r Requirement) Bounds() (lower, upper int64, ok bool) { return r.lower, r.upper, r.bounded }

// Operator is what the set reads as: a complement is NotIn or, with nothing excluded, Exists; a set is In or, with
// nothing in it, DoesNotExist. Bounds do not change that: Gt reads Exists.
func (r Requirement) Operator() Operator {
	switch {
	case r.complement && len(r.values) > 0:
		return NotIn
	case r.complement:
		return Exists
	case len(r.values) > 0:
		return In
	}
	return DoesNotExist
}

// AllowsAbsent tells whether a node without the label would do: where the set reads NotIn or DoesNotExist.
func (r Requirement) AllowsAbsent() bool {
	return r.complement == (len(r.values) > 0)
}

// Has tells whether a label may have the value.
func (r Requirement) Has(value string) bool {
	_, found := slices.BinarySearch(r.values, value)
	return found != r.complement && r.within(value)
}

// Len is the number of values in the set; an open set has almost all, so that many fewer than the largest integer.
func (r Requirement) Len() int {
	if r.complement {
		return math.MaxInt - len(r.values)
	}
	return len(r.values)
}

// within tells whether a value obeys the bounds, which only integers do.
func (r Requirement) within(value string) bool {
	if !r.bounded {
		return true
	}
	n, err := strconv.ParseInt(value, 10, 64)
	return err == nil && r.lower <= n && n <= r.upper
}

// Intersect returns what both allow. Bounds tighten, the larger minValues stays, and the key is the receiver's.
func (r Requirement) Intersect(o Requirement) Requirement {
	out := Requirement{
		key:        r.key,
		complement: r.complement && o.complement,
		bounded:    r.bounded || o.bounded,
		lower:      max(r.floor(), o.floor()),
		upper:      min(r.ceiling(), o.ceiling()),
		minValues:  max(r.minValues, o.minValues),
	}
	if out.lower > out.upper {
		return Requirement{key: r.key, lower: math.MinInt64, upper: math.MaxInt64, minValues: out.minValues}
	}
	switch {
	case out.complement:
		out.values = union(r.values, o.values)
	case r.complement:
		out.values = o.filter(r)
	default:
		out.values = r.filter(o)
	}
	if out.bounded {
		out.values = slices.DeleteFunc(slices.Clone(out.values), func(v string) bool { return !out.within(v) })
	}
	if !out.complement {
		out.bounded, out.lower, out.upper = false, math.MinInt64, math.MaxInt64
	}
	return out
}

// Intersects tells whether [Requirement.Intersect] leaves anything, without building it. Two open sets always meet unless
// their bounds cross, even where every integer between the bounds is excluded.
func (r Requirement) Intersects(o Requirement) bool {
	if max(r.floor(), o.floor()) > min(r.ceiling(), o.ceiling()) {
		return false
	}
	if r.complement && o.complement {
		return true
	}
	if r.complement {
		r, o = o, r
	}
	return slices.ContainsFunc(r.values, func(v string) bool { return r.within(v) && o.Has(v) })
}

// filter keeps the values that the other set has.
func (r Requirement) filter(o Requirement) []string {
	var out []string
	for _, v := range r.values {
		if o.Has(v) {
			out = append(out, v)
		}
	}
	return out
}

func (r Requirement) floor() int64 {
	if r.bounded {
		return r.lower
	}
	return math.MinInt64
}

func (r Requirement) ceiling() int64 {
	if r.bounded {
		return r.upper
	}
	return math.MaxInt64
}

// Equal tells whether two requirements are the same set under the same key with the same minValues.
func (r Requirement) Equal(o Requirement) bool {
	return r.key == o.key && r.complement == o.complement && r.bounded == o.bounded && r.minValues == o.minValues &&
		r.floor() == o.floor() && r.ceiling() == o.ceiling() && slices.Equal(r.values, o.values)
}

// String reads like the API object: "zone In [a b]", "cpu Exists >=5 <=8 minValues 3". Long lists are cut after five.
func (r Requirement) String() string {
	var b strings.Builder
	b.WriteString(r.key + " " + string(r.Operator()))
	if n := len(r.values); n > 5 {
		fmt.Fprintf(&b, " [%s and %d others]", strings.Join(r.values[:5], " "), n-5)
	} else if n > 0 {
		fmt.Fprintf(&b, " [%s]", strings.Join(r.values, " "))
	}
	if r.bounded && r.lower != math.MinInt64 {
		fmt.Fprintf(&b, " >=%d", r.lower)
	}
	if r.bounded && r.upper != math.MaxInt64 {
		fmt.Fprintf(&b, " <=%d", r.upper)
	}
	if r.minValues > 0 {
		fmt.Fprintf(&b, " minValues %d", r.minValues)
	}
	return b.String()
}

// unique sorts a copy of the values and drops repetitions; nil for none.
func unique(values []string) []string {
	if len(values) == 0 {
		return nil
	}
	out := slices.Clone(values)
	slices.Sort(out)
	return slices.Compact(out)
}

// union merges two sorted sets.
func union(a, b []string) []string {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	out := make([]string, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch strings.Compare(a[0], b[0]) {
		case -1:
			out, a = append(out, a[0]), a[1:]
		case 1:
			out, b = append(out, b[0]), b[1:]
		default:
			out, a, b = append(out, a[0]), a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}
