package cloudprovider

import (
	"maps"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// InstanceState is how far an instance has come.
type InstanceState string

// The states of an instance, in their order.
const (
	Pending    InstanceState = "Pending"    // launched, not running yet
	Running    InstanceState = "Running"    // the machine runs, its node has not joined yet
	Joined     InstanceState = "Joined"     // its node is part of the cluster
	Terminated InstanceState = "Terminated" // gone
)

// The labels of nodes that say where they come from.
const (
	LabelNodeGroup    = "scalemath.io/node-group"    // the group; absent outside groups
	LabelCapacityType = "karpenter.sh/capacity-type" // as in [Offering]
)

// Instance is one machine.
type Instance struct {
	ID       string        `json:"id"`              // such as i-000001
	Group    string        `json:"group,omitempty"` // the node group that it belongs to; empty outside groups
	Offering OfferingRef   `json:"offering"`        // what it is
	Price    float64       `json:"price"`           // per hour, as at its launch
	State    InstanceState `json:"state"`           // how far it has come
	// Labels and Taints are those that its node gets beside the ones of the instance type; only outside groups.
	Labels map[string]string `json:"labels,omitempty"`
	Taints []corev1.Taint    `json:"taints,omitempty"` // see Labels
	// Launched is when it was asked for, and the others when it came to run, joined, and was gone; zero until then.
	Launched   time.Time `json:"launched"`
	Running    time.Time `json:"running,omitzero"`    // see Launched
	Joined     time.Time `json:"joined,omitzero"`     // see Launched
	Terminated time.Time `json:"terminated,omitzero"` // see Launched
	// Noticed is when the cloud announced to take a spot instance back, and TakenBack when it does; zero if it has not.
	Noticed   time.Time `json:"noticed,omitzero"`
	TakenBack time.Time `json:"takenBack,omitzero"` // see Noticed
}

// ProviderID is spec.providerID of the instance's node.
func (i *Instance) ProviderID() string { return "memory:///" + i.Offering.Zone + "/" + i.ID }

// NodeName is the name of the instance's node.
func (i *Instance) NodeName() string { return "ip-" + i.ID }

// Node makes the node of an instance that has no template: with the capacity of its type and offering, and the labels
// that every node has.
func (t *InstanceType) Node(i *Instance) *corev1.Node {
	capacity, overhead := t.Capacity, t.Overhead
	for k := range t.Offerings {
		if o := &t.Offerings[k]; o.Zone == i.Offering.Zone && o.CapacityType == i.Offering.CapacityType {
			capacity, overhead = overridden(capacity, o.Capacity), overridden(overhead, o.Overhead)
			break
		}
	}
	n := &corev1.Node{Spec: corev1.NodeSpec{Taints: append([]corev1.Taint(nil), i.Taints...)}}
	n.Labels = map[string]string{corev1.LabelArchStable: "amd64", corev1.LabelOSStable: "linux"}
	for key, values := range t.Labels {
		if len(values) == 1 {
			n.Labels[key] = values[0]
		}
	}
	maps.Copy(n.Labels, i.Labels)
	n.Status.Capacity, n.Status.Allocatable = capacity.DeepCopy(), Allocatable(capacity, overhead)
	i.name(n)
	return n
}

// name gives a node what tells it from others of its kind.
func (i *Instance) name(n *corev1.Node) {
	n.Name = i.NodeName()
	n.Spec.ProviderID = i.ProviderID()
	if n.Labels == nil {
		n.Labels = map[string]string{}
	}
	n.Labels[corev1.LabelHostname] = n.Name
	n.Labels[corev1.LabelInstanceTypeStable] = i.Offering.InstanceType
	n.Labels[corev1.LabelTopologyZone] = i.Offering.Zone
	n.Labels[LabelCapacityType] = i.Offering.CapacityType
	if i.Group != "" {
		n.Labels[LabelNodeGroup] = i.Group
	}
	n.CreationTimestamp = metav1.NewTime(i.Joined)
	n.Status.Conditions = []corev1.NodeCondition{{
		Type: corev1.NodeReady, Status: corev1.ConditionTrue, LastTransitionTime: n.CreationTimestamp, LastHeartbeatTime: n.CreationTimestamp,
	}}
}

func overridden(list, by corev1.ResourceList) corev1.ResourceList {
	if len(by) == 0 {
		return list
	}
	out := list.DeepCopy()
	if out == nil {
		out = corev1.ResourceList{}
	}
	maps.Copy(out, by)
	return out
}
