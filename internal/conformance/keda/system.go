// Package keda answers the recorded questions about KEDA's decisions.
//
// All kinds of question share one file, "cases"; each line names its own. A kind is a function from the line's "in" to its
// "out", registered in [kinds].
package keda

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/scalemath/scalemath/internal/conformance"
)

// kind is one sort of question.
type kind struct {
	// answer gives the line's "out" for its "in". An error means that the question itself makes no sense. The second
	// result explains the decision to a person and may be nil.
	answer func(in []byte) (out any, explain func(io.Writer) error, err error)
	// present names members of "out" of which only their being there is compared, such as a free error text.
	present []string
	// adjust has the last word before two answers are compared, nil if there is nothing to say.
	adjust func(in, want, got map[string]any)
}

// kinds registers every kind under the name that its lines carry.
func kinds() map[string]kind {
	return map[string]kind{
		"scaledobject": {answer: on(scaledObject)},
		"scaledjob":    {answer: on(scaledJob), adjust: deletedAsSet},
		"strategy":     {answer: on(strategy)},
		"jobmetrics":   {answer: on(jobMetrics)},
		"fallback":     {answer: on(fallback)},
		"modifiers":    {answer: on(modifiers)},
		"quantity":     {answer: on(quantity)},
		"hpa":          {answer: on(hpa), present: []string{"error"}},
		"tick":         {answer: on(tick)},
		"cron":         {answer: on(cron), present: failures},
		"prometheus":   {answer: on(over("prometheus")), present: failures},
		"metricsapi":   {answer: on(over("metrics-api")), present: failures},
		"rabbitmq":     {answer: on(over("rabbitmq")), present: failures},
		"sqs":          {answer: on(over("aws-sqs-queue")), present: failures},
	}
}

// System is KEDA: one file of questions.
func System() conformance.System {
	return conformance.System{Name: "keda", Kinds: []conformance.Kind{{
		Name:    "cases",
		Answer:  answer,
		Compare: conformance.Comparison{Fields: []string{"id", "kind", "out"}, Adjust: adjust},
	}}}
}

type question struct {
	ID   *int64          `json:"id"`
	Kind string          `json:"kind"`
	In   json.RawMessage `json:"in"`
}

type line struct {
	ID   *int64 `json:"id,omitempty"`
	Kind string `json:"kind"`
	Out  any    `json:"out"`
}

func answer(text []byte) (conformance.Answer, error) {
	var q question
	if err := json.Unmarshal(text, &q); err != nil {
		return conformance.Answer{}, err
	}
	k, ok := kinds()[q.Kind]
	if !ok {
		return conformance.Answer{}, fmt.Errorf("kind: there is no %q", q.Kind)
	}
	if len(q.In) == 0 {
		q.In = []byte("{}")
	}
	out, explain, err := k.answer(q.In)
	if err != nil {
		return conformance.Answer{}, fmt.Errorf("in: %w", err)
	}
	return conformance.Answer{Line: line{q.ID, q.Kind, out}, Explain: explain}, nil
}

// adjust does for a line what its kind asks for.
func adjust(question, want, got map[string]any) {
	name, _ := question["kind"].(string)
	k := kinds()[name]
	w, _ := want["out"].(map[string]any)
	g, _ := got["out"].(map[string]any)
	for _, out := range []map[string]any{w, g} {
		for _, member := range k.present {
			if text, ok := out[member].(string); ok {
				out[member] = text != ""
			}
		}
	}
	if in, ok := question["in"].(map[string]any); ok && k.adjust != nil && w != nil && g != nil {
		k.adjust(in, w, g)
	}
}
