package binpack

import "math"

// binByBin fills the open bins, then opens one kind of bin after the other.
func (k *Packer) binByBin(r Rule) {
	for b := range k.work.Bins {
		copy(k.spare, k.free(b))
		k.fill(r, -1, b)
		k.commit(b)
	}
	for !k.full() {
		if r == Dual {
			k.reprice()
		}
		chosen, best := -1, 0.0
		for _, t := range k.types {
			if k.room[t] == 0 {
				continue
			}
			copy(k.spare, k.p.Bins[t].Capacity)
			worth := k.fill(r, t, -1)
			// What is in it per price; of bins that cost nothing, the fullest.
			if per := worth / max(float64(k.p.Bins[t].Price), 1e-9); per > best {
				chosen, best = t, per
				k.content, k.best = k.best, k.content
			}
		}
		if chosen < 0 {
			return
		}
		k.content, k.best = k.best, k.content
		for n := k.copies(chosen); n > 0; n-- {
			k.commit(k.open(chosen))
		}
	}
}

// reprice finds the unit prices for what is left: as the scarce is placed, the rest is worth less.
func (k *Packer) reprice() {
	clear(k.demand)
	for i, n := range k.rest {
		for d, x := range k.p.Items[i].Size {
			k.demand[d] += float64(float64(x) * float64(n))
		}
	}
	k.dual = k.linear.prices(k.demand, k.p.Bins, k.types)
}

// fill fills k.spare, the room of a new bin of a type or of an open bin, and notes the items in k.content. It returns what
// they are worth: above zero where there is anything at all.
func (k *Packer) fill(r Rule, t, bin int) float64 {
	clear(k.content)
	worth := 0.0
	for {
		chosen, best, most := -1, math.Inf(-1), 0
		for i := range k.p.Items {
			left := k.rest[i] - k.content[i]
			if left <= 0 || t >= 0 && !k.p.Items[i].Types.Has(t) || bin >= 0 && !k.p.Items[i].Open.Has(k.work.Bins[bin].Open) {
				continue
			}
			if m := k.p.Items[i].MaxPerBin; m > 0 {
				left = min(left, m-k.content[i])
			}
			n := k.fit(i, k.spare, left)
			if n <= 0 {
				continue
			}
			if v := k.appeal(r, i); chosen < 0 || v > best {
				chosen, best, most = i, v, n
			}
		}
		if chosen < 0 {
			return worth
		}
		// One by one; but where very many would go in, by the handful, and those without size all at once.
		n := most
		if k.score[chosen] > 0 {
			n = max(1, most/64)
		}
		k.content[chosen] += n
		for d, x := range k.p.Items[chosen].Size {
			k.spare[d] -= x * int64(n)
		}
		worth += float64((k.value(r, chosen) + 1e-12) * float64(n))
	}
}

// value is what one of an item is worth in a bin.
func (k *Packer) value(r Rule, item int) float64 {
	if r != Dual {
		return k.score[item]
	}
	sum := 0.0
	for d, x := range k.p.Items[item].Size {
		sum += float64(k.dual[d] * float64(x))
	}
	return sum
}

// appeal is how well an item goes with the room that is left.
func (k *Packer) appeal(r Rule, item int) float64 {
	sum, norm := 0.0, 0.0
	for d, x := range k.p.Items[item].Size {
		w := k.weight[d]
		if r == Dual {
			w = k.dual[d]
		}
		if r != Residual {
			sum += float64(float64(w*float64(x)) * float64(w*float64(k.spare[d])))
			norm += float64(float64(w*float64(x)) * float64(w*float64(x)))
			continue
		}
		left := w * float64(k.spare[d]-x)
		sum -= float64(left * left)
	}
	if norm > 0 {
		// Half way between the plain product, which favours the large, and the angle, which favours the alike.
		return sum / math.Sqrt(math.Sqrt(norm))
	}
	return sum
}

// commit puts k.content into a bin.
func (k *Packer) commit(bin int) {
	for i, n := range k.content {
		if n > 0 {
			k.put(i, bin, n)
		}
	}
}

// copies is how many bins of k.content can be opened one after the other: the next one would be filled alike for as long
// as every item of it is there in the same number.
func (k *Packer) copies(t int) int {
	n := math.MaxInt
	for i, c := range k.content {
		if c > 0 {
			n = min(n, k.rest[i]/c)
		}
	}
	if k.room[t] != noLimit {
		n = min(n, k.room[t])
	}
	if k.o.MaxBins > 0 {
		n = min(n, k.o.MaxBins-k.opened)
	}
	return n
}
