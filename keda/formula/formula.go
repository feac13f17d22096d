// Package formula compiles the formulas of KEDA's scaling modifiers, in the language that KEDA uses (expr-lang/expr).
//
// It is apart from package keda so that only those who have formulas compile the language:
//
//	f, err := keda.CompileFormula(cfg, scaledObject, formula.Compile)
package formula

import (
	"fmt"
	"sync"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/scalemath/scalemath/keda"
)

// Formula is a compiled formula. It may be used by several goroutines.
type Formula struct {
	program *vm.Program
	mu      sync.Mutex
	now     time.Time
}

// Compile compiles a formula that may use names, each a float64, and is a [keda.FormulaCompiler]. Unknown names are
// refused.
func Compile(text string, names []string) (f keda.Formula, err error) {
	defer recovered(&err)
	types := make(map[string]float64, len(names))
	for _, name := range names {
		types[name] = 0
	}
	out := &Formula{}
	// The language's own now() reads a clock. Here the time comes with the question.
	clock := expr.Function("now", func(...any) (any, error) { return out.now, nil }, new(func() time.Time))
	if out.program, err = expr.Compile(text, expr.Env(types), clock); err != nil {
		return nil, err
	}
	return out, nil
}

// Eval implements [keda.Formula].
func (f *Formula) Eval(now time.Time, values map[string]any) (result any, err error) {
	defer recovered(&err)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = now
	return expr.Run(f.program, values)
}

// recovered keeps a defect of the language from ending more than the one formula.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("the formula cannot be computed: %v", r)
	}
}
