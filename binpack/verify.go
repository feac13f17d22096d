package binpack

import (
	"errors"
	"fmt"
)

// ErrBroken is what [Verify] wraps: a plan that does not keep to its problem.
var ErrBroken = errors.New("broken plan")

// Verify checks a plan against its problem: every item is placed once or left over, nothing is overfull, nothing is where
// it may not be, no limit is exceeded, and the price adds up. Every plan of [Pack] passes. The plan may come from anywhere;
// a problem that makes no sense is [ErrInvalid].
func Verify(p *Problem, plan *Plan) error {
	if err := p.validate(); err != nil {
		return err
	}
	if err := verifyShape(p, plan); err != nil {
		return err
	}
	count, used, price := make([]int, len(p.Items)), make([]int, len(p.Bins)), int64(0)
	for i, b := range plan.Bins {
		if b.Open < 0 {
			used[b.Type]++
			price += p.Bins[b.Type].Price
		}
		if err := verifyBin(p, plan, i, count); err != nil {
			return err
		}
	}
	for _, l := range plan.Left {
		count[l.Item] += l.Count
	}
	for i := range p.Items {
		if count[i] != p.Items[i].Count {
			return fmt.Errorf("%w: item %d: %d of %d accounted for", ErrBroken, i, count[i], p.Items[i].Count)
		}
	}
	for t := range p.Bins {
		if l := p.Bins[t].Limit; l < 0 && used[t] > 0 || l > 0 && used[t] > l {
			return fmt.Errorf("%w: bin type %d: %d opened, limit %d", ErrBroken, t, used[t], l)
		}
	}
	if price != plan.Price {
		return fmt.Errorf("%w: price %d, not %d", ErrBroken, price, plan.Price)
	}
	return nil
}

// verifyShape checks that every number in the plan stands for something, and each open bin is there once.
func verifyShape(p *Problem, plan *Plan) error {
	next, open := 0, make([]bool, len(p.Open))
	for i, b := range plan.Bins {
		isOpen := b.Type == -1 && b.Open >= 0 && b.Open < len(p.Open) && !open[b.Open]
		if isNew := b.Open == -1 && b.Type >= 0 && b.Type < len(p.Bins); !isOpen && !isNew {
			return fmt.Errorf("%w: bin %d: type %d, open bin %d", ErrBroken, i, b.Type, b.Open)
		}
		if isOpen {
			open[b.Open] = true
		}
		if b.From != next || b.To < b.From || b.To > len(plan.Placements) {
			return fmt.Errorf("%w: bin %d: contents from %d to %d", ErrBroken, i, b.From, b.To)
		}
		next = b.To
	}
	if next != len(plan.Placements) {
		return fmt.Errorf("%w: %d placements in bins, %d in all", ErrBroken, next, len(plan.Placements))
	}
	for i, c := range plan.Placements {
		if c.Item < 0 || c.Item >= len(p.Items) || c.Count <= 0 || c.Count > p.Items[c.Item].Count {
			return fmt.Errorf("%w: placement %d: %d of item %d", ErrBroken, i, c.Count, c.Item)
		}
	}
	for i, l := range plan.Left {
		if l.Item < 0 || l.Item >= len(p.Items) || l.Count <= 0 || l.Count > p.Items[l.Item].Count {
			return fmt.Errorf("%w: leftover %d: %d of item %d", ErrBroken, i, l.Count, l.Item)
		}
	}
	return nil
}

func verifyBin(p *Problem, plan *Plan, i int, count []int) error {
	b := plan.Bins[i]
	free := make([]int64, p.dimensions())
	if b.Open >= 0 {
		copy(free, p.Open[b.Open].Free)
	} else {
		copy(free, p.Bins[b.Type].Capacity)
	}
	in := map[int]int{}
	for _, c := range plan.Contents(i) {
		in[c.Item] += c.Count
		it := &p.Items[c.Item]
		if c.Bin != i || it.MaxPerBin > 0 && in[c.Item] > it.MaxPerBin {
			return fmt.Errorf("%w: bin %d: %d of item %d", ErrBroken, i, c.Count, c.Item)
		}
		if b.Open >= 0 && !it.Open.Has(b.Open) || b.Open < 0 && !it.Types.Has(b.Type) {
			return fmt.Errorf("%w: bin %d: item %d may not be here", ErrBroken, i, c.Item)
		}
		for d := range free {
			if free[d] < 0 || it.Size[d] != 0 && int64(c.Count) > free[d]/it.Size[d] {
				return fmt.Errorf("%w: bin %d: overfull in dimension %d", ErrBroken, i, d)
			}
			free[d] -= int64(c.Count) * it.Size[d]
		}
		count[c.Item] += c.Count
	}
	for d, x := range plan.Free(i) {
		if free[d] != x {
			return fmt.Errorf("%w: bin %d: %d is free in dimension %d, not %d", ErrBroken, i, free[d], d, x)
		}
	}
	return nil
}
