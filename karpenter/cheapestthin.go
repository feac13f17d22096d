package karpenter

import (
	"math"
	"slices"

	"github.com/scalemath/scalemath/binpack"
)

// manyPairs is how many pairs of a class and a bin type are looked at by every rule of packing: those that go bin by bin
// look at most of the pairs for each bin that they open.
const manyPairs = 20000

// rulesFor are the rules of packing that take a bearable time; nil: all.
func (b *bins) rulesFor() []binpack.Rule {
	pairs := len(b.problem.Items) * len(b.problem.Bins)
	if pairs <= manyPairs {
		return nil
	}
	rules := []binpack.Rule{binpack.FirstFit, binpack.FirstFitDecreasing, binpack.BestFit, binpack.BestFitDecreasing}
	if pairs <= 10*manyPairs {
		rules = append(rules, binpack.Dual)
	}
	return rules
}

// thin leaves, of many bin types, for each class of pods the two that are cheapest and the two that have the best price
// for many of it, and the eight that have the best one for all of them together. The list is in the order of price.
func (b *bins) thin(p *pool, list []binKind, members []int) []binKind {
	stay := make([]bool, len(list))
	all := make([]float64, len(b.roomIn))
	for j, i := range members {
		it := &b.problem.Items[i]
		size := make([]float64, len(b.roomIn))
		for r := range size {
			size[r] = float64(it.Size[r])
			all[r] += size[r] * float64(it.Count)
		}
		for i, found := 0, 0; i < len(list) && found < 2; i++ {
			if list[i].members.has(j) {
				stay[i], found = true, found+1
			}
		}
		b.best(p, list, size, 2, stay, func(k *binKind) bool { return k.members.has(j) })
	}
	b.best(p, list, all, 8, stay, func(*binKind) bool { return true })
	var out []binKind
	for i, k := range list {
		if stay[i] {
			out = append(out, k)
		}
	}
	return out
}

// best marks those bin types that hold a mix for the least money, as if it could be cut at will.
func (b *bins) best(p *pool, list []binKind, mix []float64, n int, mark []bool, may func(k *binKind) bool) {
	type rated struct {
		at   int
		rate float64
	}
	top := make([]rated, 0, n+1)
	for i := range list {
		if !may(&list[i]) {
			continue
		}
		share := math.MaxFloat64
		for d, r := range b.roomIn {
			if mix[d] > 0 {
				share = min(share, float64(p.room[list[i].slot][r])/mix[d])
			}
		}
		x := rated{i, list[i].price / share}
		at, _ := slices.BinarySearchFunc(top, x, func(a, b rated) int {
			if a.rate <= b.rate {
				return -1
			}
			return 1
		})
		if top = slices.Insert(top, at, x); len(top) > n {
			top = top[:n]
		}
	}
	for _, x := range top {
		mark[x.at] = true
	}
}
