package proportional

import (
	"encoding/json"
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/scalemath/scalemath/internal/conformance"
	"github.com/scalemath/scalemath/proportional"
)

func size(h head, line []byte) (conformance.Answer, error) {
	var q struct {
		Selector string `json:"selector"`
		Nodes    []struct {
			Name          string                 `json:"name"`
			CPU           resource.Quantity      `json:"cpu"`
			CapacityCPU   resource.Quantity      `json:"capacityCpu"`
			Unschedulable bool                   `json:"unschedulable"`
			Ready         corev1.ConditionStatus `json:"ready"`
			Pool          string                 `json:"pool"`
		} `json:"nodes"`
	}
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	type answer struct {
		head
		Status *proportional.ClusterSize `json:"status,omitempty"`
		Error  string                    `json:"error,omitempty"`
	}
	selector, err := labels.Parse(q.Selector)
	if err != nil {
		return conformance.Answer{Line: answer{head: h, Error: fmt.Sprintf("selector: %v", err)}}, nil
	}
	nodes := make([]*corev1.Node, len(q.Nodes))
	for i, n := range q.Nodes {
		node := &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: n.Name},
			Spec:       corev1.NodeSpec{Unschedulable: n.Unschedulable},
			Status: corev1.NodeStatus{
				Allocatable: corev1.ResourceList{corev1.ResourceCPU: n.CPU},
				Capacity:    corev1.ResourceList{corev1.ResourceCPU: n.CapacityCPU},
			},
		}
		if n.Pool != "" {
			node.Labels = map[string]string{"pool": n.Pool}
		}
		if n.Ready != "" {
			node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: n.Ready}}
		}
		nodes[i] = node
	}
	status := proportional.SizeOfSelected(nodes, selector)
	return conformance.Answer{Line: answer{head: h, Status: &status}, Explain: func(w io.Writer) error {
		_, err := fmt.Fprintln(w, status)
		return err
	}}, nil
}

func vertical(h head, line []byte) (conformance.Answer, error) {
	var q struct {
		Config proportional.Scale `json:"config"`
		proportional.VerticalSize
	}
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	type answer struct {
		head
		Milli *int64 `json:"milli,omitempty"`
		Error string `json:"error,omitempty"`
	}
	policy, err := q.Config.Compile(proportional.UpstreamVertical())
	if err != nil {
		return conformance.Answer{Line: answer{head: h, Error: "config: " + err.Error()}}, nil
	}
	o, err := policy.Milli(q.VerticalSize)
	if err != nil {
		return conformance.Answer{Line: answer{head: h, Error: err.Error()}}, nil
	}
	return conformance.Answer{Line: answer{head: h, Milli: &o.Milli}, Explain: o.Explain}, nil
}

func verticalSize(h head, line []byte) (conformance.Answer, error) {
	var q struct {
		NodesIn []struct {
			CPU           resource.Quantity `json:"cpu"`
			Unschedulable bool              `json:"unschedulable"`
		} `json:"nodesIn"`
	}
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	nodes := make([]*corev1.Node, len(q.NodesIn))
	for i, n := range q.NodesIn {
		nodes[i] = &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("nodesIn[%d]", i)},
			Spec:       corev1.NodeSpec{Unschedulable: n.Unschedulable},
			Status:     corev1.NodeStatus{Capacity: corev1.ResourceList{corev1.ResourceCPU: n.CPU}},
		}
	}
	type answer struct {
		head
		Nodes *int64 `json:"nodes,omitempty"`
		Cores *int64 `json:"cores,omitempty"`
		Error string `json:"error,omitempty"`
	}
	size, err := proportional.VerticalSizeOf(nodes, proportional.UpstreamVertical())
	if err != nil {
		return conformance.Answer{Line: answer{head: h, Error: err.Error()}}, nil
	}
	return conformance.Answer{Line: answer{head: h, Nodes: &size.Nodes, Cores: &size.Cores}, Explain: func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%d nodes, %d cores\n", size.Nodes, size.Cores)
		return err
	}}, nil
}
