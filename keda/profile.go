package keda

import "fmt"

// Profile names the release whose decisions are reproduced.
type Profile int

const (
	// V2_21 decides as KEDA 2.21 does, peculiarities included.
	V2_21 Profile = iota
	// Fixed decides as V2_21 does with every switch of [Fixes] on.
	Fixed
)

// String gives the release's name.
func (p Profile) String() string {
	switch p {
	case V2_21:
		return "2.21"
	case Fixed:
		return "fixed"
	}
	return fmt.Sprintf("Profile(%d)", int(p))
}

// MarshalText gives the release's name.
func (p Profile) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads a release's name.
func (p *Profile) UnmarshalText(text []byte) error {
	for _, known := range []Profile{V2_21, Fixed} {
		if known.String() == string(text) {
			*p = known
			return nil
		}
	}
	return invalid("profile", "%q is not a known release", text)
}

// Fixes are peculiarities of KEDA 2.21, one switch each; a switch that is on leaves its peculiarity out.
type Fixes struct {
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

// AllFixes leaves every peculiarity out.
func AllFixes() Fixes {
	return Fixes{
		HoldAtZeroFallback: true, RefreshOnPartialError: true, RespectPauseAtMinimum: true, RoundToNearest: true,
		KeepContainerResources: true, FractionalFallbackTarget: true, WrapWholeFormula: true, ActiveWithEmptyQueue: true,
		CountConditionsOnce: true,
	}
}
