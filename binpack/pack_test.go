package binpack_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/binpack"
)

var rules = []binpack.Rule{binpack.FirstFit, binpack.FirstFitDecreasing, binpack.BestFit, binpack.BestFitDecreasing, binpack.DotProduct, binpack.Residual, binpack.Dual}

func draw(t *rapid.T, items int) binpack.Problem {
	d := rapid.IntRange(1, 3).Draw(t, "dimensions")
	size := rapid.SliceOfN(rapid.Int64Range(0, 10), d, d)
	var p binpack.Problem
	types := rapid.IntRange(1, 3).Draw(t, "types")
	for range types {
		p.Bins = append(p.Bins, binpack.BinType{
			Capacity: rapid.SliceOfN(rapid.Int64Range(0, 20), d, d).Draw(t, "capacity"),
			Price:    rapid.Int64Range(0, 9).Draw(t, "price"),
			Limit:    rapid.SampledFrom([]int{0, 0, 0, 1, 2, -1}).Draw(t, "limit"),
		})
	}
	open := rapid.IntRange(0, 2).Draw(t, "open")
	for range open {
		p.Open = append(p.Open, binpack.OpenBin{Free: rapid.SliceOfN(rapid.Int64Range(-1, 12), d, d).Draw(t, "free")})
	}
	subset := func(n int, name string) binpack.Bitset {
		if rapid.IntRange(0, 3).Draw(t, name) > 0 {
			return nil
		}
		b := binpack.NewBitset()
		for i := range n {
			if rapid.Bool().Draw(t, name+" member") {
				b = b.With(i)
			}
		}
		return b
	}
	left := items
	for range rapid.IntRange(0, 4).Draw(t, "classes") {
		n := rapid.IntRange(0, left).Draw(t, "count")
		left -= n
		p.Items = append(p.Items, binpack.Item{
			Size: size.Draw(t, "size"), Count: n, Types: subset(types, "types allowed"), Open: subset(open, "open allowed"),
			MaxPerBin: rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "max per bin"),
		})
	}
	return p
}

func TestPlansHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := draw(t, 40)
		o := binpack.Options{MaxBins: rapid.SampledFrom([]int{0, 0, 3}).Draw(t, "max bins")}
		all, err := binpack.Pack(p, o)
		if err != nil {
			t.Fatal(err)
		}
		bound, err := binpack.LowerBound(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rules {
			one := o
			one.Rules = []binpack.Rule{r}
			plan, err := binpack.Pack(p, one)
			if err != nil {
				t.Fatal(err)
			}
			if err := binpack.Verify(&p, &plan); err != nil {
				t.Fatalf("%s: %v", plan.String(), err)
			}
			if o.MaxBins > 0 && plan.Opened > o.MaxBins {
				t.Fatalf("%d bins opened", plan.Opened)
			}
			if plan.Unplaced == 0 && (plan.Price < bound.Price || plan.Opened < bound.Bins) {
				t.Fatalf("%s, but the bound is %+v", plan.String(), bound)
			}
			if plan.Unplaced < all.Unplaced || plan.Unplaced == all.Unplaced && plan.Price < all.Price {
				t.Fatalf("%s is better than the best of all, %s", plan.String(), all.String())
			}
			for _, l := range plan.Left {
				if !explained(&p, &plan, o, l) {
					t.Fatalf("%s: %v", plan.String(), l)
				}
			}
		}
	})
}

// explained holds a leftover's reason against the problem.
func explained(p *binpack.Problem, plan *binpack.Plan, o binpack.Options, l binpack.Leftover) bool {
	used := make([]int, len(p.Bins))
	for _, b := range plan.Bins {
		if b.Type >= 0 {
			used[b.Type]++
		}
	}
	it := p.Items[l.Item]
	some, fits, available := false, false, false
	for t, b := range p.Bins {
		if !it.Types.Has(t) {
			continue
		}
		some = true
		large := true
		for d := range b.Capacity {
			large = large && it.Size[d] <= b.Capacity[d]
		}
		fits = fits || large
		available = available || large && b.Limit >= 0 && (b.Limit == 0 || used[t] < b.Limit)
	}
	switch l.Why {
	case binpack.NoType:
		return !some
	case binpack.TooLarge:
		return some && !fits && l.Want > l.Have && p.Bins[l.Type].Capacity[l.Dimension] == l.Have && it.Size[l.Dimension] == l.Want
	case binpack.SoldOut:
		return fits && !available
	case binpack.BinsLimit:
		return fits && available && plan.Opened == o.MaxBins
	}
	return false
}

// cheapest finds the best packing there is by trying everything: each item in each bin opened so far and in a new one of
// each type. It ignores limits, as the bound does; it returns the fewest bins and the lowest price, which need not be of
// the same packing.
func cheapest(p *binpack.Problem) (price int64, bins int) {
	var items []int
	for i := range p.Items {
		for range p.Items[i].Count {
			items = append(items, i)
		}
	}
	price, bins = math.MaxInt64, math.MaxInt
	type bin struct {
		free  []int64
		types func(int) bool
		in    map[int]int
	}
	var open []*bin
	for o := range p.Open {
		free := append([]int64(nil), p.Open[o].Free...)
		open = append(open, &bin{free, func(i int) bool { return p.Items[i].Open.Has(o) }, map[int]int{}})
	}
	var try func(at int, paid int64, opened int)
	try = func(at int, paid int64, opened int) {
		if paid >= price && opened >= bins {
			return
		}
		if at == len(items) {
			price, bins = min(price, paid), min(bins, opened)
			return
		}
		i := items[at]
		into := func(b *bin, next func()) {
			if !b.types(i) || p.Items[i].MaxPerBin > 0 && b.in[i] >= p.Items[i].MaxPerBin {
				return
			}
			for d, x := range p.Items[i].Size {
				if b.free[d] < 0 || x > b.free[d] {
					return
				}
			}
			for d, x := range p.Items[i].Size {
				b.free[d] -= x
			}
			b.in[i]++
			next()
			b.in[i]--
			for d, x := range p.Items[i].Size {
				b.free[d] += x
			}
		}
		for _, b := range open {
			into(b, func() { try(at+1, paid, opened) })
		}
		for t := range p.Bins {
			if p.Bins[t].Limit < 0 {
				continue
			}
			b := &bin{append([]int64(nil), p.Bins[t].Capacity...), func(i int) bool { return p.Items[i].Types.Has(t) }, map[int]int{}}
			open = append(open, b)
			into(b, func() { try(at+1, paid+p.Bins[t].Price, opened+1) })
			open = open[:len(open)-1]
		}
	}
	try(0, 0, 0)
	return price, bins
}

func TestLowerBoundIsBelowEveryPacking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := draw(t, 5)
		price, bins := cheapest(&p)
		if bins == math.MaxInt {
			return // something fits nowhere
		}
		b, err := binpack.LowerBound(p)
		if err != nil {
			t.Fatal(err)
		}
		if b.Price > price || b.Bins > bins {
			t.Fatalf("bound %+v, but %d bins or a price of %d do", b, bins, price)
		}
	})
}

// slow is first fit as it is told: one item after the other.
func slow(p *binpack.Problem) []int {
	var free [][]int64
	var out []int
	for i := range p.Items {
		for range p.Items[i].Count {
			bin := -1
			for b := 0; b < len(free) && bin < 0; b++ {
				bin = b
				for d, x := range p.Items[i].Size {
					if x > free[b][d] {
						bin = -1
					}
				}
			}
			if bin < 0 {
				bin = len(free)
				free = append(free, append([]int64(nil), p.Bins[0].Capacity...))
			}
			for d, x := range p.Items[i].Size {
				free[bin][d] -= x
			}
			out = append(out, bin)
		}
	}
	return out
}

func TestClassesGoWhereSingleItemsWould(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := binpack.Problem{Bins: []binpack.BinType{{Capacity: []int64{20, 20}, Price: 1}}}
		for range rapid.IntRange(1, 6).Draw(t, "classes") {
			p.Items = append(p.Items, binpack.Item{
				Size: rapid.SliceOfN(rapid.Int64Range(1, 20), 2, 2).Draw(t, "size"), Count: rapid.IntRange(1, 8).Draw(t, "count"),
			})
		}
		plan, err := binpack.Pack(p, binpack.Options{Rules: []binpack.Rule{binpack.FirstFit}})
		if err != nil {
			t.Fatal(err)
		}
		want := slow(&p)
		have := map[[2]int]int{}
		for _, c := range plan.Placements {
			have[[2]int{c.Item, c.Bin}] += c.Count
		}
		at := 0
		for i := range p.Items {
			for range p.Items[i].Count {
				have[[2]int{i, want[at]}]--
				at++
			}
		}
		for k, n := range have {
			if n != 0 {
				t.Fatalf("item %d in bin %d: %+d compared with one by one", k[0], k[1], n)
			}
		}
	})
}

func TestNonsenseIsRefused(t *testing.T) {
	one := []binpack.BinType{{Capacity: []int64{1}}}
	for name, p := range map[string]binpack.Problem{
		"dimensions":     {Items: []binpack.Item{{Size: []int64{1, 2}}}, Bins: one},
		"negative size":  {Items: []binpack.Item{{Size: []int64{-1}}}, Bins: one},
		"negative count": {Items: []binpack.Item{{Size: []int64{1}, Count: -1}}, Bins: one},
		"huge count":     {Items: []binpack.Item{{Size: []int64{1}, Count: math.MaxInt}}, Bins: one},
		"negative price": {Bins: []binpack.BinType{{Price: -1}}},
		"huge price":     {Bins: []binpack.BinType{{Price: math.MaxInt64}}},
		"max per bin":    {Items: []binpack.Item{{Size: []int64{1}, MaxPerBin: -1}}, Bins: one},
		"open":           {Bins: one, Open: []binpack.OpenBin{{Free: nil}}},
	} {
		if _, err := binpack.Pack(p, binpack.Options{}); !errors.Is(err, binpack.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := binpack.LowerBound(p); !errors.Is(err, binpack.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, o := range []binpack.Options{{MaxBins: -1}, {Rules: []binpack.Rule{99}}} {
		if _, err := binpack.Pack(binpack.Problem{}, o); !errors.Is(err, binpack.ErrInvalid) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func FuzzPack(f *testing.F) {
	f.Add([]byte{2, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	f.Add([]byte{1, 255, 0, 255, 1, 0, 255, 3})
	f.Fuzz(func(t *testing.T, data []byte) {
		next := func() int64 {
			if len(data) == 0 {
				return 0
			}
			x := int64(data[0])
			data = data[1:]
			if x == 255 {
				return math.MaxInt64
			}
			if x > 250 {
				return -x
			}
			return x * x
		}
		d := int(next())%4 + 1
		if d < 1 {
			return
		}
		vector := func() []int64 {
			v := make([]int64, d)
			for i := range v {
				v[i] = next()
			}
			return v
		}
		p := binpack.Problem{Open: []binpack.OpenBin{{Free: vector()}}}
		for range 3 {
			p.Bins = append(p.Bins, binpack.BinType{Capacity: vector(), Price: next(), Limit: int(next() % 10)})
		}
		for len(data) > 0 && len(p.Items) < 20 {
			p.Items = append(p.Items, binpack.Item{Size: vector(), Count: int(next() % 1000), MaxPerBin: int(next() % 5)})
		}
		plan, err := binpack.Pack(p, binpack.Options{})
		if err != nil {
			if !errors.Is(err, binpack.ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		if err := binpack.Verify(&p, &plan); err != nil {
			t.Fatal(err)
		}
		b, err := binpack.LowerBound(p)
		if err != nil {
			t.Fatal(err)
		}
		if plan.Unplaced == 0 && (b.Price > plan.Price || b.Bins > plan.Opened) {
			t.Fatalf("%s, but the bound is %+v", plan.String(), b)
		}
	})
}
