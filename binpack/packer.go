package binpack

import (
	"cmp"
	"slices"
)

// Pack packs a problem. The error is for a problem that makes no sense; items that find no place are part of the plan.
func Pack(p Problem, o Options) (Plan, error) {
	var packer Packer
	var out Plan
	err := packer.Pack(&p, o, &out)
	return out, err
}

// Packer is [Pack] with its memory kept. Once that has grown, packing allocates nothing. It is for one goroutine at a time.
type Packer struct {
	p    *Problem
	o    Options
	dims int

	weight  []float64 // what a unit of a dimension weighs
	demand  []float64 // by dimension
	dual    []float64 // what a unit of a dimension costs where bins are used to the full
	linear  simplex
	score   []float64 // the size of an item as one number
	order   []int
	types   []int     // that can be opened
	worthy  []int     // those of them that no other is better than in every way
	could   []int     // items that may still go into the bin that is being filled
	unit    []float64 // see measure
	pull    []float64 // the room that is left, in units
	shape   []float64 // see measure; by item and dimension
	value   []float64 // see measure
	owed    []int     // items of each class not handed out yet; see unmerge
	merged  bool      // some classes are
	rest    []int     // items yet to place
	room    []int     // bins yet to be had, by type; noLimit: as many as needed
	tried   []int     // bins tried for an item
	content load      // of the bin that is being filled
	best    load      // the best content so far
	live    []int     // classes of which there are any left
	spare   []int64   // room in the bin that is being filled
	opened  int
	entries []entry
	work    Plan
}

const noLimit = -1

// entry is a placement before they are sorted by bin.
type entry struct{ bin, item, count int }

// Pack packs into out, whose memory it reuses. After an error out has no meaning.
func (k *Packer) Pack(p *Problem, o Options, out *Plan) error {
	if err := p.validate(); err != nil {
		return err
	}
	if err := o.validate(); err != nil {
		return err
	}
	rules := o.Rules
	if len(rules) == 0 {
		rules = allRules
	}
	k.p, k.o, k.dims = p, o, p.dimensions()
	k.prepare()
	for i, r := range rules {
		k.begin(r)
		if r >= DotProduct {
			k.binByBin(r)
		} else {
			k.itemByItem(r)
		}
		k.finish()
		if i == 0 || k.cheaper(&k.work, out) {
			*out, k.work = k.work, *out
		}
	}
	k.p = nil
	return nil
}

// cheaper tells whether one plan is better than another: leaves less over, then costs less, then opens less.
func (k *Packer) cheaper(p, o *Plan) bool {
	cost := func(p *Plan) int64 { return p.Price + k.o.PerBin*int64(p.Opened) }
	return cmp.Or(cmp.Compare(p.Unplaced, o.Unplaced), cmp.Compare(cost(p), cost(o)), cmp.Compare(p.Opened, o.Opened)) < 0
}

// prepare weighs dimensions: the scarcer one is, relative to the largest bin, the more a unit of it weighs.
func (k *Packer) prepare() {
	k.weight, k.demand, k.score = resize(k.weight, k.dims), resize(k.demand, k.dims), resize(k.score, len(k.p.Items))
	sum := 0.0
	for d := range k.dims {
		most, demand := 1.0, 0.0
		for t := range k.p.Bins {
			most = max(most, float64(k.p.Bins[t].Capacity[d]))
		}
		for i := range k.p.Items {
			demand += float64(float64(k.p.Items[i].Size[d]) * float64(k.p.Items[i].Count))
		}
		k.weight[d], k.demand[d] = demand/most/most, demand
		sum += demand / most
	}
	for i := range k.p.Items {
		k.score[i] = 0
		for d, x := range k.p.Items[i].Size {
			if x > 0 && sum > 0 {
				k.score[i] += float64(float64(x)*k.weight[d]) / sum
			}
		}
	}
	k.types = k.types[:0]
	for t := range k.p.Bins {
		if k.p.Bins[t].Limit >= 0 {
			k.types = append(k.types, t)
		}
	}
	k.compareTypes()
	k.dual = k.linear.prices(k.demand, k.p.Bins, k.types, k.o.PerBin)
	k.content.reset(len(k.p.Items))
	k.best.reset(len(k.p.Items))
	k.spare = resize(k.spare, k.dims)
}

// compareTypes finds the types that are worth filling. One that is no larger than another, costs no less and holds no item
// that the other may not hold is never the better choice; of equal ones the first is kept.
func (k *Packer) compareTypes() {
	k.worthy = k.worthy[:0]
	for _, t := range k.types {
		if !slices.ContainsFunc(k.types, func(o int) bool {
			return o != t && k.p.Bins[o].Limit == 0 && k.better(o, t) && !(t < o && k.better(t, o))
		}) {
			k.worthy = append(k.worthy, t)
		}
	}
}

// better tells whether a type is at least as good as another in every way.
func (k *Packer) better(t, o int) bool {
	x, y := &k.p.Bins[t], &k.p.Bins[o]
	if x.Price > y.Price || y.Limit == 0 && x.Limit != 0 {
		return false
	}
	for d := range x.Capacity {
		if x.Capacity[d] < y.Capacity[d] {
			return false
		}
	}
	for i := range k.p.Items {
		if types := k.p.Items[i].Types; types != nil && types.Has(o) && !types.Has(t) {
			return false
		}
	}
	return true
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}

// begin starts a plan with the bins that are open already.
func (k *Packer) begin(r Rule) {
	w := &k.work
	*w = Plan{Rule: r, Bins: w.Bins[:0], Placements: w.Placements[:0], Left: w.Left[:0], free: w.free[:0], dims: k.dims}
	k.entries, k.opened = k.entries[:0], 0
	k.rest, k.room = resize(k.rest, len(k.p.Items)), resize(k.room, len(k.p.Bins))
	k.owed = resize(k.owed, len(k.p.Items))
	for i := range k.p.Items {
		k.owed[i] = k.p.Items[i].Count
	}
	k.merge()
	for t := range k.p.Bins {
		switch limit := k.p.Bins[t].Limit; {
		case limit == 0:
			k.room[t] = noLimit
		default:
			k.room[t] = max(0, limit)
		}
	}
	for i := range k.p.Open {
		w.Bins = append(w.Bins, Bin{Type: -1, Open: i})
		w.free = append(w.free, k.p.Open[i].Free...)
	}
}

// open opens a bin of a type that can be had.
func (k *Packer) open(t int) int {
	w := &k.work
	w.Bins = append(w.Bins, Bin{Type: t, Open: -1})
	w.free = append(w.free, k.p.Bins[t].Capacity...)
	w.Price += k.p.Bins[t].Price
	k.opened++
	k.take(t, 1)
	return len(w.Bins) - 1
}

func (k *Packer) take(t, n int) {
	if k.room[t] != noLimit {
		k.room[t] -= n
	}
}

func (k *Packer) full() bool { return k.opened >= k.mostBins() }

func (k *Packer) mostBins() int {
	if k.o.MaxBins > 0 {
		return k.o.MaxBins
	}
	return DefaultMaxBins
}

// price is what a bin of a type counts as.
func (k *Packer) price(t int) int64 { return k.p.Bins[t].Price + k.o.PerBin }

// free is the room in a bin of the plan.
func (k *Packer) free(bin int) []int64 { return k.work.free[bin*k.dims : (bin+1)*k.dims] }

// fit is how many of an item go into an empty place with some room, at most n.
func (k *Packer) fit(item int, free []int64, n int) int {
	it := &k.p.Items[item]
	if it.MaxPerBin > 0 {
		n = min(n, it.MaxPerBin)
	}
	for d, x := range it.Size {
		if free[d] < 0 {
			return 0
		}
		if x > 0 {
			if x > free[d] {
				return 0
			}
			if q := free[d] / x; q < int64(n) {
				n = int(q)
			}
		}
	}
	return n
}

func (k *Packer) allowed(item, bin int) bool {
	b := &k.work.Bins[bin]
	if b.Open >= 0 {
		return k.p.Items[item].Open.Has(b.Open)
	}
	return k.p.Items[item].Types.Has(b.Type)
}

func (k *Packer) put(item, bin, n int) {
	free := k.free(bin)
	for d, x := range k.p.Items[item].Size {
		free[d] -= x * int64(n)
	}
	k.entries = append(k.entries, entry{bin, item, n})
	k.rest[item] -= n
}
