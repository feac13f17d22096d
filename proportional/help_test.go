package proportional_test

import (
	"encoding/json"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/proportional"
)

// node is a node with so much allocatable CPU and capacity.
func node(name, cpu string, ready bool) *corev1.Node {
	status := corev1.ConditionTrue
	if !ready {
		status = corev1.ConditionFalse
	}
	cores := corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu)}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Status: corev1.NodeStatus{
			Allocatable: cores, Capacity: cores,
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: status}},
		},
	}
}

// size is a cluster whose nodes are all schedulable.
func size(nodes, cores int32) proportional.ClusterSize {
	return proportional.ClusterSize{SchedulableNodes: nodes, Nodes: nodes, SchedulableCores: cores, Cores: cores}
}

// configMap is a version of a ConfigMap with one entry.
func configMap(version, mode, text string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{ResourceVersion: version}, Data: map[string]string{mode: text}}
}

func parse(tb testing.TB, mode, text string, profile proportional.Profile) *proportional.Policy {
	tb.Helper()
	policy, err := proportional.ParseConfig(map[string]string{mode: text}, profile)
	if err != nil {
		tb.Fatal(err)
	}
	return policy
}

func compile(tb testing.TB, text string) proportional.VerticalPolicy {
	tb.Helper()
	var scale proportional.Scale
	if err := json.Unmarshal([]byte(text), &scale); err != nil {
		tb.Fatal(err)
	}
	policy, err := scale.Compile(proportional.UpstreamVertical())
	if err != nil {
		tb.Fatal(err)
	}
	return policy
}

func sprint(v any) string { return fmt.Sprint(v) }
