package binpack

import (
	"cmp"
	"math"
	"slices"
)

// itemByItem is first fit and best fit. Equal items are placed together: each rule would choose the same bin for the next
// one as long as that has room.
func (k *Packer) itemByItem(r Rule) {
	k.order = resize(k.order, len(k.p.Items))
	for i := range k.order {
		k.order[i] = i
	}
	if r == FirstFitDecreasing || r == BestFitDecreasing {
		slices.SortStableFunc(k.order, func(a, b int) int { return cmp.Compare(k.score[b], k.score[a]) })
	}
	for _, i := range k.order {
		if r == BestFit || r == BestFitDecreasing {
			k.bestFit(i)
		} else {
			k.firstFit(i)
		}
		for k.rest[i] > 0 && !k.full() {
			t := k.cheapestFor(i)
			if t < 0 {
				break
			}
			k.put(i, k.open(t), k.fit(i, k.p.Bins[t].Capacity, k.rest[i]))
		}
	}
}

func (k *Packer) firstFit(i int) {
	for b := 0; b < len(k.work.Bins) && k.rest[i] > 0; b++ {
		if n := k.fit(i, k.free(b), k.rest[i]); n > 0 && k.allowed(i, b) {
			k.put(i, b, n)
		}
	}
}

// bestFit places an item where the least stays free, as long as there is room.
func (k *Packer) bestFit(i int) {
	k.tried = resize(k.tried, len(k.work.Bins))
	clear(k.tried)
	for k.rest[i] > 0 {
		chosen, least := -1, math.Inf(1)
		for b := range k.work.Bins {
			if k.tried[b] != 0 {
				continue
			}
			if k.fit(i, k.free(b), 1) == 0 || !k.allowed(i, b) {
				k.tried[b] = 1
				continue
			}
			left := 0.0
			for d, x := range k.free(b) {
				left += float64(float64(x) * k.weight[d])
			}
			if left < least {
				chosen, least = b, left
			}
		}
		if chosen < 0 {
			return
		}
		k.tried[chosen] = 1
		k.put(i, chosen, k.fit(i, k.free(chosen), k.rest[i]))
	}
}

// cheapestFor is the type with the best price per item of those that are left; ties go to the first; -1: none.
func (k *Packer) cheapestFor(i int) int {
	chosen, price := -1, math.Inf(1)
	for _, t := range k.types {
		if k.room[t] == 0 || !k.p.Items[i].Types.Has(t) {
			continue
		}
		n := k.fit(i, k.p.Bins[t].Capacity, k.rest[i])
		if n == 0 {
			continue
		}
		if each := float64(k.price(t)) / float64(n); each < price {
			chosen, price = t, each
		}
	}
	return chosen
}
