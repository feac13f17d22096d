package proportional

import (
	"encoding/json"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
)

// Config holds the flags that matter to a poll.
type Config struct {
	// Profile says which of upstream's surprises are left out; the zero value leaves out none.
	Profile Profile
	// DefaultParams is --default-params: a JSON object from mode to config, put into a ConfigMap when reading it fails.
	// Empty, the default, means none.
	DefaultParams string
}

// Defaults is upstream's configuration when no flag is given.
func Defaults() Config { return Config{} }

// Input is everything that one poll sees.
type Input struct {
	// Size is the cluster's size, from [SizeOf], [SizeOfSelected] or a [Census].
	Size ClusterSize
	// ConfigMap is the ConfigMap as read; nil when it could not be read. Its data and its resource version count.
	ConfigMap *corev1.ConfigMap
	// Targets are what is scaled, with their replicas now. The decision does not depend on them; they only tell which of
	// them must be written.
	Targets []TargetReplicas
}

// State is the config in force, between one poll and the next. The zero value is a controller that has just started. It
// survives JSON.
type State struct {
	// Version is the resource version of the ConfigMap that holds the config in force.
	Version string `json:"version,omitempty"`
	// Data is that ConfigMap's data; nil where no config is in force.
	Data map[string]string `json:"data,omitempty"`

	// policy is Data compiled. It is made again where the state comes out of JSON.
	policy *Policy
}

// Policy is the config in force, compiled for a profile; nil where there is none.
func (s State) Policy(profile Profile) *Policy {
	if s.Data == nil || s.policy != nil && s.policy.profile == profile {
		return s.policy
	}
	policy, err := ParseConfig(s.Data, profile)
	if err != nil {
		return nil
	}
	return policy
}

// Source says which config decided, or why none did.
type Source uint8

// The sources.
const (
	SourceHeld       Source = iota + 1 // the config in force, whose version has not changed (C7)
	SourceRead                         // a new version, in force from now on
	SourceKept                         // the last good config, since the new version does not parse ([Profile.KeepLastGood])
	SourceDropped                      // none: the new version does not parse, and the config in force was dropped (C8)
	SourceUnreadable                   // none: the ConfigMap could not be read (C9)
)

// String names the source.
func (s Source) String() string {
	return name(s, "none", "held", "read", "kept", "dropped", "unreadable")
}

// MarshalText is the source's name.
func (s Source) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Decision is what one poll does, and why.
type Decision struct {
	// Scale tells whether the targets are to have Outcome.Replicas. Otherwise they keep what they have.
	Scale bool
	// Source says which config decided, or why none did.
	Source Source
	// Outcome is the answer with its reasons, where Scale is set.
	Outcome Outcome
	// Err is what the poll ends with, or reports while the last good config goes on: the config error, or an answer out
	// of range. Upstream's poll ends with an error in the same places.
	Err error
	// Create is the data of the ConfigMap to create, since it could not be read and there are default params (C9). When
	// it is created, decide again with it in the input.
	Create map[string]string
	// Writes are the targets whose replicas differ from the answer, in the order of the input.
	Writes []Target

	policy *Policy
}

// Decide is one poll. The error is for a cfg.DefaultParams that is not a JSON object, and for a negative size where the
// profile refuses it; everything else that goes wrong is part of the decision. In the steady state it allocates nothing.
func Decide(cfg Config, in Input, st State) (Decision, State, error) {
	var d Decision
	if in.ConfigMap == nil {
		d.Source = SourceUnreadable
		if cfg.DefaultParams == "" {
			return d, st, nil
		}
		var err error
		d.Create, err = ParseDefaultParams(cfg.DefaultParams)
		return d, st, err
	}
	d.Source = SourceHeld
	d.policy = st.Policy(cfg.Profile)
	if d.policy == nil || in.ConfigMap.ResourceVersion != st.Version {
		policy, err := ParseConfig(in.ConfigMap.Data, cfg.Profile)
		switch {
		case err == nil:
			d.Source, d.policy = SourceRead, policy
			st = State{Version: in.ConfigMap.ResourceVersion, Data: maps.Clone(in.ConfigMap.Data)}
		case cfg.Profile.KeepLastGood && d.policy != nil:
			d.Source, d.Err = SourceKept, err
		default:
			d.Source, d.Err = SourceDropped, err
			return Decision{Source: SourceDropped, Err: err}, State{}, nil
		}
	}
	st.policy = d.policy
	if err := d.policy.ReplicasInto(&d.Outcome, in.Size); err != nil {
		if cfg.Profile.RefuseOverflow && in.Size != nonNegative(in.Size) {
			return Decision{}, st, err
		}
		d.Err = err
		return d, st, nil
	}
	d.Scale = true
	for _, t := range in.Targets {
		if t.Replicas != d.Outcome.Replicas {
			d.Writes = append(d.Writes, t.Target)
		}
	}
	return d, st, nil
}

func nonNegative(s ClusterSize) ClusterSize {
	return ClusterSize{max(s.SchedulableNodes, 0), max(s.Nodes, 0), max(s.SchedulableCores, 0), max(s.Cores, 0)}
}

// ParseDefaultParams reads --default-params into the data of a ConfigMap: top-level keys become its keys, and each value
// is written as JSON again (C10). Numbers take JSON's way through float64, so that 1e2 becomes 100.
func ParseDefaultParams(text string) (map[string]string, error) {
	var params map[string]any
	if err := json.Unmarshal([]byte(text), &params); err != nil {
		return nil, fmt.Errorf("%w default params: %w", ErrInvalid, err)
	}
	data := make(map[string]string, len(params))
	for key, value := range params {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("%w default params: %s: %w", ErrInvalid, key, err)
		}
		data[key] = string(text)
	}
	return data, nil
}
