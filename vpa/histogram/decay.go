package histogram

import (
	"math"
	"time"
)

// maxAge is how many half-lives a sample may be younger than the reference before the reference moves (D2).
const maxAge = 100

// Moment is a time at which samples are added. It remembers the weight that the decay gives to a sample of that time, which
// most histograms of a process share: their half-lives are equal, and their references are the same midnight.
type Moment struct {
	instant
	reference instant
	halfLife  time.Duration
	factor    float64
}

// At prepares a time for [Histogram.AddAt].
func At(t time.Time) Moment { return Moment{instant: at(t)} }

// Is tells whether the moment is that time.
func (m *Moment) Is(t time.Time) bool { return m.instant == at(t) }

// factor is what a sample's weight is multiplied with: 2 to the number of half-lives since the reference. It moves the
// reference when that number grows too large.
func (h *Histogram) factor(t instant) float64 {
	seconds := t.sec - h.reference.sec
	if seconds >= h.near || seconds <= -h.near {
		return h.farFactor(t)
	}
	return h.factorOf(time.Duration(seconds*int64(time.Second) + int64(t.nsec-h.reference.nsec)))
}

// farFactor is factor for times so far away that the reference may have to move.
func (h *Histogram) farFactor(t instant) float64 {
	age := t.since(h.reference)
	if age > maxAge*h.halfLife {
		h.shift(t)
		age = t.since(h.reference)
	}
	return h.factorOf(age)
}

func (h *Histogram) factorOf(age time.Duration) float64 {
	if age == h.age {
		return h.ageFactor
	}
	f := exp2(float64(age) / float64(h.halfLife))
	h.age, h.ageFactor = age, f
	return f
}

// shift moves the reference to about t and scales what there is to it (D3).
func (h *Histogram) shift(t instant) {
	reference, exponent := h.shifted(t)
	h.scale(math.Ldexp(1, exponent))
	h.reference = reference
}

// shifted is where the reference goes for t, which is the nearest multiple of the half-life since year 1, and by which
// power of two the weights change on the way.
func (h *Histogram) shifted(t instant) (reference instant, exponent int) {
	reference = at(t.time().Round(h.halfLife))
	halves := float64(h.reference.since(reference)) / float64(h.halfLife)
	return reference, int(min(max(math.Floor(halves+0.5), -1<<30), 1<<30))
}

// scale multiplies the weights within the bounds, and the total (H13).
func (h *Histogram) scale(by float64) {
	for b := int(h.lowest); b <= int(h.highest); b++ {
		if i := b - int(h.low); uint(i) < uint(len(h.weights)) {
			h.weights[i] *= by
		}
	}
	h.total *= by
	h.shrink()
}

// Merge adds the weights of another histogram of the same layout and half-life, each side brought to the younger
// reference of both first. The other one is left as it is.
func (h *Histogram) Merge(o *Histogram) error {
	if h.layout == nil || o == nil || !h.layout.same(o.layout) || h.halfLife != o.halfLife {
		return ErrDifferent
	}
	by := 1.0
	if h.halfLife > 0 {
		switch {
		case h.reference.before(o.reference):
			h.shift(o.reference)
		case o.reference.before(h.reference):
			// Upstream moves the argument here (D5); to scale while adding gives the same sum.
			_, exponent := o.shifted(h.reference)
			by = math.Ldexp(1, exponent)
		}
	}
	lowest, highest := int(o.lowest), int(o.highest)
	if by != 1 {
		lowest, highest = o.bounds(by)
	}
	if lowest <= highest {
		h.grow(lowest, highest)
		into := h.weights[lowest-int(h.low) : highest-int(h.low)+1]
		for i := range into {
			into[i] += float64(o.Weight(lowest+i) * by)
		}
	}
	h.total += float64(o.total * by)
	h.lowest, h.highest = min(h.lowest, uint16(lowest)), max(h.highest, uint16(highest))
	return nil
}

// Decayed is what a weight of 1 that was added at one time is worth at a later one.
func (h *Histogram) Decayed(added, now time.Time) float64 {
	if h.halfLife == 0 {
		return 1
	}
	return math.Exp2(-float64(now.Sub(added)) / float64(h.halfLife))
}
