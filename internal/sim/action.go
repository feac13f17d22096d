package sim

import (
	"context"
	"fmt"
	"slices"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/cloudprovider"
)

// Action is what an autoscaler does to a cluster: one of the types of this file. What cannot be done is told in the
// history and changes nothing.
type Action interface {
	apply(c *Cluster, by string) error
}

// Scale sets the replicas of a Deployment.
type Scale struct {
	Workload string // namespace/name
	Replicas int32  // wanted
	Why      string // for the history
}

func (a Scale) apply(c *Cluster, by string) error {
	w := c.byKey[a.Workload]
	if w == nil || w.Kind != Deployment {
		return fmt.Errorf("scale %s: no such Deployment", a.Workload)
	}
	if a.Replicas < 0 {
		return fmt.Errorf("scale %s: %d is negative", a.Workload, a.Replicas)
	}
	if a.Replicas != w.replicas {
		c.note(Record{By: by, What: Scaled, Object: w.key, From: w.replicas, To: a.Replicas, Why: a.Why})
		w.replicas = a.Replicas
		c.mend(w)
	}
	return nil
}

// Evict deletes a pod if budgets allow, and its workload makes another one.
type Evict struct {
	Namespace, Pod string // its name
	Why            string // for the history
}

func (a Evict) apply(c *Cluster, by string) error {
	p := c.find(a.Namespace, a.Pod)
	if p == nil {
		return fmt.Errorf("evict %s/%s: no such pod", a.Namespace, a.Pod)
	}
	if !c.evict(p, by, a.Why) {
		return fmt.Errorf("evict %s/%s: would violate a disruption budget", a.Namespace, a.Pod)
	}
	return nil
}

func (c *Cluster) find(namespace, name string) *pod {
	for _, w := range c.workloads {
		if w.Namespace != namespace {
			continue
		}
		for _, p := range w.pods {
			if p.object.Name == name && p.stage != over {
				return p
			}
		}
	}
	return nil
}

// evict deletes a pod unless a budget keeps it.
func (c *Cluster) evict(p *pod, by, why string) bool {
	if !c.mayEvict(p) {
		return false
	}
	c.notePod(PodEvicted, p, by, why)
	c.discard(p)
	return true
}

// Resize changes the resources of a pod's containers in place; the node is not asked whether it has room.
type Resize struct {
	Namespace, Pod string // its name
	// Containers are the resources by container name; resources that are not named stay.
	Containers map[string]corev1.ResourceRequirements
	Why        string // for the history
}

func (a Resize) apply(c *Cluster, by string) error {
	p := c.find(a.Namespace, a.Pod)
	if p == nil {
		return fmt.Errorf("resize %s/%s: no such pod", a.Namespace, a.Pod)
	}
	sample := p.object.DeepCopy()
	sample.Spec.NodeName = ""
	for i := range sample.Spec.Containers {
		one := &sample.Spec.Containers[i]
		setAll(&one.Resources.Requests, a.Containers[one.Name].Requests)
		setAll(&one.Resources.Limits, a.Containers[one.Name].Limits)
	}
	s, err := c.shapeOf(p.of, sample, true)
	if err != nil {
		return err
	}
	c.resize(p, s)
	c.notePod(PodResized, p, by, a.Why)
	return nil
}

func setAll(into *corev1.ResourceList, values corev1.ResourceList) {
	for name, q := range values {
		if *into == nil {
			*into = corev1.ResourceList{}
		}
		(*into)[name] = q
	}
}

// ResizeGroup sets the size wanted of a node group.
type ResizeGroup struct {
	Group string // its id
	Size  int    // wanted
	Why   string // for the history
}

func (a ResizeGroup) apply(c *Cluster, by string) error {
	ctx := context.Background()
	before, _, err := c.cloud.Size(a.Group)
	if err != nil {
		return err
	}
	if err := c.cloud.SetTarget(ctx, a.Group, a.Size); err != nil {
		return err
	}
	c.note(Record{By: by, What: GroupResized, Object: a.Group, From: int32(before), To: int32(a.Size), Why: a.Why})
	return nil
}

// TerminateIn ends a machine of a node group that has no node, and takes it off the size wanted.
type TerminateIn struct {
	Group, Instance string // their ids
	Why             string // for the history
}

func (a TerminateIn) apply(c *Cluster, by string) error {
	if err := c.cloud.TerminateIn(context.Background(), a.Group, a.Instance); err != nil {
		return err
	}
	c.note(Record{By: by, What: CloudEvent, Object: a.Instance, Why: "Terminated" + reason(a.Why)})
	return nil
}

// Launch asks the cloud for a machine outside groups.
type Launch struct {
	Request cloudprovider.LaunchRequest // what would do
	Why     string                      // for the history
}

func (a Launch) apply(c *Cluster, by string) error {
	i, err := c.cloud.Launch(context.Background(), a.Request)
	if err != nil {
		return err
	}
	c.note(Record{By: by, What: CloudEvent, Object: i.ID, Why: "Launched " + i.Offering.String() + reason(a.Why)})
	return nil
}

func reason(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}

// RemoveNode evicts the pods of a node and ends its machine. A budget that keeps a pod keeps the node; what was evicted
// before stays so.
type RemoveNode struct {
	Node string // its name
	Why  string // for the history
}

func (a RemoveNode) apply(c *Cluster, by string) error {
	n := c.byName[a.Node]
	if n == nil {
		return fmt.Errorf("remove node %s: no such node", a.Node)
	}
	if err := c.mayRemove(n); err != nil {
		return fmt.Errorf("remove node %s: %w", a.Node, err)
	}
	if !c.drain(n, by, a.Why) {
		return fmt.Errorf("remove node %s: a disruption budget keeps a pod", a.Node)
	}
	c.removeNode(n, by, a.Why)
	ctx := context.Background()
	if n.group != "" {
		return c.cloud.TerminateIn(ctx, n.group, n.instance)
	}
	if n.instance != "" {
		return c.cloud.Terminate(ctx, n.instance)
	}
	return nil
}

// mayRemove tells whether the cloud lets the machine of a node go.
func (c *Cluster) mayRemove(n *node) error {
	if n.group == "" {
		return nil
	}
	target, _, err := c.cloud.Size(n.group)
	if err == nil && target <= c.least[n.group] {
		err = fmt.Errorf("group %s is at its minimum, %d", n.group, target)
	}
	return err
}

// TaintNode replaces the taints of a node, and says whether it is cordoned.
type TaintNode struct {
	Node     string         // its name
	Taints   []corev1.Taint // all that it is to have
	Cordoned bool           // new pods are kept away
	Why      string         // for the history
}

func (a TaintNode) apply(c *Cluster, by string) error {
	n := c.byName[a.Node]
	if n == nil {
		return fmt.Errorf("taint node %s: no such node", a.Node)
	}
	object := n.object.DeepCopy()
	object.Spec.Taints, object.Spec.Unschedulable = a.Taints, a.Cordoned
	c.note(Record{By: by, What: NodeTainted, Object: a.Node, Why: a.Why})
	return c.changeNode(n, object)
}

// ApplyHPA makes a HorizontalPodAutoscaler, or replaces the one of the same name; DeleteHPA takes it away.
type ApplyHPA struct {
	Object *autoscalingv2.HorizontalPodAutoscaler // must not be changed afterwards
	Why    string                                 // for the history
}

func (a ApplyHPA) apply(c *Cluster, by string) error {
	if a.Object == nil {
		return fmt.Errorf("apply HPA: object is nil")
	}
	c.note(Record{By: by, What: HPAApplied, Object: a.Object.Namespace + "/" + a.Object.Name, Why: a.Why})
	c.applyHPA(a.Object)
	return nil
}

func (c *Cluster) applyHPA(object *autoscalingv2.HorizontalPodAutoscaler) {
	for i, h := range c.hpas {
		if h.Name == object.Name && h.Namespace == object.Namespace {
			c.hpas[i] = object
			return
		}
	}
	c.hpas = append(c.hpas, object)
}

// DeleteHPA takes a HorizontalPodAutoscaler away.
type DeleteHPA struct {
	Namespace, Name string // of the object
}

func (a DeleteHPA) apply(c *Cluster, _ string) error {
	c.hpas = slices.DeleteFunc(c.hpas, func(h *autoscalingv2.HorizontalPodAutoscaler) bool {
		return h.Namespace == a.Namespace && h.Name == a.Name
	})
	return nil
}

// Say adds to the history and does nothing.
type Say struct {
	Object string // whom it is about
	Why    string // what is to be told
}

func (a Say) apply(c *Cluster, by string) error {
	c.note(Record{By: by, What: Said, Object: a.Object, Why: a.Why})
	return nil
}
