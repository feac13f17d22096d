package trigger

import (
	"strconv"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"
)

// External is the trigger external or external-push: metrics that another server names and reads. Who speaks with that server
// hands in what it said.
type External struct {
	kind   string
	index  int
	goal   autoscalingv2.MetricTargetType
	listed []ExternalMetric
	// ScalerAddress is the other server.
	ScalerAddress string
	// EnableTLS encrypts the connection.
	EnableTLS bool
	// UnsafeSSL accepts any certificate.
	UnsafeSSL bool
	// Metadata is what the other server is told: the trigger's own, with values of the environment in place.
	Metadata map[string]string `json:"-"`
}

// ExternalMetric is a metric as the other server lists it.
type ExternalMetric struct {
	// Name is the metric's name without the trigger's index.
	Name string
	// Target is the target as a whole number.
	Target int64
	// TargetFloat, where greater than 0, is the target instead.
	TargetFloat float64
}

func newExternal(cfg Config) (Trigger, error) {
	p := params{cfg: &cfg}
	t := &External{
		kind: cfg.Type, index: cfg.Index, ScalerAddress: p.need(written, "scalerAddress"),
		EnableTLS: p.flag("enableTLS", false), UnsafeSSL: p.flag("unsafeSsl", false), Metadata: map[string]string{},
	}
	for key, value := range cfg.Metadata {
		if !strings.HasSuffix(key, "FromEnv") {
			t.Metadata[key] = value
		} else if value = cfg.ResolvedEnv[value]; value != "" {
			t.Metadata[key] = value
		}
	}
	var err error
	t.goal, err = targetType(cfg.MetricType)
	p.add(err)
	return t, p.err()
}

// Type is the type's name in spec.triggers.
func (t *External) Type() string { return t.kind }

// Index is the trigger's position in spec.triggers.
func (t *External) Index() int { return t.index }

// With is the trigger with the metrics that the other server lists.
func (t *External) With(metrics ...ExternalMetric) *External {
	other := *t
	other.listed = append([]ExternalMetric(nil), metrics...)
	return &other
}

// MetricSpecs are the metrics that the other server lists; none before [External.With].
func (t *External) MetricSpecs() []autoscalingv2.MetricSpec {
	var specs []autoscalingv2.MetricSpec
	for _, m := range t.listed {
		specs = append(specs, autoscalingv2.MetricSpec{
			Type: autoscalingv2.ExternalMetricSourceType,
			External: &autoscalingv2.ExternalMetricSource{
				Metric: autoscalingv2.MetricIdentifier{Name: t.name(m)}, Target: t.target(m),
			},
		})
	}
	return specs
}

// name keeps the other server's own words: nothing in it is replaced.
func (t *External) name(m ExternalMetric) string { return "s" + strconv.Itoa(t.index) + "-" + m.Name }

func (t *External) target(m ExternalMetric) autoscalingv2.MetricTarget {
	if m.TargetFloat > 0 {
		return target(t.goal, Quantity(m.TargetFloat))
	}
	return target(t.goal, *resource.NewQuantity(m.Target, resource.DecimalSI))
}

// Read is the reading of a metric with the value and the activity that the other server gave.
func (t *External) Read(m ExternalMetric, value float64, active bool) Reading {
	return Reading{Metric: t.name(m), Value: value, Active: active, Target: t.target(m)}
}
