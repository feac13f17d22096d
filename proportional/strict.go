package proportional

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// strictLinear refuses the fields of a linear config that upstream would silently drop or read twice.
func strictLinear(text []byte) error {
	_, err := fields(linearKey, text, "coresPerReplica", "nodesPerReplica", "min", "max", "preventSinglePointFailure", "includeUnschedulableNodes")
	return err
}

// strictLadder does the same for a ladder, and refuses steps that are not pairs (C19).
func strictLadder(text []byte) error {
	values, err := fields(ladderKey, text, "coresToReplicas", "nodesToReplicas", "includeUnschedulableNodes")
	if err != nil {
		return err
	}
	for _, name := range []string{"coresToReplicas", "nodesToReplicas"} {
		var steps [][]json.RawMessage
		if value, ok := values[name]; ok {
			if err := json.Unmarshal(value, &steps); err != nil {
				return fmt.Errorf("%w config: ladder.%s: %w", ErrInvalid, name, err)
			}
		}
		for i, step := range steps {
			if len(step) != 2 {
				return fmt.Errorf("%w config: ladder.%s[%d]: has %d numbers, not a threshold and replicas", ErrInvalid, name, i, len(step))
			}
			for j, number := range step {
				if null(number) {
					return fmt.Errorf("%w config: ladder.%s[%d][%d]: is null", ErrInvalid, name, i, j)
				}
			}
		}
	}
	return nil
}

// fields takes the object apart and wants each field to be known to the letter, given once and not null. The text has
// been decoded before, so it is well-formed.
func fields(key string, text []byte, known ...string) (map[string]json.RawMessage, error) {
	if null(text) {
		return nil, fmt.Errorf("%w config: %s: is null", ErrInvalid, key)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("%w config: %s: %w", ErrInvalid, key, err)
	}
	values := map[string]json.RawMessage{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("%w config: %s: %w", ErrInvalid, key, err)
		}
		name, _ := token.(string)
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, fmt.Errorf("%w config: %s.%s: %w", ErrInvalid, key, name, err)
		}
		expected := false
		for _, k := range known {
			expected = expected || k == name
		}
		switch _, twice := values[name]; {
		case !expected:
			return nil, fmt.Errorf("%w config: %s.%s: no such field", ErrInvalid, key, name)
		case twice:
			return nil, fmt.Errorf("%w config: %s.%s: is given twice", ErrInvalid, key, name)
		case null(value):
			return nil, fmt.Errorf("%w config: %s.%s: is null", ErrInvalid, key, name)
		}
		values[name] = value
	}
	return values, nil
}

func null(text []byte) bool { return string(bytes.TrimSpace(text)) == "null" }
