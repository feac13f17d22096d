package binpack

import (
	"math"
	"math/big"
)

// fraction is how fine unit prices are: in parts of two to this power.
const fraction = 60

// worth is the demand at unit prices under which no bin is worth more than it costs. A floating-point simplex proposes the
// prices; whole numbers then make sure: they are rounded down, every bin is checked, and all are lowered until each holds.
// Any prices that pass give a valid bound, good or bad.
func (b *bounder) worth(demand []*big.Int, types []int) int64 {
	gain := make([]float64, b.dims)
	for d := range gain {
		gain[d], _ = new(big.Float).SetInt(demand[d]).Float64()
	}
	var s simplex
	prices := make([]*big.Int, b.dims)
	for d, u := range s.prices(gain, b.p.Bins, types) {
		prices[d] = new(big.Int)
		if u > 0 && u < math.MaxInt64 {
			new(big.Float).SetMantExp(big.NewFloat(u), fraction).Int(prices[d])
		}
	}
	for lower := uint(48); lower > 0; lower -= 4 {
		if b.affordable(prices, types) {
			return b.total(prices, demand)
		}
		for _, p := range prices {
			p.Sub(p, new(big.Int).Rsh(p, lower)) // first by next to nothing, then by more
			if p.Sign() > 0 {
				p.Sub(p, big.NewInt(1))
			}
		}
	}
	return 0
}

// total is the demand at the prices, rounded up, for all prices of bins are whole.
func (b *bounder) total(prices, demand []*big.Int) int64 {
	sum := new(big.Int).Lsh(big.NewInt(1), fraction)
	sum.Sub(sum, big.NewInt(1))
	for d := range prices {
		sum.Add(sum, new(big.Int).Mul(prices[d], demand[d]))
	}
	if sum.Rsh(sum, fraction); sum.IsInt64() {
		return sum.Int64()
	}
	return 0
}

// affordable tells whether no bin is worth more than it costs.
func (b *bounder) affordable(prices []*big.Int, types []int) bool {
	for _, t := range types {
		sum := new(big.Int)
		for d, c := range b.p.Bins[t].Capacity {
			sum.Add(sum, new(big.Int).Mul(prices[d], big.NewInt(c)))
		}
		if sum.Cmp(new(big.Int).Lsh(big.NewInt(b.p.Bins[t].Price), fraction)) > 0 {
			return false
		}
	}
	return true
}
