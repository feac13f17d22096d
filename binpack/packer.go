package binpack

import "cmp"

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
	types   []int   // that can be opened
	rest    []int   // items yet to place
	room    []int   // bins yet to be had, by type; noLimit: as many as needed
	tried   []int   // bins tried for an item
	content []int   // by item, of the bin that is being filled
	best    []int   // the best content so far
	spare   []int64 // room in the bin that is being filled
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
		if i == 0 || k.work.better(out) {
			*out, k.work = k.work, *out
		}
	}
	k.p = nil
	return nil
}

func (p *Plan) better(o *Plan) bool {
	return cmp.Or(cmp.Compare(p.Unplaced, o.Unplaced), cmp.Compare(p.Price, o.Price), cmp.Compare(p.Opened, o.Opened)) < 0
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
	k.dual = k.linear.prices(k.demand, k.p.Bins, k.types)
	k.content, k.best, k.spare = resize(k.content, len(k.p.Items)), resize(k.best, len(k.p.Items)), resize(k.spare, k.dims)
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
	for i := range k.p.Items {
		k.rest[i] = k.p.Items[i].Count
	}
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

func (k *Packer) full() bool { return k.o.MaxBins > 0 && k.opened >= k.o.MaxBins }

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
