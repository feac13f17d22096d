package keda

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Formula computes the metric of scaling modifiers. Package formula makes one with the language that KEDA uses.
type Formula interface {
	// Eval computes the formula at a time, which is all the formula may know of a clock. The values are float64 by
	// trigger name; nil, or a missing name, stands for a trigger that failed. The result is a float64, or nil for "fall
	// back"; anything else is a failure.
	Eval(now time.Time, values map[string]any) (any, error)
}

// FormulaCompiler makes a formula from its text. A name that is not among names must be refused.
type FormulaCompiler func(text string, names []string) (Formula, error)

// Errors of scaling modifiers, in upstream's words.
var (
	// ErrFormulaMissing marks scaling modifiers without a formula.
	ErrFormulaMissing = errors.New("error ScalingModifiers.Formula is mandatory")
	// ErrFormula marks a formula that does not compile or does not run.
	ErrFormula = errors.New("error validating formula in ScalingModifiers")
	// ErrFormulaTarget marks a target that is not a number above 0, or of type Utilization.
	ErrFormulaTarget = errors.New("error validating target in ScalingModifiers")
	// ErrNotFloat marks a formula whose result is not a number.
	ErrNotFloat = errors.New("the formula's result is not a float")
	// ErrNilWithoutFallback marks a formula whose result is nil without a fallback to take its place.
	ErrNilWithoutFallback = errors.New("the formula's result is nil and no fallback is configured")
)

// FormulaText is the formula as KEDA compiles it: wrapped so that its result is a float (M2).
func FormulaText(cfg Config, text string) string {
	const result = "_kedaCompositeResult"
	switch {
	case text == "":
		return ""
	case strings.Contains(text, "??"):
		if strings.HasPrefix(text, "let "+result+" = ") {
			return text
		}
		return fmt.Sprintf("let %s = (%s); %[1]s == nil ? nil : float(%[1]s)", result, text)
	case strings.HasPrefix(text, "float(") && !cfg.fixes().WrapWholeFormula:
		return text
	}
	return "float(" + text + ")"
}

// FormulaNames are the names that a formula of the object may use: those of its triggers other than cpu and memory.
func FormulaNames(so *ScaledObject) []string {
	var all names
	for i := range so.Spec.Triggers {
		if t := &so.Spec.Triggers[i]; t.Name != "" && !resourceTrigger(t.Type) && !all.has(t.Name) {
			all.add(t.Name)
		}
	}
	return all.list
}

func resourceTrigger(kind string) bool { return kind == "cpu" || kind == "memory" }

// CompileFormula compiles and tries the formula of an object's scaling modifiers. It returns nil without an error if none
// are in use. As in KEDA a formula is refused that fails when every name is -1 (M2).
func CompileFormula(cfg Config, so *ScaledObject, compile FormulaCompiler) (Formula, error) {
	if so == nil || !so.modifiersInUse() {
		return nil, nil
	}
	m := so.modifiers()
	if m.Formula == "" {
		return nil, ErrFormulaMissing
	}
	if m.Target == "" {
		return nil, fmt.Errorf("%w: spec.advanced.scalingModifiers.target is empty", ErrFormula)
	}
	names := FormulaNames(so)
	f, err := compile(FormulaText(cfg, m.Formula), names)
	if err != nil {
		return nil, fmt.Errorf("%w: spec.advanced.scalingModifiers.formula: %w", ErrFormula, err)
	}
	trial := make(map[string]any, len(names))
	for _, name := range names {
		trial[name] = -1.0
	}
	if _, err := f.Eval(time.Time{}, trial); err != nil {
		return nil, fmt.Errorf("%w: spec.advanced.scalingModifiers.formula with every name at -1: %w", ErrFormula, err)
	}
	if target, err := strconv.ParseFloat(m.Target, 64); err != nil || target <= 0 {
		return nil, fmt.Errorf("%w: spec.advanced.scalingModifiers.target: %q is not a number above 0", ErrFormulaTarget, m.Target)
	}
	if m.MetricType == autoscalingv2.UtilizationMetricType {
		return nil, fmt.Errorf("%w: spec.advanced.scalingModifiers.metricType: Utilization is not for external metrics", ErrFormulaTarget)
	}
	return f, nil
}

// Composition is what scaling modifiers made of an object's metrics.
type Composition struct {
	// Values is the composite metric alone, the metrics as they were without scaling modifiers, or nothing where the
	// formula failed.
	Values []MetricValue `json:"values,omitempty"`
	// FellBack tells whether the formula was skipped because a metric fell back (M7).
	FellBack bool `json:"fellBack,omitempty"`
	// Result is the formula's result.
	Result float64 `json:"result,omitempty"`
	// FromNil tells whether the formula gave nil and the fallback's replicas took its place (M5).
	FromNil bool `json:"fromNil,omitempty"`
	// Err is why the formula failed. KEDA logs it and goes on without a metric (M6).
	Err error `json:"-"`
}

// ComposeInput is what scaling modifiers work on.
type ComposeInput struct {
	// Now is the time that the formula sees.
	Now time.Time
	// Object is the ScaledObject.
	Object *ScaledObject
	// Formula is its compiled formula.
	Formula Formula
	// Values are the metrics, those of triggers that failed left out.
	Values []MetricValue
	// Trigger tells which trigger name a metric stands under. A metric without an entry stands under the empty name,
	// which no formula can use (M8).
	Trigger map[string]string
	// FellBack tells whether any metric fell back, and FallbackValues which values that gave.
	FellBack bool
	// FallbackValues are the values of metrics that fell back.
	FallbackValues []MetricValue
	// Health are the failures by metric, those of this tick counted in.
	Health map[string]HealthStatus
}

// Compose replaces an object's metrics by the one that its formula computes (M3 to M8).
func Compose(cfg Config, in ComposeInput) Composition {
	so := in.Object
	if so == nil || !so.modifiersInUse() {
		return Composition{Values: in.Values}
	}
	m := so.modifiers()
	switch {
	case in.FellBack && len(in.FallbackValues) == 0:
		return Composition{Values: in.Values, FellBack: true}
	case in.FellBack:
		return Composition{Values: []MetricValue{{CompositeMetric, in.FallbackValues[0].Value}}, FellBack: true}
	case m.Formula == "":
		return Composition{Values: in.Values}
	case in.Formula == nil:
		return Composition{Err: ErrFormulaMissing}
	}
	values := make(map[string]any, len(in.Values))
	for i := range in.Values {
		v := &in.Values[i]
		values[in.Trigger[v.Name]] = formulaValue(so, v, in.Health)
	}
	result, err := in.Formula.Eval(in.Now, values)
	if err != nil {
		return Composition{Err: err}
	}
	var c Composition
	switch x := result.(type) {
	case float64:
		c.Result = x
	case nil:
		target, err := strconv.ParseFloat(m.Target, 64)
		if so.Spec.Fallback == nil || err != nil {
			return Composition{Err: ErrNilWithoutFallback}
		}
		c.Result, c.FromNil = float64(so.Spec.Fallback.Replicas)*target, true
	default:
		return Composition{Err: fmt.Errorf("%w: it is %T", ErrNotFloat, result)}
	}
	// Cut off, not rounded, and negatives stay (M5). The quantity has no format, which shows when it is printed.
	var q resource.Quantity
	q.SetMilli(thousandths(cfg, c.Result*1000))
	c.Values = []MetricValue{{CompositeMetric, q}}
	return c
}

// formulaValue is M3 and M4.
func formulaValue(so *ScaledObject, v *MetricValue, health map[string]HealthStatus) any {
	if f := so.Spec.Fallback; f != nil && f.Behavior == FallbackScalingModifiers {
		if h := health[v.Name]; h.NumberOfFailures != nil && *h.NumberOfFailures > f.FailureThreshold {
			return nil
		}
	}
	return v.Value.AsApproximateFloat64()
}
