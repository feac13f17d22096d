package binpack

import "math"

// simplex finds prices per unit of each dimension under which no bin is worth more than it costs and a demand is worth the
// most: the dual of packing fractions of items into fractions of bins. It keeps its memory.
type simplex struct {
	tab             []float64 // a line per bin type, then the gains; a column per variable outside of the basis, then the right side
	inside, outside []int
	scale, out      []float64
	width           int
}

// prices proposes unit prices for a demand. They may be off by rounding. It always ends: after a fixed number of steps
// with what it has, which is as affordable as the best. Each bin costs the extra beside its price.
func (s *simplex) prices(demand []float64, bins []BinType, types []int, extra int64) []float64 {
	n, m := len(demand), len(types)
	s.begin(demand, bins, types, extra)
	for range 50 * (n + 1) {
		gains := s.line(m)
		enter, best := -1, 1e-12
		for c, g := range gains[:n] {
			if g > best {
				enter, best = c, g
			}
		}
		leave, least := -1, math.Inf(1)
		for r := range m {
			if line := s.line(r); enter >= 0 && line[enter] > 1e-12 {
				if q := line[n] / line[enter]; q < least {
					leave, least = r, q
				}
			}
		}
		if leave < 0 {
			break // nothing gains, or nothing limits it
		}
		s.pivot(leave, enter, m)
		s.inside[leave], s.outside[enter] = s.outside[enter], s.inside[leave]
	}
	clear(s.out)
	for r, v := range s.inside {
		if v < n {
			if u := s.line(r)[n] / s.scale[v]; u > 0 && u < math.MaxFloat64 { // not where it came to no number
				s.out[v] = u
			}
		}
	}
	return s.out
}

func (s *simplex) line(r int) []float64 { return s.tab[r*s.width : (r+1)*s.width] }

// begin writes the first tableau. Dimensions differ by orders of magnitude, so it counts in shares of the largest bin.
func (s *simplex) begin(demand []float64, bins []BinType, types []int, extra int64) {
	n, m := len(demand), len(types)
	s.width = n + 1
	s.tab, s.scale, s.out = resize(s.tab, (m+1)*s.width), resize(s.scale, n), resize(s.out, n)
	s.inside, s.outside = resize(s.inside, m), resize(s.outside, n)
	most := 0.0
	for d := range n {
		s.scale[d], s.outside[d] = 1, d
		for _, t := range types {
			s.scale[d] = max(s.scale[d], float64(bins[t].Capacity[d]))
		}
		most = max(most, demand[d]/s.scale[d])
	}
	for r, t := range types {
		line := s.line(r)
		for d, c := range bins[t].Capacity {
			line[d] = float64(c) / s.scale[d]
		}
		line[n], s.inside[r] = float64(bins[t].Price+extra), n+r
	}
	gains := s.line(m)
	for d := range n {
		gains[d] = demand[d] / s.scale[d] / max(most, 1e-300)
	}
	gains[n] = 0
}

// pivot exchanges the variable of a row for that of a column.
func (s *simplex) pivot(row, col, last int) {
	by := s.line(row)
	p := by[col]
	for c := range by {
		by[c] /= p
	}
	by[col] = 1 / p
	for r := range last + 1 {
		line := s.line(r)
		f := line[col]
		if r == row || f == 0 {
			continue
		}
		for c := range line {
			line[c] -= float64(f * by[c])
		}
		line[col] = -f / p
	}
}
