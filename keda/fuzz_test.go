package keda_test

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/keda"
	"github.com/scalemath/scalemath/keda/formula"
)

// tooMuch keeps quantities with absurd exponents away, which the Kubernetes library takes minutes to parse.
func tooMuch(text []byte) bool {
	digits, exponent := 0, false
	for _, c := range text {
		switch {
		case c == 'e' || c == 'E':
			exponent, digits = true, 0
		case c >= '0' && c <= '9':
			if digits++; exponent && digits > 3 {
				return true
			}
		case c != '+' && c != '-':
			exponent = false
		}
	}
	return false
}

// FuzzScaledObject reads any manifest and puts it through every function that takes one.
func FuzzScaledObject(f *testing.F) {
	f.Add([]byte(orders), int32(0), true, false, "5")
	f.Add([]byte(clean), int32(3), false, true, "-1")
	f.Fuzz(func(t *testing.T, manifest []byte, replicas int32, active, failed bool, value string) {
		if tooMuch(manifest) || tooMuch([]byte(value)) {
			return
		}
		if _, err := keda.Decode(manifest); err != nil && !errors.Is(err, keda.ErrInvalid) {
			t.Fatal(err)
		}
		so, err := keda.DecodeScaledObject(manifest)
		if err != nil {
			if !errors.Is(err, keda.ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		reading := keda.Reading{Metric: "m", Active: active, Target: averageOf("3")}
		if q, err := resource.ParseQuantity(value); err == nil {
			reading.Values = []keda.MetricValue{{Name: "m", Value: q}}
		}
		if failed {
			reading.Err = errGone
		}
		keda.Lint(keda.Defaults(), so, formula.Compile)
		in := keda.TickInput{Now: now, Object: so, Readings: []keda.Reading{reading}, Workload: keda.Workload{Replicas: replicas, ReadyPods: 2}}
		if len(so.Spec.Triggers) == 0 {
			in.Readings = nil
		}
		if in.Formula, err = keda.CompileFormula(keda.Defaults(), so, formula.Compile); err != nil {
			in.BuildErr = err
		}
		st := keda.StateOf(&so.Status)
		if d, _, err := keda.Tick(keda.Defaults(), in, st); err == nil {
			if err := d.Explain(io.Discard); err != nil {
				t.Fatal(err)
			}
			if _, err := json.Marshal(d); err != nil {
				t.Fatal(err)
			}
		} else if !errors.Is(err, keda.ErrInvalid) {
			t.Fatal(err)
		}
		_, _, _ = keda.AnswerHPA(keda.Defaults(), in, "m", st)
		_, _ = keda.BuildHPA(keda.Defaults(), so, specs())
	})
}

// FuzzScaledJob does the same for a ScaledJob.
func FuzzScaledJob(f *testing.F) {
	f.Add([]byte("apiVersion: keda.sh/v1alpha1\nkind: ScaledJob\nspec:\n  jobTargetRef: {}\n  maxReplicaCount: 4\n  triggers: []\n"), int64(4), int64(3), 5)
	f.Fuzz(func(t *testing.T, manifest []byte, scaleTo, maxScale int64, jobs int) {
		if tooMuch(manifest) {
			return
		}
		sj, err := keda.DecodeScaledJob(manifest)
		if err != nil {
			return
		}
		keda.LintJob(sj)
		in := keda.JobInput{Now: now, Object: sj, Jobs: manyJobs(min(max(jobs, 0), 50)), Queue: keda.JobQueue{Active: true, ScaleTo: scaleTo, MaxScale: maxScale}}
		d, err := keda.DecideJobs(keda.Defaults(), in)
		if err != nil {
			if !errors.Is(err, keda.ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		if d.Create < 0 {
			t.Fatalf("%d jobs", d.Create)
		}
		if err := d.Explain(io.Discard); err != nil {
			t.Fatal(err)
		}
		_, _ = keda.BuildJob(keda.Defaults(), sj)
	})
}

// FuzzFormula compiles and runs any formula; it may fail, but never end the program or give what is no quantity.
func FuzzFormula(f *testing.F) {
	for _, text := range []string{"a + b", "a ?? b ?? 4", "count([a,b], {# > 1})", "let x = a; x", "sum(1..9)", "now().Year()"} {
		f.Add(text, 1.5)
	}
	f.Fuzz(func(t *testing.T, text string, a float64) {
		if len(text) > 200 {
			return
		}
		program, err := formula.Compile(keda.FormulaText(keda.Defaults(), text), []string{"a", "b"})
		if err != nil {
			return
		}
		first, err := program.Eval(now, map[string]any{"a": a, "b": nil})
		if err != nil {
			return
		}
		second, err := program.Eval(now, map[string]any{"a": a, "b": nil})
		if x, ok := first.(float64); ok && (err != nil || x != second && !math.IsNaN(x)) {
			t.Fatalf("%q gave %v, then %v (%v)", text, first, second, err)
		}
	})
}

// FuzzMetricQuantity holds every number that is one against its quantity.
func FuzzMetricQuantity(f *testing.F) {
	f.Add(0.0005)
	f.Add(1e300)
	f.Fuzz(func(t *testing.T, x float64) {
		q := keda.MetricQuantity(x)
		if got := q.AsApproximateFloat64(); got < 0 || x > 1e-3 && x < 1e15 && math.Abs(got-x) > 0.00051+x*1e-9 {
			t.Fatalf("%v became %s", x, q.String())
		}
	})
}
