package binpack

import "math"

// binByBin fills the open bins, then opens one kind of bin after the other.
func (k *Packer) binByBin(r Rule) {
	k.measure(r)
	for b := range k.work.Bins {
		copy(k.spare, k.free(b))
		k.fill(r, -1, b)
		k.commit(b)
	}
	for !k.full() {
		if r == Dual {
			k.reprice()
			k.measure(r)
		}
		chosen, best := -1, 0.0
		for _, t := range k.worthy {
			if k.room[t] == 0 {
				continue
			}
			copy(k.spare, k.p.Bins[t].Capacity)
			worth := k.fill(r, t, -1)
			// What is in it per price; of bins that cost nothing, the fullest.
			if per := worth / max(float64(k.price(t)), 1e-9); per > best {
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
	k.dual = k.linear.prices(k.demand, k.p.Bins, k.types, k.o.PerBin)
}

// fill fills k.spare, the room of a new bin of a type or of an open bin, and notes the items in k.content. It returns what
// they are worth: above zero where there is anything at all.
func (k *Packer) fill(r Rule, t, bin int) float64 {
	clear(k.content)
	k.could = k.could[:0]
	for i, n := range k.rest {
		if n > 0 && (t < 0 || k.p.Items[i].Types.Has(t)) && (bin < 0 || k.p.Items[i].Open.Has(k.work.Bins[bin].Open)) {
			k.could = append(k.could, i)
		}
	}
	worth := 0.0
	for {
		i := k.choose(r)
		if i < 0 {
			return worth
		}
		left := k.rest[i] - k.content[i]
		if m := k.p.Items[i].MaxPerBin; m > 0 {
			left = min(left, m-k.content[i])
		}
		// One by one; but where very many would go in, by the handful, and those without size all at once.
		n := k.fit(i, k.spare, left)
		if k.score[i] > 0 {
			n = max(1, n/64)
		}
		k.content[i] += n
		for d, x := range k.p.Items[i].Size {
			k.spare[d] -= x * int64(n)
		}
		worth += float64((k.value[i] + 1e-12) * float64(n))
	}
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
	if k.content[i] >= k.rest[i] || it.MaxPerBin > 0 && k.content[i] >= it.MaxPerBin {
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
	return min(n, k.mostBins()-k.opened)
}
