package binpack_test

import (
	"encoding/json"
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
// each type, within limits. It returns the fewest bins and the lowest price, which need not be of
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
	used := make([]int, len(p.Bins))
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
			if l := p.Bins[t].Limit; l < 0 || l > 0 && used[t] >= l {
				continue
			}
			b := &bin{append([]int64(nil), p.Bins[t].Capacity...), func(i int) bool { return p.Items[i].Types.Has(t) }, map[int]int{}}
			open = append(open, b)
			used[t]++
			into(b, func() { try(at+1, paid+p.Bins[t].Price, opened+1) })
			used[t]--
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

// Input that is legal but absurd is packed, in bounded time and memory.
func TestAbsurdInput(t *testing.T) {
	unit := []int64{1}
	for name, c := range map[string]struct {
		p                binpack.Problem
		placed, unplaced int
	}{
		"nothing":                {binpack.Problem{}, 0, 0},
		"no dimension":           {binpack.Problem{Items: []binpack.Item{{Count: 7}}, Bins: []binpack.BinType{{Price: 3}}}, 7, 0},
		"no bins":                {binpack.Problem{Items: []binpack.Item{{Size: unit, Count: 3}}}, 0, 3},
		"bins without room":      {binpack.Problem{Items: []binpack.Item{{Size: unit, Count: 3}}, Bins: []binpack.BinType{{Capacity: []int64{0}, Price: 1}}}, 0, 3},
		"items without size":     {binpack.Problem{Items: []binpack.Item{{Size: []int64{0}, Count: math.MaxInt32}}, Bins: []binpack.BinType{{Capacity: []int64{0}}}}, math.MaxInt32, 0},
		"two thousand million":   {binpack.Problem{Items: []binpack.Item{{Size: unit, Count: math.MaxInt32}}, Bins: []binpack.BinType{{Capacity: unit, Price: 1}}}, binpack.DefaultMaxBins, math.MaxInt32 - binpack.DefaultMaxBins},
		"the largest numbers":    {binpack.Problem{Items: []binpack.Item{{Size: []int64{math.MaxInt64}, Count: 9}}, Bins: []binpack.BinType{{Capacity: []int64{math.MaxInt64}, Price: 1 << 31}}, Open: []binpack.OpenBin{{Free: []int64{math.MinInt64}}}}, 9, 0},
		"the largest and least":  {binpack.Problem{Items: []binpack.Item{{Size: []int64{1, math.MaxInt64}, Count: 2}}, Bins: []binpack.BinType{{Capacity: []int64{math.MaxInt64, math.MaxInt64}}}}, 2, 0},
		"nothing is compatible":  {binpack.Problem{Items: []binpack.Item{{Size: unit, Count: 2, Types: binpack.NewBitset()}}, Bins: []binpack.BinType{{Capacity: unit}}}, 0, 2},
		"more sets than types":   {binpack.Problem{Items: []binpack.Item{{Size: unit, Count: 2, Types: binpack.NewBitset(0, 700)}}, Bins: []binpack.BinType{{Capacity: unit}}}, 2, 0},
		"bins that are sold out": {binpack.Problem{Items: []binpack.Item{{Size: unit, Count: 5}}, Bins: []binpack.BinType{{Capacity: unit, Limit: 2}, {Capacity: unit, Limit: -1}}}, 2, 3},
	} {
		if name == "two thousand million" && testing.Short() {
			continue
		}
		o := binpack.Options{}
		if c.placed == binpack.DefaultMaxBins {
			o.Rules = []binpack.Rule{binpack.FirstFit} // one rule will do for a million bins
		}
		plan, err := binpack.Pack(c.p, o)
		if err != nil || plan.Placed != c.placed || plan.Unplaced != c.unplaced {
			t.Errorf("%s: %v, %v", name, plan.String(), err)
		}
		if err := binpack.Verify(&c.p, &plan); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if b, err := binpack.LowerBound(c.p); err != nil || c.unplaced == 0 && (b.Price > plan.Price || b.Bins > plan.Opened) {
			t.Errorf("%s: %v, %v", name, b, err)
		}
	}
}

// Many classes that all differ are packed in a time in proportion, and what fits is placed whether it was looked at or not.
func TestThousandsOfClasses(t *testing.T) {
	p := binpack.Problem{Bins: []binpack.BinType{{Capacity: []int64{9000, 9000}, Price: 10}, {Capacity: []int64{30000, 20000}, Price: 27, Limit: 3}}}
	for i := range int64(3000) {
		it := binpack.Item{Size: []int64{1 + i*7919%3001, 1 + i*104729%2003}, Count: 1 + int(i%2)}
		if i%1000 == 77 {
			it.Types, it.MaxPerBin = binpack.NewBitset(0), 1
		}
		p.Items = append(p.Items, it)
	}
	for _, r := range rules {
		plan, err := binpack.Pack(p, binpack.Options{Rules: []binpack.Rule{r}})
		if err != nil || plan.Unplaced > 0 || binpack.Verify(&p, &plan) != nil {
			t.Errorf("%s, %v, %v", plan.String(), err, binpack.Verify(&p, &plan))
		}
		if b, _ := binpack.LowerBound(p); float64(plan.Price) > 1.1*float64(b.Price) || plan.Price < b.Price {
			t.Errorf("%s, bound %v", plan.String(), b)
		}
	}
}

func TestNamesReadBack(t *testing.T) {
	for _, r := range rules {
		text, _ := r.MarshalText()
		var back binpack.Rule
		if err := back.UnmarshalText(text); err != nil || back != r {
			t.Errorf("%s reads back as %s (%v)", r, back, err)
		}
	}
	for _, o := range []binpack.Obstacle{binpack.NoType, binpack.TooLarge, binpack.SoldOut, binpack.BinsLimit} {
		text, _ := o.MarshalText()
		var back binpack.Obstacle
		if err := back.UnmarshalText(text); err != nil || back != o {
			t.Errorf("%s reads back as %s (%v)", o, back, err)
		}
	}
	var r binpack.Rule
	var o binpack.Obstacle
	if err := r.UnmarshalText([]byte("Guess")); !errors.Is(err, binpack.ErrInvalid) {
		t.Error(err)
	}
	if err := o.UnmarshalText(nil); !errors.Is(err, binpack.ErrInvalid) {
		t.Error(err)
	}
}

func TestPricePerBinMakesFewer(t *testing.T) {
	p := binpack.Problem{
		Items: []binpack.Item{{Size: []int64{1}, Count: 16}},
		Bins:  []binpack.BinType{{Capacity: []int64{2}, Price: 10}, {Capacity: []int64{16}, Price: 100}},
	}
	for perBin, want := range map[int64]int{0: 8, 2: 8, 5: 1} { // 8 small ones cost 80, so one large one is worth it above 20/7
		plan, err := binpack.Pack(p, binpack.Options{PerBin: perBin})
		if err != nil || plan.Opened != want || binpack.Verify(&p, &plan) != nil {
			t.Errorf("%d a bin: %s, want %d bins (%v)", perBin, plan.String(), want, err)
		}
	}
}

func TestVerifyTakesAnything(t *testing.T) {
	p := binpack.Problem{Items: []binpack.Item{{Size: []int64{2}, Count: 3, MaxPerBin: 2}}, Bins: []binpack.BinType{{Capacity: []int64{4}, Price: 5, Limit: 2}}, Open: []binpack.OpenBin{{Free: []int64{1}}}}
	good := func() binpack.Plan {
		plan, err := binpack.Pack(p, binpack.Options{})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(plan)
		if err != nil {
			t.Fatal(err)
		}
		var back binpack.Plan // as a plan from elsewhere: it does not know what is free
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		return back
	}
	plan := good()
	if err := binpack.Verify(&p, &plan); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*binpack.Plan){
		"price":            func(x *binpack.Plan) { x.Price++ },
		"lost":             func(x *binpack.Plan) { x.Placements[0].Count-- },
		"overfull":         func(x *binpack.Plan) { x.Placements[0].Count, x.Placements[1].Count = 3, 0 },
		"type":             func(x *binpack.Plan) { x.Bins[1].Type = 7 },
		"open":             func(x *binpack.Plan) { x.Bins[0].Open = -5 },
		"open bin twice":   func(x *binpack.Plan) { x.Bins[1].Type, x.Bins[1].Open = -1, 0 },
		"from":             func(x *binpack.Plan) { x.Bins[1].From = -1 },
		"to":               func(x *binpack.Plan) { x.Bins[2].To = 99 },
		"item":             func(x *binpack.Plan) { x.Placements[0].Item = 1 },
		"negative":         func(x *binpack.Plan) { x.Left = []binpack.Leftover{{Item: 0, Count: -1}} },
		"left and placed":  func(x *binpack.Plan) { x.Left = []binpack.Leftover{{Item: 0, Count: 1}} },
		"bin of placement": func(x *binpack.Plan) { x.Placements[0].Bin = 0 },
	} {
		plan := good()
		spoil(&plan)
		if err := binpack.Verify(&p, &plan); !errors.Is(err, binpack.ErrBroken) {
			t.Errorf("%s: %v", name, err)
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
		d := int(next()) % 5
		if d < 0 {
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
			it := binpack.Item{Size: vector(), Count: int(next() % 1000), MaxPerBin: int(next() % 5)}
			if set := next(); set > 100 {
				it.Types = binpack.Bitset{uint64(set)}
			}
			p.Items = append(p.Items, it)
		}
		plan, err := binpack.Pack(p, binpack.Options{MaxBins: int(next()), PerBin: next() % 1000})
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
