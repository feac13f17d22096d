// Package hpa answers recorded questions about the HorizontalPodAutoscaler.
package hpa

import (
	"fmt"
	"regexp"
	"time"

	"github.com/scalemath/scalemath/hpa"
	"github.com/scalemath/scalemath/internal/conformance"
)

// System returns the kinds of question about the HorizontalPodAutoscaler.
func System() conformance.System {
	return conformance.System{Name: "hpa", Kinds: []conformance.Kind{
		{Name: "calc", Answer: calc, Compare: conformance.Comparison{Fields: []string{"kind", "seed", "result"}, Adjust: blankCalc}},
		{Name: "scenario", Answer: scenario, Compare: conformance.Comparison{Fields: []string{"kind", "seed", "results"}, Adjust: blankScenario}},
	}}
}

// config is the controller's configuration as questions give it.
type config struct {
	Tolerance                     float64 `json:"tolerance"`
	DownscaleStabilizationSeconds int64   `json:"downscaleStabilizationSeconds"`
	CPUInitializationSeconds      int64   `json:"cpuInitializationSeconds"`
	InitialReadinessDelaySeconds  int64   `json:"initialReadinessDelaySeconds"`
}

func (c config) of(gates map[string]bool) (hpa.Config, error) {
	cfg := hpa.Defaults()
	cfg.Tolerance = c.Tolerance
	cfg.DownscaleStabilization = time.Duration(c.DownscaleStabilizationSeconds) * time.Second
	cfg.CPUInitializationPeriod = time.Duration(c.CPUInitializationSeconds) * time.Second
	cfg.InitialReadinessDelay = time.Duration(c.InitialReadinessDelaySeconds) * time.Second
	for gate, on := range gates {
		switch gate {
		case "HPAScaleToZero":
			cfg.Gates.HPAScaleToZero = on
		case "HPAGeneration":
			cfg.Gates.HPAGeneration = on
		case "HPAConfigurableTolerance":
			cfg.Gates.HPAConfigurableTolerance = on
		case "PodLevelResources":
			cfg.Gates.PodLevelResources = on
		default:
			return cfg, fmt.Errorf("gates: %q is not a gate of the controller", gate)
		}
	}
	return cfg, nil
}

// missingRequest finds the one text that upstream leaves to chance: which pod without a request it names (rule Q1).
var missingRequest = regexp.MustCompile(`missing request for (\S+) in container \S+ of Pod \S+`)

// blank blanks the container and the pod where upstream names one of several.
func blank(text any) any {
	if s, ok := text.(string); ok {
		return missingRequest.ReplaceAllString(s, "missing request for $1 in some container")
	}
	return text
}

func blankMembers(list any, members ...string) {
	elements, _ := list.([]any)
	for _, e := range elements {
		if m, ok := e.(map[string]any); ok {
			for _, name := range members {
				if text, ok := m[name]; ok {
					m[name] = blank(text)
				}
			}
		}
	}
}

func blankCalc(_, want, got map[string]any) {
	for _, answer := range []map[string]any{want, got} {
		if result, ok := answer["result"].(map[string]any); ok {
			blankMembers([]any{result}, "error")
		}
	}
}

func blankScenario(_, want, got map[string]any) {
	wanted, _ := want["results"].([]any)
	for i, step := range wanted {
		ours, _ := got["results"].([]any)
		if i >= len(ours) {
			return
		}
		w, _ := step.(map[string]any)
		g, _ := ours[i].(map[string]any)
		// Another pod's name is another status, so whether it was written hangs on chance too.
		if fmt.Sprint(w["status"]) != fmt.Sprint(g["status"]) && missingRequest.MatchString(fmt.Sprint(w["status"])) {
			delete(w, "statusWritten")
			delete(g, "statusWritten")
		}
		for _, r := range []map[string]any{w, g} {
			blankMembers([]any{r}, "error")
			blankMembers(r["events"], "message")
			if status, ok := r["status"].(map[string]any); ok {
				blankMembers(status["conditions"], "message")
			}
		}
	}
}
