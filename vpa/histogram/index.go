package histogram

import "math"

// index finds the bucket of a value without a logarithm. The buckets of an exponential layout are evenly spread in the
// logarithm of y = v·growth/first + 1, and the leading bits of a float64 are a coarse logarithm: they choose a cell, and
// the cell knows the bucket in which it begins. A value close to an edge is left to the formula, whose own rounding
// decides on which side it falls (H6); everywhere else both agree.
type index struct {
	scale  float64
	shift  uint
	offset uint64
	cells  []uint16
	edges  []edge  // where each bucket begins; infinite behind the last one
	from   float64 // the least value to ask find about: the first bucket's end, or infinite where there is no index
}

// edge is the surroundings of the start of a bucket.
type edge struct{ below, above float64 }

const (
	// guard is how near to an edge, relatively, the formula is asked. It is far above the formula's rounding and far
	// below what two neighbouring amounts differ by.
	guard = 1e-9
	// finest is the growth from which on the formula's rounding stays far below the guard.
	finest = 1e-3
)

func newIndex(l *Layout) index {
	if l.growth < finest {
		return index{from: math.Inf(1)}
	}
	n := len(l.starts)
	// Cells are narrower than buckets, so that a value is at most one bucket above the one its cell begins in. Were it
	// more, the formula would decide.
	mantissa := uint(max(1, math.Ceil(1-math.Log2(l.growth))))
	x := index{scale: l.growth / l.first, shift: 52 - mantissa, from: l.first, edges: make([]edge, n+1)}
	for b, start := range l.starts {
		x.edges[b] = edge{start * (1 - guard), start * (1 + guard)}
	}
	x.edges[n] = edge{math.Inf(1), math.Inf(1)}
	x.offset = math.Float64bits(1) >> x.shift
	top := math.Float64bits(l.starts[n-1]*x.scale+1)>>x.shift - x.offset
	x.cells = make([]uint16, top+2)
	b := 0
	for c := range x.cells {
		v := (math.Float64frombits((uint64(c)+x.offset)<<x.shift) - 1) / x.scale
		for b+1 < n && x.edges[b+1].above <= v*(1-guard) {
			b++
		}
		x.cells[c] = uint16(b)
	}
	return x
}

// find returns the bucket of a value that is not below x.from; ok is false where the formula must decide. Half of all values
// lie above the edge in their cell, so there is no jump on that for the processor to predict wrong.
func (x *index) find(v float64) (bucket int, ok bool) {
	cell := math.Float64bits(v*x.scale+1)>>(x.shift&63) - x.offset
	cell = min(cell, uint64(len(x.cells)-1))
	b := int(x.cells[cell])
	edge := &x.edges[b+1]
	atLeast, above := 0, 0
	if v >= edge.below {
		atLeast = 1
	}
	if v >= edge.above {
		above = 1
	}
	return b + above, atLeast == above
}
