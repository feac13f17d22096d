package keda

import (
	"errors"
	"fmt"
	"io"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/scalemath/scalemath/keda"
	"github.com/scalemath/scalemath/keda/formula"
)

type fallbackIn struct {
	ScaledObject keda.ScaledObject          `json:"scaledObject"`
	MetricName   string                     `json:"metricName"`
	Metrics      []keda.MetricValue         `json:"metrics"`
	ScalerError  bool                       `json:"scalerError"`
	Target       autoscalingv2.MetricTarget `json:"target"`
	Replicas     int32                      `json:"replicas"`
	GetErr       bool                       `json:"getErr"`
	ReadyPods    int32                      `json:"readyPods"`
}

type fallbackOut struct {
	Metrics        []keda.MetricValue           `json:"metrics"`
	FallbackActive bool                         `json:"fallbackActive"`
	Error          string                       `json:"error,omitempty"`
	Health         map[string]keda.HealthStatus `json:"health,omitempty"`
	Conditions     []condition                  `json:"conditions"`
}

func fallback(in fallbackIn) (any, func(io.Writer) error, error) {
	so := &in.ScaledObject
	d, st, err := keda.DecideFallback(keda.Defaults(), so, keda.Reading{
		Metric: in.MetricName, Target: in.Target, Values: in.Metrics, Err: boomIf(in.ScalerError),
	}, keda.Workload{Replicas: in.Replicas, ReplicasErr: boomIf(in.GetErr), ReadyPods: in.ReadyPods}, keda.StateOf(&so.Status))
	if err != nil {
		return nil, nil, err
	}
	out := fallbackOut{
		Metrics: d.Values, FallbackActive: d.FellBack, Error: text(d.Err), Health: st.Health,
		Conditions: conditions(so.Status.Conditions),
	}
	if d.Counted {
		out.Conditions = conditions(counted(so.Status.Conditions, st))
	}
	return out, d.Explain, nil
}

// counted are an object's conditions after a failure or a success was counted.
func counted(before keda.Conditions, st keda.State) keda.Conditions {
	if before == nil {
		before = keda.InitialConditions()
	}
	return before.Merge(keda.Conditions{st.FallbackCondition()})
}

type modifiersIn struct {
	ScaledObject    keda.ScaledObject  `json:"scaledObject"`
	Metrics         []keda.MetricValue `json:"metrics"`
	FallbackActive  bool               `json:"fallbackActive"`
	FallbackMetrics []keda.MetricValue `json:"fallbackMetrics"`
}

type modifiersOut struct {
	Formula      string             `json:"formula"`
	CompileError string             `json:"compileError,omitempty"`
	Metrics      []keda.MetricValue `json:"metrics"`
	RunError     bool               `json:"runError,omitempty"`
}

func modifiers(in modifiersIn) (any, func(io.Writer) error, error) {
	so, cfg := &in.ScaledObject, keda.Defaults()
	var out modifiersOut
	if so.Spec.Advanced != nil {
		out.Formula = keda.FormulaText(cfg, so.Spec.Advanced.ScalingModifiers.Formula)
	}
	f, err := keda.CompileFormula(cfg, so, formula.Compile)
	if err != nil {
		out.CompileError = sentence(err)
		return out, nil, nil
	}
	names := map[string]string{}
	for i := range so.Spec.Triggers {
		names[fmt.Sprintf("s%d-m", i)] = so.Spec.Triggers[i].Name
	}
	c := keda.Compose(cfg, keda.ComposeInput{
		Object: so, Formula: f, Values: in.Metrics, Trigger: names,
		FellBack: in.FallbackActive, FallbackValues: in.FallbackMetrics, Health: so.Status.Health,
	})
	out.Metrics, out.RunError = c.Values, c.Err != nil
	return out, c.Explain, nil
}

// sentence is the first line of upstream's error, which names what is wrong and leaves the details out.
func sentence(err error) string {
	for _, s := range []error{keda.ErrFormulaMissing, keda.ErrFormula, keda.ErrFormulaTarget} {
		if errors.Is(err, s) {
			return s.Error()
		}
	}
	return err.Error()
}
