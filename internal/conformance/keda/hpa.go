package keda

import (
	"io"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/scalemath/scalemath/keda"
	"github.com/scalemath/scalemath/keda/trigger"
)

type hpaIn struct {
	ScaledObject keda.ScaledObject `json:"scaledObject"`
}

type hpaOut struct {
	TriggerError        *int                                   `json:"triggerError,omitempty"`
	Error               string                                 `json:"error,omitempty"`
	HPA                 *autoscalingv2.HorizontalPodAutoscaler `json:"hpa,omitempty"`
	ExternalMetricNames []string                               `json:"externalMetricNames,omitempty"`
	ResourceMetricNames []string                               `json:"resourceMetricNames,omitempty"`
	Composite           string                                 `json:"composite,omitempty"`
}

func hpa(in hpaIn) (any, func(io.Writer) error, error) {
	so, cfg := &in.ScaledObject, keda.Defaults()
	cfg.Version = "main" // the record's literal
	var specs []autoscalingv2.MetricSpec
	for i := range so.Spec.Triggers {
		t, err := recorded(so, i)
		if err != nil {
			return hpaOut{TriggerError: &i, Error: err.Error()}, nil, nil
		}
		specs = append(specs, t.MetricSpecs()...)
	}
	d, err := keda.BuildHPA(cfg, so, specs)
	if err != nil {
		return nil, nil, err
	}
	return hpaOut{
		Error: text(d.Err), HPA: d.Object, Composite: d.Composite,
		ExternalMetricNames: d.ExternalMetricNames, ResourceMetricNames: d.ResourceMetricNames,
	}, d.Explain, nil
}

// recorded builds a trigger as the record did: with AWS keys and without any network.
func recorded(so *keda.ScaledObject, i int) (trigger.Trigger, error) {
	t := &so.Spec.Triggers[i]
	return trigger.New(trigger.Config{
		Type: t.Type, Name: t.Name, Index: i, Metadata: t.Metadata, MetricType: t.MetricType, Namespace: so.Namespace,
		AuthParams:       map[string]string{"awsAccessKeyID": "k", "awsSecretAccessKey": "s"},
		ScalingModifiers: so.Spec.Advanced != nil && so.Spec.Advanced.ScalingModifiers != keda.ScalingModifiers{},
		ZonePrefix:       true,
	})
}
