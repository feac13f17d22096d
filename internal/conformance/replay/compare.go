package replay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/scalemath/scalemath/internal/conformance"
)

// Diff holds an answer of ours against the recorded one and returns a readable difference, empty when they agree.
func Diff(c conformance.Comparison, question, want, got []byte) (string, error) {
	var q, w, g map[string]any
	for _, part := range []struct {
		name string
		text []byte
		into *map[string]any
	}{{"question", question, &q}, {"recorded answer", want, &w}, {"our answer", got, &g}} {
		dec := json.NewDecoder(bytes.NewReader(part.text))
		dec.UseNumber()
		if err := dec.Decode(part.into); err != nil {
			return "", fmt.Errorf("%s: %w", part.name, err)
		}
	}
	if len(c.Fields) > 0 {
		w, g = project(w, c.Fields), project(g, c.Fields)
	}
	crashes(w, g)
	for _, path := range c.Present {
		at(w, path, present)
		at(g, path, present)
	}
	for _, path := range c.Sets {
		at(w, path, sorted)
		at(g, path, sorted)
	}
	if c.Adjust != nil {
		c.Adjust(q, w, g)
	}
	return cmp.Diff(prune(w), prune(g), cmp.Comparer(sameNumber)), nil
}

// project keeps only the members that the paths name.
func project(from map[string]any, paths []string) map[string]any {
	out := map[string]any{}
	for _, path := range paths {
		head, rest, deeper := strings.Cut(path, ".")
		v, ok := from[head]
		if !ok {
			continue
		}
		if !deeper {
			out[head] = v
			continue
		}
		switch v := v.(type) {
		case map[string]any:
			into, _ := out[head].(map[string]any)
			out[head] = merge(into, project(v, []string{rest}))
		case []any:
			into, _ := out[head].([]any)
			for i, e := range v {
				if i == len(into) {
					into = append(into, map[string]any{})
				}
				if m, ok := e.(map[string]any); ok {
					old, _ := into[i].(map[string]any)
					into[i] = merge(old, project(m, []string{rest}))
				}
			}
			out[head] = into
		}
	}
	return out
}

func merge(a, b map[string]any) map[string]any {
	if a == nil {
		return b
	}
	for k, v := range b {
		a[k] = v
	}
	return a
}

// at applies change to every value that the path reaches.
func at(v any, path string, change func(any) any) {
	head, rest, deeper := strings.Cut(path, ".")
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			at(e, path, change)
		}
	case map[string]any:
		keys := []string{head}
		if head == "*" {
			keys = keys[:0]
			for k := range v {
				keys = append(keys, k)
			}
		}
		for _, k := range keys {
			if member, ok := v[k]; ok && deeper {
				at(member, rest, change)
			} else if ok {
				v[k] = change(member)
			}
		}
	}
}

func present(v any) any { return prune(v) != nil }

func sorted(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	key := func(i int) string { text, _ := json.Marshal(list[i]); return string(text) }
	sort.Slice(list, func(i, j int) bool { return key(i) < key(j) })
	return list
}

// crashes replaces each object in which upstream crashed, and ours beside it, by whether an error is shown.
func crashes(want, got any) {
	switch w := want.(type) {
	case map[string]any:
		g, _ := got.(map[string]any)
		if crashed(w) {
			text, _ := g["error"].(string)
			clear(w)
			clear(g)
			w["refused"] = true
			if g != nil {
				g["refused"] = text != ""
			}
			return
		}
		for k, v := range w {
			crashes(v, g[k])
		}
	case []any:
		g, _ := got.([]any)
		for i, v := range w {
			if i < len(g) {
				crashes(v, g[i])
			}
		}
	}
}

func crashed(m map[string]any) bool {
	if text, ok := m["error"].(string); ok && strings.HasPrefix(text, "PANIC:") {
		return true
	}
	return prune(m["panic"]) != nil
}

// prune drops members that are as good as absent; list elements keep their place.
func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			if e = prune(e); e != nil {
				out[k] = e
			}
		}
		if len(out) > 0 {
			return out
		}
		return nil
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = prune(e)
		}
		if len(out) > 0 {
			return out
		}
		return nil
	case string:
		if v == "" {
			return nil
		}
	}
	return v
}

// sameNumber takes integers to the letter and numbers with a fraction within 1e-9 relative.
func sameNumber(a, b json.Number) bool {
	if a == b {
		return true
	}
	if !strings.ContainsAny(string(a)+string(b), ".eE") {
		return false
	}
	x, errX := a.Float64()
	y, errY := b.Float64()
	return errX == nil && errY == nil && (x == y || math.Abs(x-y) <= 1e-9*math.Max(math.Abs(x), math.Abs(y)))
}
