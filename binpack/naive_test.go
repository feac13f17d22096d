package binpack_test

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/binpack"
)

// slow packs as the first four rules are told: one item after the other, each looking at every bin.
type slow struct {
	p      *binpack.Problem
	weight []float64
	bins   []*slowBin
	used   []int
	max    int
	have   map[[2]int]int // placed, by item and bin
}

type slowBin struct {
	free    []int64
	allowed func(item int) bool
	in      map[int]int
}

func newSlow(p *binpack.Problem, maxBins int) *slow {
	s := &slow{p: p, used: make([]int, len(p.Bins)), max: maxBins, have: map[[2]int]int{}}
	for i := range p.Open {
		s.bins = append(s.bins, &slowBin{slices.Clone(p.Open[i].Free), func(item int) bool { return p.Items[item].Open.Has(i) }, map[int]int{}})
	}
	for d := range p.Bins[0].Capacity {
		most, demand := 1.0, 0.0
		for _, b := range p.Bins {
			most = max(most, float64(b.Capacity[d]))
		}
		for _, it := range p.Items {
			demand += float64(it.Size[d]) * float64(it.Count)
		}
		s.weight = append(s.weight, demand/most/most)
	}
	return s
}

func (s *slow) fits(item int, b *slowBin) bool {
	it := &s.p.Items[item]
	ok := b.allowed(item) && (it.MaxPerBin == 0 || b.in[item] < it.MaxPerBin)
	for d, x := range it.Size {
		ok = ok && b.free[d] >= 0 && x <= b.free[d]
	}
	return ok
}

// open is a new bin of the type with the best price per item, for the items that are left.
func (s *slow) open(item, left int) *slowBin {
	best, price := -1, math.Inf(1)
	for t, b := range s.p.Bins {
		if b.Limit < 0 || b.Limit > 0 && s.used[t] >= b.Limit || !s.p.Items[item].Types.Has(t) {
			continue
		}
		trial := &slowBin{slices.Clone(b.Capacity), func(int) bool { return true }, map[int]int{}}
		n := 0
		for ; n < left && s.fits(item, trial); n++ {
			s.put(item, trial)
		}
		if n > 0 && float64(b.Price)/float64(n) < price {
			best, price = t, float64(b.Price)/float64(n)
		}
	}
	opened := len(s.bins) - len(s.p.Open)
	if best < 0 || s.max > 0 && opened >= s.max {
		return nil
	}
	s.used[best]++
	b := &slowBin{slices.Clone(s.p.Bins[best].Capacity), func(i int) bool { return s.p.Items[i].Types.Has(best) }, map[int]int{}}
	s.bins = append(s.bins, b)
	return b
}

func (s *slow) put(item int, b *slowBin) {
	for d, x := range s.p.Items[item].Size {
		b.free[d] -= x
	}
	b.in[item]++
}

// choose is the first bin with room, or the one with the least.
func (s *slow) choose(item int, bestFit bool) *slowBin {
	var chosen *slowBin
	least := math.Inf(1)
	for _, b := range s.bins {
		if !s.fits(item, b) {
			continue
		}
		if !bestFit {
			return b
		}
		sum := 0.0
		for d, x := range b.free {
			sum += float64(float64(x) * s.weight[d])
		}
		if sum < least {
			chosen, least = b, sum
		}
	}
	return chosen
}

func (s *slow) pack(rule binpack.Rule) {
	order := make([]int, len(s.p.Items))
	size := make([]float64, len(order))
	total := 0.0
	for d := range s.weight {
		most := 1.0
		for _, b := range s.p.Bins {
			most = max(most, float64(b.Capacity[d]))
		}
		total += s.weight[d] * most
	}
	for i := range order {
		order[i] = i
		for d, x := range s.p.Items[i].Size {
			if total > 0 {
				size[i] += float64(float64(x)*s.weight[d]) / total
			}
		}
	}
	if rule == binpack.FirstFitDecreasing || rule == binpack.BestFitDecreasing {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(size[b], size[a]) })
	}
	for _, i := range order {
		for left := s.p.Items[i].Count; left > 0; left-- {
			b := s.choose(i, rule == binpack.BestFit || rule == binpack.BestFitDecreasing)
			if b == nil {
				b = s.open(i, left)
			}
			if b == nil {
				break
			}
			s.put(i, b)
			s.have[[2]int{i, slices.Index(s.bins, b)}]++
		}
	}
}

// distinct tells whether no two neighbours are equal, so that nothing is merged.
func distinct(p *binpack.Problem) bool {
	for i := 1; i < len(p.Items); i++ {
		if slices.Equal(p.Items[i].Size, p.Items[i-1].Size) {
			return false
		}
	}
	return true
}

func TestItemsTogetherGoWhereTheyWouldOneByOne(t *testing.T) {
	compared := 0
	rapid.Check(t, func(t *rapid.T) {
		p := draw(t, 30)
		if !distinct(&p) {
			return
		}
		maxBins := rapid.SampledFrom([]int{0, 0, 2}).Draw(t, "max bins")
		for _, r := range []binpack.Rule{binpack.FirstFit, binpack.FirstFitDecreasing, binpack.BestFit, binpack.BestFitDecreasing} {
			plan, err := binpack.Pack(p, binpack.Options{Rules: []binpack.Rule{r}, MaxBins: maxBins})
			if err != nil {
				t.Fatal(err)
			}
			one := newSlow(&p, maxBins)
			one.pack(r)
			for _, c := range plan.Placements {
				one.have[[2]int{c.Item, c.Bin}] -= c.Count
			}
			for k, n := range one.have {
				if n != 0 {
					t.Fatalf("%s: item %d in bin %d: %+d one by one", plan.String(), k[0], k[1], n)
				}
			}
			compared++
		}
	})
	if compared == 0 {
		t.Error("nothing compared")
	}
}

// How equal items are divided into neighbouring classes, and in what order those come, makes no difference to the price.
func TestEqualClassesAreOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := draw(t, 40)
		split := p
		split.Items = nil
		for _, it := range p.Items {
			pieces := []int{it.Count}
			if it.MaxPerBin == 0 {
				first := rapid.IntRange(0, it.Count).Draw(t, "first piece")
				pieces = rapid.Permutation([]int{first, it.Count - first, 0}).Draw(t, "order")
			}
			for _, n := range pieces {
				it.Count = n
				split.Items = append(split.Items, it)
			}
		}
		for _, r := range rules {
			o := binpack.Options{Rules: []binpack.Rule{r}}
			whole, err := binpack.Pack(p, o)
			if err != nil {
				t.Fatal(err)
			}
			parts, err := binpack.Pack(split, o)
			if err != nil {
				t.Fatal(err)
			}
			if err := binpack.Verify(&split, &parts); err != nil {
				t.Fatal(err)
			}
			if whole.Price != parts.Price || whole.Unplaced != parts.Unplaced || whole.Opened != parts.Opened {
				t.Fatalf("%s; in pieces %s", whole.String(), parts.String())
			}
		}
	})
}
