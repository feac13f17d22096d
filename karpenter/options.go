package karpenter

// Options are Karpenter's settings. The zero value is the release's defaults.
type Options struct {
	IgnorePreferences   bool     // preference-policy Ignore: preferred rules do not count; default Respect
	MinValuesBestEffort bool     // min-values-policy BestEffort: minValues gives way rather than fail; default Strict
	SpotToSpot          bool     // feature gate SpotToSpotConsolidation: spot nodes may be replaced by cheaper spot nodes
	ExplainMoves        bool     // Simulate, too, says what every place said to a pod (Failure.Tried); default: only Provision does
	ReservedFallback    bool     // go on without a reservation where none is left; disruption always does
	MaxInstanceTypes    int      // how many instance types a claim keeps; default 600
	WellKnownLabels     []string // labels that a NodePool need not define; default WellKnownLabels()
	Profile             Profile  // which defects of upstream are left out
}
