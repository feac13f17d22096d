package binpack

import (
	"fmt"
	"math/big"
	"slices"
)

// Bound is what no packing of all items can beat.
type Bound struct {
	Price int64 `json:"price"` // the least that the bins opened can cost
	Bins  int   `json:"bins"`  // the fewest bins that must be opened
}

// String is the bound in one line.
func (b Bound) String() string {
	return fmt.Sprintf("no plan costs less than %d or opens fewer than %d bins", b.Price, b.Bins)
}

// LowerBound returns a proven lower bound for packing every item of the problem. What the open bins have free is taken off
// the demand first, generously. Items that fit no bin type are left out, for no plan can place them in a new bin. Limits
// of types raise the bound on price only.
//
// The bound on bins is the largest of: demand over capacity in each dimension, rounded up; for items larger than a share
// of the largest bin, how many of them can share one (Martello and Toth); how many of one item go into a bin; and the
// largest set found of items no two of which go into one bin. The bound on price is the larger of that many of the
// cheapest bins, and of what the demand is worth at prices per unit under which no bin is worth more than it costs (the
// dual of the linear relaxation). Both are taken for all items together and for each set of items with the same types.
func LowerBound(p Problem) (Bound, error) {
	if err := p.validate(); err != nil {
		return Bound{}, err
	}
	b := newBounder(&p)
	var out Bound
	b.consider(&out, b.items)
	for _, group := range b.groups() {
		b.consider(&out, group)
	}
	return out, nil
}

// bounder is the relaxed problem.
type bounder struct {
	p     *Problem
	dims  int
	items []int      // those that fit a type
	given []*big.Int // what the open bins have free, by dimension
}

func newBounder(p *Problem) *bounder {
	b := &bounder{p: p, dims: p.dimensions()}
	for i := range p.Items {
		if p.Items[i].Count == 0 {
			continue
		}
		for t := range p.Bins {
			if b.fits(i, t) {
				b.items = append(b.items, i)
				break
			}
		}
	}
	b.given = make([]*big.Int, b.dims)
	for d := range b.given {
		b.given[d] = new(big.Int)
		for _, o := range p.Open {
			if o.Free[d] > 0 {
				b.given[d].Add(b.given[d], big.NewInt(o.Free[d]))
			}
		}
	}
	return b
}

// fits tells whether one of an item may go into a new bin of a type.
func (b *bounder) fits(i, t int) bool {
	if b.p.Bins[t].Limit < 0 || !b.p.Items[i].Types.Has(t) {
		return false
	}
	for d, x := range b.p.Items[i].Size {
		if x > b.p.Bins[t].Capacity[d] {
			return false
		}
	}
	return true
}

// groups are the items by their sets of types, where there is more than one set.
func (b *bounder) groups() [][]int {
	var out [][]int
next:
	for _, i := range b.items {
		for g := range out {
			if b.p.Items[out[g][0]].Types.equal(b.p.Items[i].Types) {
				out[g] = append(out[g], i)
				continue next
			}
		}
		if len(out) < mostGroups {
			out = append(out, []int{i})
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// consider raises the bound by what some of the items need, whatever else there is.
func (b *bounder) consider(out *Bound, items []int) {
	var types []int
	for t := range b.p.Bins {
		if slices.ContainsFunc(items, func(i int) bool { return b.fits(i, t) }) {
			types = append(types, t)
		}
	}
	if len(types) == 0 {
		return
	}
	demand := b.demand(items)
	capacity := make([]int64, b.dims)
	cheapest := b.p.Bins[types[0]].Price
	for _, t := range types {
		cheapest = min(cheapest, b.p.Bins[t].Price)
		for d, c := range b.p.Bins[t].Capacity {
			capacity[d] = max(capacity[d], c)
		}
	}
	bins := 0
	for d := range b.dims {
		bins = max(bins, ceilDiv(demand[d], capacity[d]))
	}
	if len(b.p.Open) == 0 { // else some of the items may be elsewhere, and counting them proves nothing
		large := b.largest(types)
		bins = max(bins, b.repeated(items, large), b.clique(items, large))
		for d := range b.dims {
			bins = max(bins, b.large(items, d, capacity[d]))
		}
	}
	out.Bins = max(out.Bins, bins)
	out.Price = max(out.Price, int64(bins)*cheapest, b.worth(demand, types))
}

// largest leaves out the types that another one is no smaller than in any dimension and holds all their items: what does
// not go together into the one does not into the other.
func (b *bounder) largest(types []int) []int {
	within := func(t, o int) bool {
		for d, c := range b.p.Bins[t].Capacity {
			if c > b.p.Bins[o].Capacity[d] {
				return false
			}
		}
		for i := range b.p.Items {
			if set := b.p.Items[i].Types; set != nil && set.Has(t) && !set.Has(o) {
				return false
			}
		}
		return true
	}
	var out []int
	for _, t := range types {
		if slices.ContainsFunc(out, func(o int) bool { return within(t, o) }) {
			continue
		}
		out = slices.DeleteFunc(out, func(o int) bool { return within(o, t) })
		out = append(out, t)
	}
	return out
}

// demand is what the items take of each dimension, less what is free already.
func (b *bounder) demand(items []int) []*big.Int {
	out := make([]*big.Int, b.dims)
	for d := range out {
		out[d] = new(big.Int).Neg(b.given[d])
		for _, i := range items {
			out[d].Add(out[d], product(b.p.Items[i].Size[d], int64(b.p.Items[i].Count)))
		}
		if out[d].Sign() < 0 {
			out[d].SetInt64(0)
		}
	}
	return out
}

func product(a, b int64) *big.Int { return new(big.Int).Mul(big.NewInt(a), big.NewInt(b)) }

// ceilDiv divides and rounds up; at most as many bins as there can be items.
func ceilDiv(a *big.Int, b int64) int {
	if a.Sign() <= 0 || b <= 0 {
		return 0
	}
	q, r := new(big.Int).QuoRem(a, big.NewInt(b), new(big.Int))
	if r.Sign() > 0 {
		q.Add(q, big.NewInt(1))
	}
	if !q.IsInt64() || q.Int64() > largest {
		return largest
	}
	return int(q.Int64())
}
