package keda

import (
	"errors"
	"fmt"
	"strings"
)

// Errors that the HorizontalPodAutoscaler gets instead of a metric.
var (
	// ErrReadings marks a metric that could not be read and did not fall back.
	ErrReadings = errors.New("metric encountered error")
	// ErrNoMatch marks a metric that no trigger has.
	ErrNoMatch = errors.New("no matching metrics found")
)

// Answer is what the HorizontalPodAutoscaler gets when it asks for a metric.
type Answer struct {
	// Values are the metric's values. Nothing without an error means that a formula failed (H9).
	Values []MetricValue `json:"values,omitempty"`
	// Readings tells what each reading counts as.
	Readings []ReadingDecision `json:"readings,omitempty"`
	// Composition is what scaling modifiers made of the metrics; nil without them.
	Composition *Composition `json:"composition,omitempty"`
	// Err is the error that the HorizontalPodAutoscaler gets.
	Err error `json:"-"`
}

// AnswerHPA says what the HorizontalPodAutoscaler gets when it asks for a metric: the values of the trigger of that name, in
// any case of letters, or with scaling modifiers the composite of all readings. Failures count towards the fallback like
// those of a tick (H9, F3). The readings must be those of the metric that is asked for, or of all under scaling modifiers;
// others are left aside.
func AnswerHPA(cfg Config, in TickInput, metric string, st State) (Answer, State, error) {
	if in.Object == nil {
		return Answer{}, st, invalid("object", "missing")
	}
	if in.BuildErr != nil {
		return Answer{Err: in.BuildErr}, st, nil
	}
	composite := in.Object.modifiersInUse() && strings.EqualFold(metric, CompositeMetric)
	if composite && in.Formula == nil {
		return Answer{}, st, invalid("formula", "missing although spec.advanced.scalingModifiers is set")
	}
	if !composite {
		var asked []Reading
		for _, r := range in.Readings {
			if strings.EqualFold(r.Metric, metric) {
				asked = append(asked, r)
			}
		}
		in.Readings = asked
	}
	var d TickDecision
	t := tick{cfg: cfg, in: &in, d: &d, pairs: map[string]string{}, keepPairs: true}
	st, err := t.read(st)
	if err != nil {
		return Answer{}, st, err
	}
	a := Answer{Values: t.values, Readings: d.Readings}
	switch {
	case d.Failed && !d.FellBack:
		a.Values, a.Err = nil, fmt.Errorf("%w: %s", ErrReadings, metric)
		return a, st, nil
	case len(t.values) == 0:
		a.Err = fmt.Errorf("%w for %s", ErrNoMatch, metric)
		return a, st, nil
	}
	if in.Object.modifiersInUse() {
		c := Compose(cfg, ComposeInput{
			Now: in.Now, Object: in.Object, Formula: in.Formula, Values: t.values, Trigger: t.pairs,
			FellBack: d.FellBack, FallbackValues: t.fallback, Health: st.Health,
		})
		a.Composition, a.Values = &c, c.Values
	}
	return a, st, nil
}

// HPADrives tells whether the HorizontalPodAutoscaler's queries are all that the object's activity hangs on, so that a tick
// may take over what they observed instead of querying again (A5).
func HPADrives(so *ScaledObject) bool { return hpaDrives(so) }
