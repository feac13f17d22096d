package karpenter

// FailureRule is why a pod has no place, in one word.
type FailureRule string

// The reasons.
const (
	NotWaiting    FailureRule = "NotWaiting"    // it is no pod that waits for a node
	Malformed     FailureRule = "Malformed"     // its own rules make no sense
	NotSupported  FailureRule = "NotSupported"  // it needs what Karpenter does not look at
	VolumeProblem FailureRule = "VolumeProblem" // a claim or its volume stands in the way
	OptedOut      FailureRule = "OptedOut"      // it demands a node that Karpenter did not make
	NoPools       FailureRule = "NoNodePools"   // no NodePool can make nodes
	NoPlace       FailureRule = "NoPlace"       // every node, claim and NodePool was tried: see Tried
	WaitsReserved FailureRule = "WaitsReserved" // a reservation would suit it but cannot be had now
	MinValuesCut  FailureRule = "MinValuesCut"  // its claim's cheapest types have too few values (rule 42)
	Uninitialized FailureRule = "Uninitialized" // it would go to a node that is not ready for pods yet (rule 70)
)

// Failure is why a pod has no place.
type Failure struct {
	Rule   FailureRule `json:"rule"`             // in one word
	Detail string      `json:"detail,omitempty"` // with its numbers
	// Tried is what each kind of place said when the pod was tried last, the first rule that failed: nodes, then claims of
	// this plan, then NodePools in the order of their weight.
	Tried []Attempt `json:"tried,omitempty"`
}
