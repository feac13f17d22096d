package karpenter

import (
	"cmp"
	"slices"
)

// order is the sequence in which the claims of a pass are tried: by number of pods, as Go's unstable sort leaves it when
// the sequence is sorted anew for every pod (rule 25). Since at most one claim has changed in between, most of these
// sorts come down to moving one element, which is done at once.
type order struct {
	seq   []int32 // claims
	count []int32 // pods, by claim
	moved int     // index in seq of the one claim that is out of place; -1: sorted
}

// shortRun is the length up to which Go's sort does not take the way that moved relies on.
const shortRun = 50

func (o *order) reset() { o.seq, o.count, o.moved = o.seq[:0], o.count[:0], -1 }

// add puts a new claim with one pod at the end.
func (o *order) add() {
	o.seq = append(o.seq, int32(len(o.count)))
	o.count = append(o.count, 1)
	o.moved = len(o.seq) - 1
}

// grow counts one more pod on the claim at a place of the sequence.
func (o *order) grow(at int) {
	o.count[o.seq[at]]++
	o.moved = at
}

func (o *order) less(i, j int) bool { return o.count[o.seq[i]] < o.count[o.seq[j]] }

// sort brings the sequence in order.
func (o *order) sort() {
	if o.moved < 0 {
		return
	}
	n := len(o.seq)
	at := o.moved
	o.moved = -1
	up := at+1 < n && o.less(at+1, at)
	down := at > 0 && o.less(at, at-1)
	switch {
	case !up && !down:
		return // Go's sort leaves a sorted sequence alone
	case n < shortRun || o.sampled():
		slices.SortFunc(o.seq, func(a, b int32) int { return cmp.Compare(o.count[a], o.count[b]) })
	case up:
		// Behind all that have fewer, before those that have as many.
		c := o.count[o.seq[at]]
		end, _ := slices.BinarySearchFunc(o.seq[at+1:], c, func(s int32, c int32) int { return cmp.Compare(o.count[s], c) })
		moved := o.seq[at]
		copy(o.seq[at:], o.seq[at+1:at+1+end])
		o.seq[at+end] = moved
	default:
		// Behind those that have as many or fewer.
		c := o.count[o.seq[at]]
		begin, _ := slices.BinarySearchFunc(o.seq[:at], c+1, func(s int32, c int32) int { return cmp.Compare(o.count[s], c) })
		moved := o.seq[at]
		copy(o.seq[begin+1:at+1], o.seq[begin:at])
		o.seq[begin] = moved
	}
}

// sampled tells whether Go's sort, which first looks at a few elements to choose a pivot, sees the one that is out of
// place. Then it does not take the sequence for sorted already.
func (o *order) sampled() bool {
	n := len(o.seq)
	quarter := n / 4
	a, b, c, swaps := quarter, 2*quarter, 3*quarter, 0
	median := func(i, j, k int) int {
		if o.less(j, i) {
			i, j, swaps = j, i, swaps+1
		}
		if o.less(k, j) {
			j, k, swaps = k, j, swaps+1
		}
		if o.less(j, i) {
			i, j, swaps = j, i, swaps+1
		}
		_, _ = i, k
		return j
	}
	a, b, c = median(a-1, a, a+1), median(b-1, b, b+1), median(c-1, c, c+1)
	median(a, b, c)
	return swaps > 0
}
