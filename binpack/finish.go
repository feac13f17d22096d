package binpack

import (
	"cmp"
	"slices"
)

// finish sorts placements by bin, moves bins to cheaper types, and says why something is left over.
func (k *Packer) finish() {
	w := &k.work
	byBin := func(a, b entry) int { return cmp.Or(cmp.Compare(a.bin, b.bin), cmp.Compare(a.item, b.item)) }
	slices.SortFunc(k.entries, byBin)
	k.unmerge()
	next := 0
	for b := range w.Bins {
		w.Bins[b].From = len(w.Placements)
		for ; next < len(k.entries) && k.entries[next].bin == b; next++ {
			e := k.entries[next]
			w.Placements = append(w.Placements, Placement{Bin: b, Item: e.item, Count: e.count})
			w.Placed += e.count
		}
		w.Bins[b].To = len(w.Placements)
		k.shrink(b)
	}
	w.Opened = k.opened
	for i, n := range k.rest {
		if n > 0 {
			w.Left = append(w.Left, k.leftover(i, n))
			w.Unplaced += n
		}
	}
}

// shrink gives a new bin the cheapest type that holds its contents.
func (k *Packer) shrink(b int) {
	w := &k.work
	bin := &w.Bins[b]
	if bin.Type < 0 {
		return
	}
	was, chosen := bin.Type, bin.Type
	for _, t := range k.types {
		if k.p.Bins[t].Price < k.p.Bins[chosen].Price && k.room[t] != 0 && k.holds(t, b) {
			chosen = t
		}
	}
	if chosen == was {
		return
	}
	free := k.free(b)
	for d := range free {
		free[d] += k.p.Bins[chosen].Capacity[d] - k.p.Bins[was].Capacity[d]
	}
	w.Price += k.p.Bins[chosen].Price - k.p.Bins[was].Price
	k.take(was, -1)
	k.take(chosen, 1)
	bin.Type = chosen
}

// holds tells whether a type could hold what is in a bin.
func (k *Packer) holds(t, b int) bool {
	free, capacity := k.free(b), k.p.Bins[k.work.Bins[b].Type].Capacity
	for d := range free {
		if capacity[d]-free[d] > k.p.Bins[t].Capacity[d] {
			return false
		}
	}
	for _, c := range k.work.Contents(b) {
		if !k.p.Items[c.Item].Types.Has(t) {
			return false
		}
	}
	return true
}

// leftover finds out what stands in the way of an item: the best that a type has to say, in the order of the obstacles.
func (k *Packer) leftover(i, n int) Leftover {
	out := Leftover{Item: i, Count: n, Why: NoType, Type: -1, Dimension: -1}
	nearest := 0.0
	for t := range k.p.Bins {
		if !k.p.Items[i].Types.Has(t) {
			continue
		}
		capacity := k.p.Bins[t].Capacity
		if k.fit(i, capacity, 1) > 0 {
			out.Type, out.Dimension, out.Want, out.Have = -1, -1, 0, 0
			if k.room[t] != 0 {
				out.Why = BinsLimit
				return out
			}
			out.Why = SoldOut
			continue
		}
		if out.Why == SoldOut {
			continue
		}
		worst, at := 0.0, 0
		for d, x := range k.p.Items[i].Size {
			if excess := float64(x) / max(1, float64(capacity[d])); x > capacity[d] && excess > worst {
				worst, at = excess, d
			}
		}
		if out.Why == NoType || worst < nearest {
			nearest = worst
			out.Why, out.Type, out.Dimension, out.Want, out.Have = TooLarge, t, at, k.p.Items[i].Size[at], capacity[at]
		}
	}
	return out
}
