package vpa

import (
	"bytes"
	"encoding/json"
)

// ambiguousDefaults tells whether several LimitRanges of a question set a default for the same type of item, so that
// their order decides and upstream's answer changes from run to run (K2).
func ambiguousDefaults(question map[string]any) bool {
	seen := map[string]int{}
	ranges, _ := question["limitRanges"].([]any)
	for n, r := range ranges {
		spec, _ := member(r, "spec").(map[string]any)
		items, _ := spec["limits"].([]any)
		for _, item := range items {
			kind, _ := member(item, "type").(string)
			if member(item, "default") == nil {
				continue
			}
			if first, ok := seen[kind]; ok && first != n {
				return true
			}
			seen[kind] = n
		}
	}
	return false
}

func member(v any, name string) any {
	m, _ := v.(map[string]any)
	return m[name]
}

func sameJSON(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
