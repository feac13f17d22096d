package clusterautoscaler

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// world is an input compiled: a snapshot with every node and the pods on it, and who belongs to whom.
type world struct {
	snapshot *kube.Snapshot
	nodes    []nodeInfo
	byName   map[string]int
	groups   []NodeGroup // sorted by ID
	groupOf  []int       // by node: index of its group, -1 for none
	absent   []bool      // by node: it is there, but has not started, so it does not count
	upcoming int         // how many nodes behind those of the cluster are awaited
}

// nodeInfo is a node with its pods; its index is its number in the snapshot.
type nodeInfo struct {
	object  *corev1.Node
	pods    []*corev1.Pod
	classes []kube.Class // of the pods
}

// newWorld compiles a cluster. Pods that are bound to a node, or nominated to one, are on it; others are in nobody's way
// but are known to the snapshot.
func newWorld(c *Cluster, groups []NodeGroup, more ...*corev1.Pod) (*world, error) {
	known := slices.Concat(c.Pods, c.DaemonSets, more)
	for i := range groups {
		if t := groups[i].Template; t != nil {
			known = append(known, t.Pods...)
		}
	}
	snapshot, err := kube.NewSnapshot(kube.Options{Volumes: c.Volumes, Namespaces: c.Namespaces}, known...)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrInvalid, err)
	}
	w := &world{snapshot: snapshot, byName: make(map[string]int, len(c.Nodes)), nodes: make([]nodeInfo, 0, len(c.Nodes))}
	for i, n := range c.Nodes {
		if _, twice := w.byName[n.Name]; twice {
			return nil, fmt.Errorf("%w: cluster.nodes[%d]: node %s is there twice", ErrInvalid, i, n.Name)
		}
		if _, err := snapshot.AddNode(n); err != nil {
			return nil, fmt.Errorf("%w: node %s: %v", ErrInvalid, n.Name, err)
		}
		w.byName[n.Name] = i
		w.nodes = append(w.nodes, nodeInfo{object: n})
	}
	for i, home := range w.homes(c.Pods) {
		if home >= 0 {
			if err := w.bind(c.Pods[i], int(home)); err != nil {
				return nil, err
			}
		}
	}
	w.groups = slices.Clone(groups)
	slices.SortStableFunc(w.groups, func(a, b NodeGroup) int { return strings.Compare(a.ID, b.ID) })
	w.assign()
	return w, nil
}

// homes finds the node of every pod, -1 for none, and makes room for them there, so that binding allocates nothing.
func (w *world) homes(pods []*corev1.Pod) []int32 {
	homes, counts, total := make([]int32, len(pods)), make([]int32, len(w.nodes)), 0
	for i, p := range pods {
		homes[i] = -1
		name := p.Spec.NodeName
		if name == "" {
			name = p.Status.NominatedNodeName
		}
		if name == "" || kube.Finished(p) {
			continue
		}
		if n, ok := w.byName[name]; ok { // R4: whoever checks the input has refused it where it should not be
			homes[i] = int32(n)
			counts[n]++
			total++
		}
	}
	on, classes := make([]*corev1.Pod, total), make([]kube.Class, total)
	from := int32(0)
	for n := range w.nodes {
		to := from + counts[n]
		w.nodes[n].pods, w.nodes[n].classes = on[from:from:to], classes[from:from:to]
		from = to
	}
	return homes
}

// bind puts a pod on a node.
func (w *world) bind(p *corev1.Pod, i int) error {
	c, err := w.snapshot.Class(p)
	if err != nil {
		return fmt.Errorf("%w: pod %s/%s: %v", ErrInvalid, p.Namespace, p.Name, err)
	}
	if err := w.snapshot.Place(c, kube.NodeID(i)); err != nil {
		return fmt.Errorf("%w: pod %s/%s: %v", ErrInvalid, p.Namespace, p.Name, err)
	}
	n := &w.nodes[i]
	n.pods, n.classes = append(n.pods, p), append(n.classes, c)
	return nil
}

// assign finds the group of every node, by its provider ID or, where it has none, by its name.
func (w *world) assign() {
	owner := map[string]int{}
	for g := range w.groups {
		for _, i := range w.groups[g].Instances {
			owner[i.ID] = g
		}
	}
	w.groupOf, w.absent = make([]int, len(w.nodes)), make([]bool, len(w.nodes))
	for i := range w.nodes {
		w.groupOf[i] = -1
		if g, ok := owner[machineID(w.nodes[i].object)]; ok {
			w.groupOf[i] = g
		}
	}
}
