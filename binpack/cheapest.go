package binpack

import (
	"fmt"
	"io"
)

// Quote is the cheapest plan found, beside what no plan can beat.
type Quote struct {
	Plan  Plan  `json:"plan"`  // of all rules the one that leaves least over, then costs least
	Bound Bound `json:"bound"` // proven, for packing all items that fit a bin type
}

// Cheapest packs by every rule (or those of the options), keeps the cheapest plan, and says how far it can be from the
// best there is. First fit and its like are quick but choose one bin at a time; the dual rule knows what cpu or memory
// costs where it is cheapest, and fills the bins that give the most for their price. Neither is always ahead, so both
// are tried.
func Cheapest(p Problem, o Options) (Quote, error) {
	plan, err := Pack(p, o)
	if err != nil {
		return Quote{}, err
	}
	bound, err := LowerBound(p)
	return Quote{Plan: plan, Bound: bound}, err
}

// Gap is how much the plan costs above the bound, as a share of the bound: 0.02 is two percent. It is 0 where the bound
// is, and says nothing where items are left over.
func (q *Quote) Gap() float64 {
	if q.Bound.Price <= 0 {
		return 0
	}
	return float64(q.Plan.Price)/float64(q.Bound.Price) - 1
}

// String is the quote in one line.
func (q *Quote) String() string {
	return fmt.Sprintf("%s; %s", &q.Plan, q.Bound)
}

// Explain writes the plan, bin by bin, and how good it is.
func (q *Quote) Explain(w io.Writer) error {
	if err := q.Plan.Explain(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "  %s: the plan is %.1f %% above\n", q.Bound, 100*q.Gap())
	return err
}
