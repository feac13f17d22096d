package keda

// Config holds what is fixed for an operator rather than for one object.
type Config struct {
	// Profile says which peculiarities of KEDA are left out. The zero value leaves them all in.
	Profile Profile `json:"profile,omitzero"`
	// Version is KEDA's version as the label app.kubernetes.io/version shows it; default 2.21.0.
	Version string `json:"version,omitempty"`
	// Combine says how the activities of several triggers make the activity of a ScaledObject; default [CombineAny], as
	// in KEDA.
	Combine Combine `json:"combine,omitempty"`
	// CooldownFrom is the number of replicas from which a workload may go to zero or idle. Unset, as in KEDA, it goes
	// there from any number at once when the cooldown is over. Set, the cooldown starts when the replicas have come down
	// to this number by the HorizontalPodAutoscaler's own pace, if that is later than the last activity.
	CooldownFrom *int32 `json:"cooldownFrom,omitempty"`
}

// Defaults are the settings under which decisions are KEDA's own.
func Defaults() Config { return Config{Version: "2.21.0", Combine: CombineAny} }

// Profile names peculiarities of KEDA 2.21 that can be left out, one switch each. The zero value reproduces KEDA.
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

// Fixed is the profile that leaves every peculiarity out.
func Fixed() Profile {
	return Profile{
		HoldAtZeroFallback: true, RefreshOnPartialError: true, RespectPauseAtMinimum: true, RoundToNearest: true,
		KeepContainerResources: true, FractionalFallbackTarget: true, WrapWholeFormula: true, ActiveWithEmptyQueue: true,
		CountConditionsOnce: true,
	}
}
