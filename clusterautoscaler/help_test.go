package clusterautoscaler_test

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	ca "github.com/scalemath/scalemath/clusterautoscaler"
)

// now is when the loops of these tests begin.
var now = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// list makes a resource list of names and quantities in turn.
func list(pairs ...string) corev1.ResourceList {
	out := corev1.ResourceList{}
	for i := 0; i+1 < len(pairs); i += 2 {
		out[corev1.ResourceName(pairs[i])] = resource.MustParse(pairs[i+1])
	}
	return out
}

// readyNode is a node that has been ready for an hour; without amounts it has 4 CPU, 8Gi and 110 pods.
func readyNode(name string, amounts ...string) *corev1.Node {
	if len(amounts) == 0 {
		amounts = []string{"cpu", "4", "memory", "8Gi", "pods", "110"}
	}
	old := metav1.NewTime(now.Add(-time.Hour))
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{corev1.LabelHostname: name}, CreationTimestamp: old},
		Spec:       corev1.NodeSpec{ProviderID: "cloud:///" + name},
		Status: corev1.NodeStatus{
			Capacity: list(amounts...), Allocatable: list(amounts...),
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue, LastTransitionTime: old}},
		},
	}
}

// pod is one that the scheduler found no place for a minute ago.
func pod(name string, requests ...string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default", CreationTimestamp: metav1.NewTime(now.Add(-time.Minute))},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Resources: corev1.ResourceRequirements{Requests: list(requests...)}}}},
		Status: corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{
			{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable},
		}},
	}
}

// on puts a pod on a node.
func on(node string, p *corev1.Pod) *corev1.Pod {
	p.Spec.NodeName, p.Status = node, corev1.PodStatus{Phase: corev1.PodRunning}
	return p
}

// ownedBy makes a pod one of a controller's.
func ownedBy(kind, name string, p *corev1.Pod) *corev1.Pod {
	controller := true
	p.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: kind, Name: name, UID: types.UID(kind + "/" + name), Controller: &controller}}
	p.Labels = map[string]string{"app": name}
	return p
}

// replicas are so many pods of a ReplicaSet.
func replicas(name string, count int, requests ...string) []*corev1.Pod {
	out := make([]*corev1.Pod, count)
	for i := range out {
		out[i] = ownedBy("ReplicaSet", name, pod(fmt.Sprintf("%s-%d", name, i), requests...))
	}
	return out
}

// groupOf is a group that has the nodes.
func groupOf(id string, least, most int, nodes ...*corev1.Node) ca.NodeGroup {
	g := ca.NodeGroup{ID: id, Min: least, Max: most, Target: len(nodes)}
	for _, n := range nodes {
		g.Instances = append(g.Instances, ca.Instance{ID: n.Spec.ProviderID})
	}
	return g
}

func milliQuantity(n int64) resource.Quantity {
	return *resource.NewMilliQuantity(n, resource.DecimalSI)
}

func wholeQuantity(n int64) resource.Quantity { return *resource.NewQuantity(n, resource.BinarySI) }
