package sim

import (
	"context"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
)

// node is one node.
type node struct {
	object   *corev1.Node
	id       kube.NodeID
	instance string // empty outside the cloud
	group    string
	pods     []*pod
	daemons  int // of those
	joined   time.Duration
	touched  time.Duration // when a pod came or went last
	gone     bool
}

// addNode takes a node in and gives it its daemons.
func (c *Cluster) addNode(object *corev1.Node, instance, group string) error {
	id, err := c.snapshot.AddNode(object)
	if err != nil {
		return err
	}
	n := &node{object: object, id: id, instance: instance, group: group, joined: c.now, touched: c.now}
	c.nodes = append(c.nodes, n)
	c.byID = append(c.byID, n)
	c.byName[object.Name] = n
	c.nodeGeneration++
	c.note(Record{By: "cloud", What: NodeJoined, Object: object.Name, Why: group})
	for _, w := range c.workloads {
		if w.created && w.Kind == DaemonSet {
			c.daemon(w, n)
		}
	}
	c.freed = append(c.freed, n)
	return nil
}

// daemons starts the pod of a DaemonSet on every node that lacks it.
func (c *Cluster) daemons(w *workload) {
	has := make(map[*node]bool, len(w.pods))
	for _, p := range w.pods {
		has[p.on] = true
	}
	for _, n := range c.nodes {
		if !has[n] {
			c.daemon(w, n)
		}
	}
}

// daemon starts the pod of a DaemonSet on a node that takes it.
func (c *Cluster) daemon(w *workload, n *node) {
	s, err := c.admit(w)
	if err != nil {
		c.note(Record{What: Refused, Object: w.key, Why: err.Error()})
		return
	}
	if c.snapshot.Fits(s.class, n.id) {
		c.bind(c.newPod(w, s), n)
	}
}

// removeNode takes a node out; its pods are lost, and workloads make others.
func (c *Cluster) removeNode(n *node, by, why string) {
	for len(n.pods) > 0 {
		p := n.pods[len(n.pods)-1]
		c.notePod(PodDeleted, p, by, "node is gone")
		c.discard(p)
	}
	c.forget(n)
	c.note(Record{By: by, What: NodeLeft, Object: n.object.Name, Why: why})
}

// forget takes an empty node out of all lists.
func (c *Cluster) forget(n *node) {
	n.gone = true
	c.must(c.snapshot.RemoveNode(n.id))
	c.nodes = slices.Delete(c.nodes, slices.Index(c.nodes, n), slices.Index(c.nodes, n)+1)
	delete(c.byName, n.object.Name)
	c.nodeGeneration++
}

// changeNode replaces the object of a node, such as for a taint; its pods stay.
func (c *Cluster) changeNode(n *node, object *corev1.Node) error {
	if err := c.snapshot.RemoveNode(n.id); err != nil {
		return err
	}
	id, err := c.snapshot.AddNode(object)
	if err != nil {
		return err
	}
	n.id, n.object = id, object
	c.byID = append(c.byID, n)
	for _, p := range n.pods {
		if err := c.snapshot.Place(p.shape.class, id); err != nil {
			return err
		}
	}
	c.nodeGeneration++
	c.freed = append(c.freed, n)
	return nil
}

// drain evicts what runs on a node but daemons, in order of age; false where a budget keeps one.
func (c *Cluster) drain(n *node, by, why string) bool {
	pods := slices.Clone(n.pods)
	slices.SortFunc(pods, func(a, b *pod) int { return int(a.serial) - int(b.serial) })
	for _, p := range pods {
		if p.of.Kind != DaemonSet && !c.evict(p, by, why) {
			return false
		}
	}
	return true
}

// advanceCloud takes in what happened in the cloud.
func (c *Cluster) advanceCloud() {
	for _, e := range c.cloud.Advance(c.Now()) {
		switch e.Kind {
		case cloudprovider.InstanceJoined:
			c.join(e.Instance, e.Group)
		case cloudprovider.InstanceTerminated:
			if n := c.byName["ip-"+e.Instance]; n != nil && n.instance == e.Instance {
				c.removeNode(n, "cloud", "instance was terminated")
			}
		case cloudprovider.InstanceInterrupted, cloudprovider.CapacityExhausted:
			c.note(Record{By: "cloud", What: CloudEvent, Object: e.Instance, Why: string(e.Kind) + " " + e.Offering.String()})
		}
	}
}

func (c *Cluster) join(instance, group string) {
	object, err := c.cloud.NodeOf(instance)
	if err == nil {
		err = c.addNode(object, instance, group)
	}
	if err != nil {
		c.note(Record{By: "cloud", What: Refused, Object: instance, Why: err.Error()})
	}
}

// joinFirst takes in the nodes that groups begin with.
func (c *Cluster) joinFirst() error {
	all, err := c.cloud.Instances(context.Background())
	if err != nil {
		return err
	}
	for _, i := range all {
		c.join(i.ID, i.Group)
	}
	return nil
}
