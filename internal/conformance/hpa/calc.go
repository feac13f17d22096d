package hpa

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/hpa"
	"github.com/scalemath/scalemath/internal/conformance"
)

// calcQuestion asks for the proposal of one metric.
type calcQuestion struct {
	Kind string `json:"kind"`
	Seed int64  `json:"seed"`
	Calc *struct {
		Now     time.Time                `json:"now"`
		Config  config                   `json:"config"`
		TolUp   float64                  `json:"tolUp"`
		TolDown float64                  `json:"tolDown"`
		Metric  autoscalingv2.MetricSpec `json:"metric"`
		World   world                    `json:"world"`
	} `json:"calc"`
}

type calcAnswer struct {
	Kind   string     `json:"kind"`
	Seed   int64      `json:"seed"`
	Result calcResult `json:"result"`
}

type calcResult struct {
	Method      string `json:"method"`
	Replicas    int32  `json:"replicas"`
	Utilization *int32 `json:"utilization,omitempty"`
	Usage       int64  `json:"usage"`
	Error       string `json:"error,omitempty"`
}

func calc(line []byte) (conformance.Answer, error) {
	var q calcQuestion
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	if q.Kind != "calc" {
		return conformance.Answer{}, fmt.Errorf("kind: %q is not calc", q.Kind)
	}
	if q.Calc == nil {
		return conformance.Answer{}, errors.New("calc: missing")
	}
	c := q.Calc
	cfg, err := c.Config.of(nil)
	if err != nil {
		return conformance.Answer{}, err
	}
	if external := c.Metric.External; external != nil && external.Metric.Selector == nil {
		// The recording called the calculator with an empty selector where there was none; error texts print it.
		external.Metric.Selector = &metav1.LabelSelector{}
	}
	object := &autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Namespace: namespace}}
	in := c.World.input(c.Now, object, nil)
	in.ScaleErr = nil
	r, err := hpa.Measure(cfg, hpa.Tolerance{Up: c.TolUp, Down: c.TolDown}, in, c.Metric, c.World.observe(c.Metric))
	if err != nil {
		return conformance.Answer{}, err
	}
	method, err := method(c.Metric, r)
	if err != nil {
		return conformance.Answer{}, err
	}
	result := calcResult{Method: method, Replicas: r.Replicas, Usage: r.Value}
	if r.Arithmetic == hpa.ByUtilization {
		result.Utilization = &r.Utilization
	}
	if r.Err != nil {
		result.Error = r.Err.Cause.Error()
	}
	return conformance.Answer{
		Line:    calcAnswer{q.Kind, q.Seed, result},
		Explain: func(w io.Writer) error { return r.Explain(w) },
	}, nil
}

// method is the calculator method of upstream that answers for such a metric.
func method(spec autoscalingv2.MetricSpec, r hpa.MetricResult) (string, error) {
	switch spec.Type {
	case autoscalingv2.ResourceMetricSourceType, autoscalingv2.ContainerResourceMetricSourceType:
		if r.Arithmetic == hpa.ByUtilization {
			return "GetResourceReplicas", nil
		}
		return "GetRawResourceReplicas", nil
	case autoscalingv2.PodsMetricSourceType:
		return "GetMetricReplicas", nil
	case autoscalingv2.ObjectMetricSourceType:
		if r.Arithmetic == hpa.ByValuePerPod {
			return "GetObjectPerPodMetricReplicas", nil
		}
		return "GetObjectMetricReplicas", nil
	case autoscalingv2.ExternalMetricSourceType:
		if r.Arithmetic == hpa.ByValuePerPod {
			return "GetExternalPerPodMetricReplicas", nil
		}
		return "GetExternalMetricReplicas", nil
	}
	return "", fmt.Errorf("calc.metric.type: %q is not a metric type", spec.Type)
}
