package hpa

import (
	"encoding/json"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

// MarshalJSON gives the numbers and, rendered, what upstream would write.
func (d Decision) MarshalJSON() ([]byte, error) {
	type metric struct {
		Name string `json:"name,omitempty"`
		MetricResult
		Failure string `json:"error,omitempty"`
	}
	out := struct {
		Replicas   int32                                       `json:"replicas"`
		Rescale    bool                                        `json:"rescale"`
		Reason     string                                      `json:"reason,omitempty"`
		Course     Course                                      `json:"course"`
		Current    int32                                       `json:"current"`
		Observed   int32                                       `json:"observed"`
		Desired    int32                                       `json:"desired"`
		Winner     int                                         `json:"winner"`
		Metrics    []metric                                    `json:"metrics,omitempty"`
		Normalized *Normalized                                 `json:"normalized,omitempty"`
		Status     autoscalingv2.HorizontalPodAutoscalerStatus `json:"status"`
		Events     []Event                                     `json:"events,omitempty"`
		Error      string                                      `json:"error,omitempty"`
	}{
		Replicas: d.Replicas, Rescale: d.Rescale, Reason: d.ReasonText(), Course: d.Course, Current: d.Current,
		Observed: d.Observed, Desired: d.Desired, Winner: d.Winner, Status: d.Status(), Events: d.Events(),
	}
	for i := range d.Metrics {
		m := metric{Name: d.MetricName(i), MetricResult: d.Metrics[i]}
		m.finite()
		if err := d.Metrics[i].Err; err != nil {
			m.Failure = err.Error()
		}
		out.Metrics = append(out.Metrics, m)
	}
	if d.Course == Computed {
		out.Normalized = &d.Normalized
	}
	if err := d.Err(); err != nil {
		out.Error = err.Error()
	}
	return json.Marshal(out)
}
