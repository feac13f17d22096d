package clusterautoscaler

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	corev1 "k8s.io/api/core/v1"

	ca "github.com/scalemath/scalemath/clusterautoscaler"
	"github.com/scalemath/scalemath/internal/conformance"
)

var utilization = conformance.Kind{Name: "utilization", Answer: answerUtilization, Compare: conformance.Comparison{
	Fields:  []string{"kind", "id", "cpu", "mem", "gpu", "util", "resource", "error"},
	Present: []string{"error"},
}}

func answerUtilization(line []byte) (conformance.Answer, error) {
	var q struct {
		head
		Node           *corev1.Node  `json:"node"`
		Pods           []*corev1.Pod `json:"pods"`
		Now            time.Time     `json:"now"`
		SkipDaemonSets bool          `json:"skipDaemonSets"`
		SkipMirror     bool          `json:"skipMirror"`
	}
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	if err := q.is("utilization"); err != nil {
		return conformance.Answer{}, err
	}
	if q.Node == nil {
		return conformance.Answer{}, fmt.Errorf("node: is missing")
	}
	if err := present("pods", q.Pods); err != nil {
		return conformance.Answer{}, err
	}
	type answer struct {
		head
		CPU      any                 `json:"cpu,omitempty"`
		Memory   any                 `json:"mem,omitempty"`
		GPU      any                 `json:"gpu,omitempty"`
		Share    any                 `json:"util,omitempty"`
		Resource corev1.ResourceName `json:"resource,omitempty"`
		Error    string              `json:"error,omitempty"`
	}
	u, err := ca.Utilization(q.Node, q.Pods, q.Now, ca.UtilizationOptions{SkipDaemonSets: q.SkipDaemonSets, SkipMirrorPods: q.SkipMirror, GPULabel: gpuLabel})
	if err != nil {
		return conformance.Answer{Line: answer{head: q.head, Error: err.Error()}}, nil
	}
	return conformance.Answer{Line: answer{
		head: q.head, CPU: float(u.CPU), Memory: float(u.Memory), GPU: float(u.GPU), Share: float(u.Share), Resource: u.Resource,
	}}, nil
}

// float writes what JSON has no number for as a text.
func float(v float64) any {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "+Inf"
	case math.IsInf(v, -1):
		return "-Inf"
	}
	return v
}
