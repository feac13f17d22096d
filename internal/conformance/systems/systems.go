// Package systems lists every autoscaler that answers recorded questions.
package systems

import (
	"fmt"
	"strings"

	"github.com/scalemath/scalemath/internal/conformance"
	"github.com/scalemath/scalemath/internal/conformance/hpa"
	"github.com/scalemath/scalemath/internal/conformance/karpenter"
	"github.com/scalemath/scalemath/internal/conformance/keda"
	"github.com/scalemath/scalemath/internal/conformance/proportional"
	"github.com/scalemath/scalemath/internal/conformance/vpa"
)

// All returns the systems in alphabetical order.
func All() []conformance.System {
	return []conformance.System{
		hpa.System(),
		karpenter.System(),
		keda.System(),
		proportional.System(),
		vpa.System(),
	}
}

// Find returns one kind of question of one system. The error lists what there is.
func Find(system, kind string) (conformance.Kind, error) {
	for _, s := range All() {
		if s.Name == system {
			return s.Find(kind)
		}
	}
	return conformance.Kind{}, fmt.Errorf("no system %q; there are %s", system, strings.Join(Names(), ", "))
}

// Names lists "SYSTEM KIND" for every kind.
func Names() []string {
	var names []string
	for _, s := range All() {
		for _, k := range s.Kinds {
			names = append(names, s.Name+" "+k.Name)
		}
	}
	return names
}
