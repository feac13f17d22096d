package clusterautoscaler

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"

	ca "github.com/scalemath/scalemath/clusterautoscaler"
	"github.com/scalemath/scalemath/internal/conformance"
)

var backoff = conformance.Kind{Name: "backoff", Answer: answerBackoff, Compare: conformance.Comparison{
	Fields: []string{"kind", "id", "events.until", "events.backedOff", "events.code"},
}}

func answerBackoff(line []byte) (conformance.Answer, error) {
	var q struct {
		head
		Initial, Max, Reset time.Duration
		Events              []struct {
			T     int64
			Group string
			Op    string
		}
	}
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	if err := q.is("backoff"); err != nil {
		return conformance.Answer{}, err
	}
	type event struct {
		T         int64  `json:"t"`
		Group     string `json:"group,omitempty"`
		Op        string `json:"op"`
		Until     int64  `json:"until,omitempty"`
		BackedOff *bool  `json:"backedOff,omitempty"`
		Code      string `json:"code,omitempty"`
	}
	options := ca.BackoffOptions{Initial: q.Initial, Max: q.Max, Reset: q.Reset}
	groups := map[string]ca.Backoff{}
	events := make([]event, len(q.Events))
	for i, e := range q.Events {
		now := time.Unix(0, e.T)
		out := event{T: e.T, Group: e.Group, Op: e.Op}
		switch e.Op {
		case "backoff":
			groups[e.Group] = groups[e.Group].Fail(now, strconv.Itoa(i), options)
			out.Until = groups[e.Group].Until.UnixNano()
		case "status":
			active := groups[e.Group].Active(now)
			if out.BackedOff = &active; active {
				out.Code = groups[e.Group].Code
			}
		case "remove":
			delete(groups, e.Group)
		case "removeStale":
			for g, b := range groups {
				if b.Stale(now, options) {
					delete(groups, g)
				}
			}
		default:
			return conformance.Answer{}, fmt.Errorf("events[%d].op: no operation %q", i, e.Op)
		}
		events[i] = out
	}
	return conformance.Answer{Line: struct {
		head
		Events []event `json:"events"`
	}{q.head, events}}, nil
}

var balance = conformance.Kind{Name: "balance", Answer: answerBalance, Compare: conformance.Comparison{
	Fields: []string{"kind", "id", "result"}, Sets: []string{"result"},
}}

func answerBalance(line []byte) (conformance.Answer, error) {
	var q struct {
		head
		Groups   []ca.GroupSize `json:"groups"`
		NewNodes int            `json:"newNodes"`
	}
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	if err := q.is("balance"); err != nil {
		return conformance.Answer{}, err
	}
	return conformance.Answer{Line: struct {
		head
		Result []ca.Increase `json:"result"`
	}{q.head, ca.Balance(q.Groups, q.NewNodes)}}, nil
}

var equivalence = conformance.Kind{Name: "equivalence", Answer: answerEquivalence, Compare: conformance.Comparison{
	Fields: []string{"kind", "id", "groups"}, Sets: []string{"groups"},
}}

func answerEquivalence(line []byte) (conformance.Answer, error) {
	var q struct {
		head
		Pods []*corev1.Pod `json:"pods"`
	}
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	if err := q.is("equivalence"); err != nil {
		return conformance.Answer{}, err
	}
	if err := present("pods", q.Pods); err != nil {
		return conformance.Answer{}, err
	}
	var groups [][]string
	for _, g := range ca.GroupPods(q.Pods) {
		var names []string
		for _, p := range g.Pods {
			names = append(names, p.Name)
		}
		groups = append(groups, names)
	}
	return conformance.Answer{Line: struct {
		head
		Groups [][]string `json:"groups"`
	}{q.head, groups}}, nil
}

// present refuses lists with a null in them.
func present[T any](field string, list []*T) error {
	for i := range list {
		if list[i] == nil {
			return fmt.Errorf("%s[%d]: is null", field, i)
		}
	}
	return nil
}

var similar = conformance.Kind{Name: "similar", Answer: answerSimilar, Compare: conformance.Comparison{
	Fields: []string{"kind", "id", "generic", "aws", "gce", "azure", "byLabels"},
}}

func answerSimilar(line []byte) (conformance.Answer, error) {
	var q struct {
		head
		A, B         *corev1.Node
		PodsA, PodsB []*corev1.Pod
		Ratios       struct {
			MaxAllocatableDifferenceRatio, MaxFreeDifferenceRatio, MaxCapacityMemoryDifferenceRatio float64
		} `json:"ratios"`
		ExtraIgnored []string `json:"extraIgnored"`
		Labels       []string `json:"labels"`
	}
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	if err := q.is("similar"); err != nil {
		return conformance.Answer{}, err
	}
	if q.A == nil || q.B == nil {
		return conformance.Answer{}, fmt.Errorf("a and b: both must be there")
	}
	for field, pods := range map[string][]*corev1.Pod{"podsA": q.PodsA, "podsB": q.PodsB} {
		if err := present(field, pods); err != nil {
			return conformance.Answer{}, err
		}
	}
	a, b := &ca.Template{Node: q.A, Pods: q.PodsA}, &ca.Template{Node: q.B, Pods: q.PodsB}
	ask := func(provider ca.Provider, labels []string) bool {
		ok, _ := ca.Similar(a, b, ca.SimilarOptions{
			Provider: provider, MaxAllocatableDifferenceRatio: q.Ratios.MaxAllocatableDifferenceRatio,
			MaxFreeDifferenceRatio: q.Ratios.MaxFreeDifferenceRatio, MaxCapacityMemoryDifferenceRatio: q.Ratios.MaxCapacityMemoryDifferenceRatio,
			IgnoredLabels: q.ExtraIgnored, Labels: labels,
		})
		return ok
	}
	return conformance.Answer{Line: struct {
		head
		Generic  bool `json:"generic"`
		AWS      bool `json:"aws"`
		GCE      bool `json:"gce"`
		Azure    bool `json:"azure"`
		ByLabels bool `json:"byLabels"`
	}{q.head, ask(ca.Generic, nil), ask(ca.AWS, nil), ask(ca.GCE, nil), ask(ca.Azure, nil), ask(ca.Generic, q.Labels)}}, nil
}
