package histogram

import (
	"fmt"
	"math"
)

// Epsilon is the weight below which the Vertical Pod Autoscaler takes a bucket for empty (H5).
const Epsilon = 0.001 * 0.1

// maxBuckets bounds a layout, so that a bucket's number fits two bytes and a typing error does not fill the memory.
const maxBuckets = math.MaxUint16

// Layout says where the buckets of a histogram begin. It is immutable; equal arguments give equal layouts.
type Layout struct {
	epsilon float64
	starts  []float64

	// width is the width of every bucket of a linear layout, and 0 for an exponential one.
	width float64
	// first, growth and logRatio belong to an exponential layout: the width of bucket 0, ratio-1, and ln(ratio).
	first, growth, logRatio float64
	index                   index
}

// Exponential lays out buckets of which each is ratio times as wide as the one before: bucket 0 is first wide, and the
// last one is the one that max falls into or the next (H1). Ratio must be above 1, and epsilon is the weight below which
// a bucket counts as empty.
func Exponential(max, first, ratio, epsilon float64) (*Layout, error) {
	switch {
	case !positive(first):
		return nil, invalid("first", first, "is not a positive width")
	case !positive(ratio) || ratio <= 1:
		return nil, invalid("ratio", ratio, "is not above 1")
	case !positive(max):
		return nil, invalid("max", max, "is not a positive value")
	case !positive(epsilon):
		return nil, invalid("epsilon", epsilon, "is not a positive weight")
	}
	l := &Layout{epsilon: epsilon, first: first, growth: ratio - 1, logRatio: math.Log(ratio)}
	n := math.Ceil(math.Log(max*l.growth/first+1)/l.logRatio) + 1
	if !(n >= 2 && n <= maxBuckets) {
		return nil, invalid("buckets", n, fmt.Sprintf("is not within 2 and %d", maxBuckets))
	}
	l.starts = make([]float64, int(n))
	for i := 1; i < len(l.starts); i++ {
		l.starts[i] = first * (math.Pow(ratio, float64(i)) - 1) / l.growth // H3
	}
	if last := l.starts[len(l.starts)-1]; math.IsInf(last, 0) {
		return nil, invalid("max", max, "is beyond what a float64 can hold")
	}
	l.index = newIndex(l)
	return l, nil
}

// Linear lays out buckets of one width, up to the one that max falls into or the next (H4).
func Linear(max, width, epsilon float64) (*Layout, error) {
	switch {
	case !positive(width):
		return nil, invalid("width", width, "is not a positive width")
	case !positive(max):
		return nil, invalid("max", max, "is not a positive value")
	case !positive(epsilon):
		return nil, invalid("epsilon", epsilon, "is not a positive weight")
	}
	n := math.Ceil(max/width) + 1
	if !(n <= maxBuckets) {
		return nil, invalid("buckets", n, fmt.Sprintf("is above %d", maxBuckets))
	}
	l := &Layout{epsilon: epsilon, width: width, starts: make([]float64, int(n)), index: index{from: math.Inf(1)}}
	for i := range l.starts {
		l.starts[i] = float64(i) * width
	}
	return l, nil
}

func positive(v float64) bool { return v > 0 && v <= math.MaxFloat64 }

// Buckets is the number of buckets, 176 for the layouts of the Vertical Pod Autoscaler.
func (l *Layout) Buckets() int { return len(l.starts) }

// Epsilon is the weight below which a bucket counts as empty.
func (l *Layout) Epsilon() float64 { return l.epsilon }

// Start is where a bucket begins. Numbers outside the layout mean its first and last bucket.
func (l *Layout) Start(bucket int) float64 { return l.starts[min(max(bucket, 0), len(l.starts)-1)] }

// End is where a bucket ends, which is where the next one begins; the last bucket has no end, and its start stands for
// it (H12).
func (l *Layout) End(bucket int) float64 { return l.Start(max(bucket, 0) + 1) }

// Bucket is the number of the bucket that a value falls into. What is below the first bucket or not a number falls into
// the first, what is above the last into the last.
//
// A start need not fall into its own bucket: with the layouts of the Vertical Pod Autoscaler nearly every one falls into
// the bucket below (H6).
func (l *Layout) Bucket(v float64) int {
	if l.width > 0 {
		return l.clamp(v / l.width)
	}
	if !(v >= l.first) {
		return 0
	}
	if v >= l.index.from {
		if b, ok := l.index.find(v); ok {
			return b
		}
	}
	return l.byLogarithm(v)
}

// byLogarithm is H2 to the letter, for values not below the first bucket.
func (l *Layout) byLogarithm(v float64) int {
	return l.clamp(math.Log(v*l.growth/l.first+1) / l.logRatio)
}

// clamp makes a bucket of a number before its fraction is cut, so that infinity and not-a-number convert nowhere.
func (l *Layout) clamp(b float64) int {
	last := len(l.starts) - 1
	if !(b > 0) {
		return 0
	}
	if b >= float64(last) {
		return last
	}
	return int(b)
}

// same tells whether two layouts have the same buckets.
func (l *Layout) same(o *Layout) bool {
	return l == o || l != nil && o != nil && l.epsilon == o.epsilon && l.width == o.width && l.first == o.first &&
		l.growth == o.growth && len(l.starts) == len(o.starts)
}
