package binpack

import "slices"

// merge counts neighbouring classes that are equal as one: with the first of them, and none with the others. So it makes
// no difference to a plan how equal items are told apart, and many classes of one size cost as little as one.
func (k *Packer) merge() {
	k.merged = false
	first := 0
	for i := range k.p.Items {
		k.rest[i] = k.p.Items[i].Count
		if i > 0 && k.p.Items[first].equal(&k.p.Items[i]) {
			k.rest[first] += k.rest[i]
			k.rest[i] = 0
			k.merged = true
		} else {
			first = i
		}
	}
}

// equal tells whether one of an item is as good as one of another. A limit per bin is each class's own.
func (it *Item) equal(o *Item) bool {
	return it.MaxPerBin == 0 && o.MaxPerBin == 0 && slices.Equal(it.Size, o.Size) && it.Types.equal(o.Types) && it.Open.equal(o.Open)
}

// unmerge hands out what was placed, and what was not, to the classes it was merged from: in their order, by bin.
func (k *Packer) unmerge() {
	if !k.merged {
		return
	}
	n := len(k.entries)
	for e := range n {
		for first := k.entries[e].item; k.entries[e].count > 0; {
			i := k.pending(first)
			count := min(k.entries[e].count, k.owed[i])
			k.owed[i] -= count
			k.entries = append(k.entries, entry{k.entries[e].bin, i, count})
			k.entries[e].count -= count
		}
	}
	k.entries = slices.Delete(k.entries, 0, n)
	copy(k.rest, k.owed)
}

// pending is the first class, from one on, that is owed anything. There is one: no more is placed than was merged.
func (k *Packer) pending(i int) int {
	for k.owed[i] == 0 {
		i++
	}
	return i
}
