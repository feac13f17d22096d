package histogram_test

import (
	"math"
	"time"

	"github.com/scalemath/scalemath/vpa/histogram"
)

// simple is the histogram as the rules put it, without any of the real one's shortcuts: every bucket kept, every edge by
// logarithm, every time a time.Time. It is the second opinion of the tests.
type simple struct {
	max, first, ratio float64
	halfLife          time.Duration
	reference         time.Time
	weights           []float64
	total             float64
	lowest, highest   int
}

func newSimple(max, first, ratio float64, halfLife time.Duration) *simple {
	n := int(math.Ceil(math.Log(max*(ratio-1)/first+1)/math.Log(ratio))) + 1
	return &simple{max: max, first: first, ratio: ratio, halfLife: halfLife, weights: make([]float64, n), lowest: n - 1}
}

func (s *simple) bucket(v float64) int {
	if v < s.first {
		return 0
	}
	return min(int(math.Log(v*(s.ratio-1)/s.first+1)/math.Log(s.ratio)), len(s.weights)-1)
}

func (s *simple) start(b int) float64 {
	if b == 0 {
		return 0
	}
	return s.first * (math.Pow(s.ratio, float64(b)) - 1) / (s.ratio - 1)
}

func (s *simple) scale(f float64) {
	for b := s.lowest; b <= s.highest; b++ {
		s.weights[b] *= f
	}
	s.total *= f
	s.shrink()
}

func (s *simple) shrink() {
	for s.weights[s.lowest] < histogram.Epsilon && s.lowest < len(s.weights)-1 {
		s.lowest++
	}
	for s.weights[s.highest] < histogram.Epsilon && s.highest > 0 {
		s.highest--
	}
}

func (s *simple) shift(t time.Time) {
	r := t.Round(s.halfLife)
	k := math.Floor(float64(s.reference.Sub(r))/float64(s.halfLife) + 0.5)
	s.scale(math.Ldexp(1, int(k)))
	s.reference = r
}

func (s *simple) factor(t time.Time) float64 {
	if t.After(s.reference.Add(s.halfLife * 100)) {
		s.shift(t)
	}
	return math.Exp2(float64(t.Sub(s.reference)) / float64(s.halfLife))
}

func (s *simple) add(v, w float64, t time.Time) {
	w *= s.factor(t)
	b := s.bucket(v)
	s.weights[b] += w
	s.total += w
	if b < s.lowest && s.weights[b] >= histogram.Epsilon {
		s.lowest = b
	}
	if b > s.highest && s.weights[b] >= histogram.Epsilon {
		s.highest = b
	}
}

func (s *simple) subtract(v, w float64, t time.Time) {
	w *= s.factor(t)
	b := s.bucket(v)
	if s.total -= w; s.total < histogram.Epsilon {
		s.total = 0
	}
	if s.weights[b] -= w; s.weights[b] < histogram.Epsilon {
		s.weights[b] = 0
	}
	s.shrink()
}

// merge changes its argument, as upstream does.
func (s *simple) merge(o *simple) {
	if s.reference.Before(o.reference) {
		s.shift(o.reference)
	} else if o.reference.Before(s.reference) {
		o.shift(s.reference)
	}
	for b := o.lowest; b <= o.highest; b++ {
		s.weights[b] += o.weights[b]
	}
	s.total += o.total
	s.lowest, s.highest = min(s.lowest, o.lowest), max(s.highest, o.highest)
}

func (s *simple) percentile(p float64) float64 {
	if s.weights[s.lowest] < histogram.Epsilon {
		return 0
	}
	sum, b := 0.0, s.lowest
	for ; b < s.highest; b++ {
		if sum += s.weights[b]; sum >= p*s.total {
			break
		}
	}
	if b < len(s.weights)-1 {
		b++
	}
	return s.start(b)
}

func (s *simple) checkpoint() histogram.Checkpoint {
	c := histogram.Checkpoint{Reference: s.reference, Total: s.total, Weights: map[int]uint32{}}
	heaviest := 0.0
	for b := s.lowest; b <= s.highest; b++ {
		heaviest = max(heaviest, s.weights[b])
	}
	for b := s.lowest; b <= s.highest; b++ {
		if w := uint32(math.Floor(s.weights[b]*(10000/heaviest) + 0.5)); w > 0 {
			c.Weights[b] = w
		}
	}
	return c
}

func (s *simple) restore(c histogram.Checkpoint) {
	s.reference = c.Reference
	sum := 0.0
	for _, w := range c.Weights {
		sum += float64(w)
	}
	if sum == 0 {
		return
	}
	for b, w := range c.Weights {
		s.weights[b] += float64(w) * (c.Total / sum)
		s.lowest, s.highest = min(s.lowest, b), max(s.highest, b)
	}
	s.total += c.Total
	s.shrink()
}
