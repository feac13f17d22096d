package trigger

import (
	"strconv"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Resource is the trigger cpu or memory. KEDA never reads it: it is a metric that the HorizontalPodAutoscaler reads itself.
type Resource struct {
	kind  string
	index int
	// Resource is the resource's name.
	Resource corev1.ResourceName
	// Container names the one container that is meant; empty means whole pods.
	Container string
	// Target is a utilization in per cent or an average value.
	Target autoscalingv2.MetricTarget
}

// newResource is H7. Where upstream panics, on a quantity that does not parse, this is an error.
func newResource(cfg Config) (Trigger, error) {
	p := params{cfg: &cfg}
	t := &Resource{kind: cfg.Type, index: cfg.Index, Resource: corev1.ResourceName(cfg.Type), Container: p.text(written, "containerName")}
	if _, old := p.find(written, "type"); old {
		p.fail("metadata.type", "no longer known; say metricType")
	}
	v, ok := p.find(written, "value")
	if !ok {
		p.missing("value")
	}
	t.Target.Type = cfg.MetricType
	switch cfg.MetricType {
	case autoscalingv2.AverageValueMetricType:
		q, err := resource.ParseQuantity(v.text)
		if ok && err != nil {
			p.bad(v, "a quantity")
		}
		t.Target.AverageValue = &q
	case autoscalingv2.UtilizationMetricType:
		n, err := strconv.ParseInt(v.text, 10, 32)
		if ok && err != nil {
			p.bad(v, "a whole number of per cent")
		}
		percent := int32(n)
		t.Target.AverageUtilization = &percent
	default:
		p.fail("metricType", "%q; %s triggers need Utilization or AverageValue", cfg.MetricType, cfg.Type)
	}
	return t, p.err()
}

// Type is "cpu" or "memory".
func (t *Resource) Type() string { return t.kind }

// Index is the trigger's position in spec.triggers.
func (t *Resource) Index() int { return t.index }

// MetricSpecs is a Resource metric, or a ContainerResource metric where a container is named.
func (t *Resource) MetricSpecs() []autoscalingv2.MetricSpec {
	if t.Container != "" {
		return []autoscalingv2.MetricSpec{{
			Type: autoscalingv2.ContainerResourceMetricSourceType,
			ContainerResource: &autoscalingv2.ContainerResourceMetricSource{
				Name: t.Resource, Container: t.Container, Target: t.Target,
			},
		}}
	}
	return []autoscalingv2.MetricSpec{{
		Type:     autoscalingv2.ResourceMetricSourceType,
		Resource: &autoscalingv2.ResourceMetricSource{Name: t.Resource, Target: t.Target},
	}}
}
