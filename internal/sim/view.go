package sim

import (
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"

	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/metrics"
)

// View is what autoscalers see of a cluster. Objects and lists must not be changed and are good until the cluster goes on.
type View struct{ c *Cluster }

// WorkloadStatus is a workload as it is now.
type WorkloadStatus struct {
	Key       string                  // namespace/name
	Namespace string                  // of the workload
	Name      string                  // of the workload
	Kind      Kind                    // of the workload
	Selector  string                  // of its pods
	Replicas  int32                   // wanted
	Pods      int                     // that there are
	Ready     int                     // of those
	Done      int                     // pods of a Job that succeeded
	Template  *corev1.PodTemplateSpec // of its pods
	Changes   uint64                  // another number means that pods came, went or changed
	Measured  time.Time               // when its usage was measured last; zero before the first time
}

// Start is the first instant of the scenario.
func (v *View) Start() time.Time { return v.c.cfg.Start }

// Workloads lists the workloads that exist, in the order of the scenario.
func (v *View) Workloads() []string {
	var keys []string
	for _, w := range v.c.workloads {
		if w.created {
			keys = append(keys, w.key)
		}
	}
	return keys
}

// Workload describes a workload by namespace/name; false where there is none.
func (v *View) Workload(key string) (WorkloadStatus, bool) {
	w := v.c.byKey[key]
	if w == nil || !w.created {
		return WorkloadStatus{}, false
	}
	s := WorkloadStatus{
		Key: key, Namespace: w.Namespace, Name: w.Name, Kind: w.Kind, Selector: w.selector, Replicas: w.replicas,
		Pods: len(w.pods), Ready: w.ready, Done: int(w.done), Template: &w.Template, Changes: w.generation,
	}
	if len(w.measured.usage) > 0 {
		s.Measured = v.c.cfg.Start.Add(w.measured.at)
	}
	return s, true
}

// Pods are the pods of a workload, oldest first.
func (v *View) Pods(key string) []*corev1.Pod {
	if w := v.c.byKey[key]; w != nil {
		return w.list()
	}
	return nil
}

// Samples is what the resource metrics API knows of a workload's pods: of the named container, or of whole pods where
// container is empty. Pods that have not run for long are not in it. The list is in the memory given, which serves one
// question only: the same workload, resource and container each time.
func (v *View) Samples(key string, resource corev1.ResourceName, container string, memory *Samples) []metrics.PodSample {
	if w := v.c.byKey[key]; w != nil {
		return v.c.samples(w, resource, container, memory)
	}
	return nil
}

// Pending are the pods that no node took so far, in the order in which they are scheduled.
func (v *View) Pending() []*corev1.Pod {
	var pods []*corev1.Pod
	for _, s := range v.c.shapes {
		for _, p := range s.queue {
			if p.stage == waiting {
				pods = append(pods, &p.object)
			}
		}
	}
	return pods
}

// DaemonPods is a pod of each DaemonSet, as its template makes it.
func (v *View) DaemonPods() []*corev1.Pod {
	var pods []*corev1.Pod
	for _, w := range v.c.workloads {
		if w.created && w.Kind == DaemonSet {
			p := &corev1.Pod{Spec: w.Template.Spec}
			p.Name, p.Namespace, p.Labels, p.Annotations = w.Name, w.Namespace, w.Template.Labels, w.Template.Annotations
			p.OwnerReferences = w.owner
			pods = append(pods, p)
		}
	}
	return pods
}

// NodeStatus is a node as it is now.
type NodeStatus struct {
	Object   *corev1.Node  // the node
	Instance string        // its machine; empty outside the cloud
	Group    string        // its group; empty outside groups
	Pods     []*corev1.Pod // on it, daemons included, in no particular order
	PodCount int           // how many pods are on it, daemons left out
	Joined   time.Time     // when it joined
	Touched  time.Time     // when a pod that is not a daemon came or went last, or it joined
}

// Nodes lists the nodes in the order in which they joined, without their pods.
func (v *View) Nodes() []NodeStatus {
	nodes := make([]NodeStatus, len(v.c.nodes))
	for i, n := range v.c.nodes {
		nodes[i] = v.c.describe(n)
	}
	return nodes
}

// EmptyNodes lists the nodes that have no pods but daemons, in the order in which they joined.
func (v *View) EmptyNodes() []NodeStatus {
	var nodes []NodeStatus
	for _, n := range v.c.nodes {
		if len(n.pods) == n.daemons {
			nodes = append(nodes, v.c.describe(n))
		}
	}
	return nodes
}

// NodesWithPods lists the nodes with their pods.
func (v *View) NodesWithPods() []NodeStatus {
	nodes := v.Nodes()
	for i, n := range v.c.nodes {
		nodes[i].Pods = make([]*corev1.Pod, len(n.pods))
		for k, p := range n.pods {
			nodes[i].Pods[k] = &p.object
		}
	}
	return nodes
}

func (c *Cluster) describe(n *node) NodeStatus {
	return NodeStatus{
		Object: n.object, Instance: n.instance, Group: n.group, PodCount: len(n.pods) - n.daemons, Joined: c.cfg.Start.Add(n.joined),
		Touched: c.cfg.Start.Add(n.touched),
	}
}

// NodeChanges is a number that is another one when nodes came, went or changed.
func (v *View) NodeChanges() uint64 { return v.c.nodeGeneration }

// PodChanges is a number that is another one when pods came, went or changed.
func (v *View) PodChanges() uint64 {
	var sum uint64
	for _, w := range v.c.workloads {
		sum += w.generation
	}
	return sum
}

// NodeCount is the number of nodes, and Utilization what is requested of what they can give of a resource.
func (v *View) NodeCount() int { return len(v.c.nodes) }

// Utilization is the share of what the nodes can give of a resource that pods on them request; 0 without nodes.
func (v *View) Utilization(resource corev1.ResourceName) float64 {
	var free, total float64
	for _, n := range v.c.nodes {
		q := n.object.Status.Allocatable[resource]
		capacity := float64(q.MilliValue())
		if resource != corev1.ResourceCPU {
			capacity = float64(q.Value())
		}
		total += capacity
		free += float64(v.c.snapshot.Free(n.id, resource))
	}
	if total == 0 {
		return 0
	}
	return 1 - free/total
}

// Cloud is where nodes come from. Autoscalers act on it by their actions.
func (v *View) Cloud() *cloudprovider.Memory { return v.c.cloud }

// PDBs are the budgets that evictions obey, with their status as it is now.
func (v *View) PDBs() []*policyv1.PodDisruptionBudget {
	out := make([]*policyv1.PodDisruptionBudget, len(v.c.budgets))
	for i := range v.c.budgets {
		out[i] = v.c.status(&v.c.budgets[i])
	}
	return out
}

// HPAs are the HorizontalPodAutoscalers that there are, in the order in which they came.
func (v *View) HPAs() []*autoscalingv2.HorizontalPodAutoscaler { return v.c.hpas }

// ExternalServer is an autoscaler that serves external metrics.
type ExternalServer interface {
	// ExternalMetric is the series of a metric in thousandths; ok is false for a metric that it does not know.
	ExternalMetric(now time.Time, v *View, namespace, name string, labels map[string]string) (series []int64, err error, ok bool)
}

// External asks for the series of an external metric in thousandths: autoscalers that serve metrics first, then the
// scenario.
func (v *View) External(namespace, name string, labels map[string]string) ([]int64, error) {
	for _, s := range v.c.servers {
		if series, err, ok := s.ExternalMetric(v.c.Now(), v, namespace, name, labels); ok {
			return series, err
		}
	}
	for i := range v.c.cfg.External {
		if e := &v.c.cfg.External[i]; e.Name == name && (e.Namespace == "" || e.Namespace == namespace) {
			return []int64{int64(e.Value(v.c.now) * 1000)}, nil
		}
	}
	return nil, metrics.EmptyError("external")
}
