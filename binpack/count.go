package binpack

import (
	"cmp"
	"math/big"
	"slices"
	"sort"
)

// These keep the work of the bounds in bounds: thresholds tried per dimension, items tried for a clique, and sets of types
// whose items are looked at by themselves.
const (
	mostAtOnce = 1000
	mostGroups = 64
)

// repeated is how many bins the most repeated item needs by itself.
func (b *bounder) repeated(items, types []int) int {
	most := 0
	for _, i := range items {
		it := &b.p.Items[i]
		each := 0
		for _, t := range types {
			if !b.fits(i, t) {
				continue
			}
			n := it.Count
			if it.MaxPerBin > 0 {
				n = min(n, it.MaxPerBin)
			}
			for d, x := range it.Size {
				if x > 0 {
					n = int(min(int64(n), b.p.Bins[t].Capacity[d]/x))
				}
			}
			each = max(each, n)
		}
		most = max(most, (it.Count+each-1)/each)
	}
	return most
}

// large counts bins by the items that are large in one dimension (Martello and Toth's second bound). For a threshold q of
// at most half the capacity: items above capacity-q share a bin with nothing of at least q, those above half with no other
// such one; what else is of at least q must go into the room that the latter leave, or into bins of its own.
func (b *bounder) large(items []int, d int, capacity int64) int {
	sorted := slices.Clone(items)
	slices.SortFunc(sorted, func(x, y int) int { return cmp.Compare(b.p.Items[y].Size[d], b.p.Items[x].Size[d]) })
	size := func(i int) int64 { return b.p.Items[sorted[i]].Size[d] }
	many, much := []int64{0}, []*big.Int{new(big.Int)} // how many items, and how much of the dimension, before each
	for i, k := range sorted {
		n := int64(b.p.Items[k].Count)
		many, much = append(many, many[i]+n), append(much, new(big.Int).Add(much[i], product(size(i), n)))
	}
	// above is where the items of at most a size begin.
	above := func(x int64) int { return sort.Search(len(sorted), func(i int) bool { return size(i) <= x }) }
	half := above(capacity / 2)
	best, last := 0, int64(0)
	for at := range sorted {
		q := size(at)
		if q > capacity/2 {
			q = capacity - q + 1 // where this one begins to be of the first kind
		}
		if q <= 0 || at >= mostAtOnce {
			break
		}
		if q == last || q > capacity/2 {
			continue
		}
		last = q
		first, end := above(capacity-q), above(q-1)
		room := product(capacity, many[half]-many[first])
		room.Sub(room, much[half]).Add(room, much[first])
		rest := new(big.Int).Sub(much[end], much[half])
		best = max(best, int(many[half])+ceilDiv(rest.Sub(rest, room), capacity))
	}
	return best
}

// clique counts items of which no two go into one bin, found greedily from the largest.
func (b *bounder) clique(items, types []int) int {
	share := make([]float64, len(b.p.Items))
	for _, i := range items {
		for d, x := range b.p.Items[i].Size {
			for _, t := range types {
				share[i] = max(share[i], float64(x)/max(1, float64(b.p.Bins[t].Capacity[d])))
			}
		}
	}
	sorted := slices.Clone(items)
	slices.SortStableFunc(sorted, func(x, y int) int { return cmp.Compare(share[y], share[x]) })
	var members []int
	total := 0
	for _, i := range sorted[:min(len(sorted), mostAtOnce)] {
		if slices.ContainsFunc(members, func(m int) bool { return b.together(i, m, types) }) {
			continue
		}
		members = append(members, i)
		if b.together(i, i, types) {
			total++ // of several that go together, one
		} else {
			total += b.p.Items[i].Count
		}
	}
	return total
}

// together tells whether one of each of two items go into one bin.
func (b *bounder) together(i, j int, types []int) bool {
	x, y := &b.p.Items[i], &b.p.Items[j]
	if i == j && x.MaxPerBin == 1 {
		return false
	}
	return slices.ContainsFunc(types, func(t int) bool {
		if !b.fits(i, t) || !y.Types.Has(t) {
			return false
		}
		for d, c := range b.p.Bins[t].Capacity {
			if y.Size[d] > c-x.Size[d] {
				return false
			}
		}
		return true
	})
}
