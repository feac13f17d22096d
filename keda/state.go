package keda

import (
	"maps"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// State is what must live between the ticks of one ScaledObject. KEDA keeps it in the object's status; [StateOf] reads it
// from there.
type State struct {
	// LastActive is when the object was last active; zero if never.
	LastActive time.Time `json:"lastActive,omitzero"`
	// Health counts failures by metric. It is kept only for objects with a valid fallback.
	Health map[string]HealthStatus `json:"health,omitempty"`
	// FellBack tells whether any trigger fell back at the last tick.
	FellBack bool `json:"fellBack,omitempty"`
	// LowSince is since when the replicas have not been above [Config.CooldownFrom]; zero if they are, or without that
	// setting.
	LowSince time.Time `json:"lowSince,omitzero"`
}

// StateOf reads the state from an object's status.
func StateOf(status *ScaledObjectStatus) State {
	st := State{
		Health:   maps.Clone(status.Health),
		FellBack: status.Conditions.Status(ConditionFallback) == metav1.ConditionTrue,
	}
	if status.LastActiveTime != nil {
		st.LastActive = status.LastActiveTime.Time
	}
	return st
}

// Keep returns the state with the health of those metrics alone, as KEDA leaves it when an object's triggers have changed.
func (st State) Keep(metrics []string) State {
	kept := make(map[string]HealthStatus, len(metrics))
	for _, name := range metrics {
		if h, ok := st.Health[name]; ok {
			kept[name] = h
		}
	}
	st.Health = kept
	return st
}
