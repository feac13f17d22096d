package trigger

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"
)

// metric is the one external metric of a trigger. The types of this package embed it.
type metric struct {
	kind       string
	index      int
	name       string
	target     autoscalingv2.MetricTarget
	activation float64
	// floor is the activation of a trigger that counts.
	floor int64
}

// Type is the type's name in spec.triggers.
func (m *metric) Type() string { return m.kind }

// Index is the trigger's position in spec.triggers.
func (m *metric) Index() int { return m.index }

// Metric is the external metric's name, such as "s0-prometheus".
func (m *metric) Metric() string { return m.name }

// MetricSpecs is the one external metric of the trigger.
func (m *metric) MetricSpecs() []autoscalingv2.MetricSpec {
	return []autoscalingv2.MetricSpec{{
		Type: autoscalingv2.ExternalMetricSourceType,
		External: &autoscalingv2.ExternalMetricSource{
			Metric: autoscalingv2.MetricIdentifier{Name: m.name}, Target: m.target,
		},
	}}
}

// Judge says what a number means: active if it exceeds the activation value.
func (m *metric) Judge(value float64) Reading { return m.reading(value, value > m.activation) }

// Count says what a whole number means, compared as such.
func (m *metric) Count(n int64) Reading { return m.reading(float64(n), n > m.floor) }

func (m *metric) reading(value float64, active bool) Reading {
	return Reading{Metric: m.name, Value: value, Active: active, Target: m.target}
}

// metric fixes a trigger's metric and returns all that is wrong with the trigger.
func (p *params) metric(m *metric, base string, goal resource.Quantity, activation float64) error {
	of, err := targetType(p.cfg.MetricType)
	p.add(err)
	*m = metric{
		kind: p.cfg.Type, index: p.cfg.Index, name: MetricName(p.cfg.Index, base), target: target(of, goal), activation: activation,
	}
	return p.err()
}
