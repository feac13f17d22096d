package hpa

import "math"

// Proposal is the size that one metric asks for, with the numbers that led to it.
type Proposal struct {
	// Replicas is the size.
	Replicas int32 `json:"replicas"`
	// Utilization is the usage in percent of the requests, truncated; only with a Utilization target.
	Utilization int32 `json:"utilization,omitempty"`
	// Value is what status.currentMetrics shows, in thousandths: the mean over the pods of a per-pod metric, the whole of
	// a metric with a Value target, the whole over the replicas of one with an AverageValue target.
	Value int64 `json:"value"`
	// Ratio is usage over target as the decision took it: for a Utilization of whole percents, for averages of whole
	// thousandths.
	Ratio float64 `json:"ratio"`
	// Exact is the same ratio without that truncation, for the reader.
	Exact float64 `json:"exact"`
	// Final is the ratio with the filled readings of missing and unready pods; equal to Ratio if nothing was filled.
	Final float64 `json:"final"`
	// Pods is the number that the final ratio was multiplied with; 0 where a metric was divided by its target instead.
	Pods int `json:"pods,omitempty"`
	// Filled says what was assumed for pods without a reading that counts.
	Filled Fill `json:"filled,omitempty"`
	// Outcome says how Replicas came about.
	Outcome Outcome `json:"outcome"`
}

// finite replaces ratios that JSON cannot hold: a target or a size of zero makes them infinite or undefined.
func (p *Proposal) finite() {
	for _, ratio := range []*float64{&p.Ratio, &p.Exact, &p.Final} {
		switch {
		case math.IsNaN(*ratio):
			*ratio = 0
		case math.IsInf(*ratio, 0):
			*ratio = math.Copysign(math.MaxFloat64, *ratio)
		}
	}
}

// Fill says what was assumed for pods without a reading that counts. Its bits combine.
type Fill uint8

const (
	// MissingAsFull took each missing pod at its full request, or at the target where that is higher (scale-down).
	MissingAsFull Fill = 1 << iota
	// MissingAsZero took each missing pod at no usage (scale-up).
	MissingAsZero
	// UnreadyAsZero took each unready pod at no usage (scale-up).
	UnreadyAsZero
)

// Outcome says how a proposal's size came about.
type Outcome uint8

const (
	// Scaled means that the size follows from the final ratio.
	Scaled Outcome = iota
	// WithinTolerance means that the final ratio is too close to 1 to act on.
	WithinTolerance
	// DirectionReversed means that the filled readings would turn a scale-up into a scale-down or the other way round, so
	// that nothing is done (U7).
	DirectionReversed
	// CountReversed means that the final ratio and the number of pods it is multiplied with point in different
	// directions, so that nothing is done (U8).
	CountReversed
	// FromZero means that no replica runs, so that the ratio alone is the size (V5).
	FromZero
	// DividedByTarget means that the whole metric was divided by the target (P3).
	DividedByTarget
)

var outcomeTexts = [...]string{"scaled", "withinTolerance", "directionReversed", "countReversed", "fromZero", "dividedByTarget"}

// String gives the outcome's name.
func (o Outcome) String() string {
	if int(o) < len(outcomeTexts) {
		return outcomeTexts[o]
	}
	return "Outcome(" + itoa(int(o)) + ")"
}

// MarshalText gives the outcome's name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }
