package binpack

import "math"

// load is what is put into a bin: how many of each item, and of which there are any.
type load struct {
	count []int
	items []int
}

func (l *load) reset(items int) {
	l.count, l.items = resize(l.count, items), l.items[:0]
	clear(l.count)
}

func (l *load) empty() {
	for _, i := range l.items {
		l.count[i] = 0
	}
	l.items = l.items[:0]
}

func (l *load) add(item, n int) {
	if l.count[item] == 0 {
		l.items = append(l.items, item)
	}
	l.count[item] += n
}

// binByBin fills the open bins, then opens one kind of bin after the other.
func (k *Packer) binByBin(r Rule) {
	k.measure(r)
	for b := range k.work.Bins {
		k.findLive()
		k.fillWell(r, -1, b)
		k.commit(b)
	}
	for !k.full() {
		k.findLive()
		if r == Dual {
			k.reprice()
			k.measure(r)
		}
		chosen := k.chooseType(r)
		if chosen < 0 {
			return
		}
		for n := k.copies(chosen); n > 0; n-- {
			k.commit(k.open(chosen))
		}
	}
}

// findLive lists the classes of which there are any left.
func (k *Packer) findLive() {
	k.live = k.live[:0]
	for i, n := range k.rest {
		if n > 0 {
			k.live = append(k.live, i)
		}
	}
}

// chooseType fills a bin of each type and keeps the one with the most in it per price, and what is in it; -1: none. Of
// bins that cost nothing, that is the fullest. Where there are very many classes, a few of them tell which type is best.
func (k *Packer) chooseType(r Rule) int {
	most := math.MaxInt
	if len(k.live) > mostConsidered {
		most = mostCompared
	}
	chosen, best := -1, 0.0
	for _, t := range k.worthy {
		if k.room[t] == 0 {
			continue
		}
		worth := k.fill(r, t, -1, most)
		if worth == 0 && most < math.MaxInt {
			worth = k.fill(r, t, -1, math.MaxInt)
		}
		if per := worth / max(float64(k.price(t)), 1e-9); per > best {
			chosen, best = t, per
			k.content, k.best = k.best, k.content
		}
	}
	k.content, k.best = k.best, k.content
	if chosen >= 0 && most < math.MaxInt {
		k.fillWell(r, chosen, -1)
	}
	return chosen
}

// reprice finds the unit prices for what is left: as the scarce is placed, the rest is worth less.
func (k *Packer) reprice() {
	clear(k.demand)
	for i, n := range k.rest {
		for d, x := range k.p.Items[i].Size {
			k.demand[d] += float64(float64(x) * float64(n))
		}
	}
	k.dual = k.linear.prices(k.demand, k.p.Bins, k.types, k.o.PerBin)
}

// These keep the work from growing with the square of the classes: a bin is filled from so many of them, picked evenly, and
// all are asked only for what room is left; types are compared by fewer still.
const (
	mostConsidered = 1024
	mostCompared   = 128
)

// fillWell is fill from a good many classes, then with what goes into the room that is left.
func (k *Packer) fillWell(r Rule, t, bin int) {
	k.fill(r, t, bin, mostConsidered)
	if len(k.live) > mostConsidered {
		k.consider(t, bin, math.MaxInt)
		k.more(r)
	}
}

// fill fills a new bin of a type, or an open bin, from at most so many classes, and notes the items in k.content. It
// returns what they are worth: above zero where there is anything at all.
func (k *Packer) fill(r Rule, t, bin, most int) float64 {
	if bin >= 0 {
		copy(k.spare, k.free(bin))
	} else {
		copy(k.spare, k.p.Bins[t].Capacity)
	}
	k.content.empty()
	k.consider(t, bin, most)
	return k.more(r)
}

// consider lists classes that may go into a bin, at most some number of them.
func (k *Packer) consider(t, bin, most int) {
	k.could = k.could[:0]
	step := (len(k.live)-1)/most + 1
	for at := 0; at < len(k.live); at += step {
		i := k.live[at]
		if (t < 0 || k.p.Items[i].Types.Has(t)) && (bin < 0 || k.p.Items[i].Open.Has(k.work.Bins[bin].Open)) {
			k.could = append(k.could, i)
		}
	}
}

// more adds items to the bin that is being filled until none of those considered fits.
func (k *Packer) more(r Rule) float64 {
	worth := 0.0
	for i := k.choose(r); i >= 0; i = k.choose(r) {
		left := k.rest[i] - k.content.count[i]
		if m := k.p.Items[i].MaxPerBin; m > 0 {
			left = min(left, m-k.content.count[i])
		}
		// One by one; but where very many would go in, by the handful, and those without size all at once.
		n := k.fit(i, k.spare, left)
		if k.score[i] > 0 {
			n = max(1, n/64)
		}
		k.content.add(i, n)
		for d, x := range k.p.Items[i].Size {
			k.spare[d] -= x * int64(n)
		}
		worth += float64((k.value[i] + 1e-12) * float64(n))
	}
	return worth
}

// choose is the item that goes best with the room that is left; -1 where none fits. What does not fit is not asked again:
// room only shrinks.
func (k *Packer) choose(r Rule) int {
	room := k.pull
	for d, x := range k.spare {
		room[d] = float64(k.unit[d] * float64(x))
	}
	chosen, best, kept := -1, math.Inf(-1), 0
	for _, i := range k.could {
		if !k.goesIn(i) {
			continue
		}
		k.could[kept] = i
		kept++
		sum := 0.0
		if v := k.shape[i*k.dims : (i+1)*k.dims]; r == Residual {
			for d, x := range v {
				left := room[d] - x
				sum -= float64(left * left)
			}
		} else {
			for d, x := range v {
				sum += float64(x * room[d])
			}
		}
		if chosen < 0 || sum > best {
			chosen, best = i, sum
		}
	}
	k.could = k.could[:kept]
	return chosen
}

// goesIn tells whether one more of an item goes into the bin that is being filled.
func (k *Packer) goesIn(i int) bool {
	it := &k.p.Items[i]
	if k.content.count[i] >= k.rest[i] || it.MaxPerBin > 0 && k.content.count[i] >= it.MaxPerBin {
		return false
	}
	for d, x := range it.Size {
		if x > k.spare[d] || k.spare[d] < 0 {
			return false
		}
	}
	return true
}

// measure writes items as the rule sees them: k.unit is what a unit of a dimension counts, k.shape the size of an item in
// it, k.value what one of an item is worth in a bin.
func (k *Packer) measure(r Rule) {
	k.unit, k.pull = resize(k.unit, k.dims), resize(k.pull, k.dims)
	k.value, k.shape = resize(k.value, len(k.p.Items)), resize(k.shape, len(k.p.Items)*k.dims)
	copy(k.unit, k.weight)
	if r == Dual {
		copy(k.unit, k.dual)
	}
	for i := range k.p.Items {
		v, norm, sum := k.shape[i*k.dims:(i+1)*k.dims], 0.0, 0.0
		for d, x := range k.p.Items[i].Size {
			v[d] = float64(k.unit[d] * float64(x))
			norm += float64(v[d] * v[d])
			sum += v[d]
		}
		k.value[i] = k.score[i]
		if r == Dual {
			k.value[i] = sum
		}
		if r != Residual && norm > 0 {
			// Half way between the plain product, which favours the large, and the angle, which favours the alike.
			scale := math.Sqrt(math.Sqrt(norm))
			for d := range v {
				v[d] /= scale
			}
		}
	}
}

// commit puts k.content into a bin.
func (k *Packer) commit(bin int) {
	for _, i := range k.content.items {
		k.put(i, bin, k.content.count[i])
	}
}

// copies is how many bins of k.content can be opened one after the other: the next one would be filled alike for as long
// as every item of it is there in the same number.
func (k *Packer) copies(t int) int {
	n := math.MaxInt
	for _, i := range k.content.items {
		n = min(n, k.rest[i]/k.content.count[i])
	}
	if k.room[t] != noLimit {
		n = min(n, k.room[t])
	}
	return min(n, k.mostBins()-k.opened)
}
