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
	gain, scale := make([]float64, b.dims), make([]float64, b.dims)
	for d := range gain {
		scale[d] = 1 // dimensions differ by orders of magnitude: count in shares of the largest bin
		for _, t := range types {
			scale[d] = max(scale[d], float64(b.p.Bins[t].Capacity[d]))
		}
		f, _ := new(big.Float).SetInt(demand[d]).Float64()
		gain[d] = f / scale[d]
	}
	rows, cost := make([][]float64, len(types)), make([]float64, len(types))
	for r, t := range types {
		for d, c := range b.p.Bins[t].Capacity {
			rows[r] = append(rows[r], float64(c)/scale[d])
		}
		cost[r] = float64(b.p.Bins[t].Price)
	}
	prices := make([]*big.Int, b.dims)
	for d, u := range maximize(gain, rows, cost) {
		prices[d] = new(big.Int)
		if u /= scale[d]; u > 0 && u < math.MaxInt64 {
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

// maximize makes gain·u as large as it can under rows·u <= cost and u >= 0, where cost >= 0, by the simplex method. It
// always ends: after a fixed number of steps with what it has.
func maximize(gain []float64, rows [][]float64, cost []float64) []float64 {
	n, m := len(gain), len(rows)
	// The tableau: a line per row, a column per variable outside of the basis, and the right side; then the gains.
	tab := make([][]float64, m+1)
	inside, outside := make([]int, m), make([]int, n)
	for r := range m {
		tab[r] = append(append(make([]float64, 0, n+1), rows[r]...), cost[r])
		inside[r] = n + r
	}
	tab[m] = append(append(make([]float64, 0, n+1), gain...), 0)
	for c := range outside {
		outside[c] = c
	}
	for range 50 * (n + 1) {
		enter, best := -1, 1e-12
		for c := range n {
			if tab[m][c] > best {
				enter, best = c, tab[m][c]
			}
		}
		leave, least := -1, math.Inf(1)
		for r := range m {
			if enter >= 0 && tab[r][enter] > 1e-12 {
				if q := tab[r][n] / tab[r][enter]; q < least {
					leave, least = r, q
				}
			}
		}
		if leave < 0 {
			break // nothing gains, or nothing limits it
		}
		pivot(tab, leave, enter)
		inside[leave], outside[enter] = outside[enter], inside[leave]
	}
	out := make([]float64, n)
	for r, v := range inside {
		if v < n {
			out[v] = max(0, tab[r][n])
		}
	}
	return out
}

// pivot exchanges the variable of a row for that of a column.
func pivot(tab [][]float64, row, col int) {
	p := tab[row][col]
	for c := range tab[row] {
		tab[row][c] /= p
	}
	tab[row][col] = 1 / p
	for r := range tab {
		if f := tab[r][col]; r != row && f != 0 {
			for c := range tab[r] {
				tab[r][c] -= float64(f * tab[row][c])
			}
			tab[r][col] = -f / p
		}
	}
}
