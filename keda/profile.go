package keda

// Profile says which known peculiarities of KEDA 2.21 are left out, one switch each. The zero value is the release as it
// is; [Fixed] leaves all of them out.
type Profile struct {
	// HoldAtZeroFallback holds the replicas while triggers fail although fallback.replicas is 0. KEDA scales to zero
	// (E5).
	HoldAtZeroFallback bool `json:"holdAtZeroFallback,omitempty"`
	// RefreshOnPartialError counts an active object with a failing trigger as active now. KEDA leaves the time of the
	// last activity alone, so that the object may go to zero as soon as the healthy trigger goes quiet (E4.2).
	RefreshOnPartialError bool `json:"refreshOnPartialError,omitempty"`
	// RespectPauseAtMinimum lets paused-scale-out keep an inactive object below its minimum. KEDA raises it (E5.4).
	RespectPauseAtMinimum bool `json:"respectPauseAtMinimum,omitempty"`
	// RoundToNearest rounds computed metrics, their targets and fallback values to the nearest thousandth. KEDA cuts
	// off, and a target of 2.01 becomes 2009m (F8, H6, M5).
	RoundToNearest bool `json:"roundToNearest,omitempty"`
	// KeepContainerResources keeps cpu and memory metrics of single containers beside a computed metric. KEDA drops them
	// (H6).
	KeepContainerResources bool `json:"keepContainerResources,omitempty"`
	// FractionalFallbackTarget lets fallback work under scaling modifiers with a target such as 2.5. KEDA silently
	// switches fallback off (F1).
	FractionalFallbackTarget bool `json:"fractionalFallbackTarget,omitempty"`
	// WrapWholeFormula turns a formula's result into a float also where the text begins with "float(". KEDA looks at the
	// text alone and fails on `float(a) > 3 ? 1 : 2` (M2).
	WrapWholeFormula bool `json:"wrapWholeFormula,omitempty"`
	// ActiveWithEmptyQueue keeps a ScaledJob active whose triggers are active with an empty queue. KEDA does so for
	// every calculation but max (J4).
	ActiveWithEmptyQueue bool `json:"activeWithEmptyQueue,omitempty"`
	// CountConditionsOnce lets a condition that pendingPodConditions lists twice be satisfied. In KEDA it never is (J5).
	CountConditionsOnce bool `json:"countConditionsOnce,omitempty"`
}

// Fixed is the profile without any of the known peculiarities.
func Fixed() Profile {
	return Profile{
		HoldAtZeroFallback: true, RefreshOnPartialError: true, RespectPauseAtMinimum: true, RoundToNearest: true,
		KeepContainerResources: true, FractionalFallbackTarget: true, WrapWholeFormula: true, ActiveWithEmptyQueue: true,
		CountConditionsOnce: true,
	}
}

// V2_21 is the profile of KEDA 2.21: no peculiarity is left out.
func V2_21() Profile { return Profile{} }
