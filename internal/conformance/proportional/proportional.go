// Package proportional answers the recorded questions about the proportional autoscalers.
package proportional

import (
	"encoding/json"
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/internal/conformance"
	"github.com/scalemath/scalemath/proportional"
)

// System answers "proportional cpa" and "proportional cpva".
func System() conformance.System {
	return conformance.System{
		Name: "proportional",
		Kinds: []conformance.Kind{
			{Name: "cpa", Answer: answer(map[string]question{
				"linear": replicas, "ladder": replicas, "malformed": replicas, "sequence": sequence, "status": size,
			}), Compare: conformance.Comparison{
				Fields:  []string{"kind", "id", "replicas", "error", "status", "steps.replicas", "steps.error", "steps.controller"},
				Present: []string{"error", "steps.error"},
				// The size is the answer of one kind and part of the question of others.
				Adjust: onlyFor("status", "status"),
			}},
			{Name: "cpva", Answer: answer(map[string]question{
				"cpva": vertical, "cpva-size": verticalSize,
			}), Compare: conformance.Comparison{
				Fields:  []string{"kind", "id", "milli", "error", "nodes", "cores"},
				Present: []string{"error"},
				Adjust:  onlyFor("cpva-size", "nodes", "cores"),
			}},
		},
	}
}

// question answers one line of a kind; head is to be repeated in the answer.
type question func(head head, line []byte) (conformance.Answer, error)

type head struct {
	Kind string `json:"kind"`
	ID   *int64 `json:"id,omitempty"`
}

func answer(kinds map[string]question) func(line []byte) (conformance.Answer, error) {
	return func(line []byte) (conformance.Answer, error) {
		var h head
		if err := json.Unmarshal(line, &h); err != nil {
			return conformance.Answer{}, err
		}
		ask, ok := kinds[h.Kind]
		if !ok {
			return conformance.Answer{}, fmt.Errorf("kind: no kind %q", h.Kind)
		}
		return ask(h, line)
	}
}

func onlyFor(kind string, fields ...string) func(question, want, got map[string]any) {
	return func(question, want, got map[string]any) {
		if question["kind"] != kind {
			for _, field := range fields {
				delete(want, field)
				delete(got, field)
			}
		}
	}
}

// result is the answer to one poll.
type result struct {
	Replicas   *int32  `json:"replicas,omitempty"`
	Error      string  `json:"error,omitempty"`
	Controller *string `json:"controller,omitempty"`
}

func of(d proportional.Decision) result {
	if d.Err != nil {
		return result{Error: d.Err.Error()}
	}
	return result{Replicas: &d.Outcome.Replicas}
}

func replicas(h head, line []byte) (conformance.Answer, error) {
	var q struct {
		Data   map[string]string        `json:"data"`
		Status proportional.ClusterSize `json:"status"`
	}
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	in := proportional.Input{Size: q.Status, ConfigMap: &corev1.ConfigMap{Data: q.Data}}
	d, _, err := proportional.Decide(proportional.Defaults(), in, proportional.State{})
	if err != nil {
		return conformance.Answer{}, err
	}
	return conformance.Answer{Line: struct {
		head
		result
	}{h, of(d)}, Explain: d.Explain}, nil
}

func sequence(h head, line []byte) (conformance.Answer, error) {
	var q struct {
		Steps []struct {
			Data    map[string]string        `json:"data"`
			Version string                   `json:"version"`
			Status  proportional.ClusterSize `json:"status"`
		} `json:"steps"`
	}
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	var st proportional.State
	steps := make([]result, len(q.Steps))
	decisions := make([]proportional.Decision, len(q.Steps))
	for i, s := range q.Steps {
		in := proportional.Input{Size: s.Status, ConfigMap: &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{ResourceVersion: s.Version}, Data: s.Data,
		}}
		var err error
		if decisions[i], st, err = proportional.Decide(proportional.Defaults(), in, st); err != nil {
			return conformance.Answer{}, fmt.Errorf("steps[%d]: %w", i, err)
		}
		mode := st.Policy(proportional.Upstream()).Mode().String()
		steps[i] = of(decisions[i])
		steps[i].Controller = &mode
	}
	return conformance.Answer{Line: struct {
		head
		Steps []result `json:"steps"`
	}{h, steps}, Explain: func(w io.Writer) error {
		for i, d := range decisions {
			if _, err := fmt.Fprintf(w, "step %d: ", i); err != nil {
				return err
			}
			if err := d.Explain(w); err != nil {
				return err
			}
		}
		return nil
	}}, nil
}
