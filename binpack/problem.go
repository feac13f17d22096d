package binpack

import (
	"errors"
	"fmt"
	"math"
)

// ErrInvalid is what every error of this package wraps: the problem makes no sense, and the text names the field.
var ErrInvalid = errors.New("invalid problem")

// Problem is what is to be packed, and into what. It is never modified.
type Problem struct {
	Items []Item    // classes of equal items
	Bins  []BinType // what can be opened
	Open  []OpenBin // what is open already, tried first and free of charge; in order
}

// Item is a class of equal items.
type Item struct {
	Size      []int64 // what one takes of each dimension; not negative
	Count     int     // how many there are
	Types     Bitset  // the bin types it may go to, by index; nil: all
	Open      Bitset  // the open bins it may go to, by index; nil: all
	MaxPerBin int     // how many may share a bin; 0: no limit
}

// BinType is a kind of bin that can be opened.
type BinType struct {
	Capacity []int64 // of each dimension; not negative
	Price    int64   // of one bin, in any unit fine enough to be whole, such as millionths of a dollar per hour
	Limit    int     // how many can be had; 0: as many as needed, negative: none
}

// OpenBin is a bin that is there already.
type OpenBin struct {
	Free []int64 // what is left of each dimension; negative where it is overfull, then nothing more goes in
}

// Bitset is a set of small numbers. A nil set has every number, an empty one none.
type Bitset []uint64

// NewBitset returns the set of the numbers.
func NewBitset(numbers ...int) Bitset {
	b := Bitset{}
	for _, n := range numbers {
		b = b.With(n)
	}
	return b
}

// With adds a number, in place where there is room.
func (b Bitset) With(n int) Bitset {
	for n>>6 >= len(b) {
		b = append(b, 0)
	}
	b[n>>6] |= 1 << (n & 63)
	return b
}

// Has tells whether a number is in the set.
func (b Bitset) Has(n int) bool {
	return b == nil || n>>6 < len(b) && b[n>>6]>>(n&63)&1 != 0
}

// equal tells whether two sets are written alike.
func (b Bitset) equal(o Bitset) bool {
	if (b == nil) != (o == nil) || len(b) != len(o) {
		return false
	}
	for i := range b {
		if b[i] != o[i] {
			return false
		}
	}
	return true
}

// These keep counts and prices of a whole problem within 64 bits.
const (
	largest = math.MaxInt32
	dearest = math.MaxInt64 / largest / 2
)

// dimensions is the common length of all vectors.
func (p *Problem) dimensions() int {
	switch {
	case len(p.Items) > 0:
		return len(p.Items[0].Size)
	case len(p.Bins) > 0:
		return len(p.Bins[0].Capacity)
	case len(p.Open) > 0:
		return len(p.Open[0].Free)
	}
	return 0
}

func (p *Problem) validate() error {
	d := p.dimensions()
	total := 0
	for i := range p.Items {
		it := &p.Items[i]
		if err := vector("items", i, "size", it.Size, d, false); err != nil {
			return err
		}
		switch {
		case it.Count < 0:
			return fmt.Errorf("%w: items[%d].count: %d is negative", ErrInvalid, i, it.Count)
		case it.MaxPerBin < 0:
			return fmt.Errorf("%w: items[%d].maxPerBin: %d is negative", ErrInvalid, i, it.MaxPerBin)
		case it.Count > largest-total:
			return fmt.Errorf("%w: items[%d].count: with %d there are more than %d items", ErrInvalid, i, it.Count, largest)
		}
		total += it.Count
	}
	for i := range p.Bins {
		if err := vector("bins", i, "capacity", p.Bins[i].Capacity, d, false); err != nil {
			return err
		}
		if price := p.Bins[i].Price; price < 0 || price > dearest {
			return fmt.Errorf("%w: bins[%d].price: %d is not within [0, %d]", ErrInvalid, i, price, int64(dearest))
		}
	}
	for i := range p.Open {
		if err := vector("open", i, "free", p.Open[i].Free, d, true); err != nil {
			return err
		}
	}
	return nil
}

func vector(list string, i int, field string, v []int64, d int, negative bool) error {
	if len(v) != d {
		return fmt.Errorf("%w: %s[%d].%s: %d dimensions, but the first vector has %d", ErrInvalid, list, i, field, len(v), d)
	}
	for j, x := range v {
		if x < 0 && !negative {
			return fmt.Errorf("%w: %s[%d].%s[%d]: %d is negative", ErrInvalid, list, i, field, j, x)
		}
	}
	return nil
}
