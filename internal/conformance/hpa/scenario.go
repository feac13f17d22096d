package hpa

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/scalemath/scalemath/hpa"
	"github.com/scalemath/scalemath/internal/conformance"
)

// scenarioQuestion asks for a story of reconciles.
type scenarioQuestion struct {
	Kind     string `json:"kind"`
	Seed     int64  `json:"seed"`
	Scenario *struct {
		Name   string                                 `json:"name"`
		Start  time.Time                              `json:"start"`
		Config config                                 `json:"config"`
		Gates  map[string]bool                        `json:"gates"`
		HPA    *autoscalingv2.HorizontalPodAutoscaler `json:"hpa"`
		Steps  []step                                 `json:"steps"`
	} `json:"scenario"`
}

type step struct {
	At    int64                                      `json:"at"`
	Spec  *autoscalingv2.HorizontalPodAutoscalerSpec `json:"spec"`
	World world                                      `json:"world"`
}

type scenarioAnswer struct {
	Kind    string       `json:"kind"`
	Seed    int64        `json:"seed"`
	Results []stepResult `json:"results"`
}

type stepResult struct {
	ScaleTo         *int32                                      `json:"scaleTo"`
	StatusWritten   bool                                        `json:"statusWritten"`
	Status          autoscalingv2.HorizontalPodAutoscalerStatus `json:"status"`
	Events          []hpa.Event                                 `json:"events,omitempty"`
	Error           string                                      `json:"error,omitempty"`
	Recommendations []recommendation                            `json:"recommendations,omitempty"`
	ScaleUpEvents   []scaleEvent                                `json:"scaleUpEvents,omitempty"`
	ScaleDownEvents []scaleEvent                                `json:"scaleDownEvents,omitempty"`
}

type recommendation struct {
	At       int64 `json:"at"`
	Replicas int32 `json:"replicas"`
}

type scaleEvent struct {
	At       int64 `json:"at"`
	Change   int32 `json:"change"`
	Outdated bool  `json:"outdated,omitempty"`
}

func scenario(line []byte) (conformance.Answer, error) {
	var q scenarioQuestion
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	s := q.Scenario
	switch {
	case q.Kind != "scenario":
		return conformance.Answer{}, fmt.Errorf("kind: %q is not scenario", q.Kind)
	case s == nil:
		return conformance.Answer{}, errors.New("scenario: missing")
	case s.HPA == nil:
		return conformance.Answer{}, errors.New("scenario.hpa: missing")
	}
	cfg, err := s.Config.of(s.Gates)
	if err != nil {
		return conformance.Answer{}, err
	}
	object := s.HPA
	hpa.SetDefaults(object)
	var history hpa.History
	var decisions []hpa.Decision
	answer := scenarioAnswer{Kind: q.Kind, Seed: q.Seed, Results: []stepResult{}}
	for i := range s.Steps {
		step := &s.Steps[i]
		object = object.DeepCopy() // a decision keeps the object it was made for
		if step.Spec != nil {
			object.Spec = *step.Spec
			object.Generation++
			hpa.SetDefaults(object)
		}
		in := step.World.input(s.Start.Add(time.Duration(step.At)*time.Second), object, hpa.MetricsOf(object))
		decision, next, err := hpa.Decide(cfg, in, history)
		if err != nil {
			return conformance.Answer{}, fmt.Errorf("scenario.steps[%d]: %w", i, err)
		}
		history = next
		decisions = append(decisions, decision)
		answer.Results = append(answer.Results, result(&decision, in.UpdateErr, history, s.Start))
		object = object.DeepCopy()
		object.Status = decision.Status()
	}
	return conformance.Answer{Line: answer, Explain: func(w io.Writer) error {
		for i := range decisions {
			if _, err := fmt.Fprintf(w, "step %d, %ds: ", i, s.Steps[i].At); err != nil {
				return err
			}
			if err := decisions[i].Explain(w); err != nil {
				return err
			}
		}
		return nil
	}}, nil
}

func result(d *hpa.Decision, updateErr error, h hpa.History, start time.Time) stepResult {
	r := stepResult{StatusWritten: d.StatusChanged(), Status: d.Status(), Events: d.Events()}
	if d.Rescale && updateErr == nil {
		r.ScaleTo = &d.Replicas
	}
	if err := d.Err(); err != nil {
		r.Error = err.Error()
	}
	seconds := func(t time.Time) int64 { return int64(t.Sub(start) / time.Second) }
	for _, e := range h.Recommendations {
		r.Recommendations = append(r.Recommendations, recommendation{seconds(e.At), e.Replicas})
	}
	for _, e := range h.ScaleUps {
		r.ScaleUpEvents = append(r.ScaleUpEvents, scaleEvent{seconds(e.At), e.Change, e.Outdated})
	}
	for _, e := range h.ScaleDowns {
		r.ScaleDownEvents = append(r.ScaleDownEvents, scaleEvent{seconds(e.At), e.Change, e.Outdated})
	}
	return r
}
