package keda

import (
	"fmt"
	"io"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/keda"
)

type scaledObjectIn struct {
	Now              time.Time         `json:"now"`
	ScaledObject     keda.ScaledObject `json:"scaledObject"`
	Replicas         int32             `json:"replicas"`
	Active           bool              `json:"active"`
	Error            bool              `json:"error"`
	ActiveTriggers   []string          `json:"activeTriggers"`
	PushMetric       string            `json:"pushMetric"`
	GetErr           bool              `json:"getErr"`
	UpdateErr        bool              `json:"updateErr"`
	HPAScalingActive []string          `json:"hpaScalingActive"`
}

type scaledObjectOut struct {
	ScaledTo         *int32                                `json:"scaledTo,omitempty"`
	Conditions       []condition                           `json:"conditions"`
	LastActiveTime   *metav1.Time                          `json:"lastActiveTime,omitempty"`
	TriggersActivity map[string]keda.TriggerActivityStatus `json:"triggersActivity,omitempty"`
	Error            string                                `json:"error,omitempty"`
	Events           []string                              `json:"events,omitempty"`
}

func scaledObject(in scaledObjectIn) (any, func(io.Writer) error, error) {
	input := keda.Input{
		Now: in.Now, Object: &in.ScaledObject, Replicas: in.Replicas, ReplicasErr: boomIf(in.GetErr),
		Active: in.Active, Failed: in.Error, ActiveMetrics: in.ActiveTriggers, Push: in.PushMetric,
	}
	switch len(in.HPAScalingActive) {
	case 0:
	case 3:
		input.HPA = &autoscalingv2.HorizontalPodAutoscalerCondition{
			Type: autoscalingv2.ScalingActive, Status: corev1.ConditionStatus(in.HPAScalingActive[0]),
			Reason: in.HPAScalingActive[1], Message: in.HPAScalingActive[2],
		}
	default:
		return nil, nil, fmt.Errorf("hpaScalingActive: %d texts instead of status, reason and message", len(in.HPAScalingActive))
	}
	d, _, err := keda.Decide(keda.Defaults(), input, keda.StateOf(&in.ScaledObject.Status))
	if err != nil {
		return nil, nil, err
	}
	d.WriteFailed(boomIf(in.UpdateErr), nil)
	out := scaledObjectOut{
		Conditions: conditions(d.Conditions()), LastActiveTime: seconds(d.LastActive),
		TriggersActivity: d.TriggersActivity(), Error: text(d.Failure()), Events: events(d.Events()),
	}
	if d.Scale && d.Err == nil {
		out.ScaledTo = &d.To
	}
	return out, d.Explain, nil
}
