package karpenter

import (
	"encoding/json"
	"math"
	"slices"
)

// outcome is a node and what its removal saves.
type outcome struct {
	node    string
	savings float64
}

// eitherPool are the questions in which the pool that is looked at first depends on the order of a map (rule 76), with
// both answers of method single.
var eitherPool = map[string][2]outcome{
	"consolidate-11-58":  {{"n00", 1.6736}, {"n01", 0.52153}},
	"consolidate-11-66":  {{"n00", 3.3416}, {"n08", 0.51553}},
	"consolidate-11-81":  {{"n00", 2.016}, {"n02", 0}},
	"consolidate-11-144": {{"n11", 1.4574}, {"n09", 0.0363}},
	"consolidate-11-172": {{"n07", 1.33056}, {"n05", 0.4032}},
	"consolidate-11-187": {{"n06", 1.87576}, {"n03", 0.96757}},
	"consolidate-11-193": {{"n04", 5.0208}, {"n00", 0.19094}},
	"consolidate-11-202": {{"n08", 0.4032}, {"n05", 0}},
	"consolidate-11-218": {{"n02", 1.38002}, {"n04", 0.19695}},
	"consolidate-11-231": {{"n06", 0.8368}, {"n02", 0.8368}},
	"consolidate-11-233": {{"n03", 3.7968}, {"n05", 1.59704}},
	"consolidate-11-273": {{"n00", 4.68936}, {"n05", 0}},
	"consolidate-11-277": {{"n09", 5.57856}, {"n02", 2.24904}},
	"consolidate-11-284": {{"n01", 0.334}, {"n07", 0.04057}},
	"consolidate-11-295": {{"n03", 5.62728}, {"n04", 0.8044}},
}

// eitherEmpty is the question in which two empty nodes are worth the same and the budget has room for one of them.
var eitherEmpty = map[string][2][]any{
	"consolidate-11-246": {{"n01", "n03", "n04", "n05"}, {"n03", "n04", "n05", "n07"}},
}

// adjustConsolidate lets either answer stand where upstream gives both.
func adjustConsolidate(question, want, got map[string]any) {
	id, _ := question["id"].(string)
	if both, ok := eitherPool[id]; ok {
		either(want, got, "single", func(c map[string]any) bool {
			return slices.ContainsFunc(both[:], func(o outcome) bool { return o.matches(c) })
		})
	}
	if both, ok := eitherEmpty[id]; ok {
		either(want, got, "emptiness", func(c map[string]any) bool {
			names, _ := c["candidates"].([]any)
			return slices.Equal(names, both[0]) || slices.Equal(names, both[1])
		})
	}
}

// either replaces both sides' command of a method by one word where both are answers that upstream gives.
func either(want, got map[string]any, method string, valid func(map[string]any) bool) {
	w, g := commandAt(want, method), commandAt(got, method)
	if w == nil || g == nil || !valid(w) || !valid(g) {
		return
	}
	for _, c := range []map[string]any{w, g} {
		clear(c)
		c["method"], c["decision"] = method, "either"
	}
}

func commandAt(side map[string]any, method string) map[string]any {
	list, _ := side["commands"].([]any)
	for _, c := range list {
		if m, ok := c.(map[string]any); ok && m["method"] == method {
			return m
		}
	}
	return nil
}

func (o outcome) matches(c map[string]any) bool {
	names, _ := c["candidates"].([]any)
	number, _ := c["estimatedSavings"].(json.Number)
	savings, err := number.Float64()
	return err == nil && len(names) == 1 && names[0] == o.node && math.Abs(savings-o.savings) < 1e-9
}
