package main

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/scalemath/scalemath/clusterautoscaler"
)

// nodeGroup is a node group as a document writes it.
type nodeGroup struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              nodeGroupSpec `json:"spec"`
}

type nodeGroupSpec struct {
	Min    int  `json:"min"`    // nodes at least
	Max    int  `json:"max"`    // nodes at most
	Target *int `json:"target"` // nodes asked for; default: as many as there are
	// NodeSelector finds the nodes of the group by their labels.
	NodeSelector *metav1.LabelSelector `json:"nodeSelector"`
	Template     *corev1.Node          `json:"template"` // what a new node is like where none can be looked at
	TemplatePods []*corev1.Pod         `json:"templatePods"`
	Failed       []failedInstance      `json:"failed"` // machines that the cloud cannot provide

	ZeroOrMax                     bool             `json:"zeroOrMax"`
	ScaleDownUtilizationThreshold *float64         `json:"scaleDownUtilizationThreshold"`
	ScaleDownUnneededTime         *metav1.Duration `json:"scaleDownUnneededTime"`
	ScaleDownUnreadyTime          *metav1.Duration `json:"scaleDownUnreadyTime"`
	MaxNodeProvisionTime          *metav1.Duration `json:"maxNodeProvisionTime"`
	IgnoreDaemonSetsUtilization   *bool            `json:"ignoreDaemonSetsUtilization"`
}

// failedInstance is a machine that cannot be had.
type failedInstance struct {
	ID             string `json:"id"`
	Code           string `json:"code"`
	OutOfResources bool   `json:"outOfResources"`
}

// group makes the node group of its document and of the nodes there are.
func (g *nodeGroup) group(nodes []*corev1.Node) (clusterautoscaler.NodeGroup, error) {
	out := clusterautoscaler.NodeGroup{ID: g.Name, Min: g.Spec.Min, Max: g.Spec.Max}
	selector, err := metav1.LabelSelectorAsSelector(g.Spec.NodeSelector)
	if err != nil {
		return out, fmt.Errorf("NodeGroup %s: spec.nodeSelector: %w", g.Name, err)
	}
	for _, n := range nodes {
		if !selector.Matches(labels.Set(n.Labels)) {
			continue
		}
		id := n.Spec.ProviderID
		if id == "" {
			id = n.Name
		}
		out.Instances = append(out.Instances, clusterautoscaler.Instance{ID: id})
		out.Target++
	}
	if g.Spec.Target != nil {
		out.Target = *g.Spec.Target
	}
	for _, f := range g.Spec.Failed {
		out.Instances = append(out.Instances, clusterautoscaler.Instance{ID: f.ID, ErrorCode: f.Code, OutOfResources: f.OutOfResources})
	}
	if g.Spec.Template != nil {
		out.Template = &clusterautoscaler.Template{Node: g.Spec.Template, Pods: g.Spec.TemplatePods}
	}
	out.Options = clusterautoscaler.GroupOptions{
		ZeroOrMax: g.Spec.ZeroOrMax, UtilizationThreshold: g.Spec.ScaleDownUtilizationThreshold, IgnoreDaemonSets: g.Spec.IgnoreDaemonSetsUtilization,
		UnneededTime: duration(g.Spec.ScaleDownUnneededTime), UnreadyTime: duration(g.Spec.ScaleDownUnreadyTime),
		MaxNodeProvisionTime: duration(g.Spec.MaxNodeProvisionTime),
	}
	return out, nil
}

func duration(d *metav1.Duration) *time.Duration {
	if d == nil {
		return nil
	}
	return &d.Duration
}
