package binpack

import (
	"encoding/json"
	"fmt"
	"io"
)

// Plan says what goes where.
type Plan struct {
	Rule       Rule        `json:"rule"`           // the rule that made it
	Bins       []Bin       `json:"bins"`           // the open bins of the problem first, then those opened, in order
	Placements []Placement `json:"placements"`     // by bin, then by item
	Left       []Leftover  `json:"left,omitempty"` // what found no place, by item
	Price      int64       `json:"price"`          // of the bins opened
	Opened     int         `json:"opened"`         // how many bins were opened
	Placed     int         `json:"placed"`         // how many items have a place
	Unplaced   int         `json:"unplaced"`       // how many have none
	free       []int64     // by bin and dimension
	dims       int
}

// Bin is one bin of a plan.
type Bin struct {
	Type int `json:"type"` // index in Problem.Bins; -1 for a bin that was open
	Open int `json:"open"` // index in Problem.Open; -1 for a bin that the plan opens
	From int `json:"from"` // its contents are Placements[From:To]
	To   int `json:"to"`   // see From
}

// Placement is how many items of a class are in a bin.
type Placement struct {
	Bin   int `json:"bin"`   // index in Plan.Bins
	Item  int `json:"item"`  // index in Problem.Items
	Count int `json:"count"` // how many
}

// Obstacle is why items found no place.
type Obstacle int

// The obstacles.
const (
	NoType    Obstacle = iota + 1 // there is no bin type that the item may go to
	TooLarge                      // no bin type that it may go to is large enough
	SoldOut                       // the bin types that would do have reached their limits
	BinsLimit                     // Options.MaxBins is reached
)

var obstacleNames = [...]string{"", "NoType", "TooLarge", "SoldOut", "BinsLimit"}

// String is the name of the obstacle, such as TooLarge.
func (o Obstacle) String() string {
	if o > 0 && int(o) < len(obstacleNames) {
		return obstacleNames[o]
	}
	return fmt.Sprintf("Obstacle(%d)", int(o))
}

// MarshalText writes the obstacle by its name.
func (o Obstacle) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads the obstacle by its name.
func (o *Obstacle) UnmarshalText(text []byte) error {
	for i, name := range obstacleNames {
		if i > 0 && name == string(text) {
			*o = Obstacle(i)
			return nil
		}
	}
	return fmt.Errorf("%w: %q is not the name of a obstacle", ErrInvalid, text)
}

// Leftover is what found no place, and why.
type Leftover struct {
	Item  int      `json:"item"`  // index in Problem.Items
	Count int      `json:"count"` // how many
	Why   Obstacle `json:"why"`   // what stands in the way
	// Type, Dimension, Want and Have say, where the item is too large, which type comes nearest and where it falls short:
	// in the dimension with the largest excess. Else they are -1, -1, 0, 0.
	Type      int   `json:"type"`
	Dimension int   `json:"dimension"` // see Type
	Want      int64 `json:"want"`      // see Type
	Have      int64 `json:"have"`      // see Type
}

// String says it in words.
func (l Leftover) String() string {
	text := fmt.Sprintf("%d of item %d: ", l.Count, l.Item)
	switch l.Why {
	case NoType:
		return text + "no bin type may hold it"
	case TooLarge:
		return text + fmt.Sprintf("too large: wants %d in dimension %d, the nearest bin type %d has %d", l.Want, l.Dimension, l.Type, l.Have)
	case SoldOut:
		return text + "no more bins can be had of the types that would do"
	case BinsLimit:
		return text + "the limit on bins is reached"
	}
	return text + l.Why.String()
}

// Contents are the placements of a bin.
func (p *Plan) Contents(bin int) []Placement { return p.Placements[p.Bins[bin].From:p.Bins[bin].To] }

// Free is what is left of each dimension in a bin; not to be modified. A plan that was not made by packing, such as one
// read from JSON, does not know it: nil.
func (p *Plan) Free(bin int) []int64 {
	if bin < 0 || (bin+1)*p.dims > len(p.free) {
		return nil
	}
	return p.free[bin*p.dims : (bin+1)*p.dims]
}

// MarshalJSON writes the plan with what each bin has free.
func (p Plan) MarshalJSON() ([]byte, error) {
	type bin struct {
		Bin
		Free []int64 `json:"free"`
	}
	type plain Plan // without this method
	out := struct {
		plain
		Bins []bin `json:"bins"`
	}{plain: plain(p), Bins: make([]bin, len(p.Bins))}
	for i, b := range p.Bins {
		out.Bins[i] = bin{b, p.Free(i)}
	}
	if out.Placements == nil {
		out.Placements = []Placement{}
	}
	return json.Marshal(out)
}

// String is the plan in one line.
func (p *Plan) String() string {
	text := fmt.Sprintf("%d items placed, %d bins opened for %d (%s)", p.Placed, p.Opened, p.Price, p.Rule)
	if p.Unplaced > 0 {
		text += fmt.Sprintf(", %d left over", p.Unplaced)
	}
	return text
}

// Explain writes what is in each bin, and what is left over and why.
func (p *Plan) Explain(w io.Writer) error {
	if _, err := fmt.Fprintln(w, p); err != nil {
		return err
	}
	for i, b := range p.Bins {
		text := fmt.Sprintf("  open bin %d:", b.Open)
		if b.Open < 0 {
			text = fmt.Sprintf("  new bin of type %d:", b.Type)
		}
		for _, c := range p.Contents(i) {
			text += fmt.Sprintf(" %d of item %d,", c.Count, c.Item)
		}
		if _, err := fmt.Fprintf(w, "%s free %v\n", text, p.Free(i)); err != nil {
			return err
		}
	}
	for _, l := range p.Left {
		if _, err := fmt.Fprintf(w, "  left over, %s\n", l); err != nil {
			return err
		}
	}
	return nil
}
