package binpack

import "fmt"

// Rule is how items find their bins.
type Rule int

// The rules. The first four go item by item: an item goes to an open bin or, where it fits into none, opens the type with
// the best price for as many of it as there are. The others go bin by bin: they fill one until nothing fits, choose the
// type that gives the most for its price, and open as many bins of that content as the counts allow.
const (
	FirstFit           Rule = iota + 1 // in the order given, to the first bin with room
	FirstFitDecreasing                 // the same, large items first
	BestFit                            // in the order given, to the bin where the least stays free
	BestFitDecreasing                  // the same, large items first
	DotProduct                         // into a bin, the item whose shape is most like the room that is left
	Residual                           // into a bin, the item that leaves the shortest vector of room
	Dual                               // as DotProduct, but a unit counts as what it costs where bins are used to the full
)

var allRules = []Rule{FirstFit, FirstFitDecreasing, BestFit, BestFitDecreasing, DotProduct, Residual, Dual}

var ruleNames = [...]string{"", "FirstFit", "FirstFitDecreasing", "BestFit", "BestFitDecreasing", "DotProduct", "Residual", "Dual"}

// String is the name of the rule, such as FirstFit.
func (r Rule) String() string {
	if r > 0 && int(r) < len(ruleNames) {
		return ruleNames[r]
	}
	return fmt.Sprintf("Rule(%d)", int(r))
}

// MarshalText writes the rule by its name.
func (r Rule) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads the rule by its name.
func (r *Rule) UnmarshalText(text []byte) error {
	for i, name := range ruleNames {
		if i > 0 && name == string(text) {
			*r = Rule(i)
			return nil
		}
	}
	return fmt.Errorf("%w: %q is not the name of a rule", ErrInvalid, text)
}

// Options say how to pack. The zero value tries every rule.
type Options struct {
	// Rules are tried one after the other, and the plan that leaves least over, then costs least, then opens least is
	// kept; the earlier one where plans are equal. Default: all rules.
	Rules []Rule
	// MaxBins is how many bins may be opened. Default: DefaultMaxBins.
	MaxBins int
	// PerBin is what a bin counts as beside its price, in the same unit: what a machine costs to run and to watch. It makes
	// fewer and larger bins worth while; Plan.Price is without it. Default: 0.
	PerBin int64
}

// DefaultMaxBins keeps the plan for absurd counts within memory: a million bins.
const DefaultMaxBins = 1 << 20

func (o *Options) validate() error {
	if o.MaxBins < 0 {
		return fmt.Errorf("%w: options.maxBins: %d is negative", ErrInvalid, o.MaxBins)
	}
	if o.PerBin < 0 || o.PerBin > dearest {
		return fmt.Errorf("%w: options.perBin: %d is not within [0, %d]", ErrInvalid, o.PerBin, int64(dearest))
	}
	for i, r := range o.Rules {
		if r < FirstFit || r > Dual {
			return fmt.Errorf("%w: options.rules[%d]: %d is not a rule", ErrInvalid, i, int(r))
		}
	}
	return nil
}
