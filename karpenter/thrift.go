package karpenter

import (
	"fmt"
	"math"
	"time"
)

// Thrift is what consolidation may do beyond Karpenter. The zero value is Karpenter's behavior.
type Thrift struct {
	// MostReplacements is how many nodes one command may launch in place of those that it removes. 0 and 1: one, as
	// Karpenter does.
	MostReplacements int
	// MinSavings is the least that a command must save, per hour. Default 0: any saving will do, even none.
	MinSavings float64
	// MinShare is the least share of the price of the nodes removed that a command must save, from 0 to 1. Default 0.
	MinShare float64
	// MinLifetime keeps nodes that are younger from being consolidated. Empty nodes go nevertheless. Default 0.
	MinLifetime time.Duration
	// PodMoveCost is what moving a pod costs, in the currency of prices, and Horizon over how many hours that is to be
	// earned back by what the command saves. Defaults 0 (moving is free) and 1 hour.
	PodMoveCost float64
	Horizon     float64 // see PodMoveCost
}

func (t *Thrift) validate() error {
	for _, f := range []struct {
		name  string
		value float64
	}{{"minSavings", t.MinSavings}, {"minShare", t.MinShare}, {"podMoveCost", t.PodMoveCost}, {"horizon", t.Horizon}} {
		if math.IsNaN(f.value) || math.IsInf(f.value, 0) || f.value < 0 {
			return fmt.Errorf("%w: thrift.%s: %v is no amount", ErrInvalid, f.name, f.value)
		}
	}
	if t.MostReplacements < 0 {
		return fmt.Errorf("%w: thrift.mostReplacements: %d is negative", ErrInvalid, t.MostReplacements)
	}
	if t.MinLifetime < 0 {
		return fmt.Errorf("%w: thrift.minLifetime: %v is negative", ErrInvalid, t.MinLifetime)
	}
	return nil
}

// thrifty lets a command pass.
func (d *Disruptor) thrifty(c Command, ok bool) (Command, bool) { return c, ok }
