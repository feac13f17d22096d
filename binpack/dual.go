package binpack

import (
	"math"
	"math/big"
	"slices"
)

// fraction is how fine unit prices are: in parts of two to this power.
const fraction = 60

// worth is the demand at unit prices under which no bin is worth more than it costs, the better of two proposals: prices
// that all types keep to, and prices that only those without a limit do, less what the others are worth above their cost
// in as many bins as there can be of them.
func (b *bounder) worth(demand []*big.Int, types []int) int64 {
	best := b.total(b.prices(demand, types), demand, nil)
	var free, limited []int
	for _, t := range types {
		if b.p.Bins[t].Limit == 0 {
			free = append(free, t)
		} else {
			limited = append(limited, t)
		}
	}
	if len(free) > 0 && len(limited) > 0 {
		best = max(best, b.total(b.prices(demand, free), demand, limited))
	}
	return best
}

// prices are unit prices that some types keep to. A floating-point simplex proposes them; whole numbers then make sure:
// they are rounded down, every bin is checked, and all are lowered until each holds. Any prices that pass give a valid
// bound, good or bad.
func (b *bounder) prices(demand []*big.Int, types []int) []*big.Int {
	gain := make([]float64, b.dims)
	for d := range gain {
		gain[d], _ = new(big.Float).SetInt(demand[d]).Float64()
	}
	var s simplex
	prices := make([]*big.Int, b.dims)
	for d, u := range s.prices(gain, b.p.Bins, types, 0) {
		prices[d] = new(big.Int)
		if u > 0 && u < math.MaxInt64 {
			new(big.Float).SetMantExp(big.NewFloat(u), fraction).Int(prices[d])
		}
	}
	for lower := uint(48); lower > 0; lower -= 4 {
		if b.affordable(prices, types) {
			return prices
		}
		for _, p := range prices {
			p.Sub(p, new(big.Int).Rsh(p, lower)) // first by next to nothing, then by more
			if p.Sign() > 0 {
				p.Sub(p, big.NewInt(1))
			}
		}
	}
	for _, p := range prices {
		p.SetInt64(0)
	}
	return prices
}

// total is the demand at the prices, less the surplus of limited types, rounded up, for all prices of bins are whole.
func (b *bounder) total(prices, demand []*big.Int, limited []int) int64 {
	sum := new(big.Int).Lsh(big.NewInt(1), fraction)
	sum.Sub(sum, big.NewInt(1))
	for d := range prices {
		sum.Add(sum, new(big.Int).Mul(prices[d], demand[d]))
	}
	for _, t := range limited {
		if surplus := b.surplus(prices, t); surplus.Sign() > 0 {
			sum.Sub(sum, surplus.Mul(surplus, big.NewInt(int64(b.p.Bins[t].Limit))))
		}
	}
	if sum.Rsh(sum, fraction); sum.IsInt64() {
		return max(0, sum.Int64())
	}
	return 0
}

// surplus is what a full bin is worth above its cost.
func (b *bounder) surplus(prices []*big.Int, t int) *big.Int {
	sum := new(big.Int)
	for d, c := range b.p.Bins[t].Capacity {
		sum.Add(sum, new(big.Int).Mul(prices[d], big.NewInt(c)))
	}
	return sum.Sub(sum, new(big.Int).Lsh(big.NewInt(b.p.Bins[t].Price), fraction))
}

// affordable tells whether no bin is worth more than it costs.
func (b *bounder) affordable(prices []*big.Int, types []int) bool {
	return !slices.ContainsFunc(types, func(t int) bool { return b.surplus(prices, t).Sign() > 0 })
}
