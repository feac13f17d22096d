package karpenter

import (
	"encoding/json"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/karpenter"
)

// question is a cluster and what waits in it.
type question struct {
	ID            string                          `json:"id"`
	InstanceTypes []*cloudprovider.InstanceType   `json:"instanceTypes"`
	NodePools     []*karpenter.NodePool           `json:"nodePools"`
	Pods          []*corev1.Pod                   `json:"pods"`
	DaemonPods    []*corev1.Pod                   `json:"daemonPods"`
	Nodes         []node                          `json:"nodes"`
	PDBs          []*policyv1.PodDisruptionBudget `json:"pdbs"`
	Namespaces    json.RawMessage                 `json:"namespaces"`
	Options       struct {
		IgnorePreferences   bool `json:"ignorePreferences"`
		MinValuesBestEffort bool `json:"minValuesBestEffort"`
		SpotToSpot          bool `json:"spotToSpot"`
		ReservedFallback    bool `json:"reservedFallback"`
		MaxInstanceTypes    int  `json:"maxInstanceTypes"`
	} `json:"options"`
}

type node struct {
	Name          string              `json:"name"`
	NodePool      string              `json:"nodePool"`
	InstanceType  string              `json:"instanceType"`
	Zone          string              `json:"zone"`
	CapacityType  string              `json:"capacityType"`
	Labels        map[string]string   `json:"labels"`
	Annotations   map[string]string   `json:"annotations"`
	Taints        []corev1.Taint      `json:"taints"`
	Allocatable   corev1.ResourceList `json:"allocatable"`
	Pods          []*corev1.Pod       `json:"pods"`
	Uninitialized bool                `json:"uninitialized"`
	NotReady      bool                `json:"notReady"`
	Deleting      bool                `json:"deleting"`
	AgeSeconds    int64               `json:"ageSeconds"`
	IdleSeconds   *int64              `json:"idleSeconds"`
}

// now is when every question is asked.
var now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// wellKnown are the labels beside the core ones that the recorded provider knows.
var wellKnown = []string{
	"karpenter.k8s.aws/instance-category", "karpenter.k8s.aws/instance-family", "karpenter.k8s.aws/instance-generation",
	"karpenter.k8s.aws/instance-size", "karpenter.k8s.aws/instance-cpu", "karpenter.k8s.aws/instance-memory",
	"karpenter.k8s.aws/instance-gpu-count", "karpenter.k8s.aws/instance-gpu-manufacturer", karpenter.LabelReservationID,
}

func (q *question) snapshot() (*karpenter.Snapshot, karpenter.Options, error) {
	o := karpenter.Options{
		IgnorePreferences: q.Options.IgnorePreferences, MinValuesBestEffort: q.Options.MinValuesBestEffort,
		SpotToSpot: q.Options.SpotToSpot, ReservedFallback: q.Options.ReservedFallback, MaxInstanceTypes: q.Options.MaxInstanceTypes,
		WellKnownLabels: append(karpenter.CoreLabels(), wellKnown...),
	}
	s := &karpenter.Snapshot{
		Now: now, NodePools: q.NodePools, Pending: q.Pods, DaemonSets: q.DaemonPods, PDBs: q.PDBs,
		InstanceTypes: map[string][]*cloudprovider.InstanceType{"": q.InstanceTypes},
	}
	var err error
	if s.Namespaces, err = namespaces(q.Namespaces); err != nil {
		return nil, o, err
	}
	byName := map[string]*cloudprovider.InstanceType{}
	for i, t := range q.InstanceTypes {
		if t == nil {
			return nil, o, fmt.Errorf("instanceTypes[%d]: is null", i)
		}
		byName[t.Name] = t
	}
	for i := range q.Nodes {
		s.Nodes = append(s.Nodes, q.Nodes[i].object(byName[q.Nodes[i].InstanceType]))
	}
	for i, p := range q.Pods {
		if p == nil {
			return nil, o, fmt.Errorf("pods[%d]: is null", i)
		}
		defaults(p)
	}
	for i, p := range q.DaemonPods {
		if p == nil {
			return nil, o, fmt.Errorf("daemonPods[%d]: is null", i)
		}
		defaults(p)
	}
	return s, o, nil
}

// namespaces reads a list of Namespaces, or labels by name.
func namespaces(raw json.RawMessage) ([]*corev1.Namespace, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var list []*corev1.Namespace
	if raw[0] == '[' {
		return list, json.Unmarshal(raw, &list)
	}
	var labels map[string]map[string]string
	if err := json.Unmarshal(raw, &labels); err != nil {
		return nil, fmt.Errorf("namespaces: %w", err)
	}
	for name, l := range labels {
		list = append(list, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: l}})
	}
	return list, nil
}

// defaults names a pod's namespace and identity where the question leaves them out.
func defaults(p *corev1.Pod) {
	if p.Namespace == "" {
		p.Namespace = "default"
	}
	if p.UID == "" {
		p.UID = types.UID(p.Name)
	}
}

// object is the node as a cluster has it.
func (n *node) object(t *cloudprovider.InstanceType) *karpenter.Node {
	labels := map[string]string{corev1.LabelHostname: n.Name, corev1.LabelOSStable: "linux", corev1.LabelArchStable: "amd64"}
	object := &corev1.Node{ObjectMeta: metav1.ObjectMeta{
		Name: n.Name, Labels: labels, Annotations: n.Annotations,
		CreationTimestamp: metav1.NewTime(now.Add(-time.Duration(n.AgeSeconds) * time.Second)),
	}}
	object.Spec.Taints = n.Taints
	if t != nil {
		for k, v := range t.Labels {
			if len(v) == 1 {
				labels[k] = v[0]
			}
		}
		labels[corev1.LabelInstanceTypeStable] = t.Name
		object.Status.Capacity, object.Status.Allocatable = t.Capacity, t.Allocatable()
	} else if n.InstanceType != "" {
		labels[corev1.LabelInstanceTypeStable] = n.InstanceType
	}
	if n.Allocatable != nil {
		object.Status.Allocatable = n.Allocatable
	}
	set := func(k, v string) {
		if v != "" {
			labels[k] = v
		}
	}
	set(corev1.LabelTopologyZone, n.Zone)
	set(karpenter.LabelCapacityType, n.CapacityType)
	for k, v := range n.Labels {
		labels[k] = v
	}
	if n.NodePool != "" {
		labels[karpenter.LabelNodePool] = n.NodePool
		labels[karpenter.LabelRegistered] = "true"
		if !n.Uninitialized {
			labels[karpenter.LabelInitialized] = "true"
		}
	}
	ready := corev1.ConditionTrue
	if n.NotReady {
		ready = corev1.ConditionFalse
	}
	object.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: ready}}
	idle := int64(1 << 20)
	if n.IdleSeconds != nil {
		idle = *n.IdleSeconds
	}
	at := now.Add(-time.Duration(idle) * time.Second)
	for _, p := range n.Pods {
		if p == nil {
			continue
		}
		defaults(p)
		p.Spec.NodeName = n.Name
		if p.Status.Phase == "" {
			p.Status.Phase = corev1.PodRunning
		}
	}
	return &karpenter.Node{
		Object: object, Pods: n.Pods, NodePool: n.NodePool, Uninitialized: n.Uninitialized && n.NodePool != "",
		Deleting: n.Deleting, Initialized: at, LastPodEvent: at,
	}
}
