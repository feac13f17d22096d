package karpenter

import (
	"fmt"
	"math"
)

// Options are Karpenter's settings. The zero value is the release's defaults.
type Options struct {
	IgnorePreferences   bool     // preference-policy Ignore: preferred rules do not count; default Respect
	MinValuesBestEffort bool     // min-values-policy BestEffort: minValues gives way rather than fail; default Strict
	SpotToSpot          bool     // feature gate SpotToSpotConsolidation: spot nodes may be replaced by cheaper spot nodes
	ExplainMoves        bool     // Simulate, too, says what every place said to a pod (Failure.Tried); default: only Provision does
	ReservedFallback    bool     // go on without a reservation where none is left; disruption always does
	MaxInstanceTypes    int      // how many instance types a claim keeps; default 600
	WellKnownLabels     []string // labels that a NodePool need not define; default WellKnownLabels()
	MaxSingle           int      // how many single nodes a round simulates; default all, where Karpenter stops after 3 minutes
	ExplainRound        bool     // note what a round of disruption passes over: Round.Passed
	Thrift              Thrift   // what consolidation does beyond Karpenter; default nothing
	Packing             Packing  // how Provision puts pods together on new nodes; default Upstream
	PerNode             float64  // what a node counts as beside its price where Cheapest compares, per hour; default 0
	Profile             Profile  // which defects of upstream are left out
}

func (o *Options) validate() error {
	if o.Packing != Upstream && o.Packing != Cheapest {
		return fmt.Errorf("%w: options.packing: %d is neither Upstream nor Cheapest", ErrInvalid, int(o.Packing))
	}
	if math.IsNaN(o.PerNode) || math.IsInf(o.PerNode, 0) || o.PerNode < 0 {
		return fmt.Errorf("%w: options.perNode: %v is no price", ErrInvalid, o.PerNode)
	}
	return nil
}
