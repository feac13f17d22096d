package proportional

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Linear is the config under the key "linear": so many replicas for so many nodes and cores. The JSON names are
// upstream's.
type Linear struct {
	// CoresPerReplica is how many cores one replica serves; 0, the default, leaves cores out.
	CoresPerReplica float64 `json:"coresPerReplica,omitempty"`
	// NodesPerReplica is how many nodes one replica serves; 0, the default, leaves nodes out. One of the two is needed.
	NodesPerReplica float64 `json:"nodesPerReplica,omitempty"`
	// Min is the least number of replicas; 0, the default, means 1.
	Min int64 `json:"min,omitempty"`
	// Max is the largest number of replicas; 0, the default, means none.
	Max int64 `json:"max,omitempty"`
	// PreventSinglePointFailure asks for two replicas at least where there is more than one node; default false.
	PreventSinglePointFailure bool `json:"preventSinglePointFailure,omitempty"`
	// IncludeUnschedulableNodes counts all nodes and cores, not only the schedulable ones; default false.
	IncludeUnschedulableNodes bool `json:"includeUnschedulableNodes,omitempty"`
}

// Ladder is the config under the key "ladder": steps from a number of nodes or cores to a number of replicas. The JSON
// names are upstream's.
type Ladder struct {
	// CoresToReplicas are steps over the number of cores, in any order.
	CoresToReplicas []Step `json:"coresToReplicas,omitempty"`
	// NodesToReplicas are steps over the number of nodes, in any order.
	NodesToReplicas []Step `json:"nodesToReplicas,omitempty"`
	// IncludeUnschedulableNodes counts all nodes and cores, not only the schedulable ones; default false.
	IncludeUnschedulableNodes bool `json:"includeUnschedulableNodes,omitempty"`
}

// Step is one rung of a ladder: the threshold and the replicas from there on. As in JSON it is a pair, so that a ladder
// reads the same in Go: []Step{{1, 1}, {64, 3}}.
type Step [2]int64

// Threshold is the number of nodes or cores from which on the step holds.
func (s Step) Threshold() int64 { return s[0] }

// Replicas is the number of replicas from the threshold on.
func (s Step) Replicas() int64 { return s[1] }

// ParseConfig compiles the data of a ConfigMap. It must have exactly one entry, whose key is the mode (C5).
func ParseConfig(data map[string]string, profile Profile) (*Policy, error) {
	if len(data) != 1 {
		keys := make([]string, 0, len(data))
		for key := range data {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		return nil, fmt.Errorf("%w config: data must have exactly one entry, linear or ladder, but has %d (%s)", ErrInvalid, len(data), strings.Join(keys, ", "))
	}
	if text, ok := data[linearKey]; ok {
		config, err := ParseLinear([]byte(text), profile)
		if err != nil {
			return nil, err
		}
		return NewLinear(config, profile)
	}
	if text, ok := data[ladderKey]; ok {
		config, err := ParseLadder([]byte(text), profile)
		if err != nil {
			return nil, err
		}
		return NewLadder(config, profile)
	}
	for key := range data {
		return nil, fmt.Errorf("%w config: %q is not a mode; there are linear and ladder", ErrInvalid, key)
	}
	return nil, nil // not reached: data has one entry
}

// The keys of a ConfigMap's data are the names of the modes.
const (
	linearKey = "linear"
	ladderKey = "ladder"
)

// ParseLinear reads the JSON of a linear config and checks it.
func ParseLinear(text []byte, profile Profile) (Linear, error) {
	var config Linear
	if err := decode(linearKey, text, &config); err != nil {
		return Linear{}, err
	}
	if profile.StrictConfig {
		if err := strictLinear(text); err != nil {
			return Linear{}, err
		}
	}
	return config, config.check(profile)
}

// ParseLadder reads the JSON of a ladder config and checks it.
func ParseLadder(text []byte, profile Profile) (Ladder, error) {
	var config Ladder
	if err := decode(ladderKey, text, &config); err != nil {
		return Ladder{}, err
	}
	if profile.StrictConfig {
		if err := strictLadder(text); err != nil {
			return Ladder{}, err
		}
	}
	return config, config.check(profile)
}

// decode reads JSON as leniently as upstream (C6) and puts the key into the error.
func decode(key string, text []byte, into any) error {
	err := json.Unmarshal(text, into)
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case len(strings.TrimSpace(string(text))) == 0:
		return fmt.Errorf("%w config: %s: is empty", ErrInvalid, key)
	case errors.As(err, &wrong) && wrong.Field != "":
		return fmt.Errorf("%w config: %s.%s: a %s does not fit %s", ErrInvalid, key, wrong.Field, wrong.Value, described(wrong.Type.Kind().String()))
	}
	return fmt.Errorf("%w config: %s: %w", ErrInvalid, key, err)
}

// described says in JSON's terms what a Go kind takes.
func described(kind string) string {
	switch kind {
	case "int64":
		return "an integer"
	case "float64":
		return "a number"
	case "bool":
		return "true or false"
	case "array":
		return "a step [threshold, replicas]"
	case "slice":
		return "a list"
	}
	return "an object"
}

// check refuses what upstream refuses, in its order (C11), and what cannot come out of JSON.
func (l Linear) check(profile Profile) error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w config: linear.%w", ErrInvalid, fmt.Errorf(format, args...))
	}
	least := max(l.Min, 1)
	switch {
	case l.Min < 0:
		return bad("min: %d is negative", l.Min)
	case l.Max != 0 && l.Max < least:
		return bad("max: %d is less than min %d", l.Max, least)
	case l.CoresPerReplica == 0 && l.NodesPerReplica == 0:
		return bad("coresPerReplica: neither this nor nodesPerReplica is greater than 0")
	case l.CoresPerReplica < 0:
		return bad("coresPerReplica: %v is negative", l.CoresPerReplica)
	case l.NodesPerReplica < 0:
		return bad("nodesPerReplica: %v is negative", l.NodesPerReplica)
	case math.IsNaN(l.CoresPerReplica) || math.IsInf(l.CoresPerReplica, 0):
		return bad("coresPerReplica: %v is not a number", l.CoresPerReplica)
	case math.IsNaN(l.NodesPerReplica) || math.IsInf(l.NodesPerReplica, 0):
		return bad("nodesPerReplica: %v is not a number", l.NodesPerReplica)
	case profile.RefuseOverflow && l.Min > math.MaxInt32:
		return bad("min: %d is %w: more than %d", l.Min, ErrOutOfRange, math.MaxInt32)
	case profile.RefuseOverflow && l.Max > math.MaxInt32:
		return bad("max: %d is %w: more than %d", l.Max, ErrOutOfRange, math.MaxInt32)
	}
	return nil
}

// check refuses negative numbers (C19) and, with a stricter profile, what upstream's arithmetic wraps or leaves open.
func (l Ladder) check(profile Profile) error {
	for _, list := range []struct {
		name  string
		steps []Step
	}{{"coresToReplicas", l.CoresToReplicas}, {"nodesToReplicas", l.NodesToReplicas}} {
		seen := map[int64]bool{}
		for i, s := range list.steps {
			bad := func(format string, args ...any) error {
				return fmt.Errorf("%w config: ladder.%s[%d]: %w", ErrInvalid, list.name, i, fmt.Errorf(format, args...))
			}
			switch {
			case s.Threshold() < 0:
				return bad("threshold %d is negative", s.Threshold())
			case s.Replicas() < 0:
				return bad("replicas %d is negative", s.Replicas())
			case profile.RefuseOverflow && s.Replicas() > math.MaxInt32:
				return bad("replicas %d is %w: more than %d", s.Replicas(), ErrOutOfRange, math.MaxInt32)
			case profile.StrictConfig && seen[s.Threshold()]:
				return bad("threshold %d is there already", s.Threshold())
			}
			seen[s.Threshold()] = true
		}
	}
	if profile.StrictConfig && len(l.CoresToReplicas)+len(l.NodesToReplicas) == 0 {
		return fmt.Errorf("%w config: ladder: neither coresToReplicas nor nodesToReplicas has a step, which scales to zero", ErrInvalid)
	}
	return nil
}
