package keda

// Config holds what is fixed for an operator rather than for one object.
type Config struct {
	// Profile is the release whose decisions are reproduced. The default is V2_21.
	Profile Profile `json:"profile"`
	// Fixes leaves out single peculiarities of the profile; see [Fixes]. The Fixed profile leaves out all of them.
	Fixes Fixes `json:"fixes,omitzero"`
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

func (c *Config) validate() error {
	switch {
	case c.Profile != V2_21 && c.Profile != Fixed:
		return invalid("config.profile", "%d is not a known release", int(c.Profile))
	case !c.Combine.known():
		return invalid("config.combine", "%q is none of any, all and priority", c.Combine)
	case c.CooldownFrom != nil && *c.CooldownFrom < 0:
		return invalid("config.cooldownFrom", "%d is negative", *c.CooldownFrom)
	}
	return nil
}

// fixes are the peculiarities that are left out.
func (c *Config) fixes() Fixes {
	if c.Profile == Fixed {
		return AllFixes()
	}
	return c.Fixes
}
