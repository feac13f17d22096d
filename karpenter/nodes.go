package karpenter

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// node is a node of the cluster made ready.
type node struct {
	src    *Node
	index  int32 // in Cluster.nodes
	pool   *pool // nil where it is not managed, or its pool is unknown
	labels shapeID
	shape  shapeID // labels and the host's name
	host   string
	taints []corev1.Taint
	busy   bool // within consolidateAfter (rule 24)

	free    []int64
	unfit   bool // less than nothing is free of something: nothing fits (rule 15)
	ports   []kube.HostPort
	volumes volumeUse
	moved   []*corev1.Pod // pods that are placed elsewhere if the node goes
	movedTo []*class

	pass  int32 // in which it was changed; saved holds how it was
	saved nodeState
	gone  int32 // the pass in which it is removed
}

// nodeState is what placing pods changes of a node.
type nodeState struct {
	shape   shapeID
	free    []int64
	ports   []kube.HostPort
	volumes volumeUse
}

// spot is where pods of a class run, and how many.
type spot struct{ node, count int32 }

// addNodes makes the nodes ready, in the order in which they are tried: initialized ones first, then by name (rule 22).
func (c *Cluster) addNodes() error {
	list := slices.Clone(c.snapshot.Nodes)
	slices.SortStableFunc(list, func(a, b *Node) int {
		if a.Uninitialized != b.Uninitialized {
			if b.Uninitialized {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Object.Name, b.Object.Name)
	})
	for i, src := range list {
		n, err := c.newNode(src)
		if err != nil {
			return err
		}
		n.index = int32(i)
		if _, twice := c.nodeByName[src.Object.Name]; twice {
			return fmt.Errorf("%w: node %s: there are two of the name", ErrInvalid, src.Object.Name)
		}
		c.nodeByName[src.Object.Name] = n
		c.nodes = append(c.nodes, n)
	}
	return nil
}

func (c *Cluster) newNode(src *Node) (*node, error) {
	n := &node{src: src, pool: c.poolByName[src.NodePool], host: src.Object.Labels[corev1.LabelHostname]}
	if n.host == "" {
		n.host = src.Object.Name
	}
	normal := make(map[string]string, len(src.Object.Labels)+1)
	for k, v := range src.Object.Labels {
		normal[kube.NormalizeKey(k)] = v
	}
	n.labels = c.x.shapeOf(kube.LabelRequirements(normal))
	normal[corev1.LabelHostname] = n.host
	n.shape = c.x.shapeOf(kube.LabelRequirements(normal))
	n.taints = nodeTaints(src)
	n.busy = c.underConsolidateAfter(n)
	n.volumes = c.volumeLimits(src)
	return n, nil
}

// nodeTaints are the taints that count. Those that go once a node is ready do not, as long as it is not.
func nodeTaints(src *Node) []corev1.Taint {
	taints := src.Object.Spec.Taints
	if !src.Uninitialized || src.NodePool == "" {
		return taints
	}
	var out []corev1.Taint
	for i := range taints {
		t := &taints[i]
		startup := slices.ContainsFunc(src.StartupTaints, func(s corev1.Taint) bool { return s.MatchTaint(t) })
		if !startup && !ephemeral(t) {
			out = append(out, *t)
		}
	}
	return out
}

// ephemeral tells whether a taint goes by itself once a node is ready.
func ephemeral(t *corev1.Taint) bool {
	switch t.Key {
	case corev1.TaintNodeNotReady:
		return t.Effect == corev1.TaintEffectNoSchedule || t.Effect == corev1.TaintEffectNoExecute
	case corev1.TaintNodeUnreachable, "node.cloudprovider.kubernetes.io/uninitialized":
		return t.Effect == corev1.TaintEffectNoSchedule
	case TaintUnregistered:
		return t.Effect == corev1.TaintEffectNoExecute
	}
	return strings.HasPrefix(t.Key, "readiness.k8s.io/")
}

// underConsolidateAfter tells whether pods came or went too recently (rule 69).
func (c *Cluster) underConsolidateAfter(n *node) bool {
	if n.pool == nil || n.src.Uninitialized {
		return false
	}
	quiet := n.pool.object.Spec.Disruption.ConsolidateAfter
	if quiet.Duration == 0 || quiet.Never || !quiet.Set {
		return false
	}
	since := n.src.LastPodEvent
	if since.IsZero() {
		since = n.src.Initialized
	}
	return c.snapshot.Now.Sub(since) < quiet.Duration
}

// fill takes what a node's pods and its daemons to come use off what it has, and its capacity off its pool's limits.
func (c *Cluster) fill(n *node, classes []*class) {
	have := n.src.Object.Status.Allocatable
	n.free = c.res.offer(have)
	present := make([]bool, len(n.free))
	for name := range have {
		present[c.res.index[name]] = true
	}
	used, daemons := make([]int64, len(n.free)), make([]int64, len(n.free))
	for i, pod := range n.src.Pods {
		if kube.Finished(pod) {
			continue
		}
		k := classes[i]
		addTo(used, k.request)
		if isDaemon(pod) {
			addTo(daemons, k.request)
		}
		n.ports = append(n.ports, k.ports...)
		n.volumes.add(&k.volumes)
	}
	for r, more := range c.daemonsFor(n) {
		used[r] += max(0, more-daemons[r])
	}
	for r := range n.free {
		if present[r] {
			n.free[r] -= used[r]
			n.unfit = n.unfit || n.free[r] < 0
		}
	}
	if p := n.pool; p != nil && !n.src.Deleting {
		p.takeLimits(n, -1)
	}
}

// daemonsFor is what all daemons that a node attracts ask for.
func (c *Cluster) daemonsFor(n *node) []int64 {
	sum := make([]int64, len(c.res.names))
	for _, d := range c.daemons {
		if untolerated(n.taints, d.pod.Spec.Tolerations, d.prefers) == nil && c.x.compatible(n.labels, d.terms[0]) {
			addTo(sum, d.request)
		}
	}
	return sum
}

// suits tells whether a class might be placed on a node when nothing else is: taints, labels, amounts.
func (c *Cluster) suits(d *demand, n *node) bool {
	shape := n.shape
	if n.pass != 0 {
		shape = n.saved.shape
	}
	return untolerated(n.taints, d.tolerations, false) == nil && c.x.compatible(shape, d.shape)
}

// candidates are the nodes that might take a demand in this pass; cleared bits are nodes that turned out not to.
func (c *Cluster) candidates(d *demand) {
	if !d.nodesOK {
		d.nodes = newBitset(len(c.nodes))
		f := d.class.fit
		if !f.nodesOK {
			f.nodes, f.nodesOK = newBitset(len(c.nodes)), true
			for i, n := range c.nodes {
				if !n.src.Deleting && !n.unfit && within(d.class.request, n.freeAtFirst()) {
					f.nodes.set(i)
				}
			}
		}
		for i := range f.nodes.all {
			if c.suits(d, c.nodes[i]) {
				d.nodes.set(i)
			}
		}
		d.nodesOK = true
	}
	d.candidate = append(d.candidate[:0], d.nodes...)
	for _, n := range c.widened {
		d.candidate.set(int(n.index))
	}
}

// freeAtFirst is what was free before this pass.
func (n *node) freeAtFirst() []int64 {
	if n.pass != 0 {
		return n.saved.free
	}
	return n.free
}

// tryNodes places a pod on the first node that takes it: rules 22 to 24.
func (c *Cluster) tryNodes(d *demand, exempt bool) *node {
	if len(c.nodes) == 0 {
		return nil
	}
	if d.pass != c.pass {
		c.enter(d)
	}
	for i := d.candidate.next(0); i >= 0; i = d.candidate.next(i + 1) {
		n := c.nodes[i]
		if n.gone == c.pass || !within(d.class.request, n.free) || conflict(n.ports, d.class.ports) || !n.volumes.takes(&d.class.volumes) {
			d.candidate.clear(i)
			continue
		}
		if n.busy && c.simulating && !exempt && !c.options.Profile.V1_13.BusyDestinations {
			continue
		}
		if shape, ok := c.nodeTakes(d, n); ok {
			c.placeOnNode(d, n, shape)
			return n
		}
	}
	return nil
}

// nodeTakes is the rest of rule 23: labels, volumes, topology.
func (c *Cluster) nodeTakes(d *demand, n *node) (shapeID, bool) {
	base := n.shape
	if n.pass == c.pass && untolerated(n.taints, d.tolerations, false) != nil {
		return 0, false
	}
	if n.pass == c.pass || d.class.volumes.alternatives != nil {
		var ok bool
		if base, ok = c.x.merge(n.shape, d.shape, true); !ok {
			return 0, false
		}
	} else if c.x.addsKeys(n.shape, d.shape) {
		base, _ = c.x.merge(n.shape, d.shape, true)
	}
	at := site{claim: -1, node: n}
	if d.class.volumes.alternatives == nil {
		return c.narrow(d, base, at)
	}
	for _, v := range d.class.volumes.alternatives {
		if s, ok := c.x.merge(base, v, true); ok {
			if s, ok = c.narrow(d, s, at); ok {
				return s, true
			}
		}
	}
	return 0, false
}

// addsKeys tells whether a demand speaks of labels that the offered side does not have.
func (x *interner) addsKeys(offered, demanded shapeID) bool {
	for _, e := range x.shapes[demanded] {
		if x.get(offered, e.key) == 0 {
			return true
		}
	}
	return false
}

// placeOnNode takes what a pod needs off a node.
func (c *Cluster) placeOnNode(d *demand, n *node, shape shapeID) {
	if n.pass != c.pass {
		n.pass = c.pass
		n.saved = nodeState{n.shape, slices.Clone(n.free), slices.Clip(n.ports), n.volumes}
		n.volumes = n.volumes.clone()
		c.changed = append(c.changed, n)
	}
	subtractFrom(n.free, d.class.request)
	n.ports = append(slices.Clip(n.ports), d.class.ports...)
	n.volumes.add(&d.class.volumes)
	if len(c.x.shapes[shape]) > len(c.x.shapes[n.shape]) {
		// What a pod says of a label that the node lacks stays with the node, and may suit later pods.
		c.widened = append(c.widened, n)
		for _, e := range c.entered {
			e.candidate.set(int(n.index))
		}
	}
	n.shape = shape
	c.record(d, site{claim: -1, node: n}, n.taints, shape)
}

// restore takes back what this pass placed on nodes.
func (c *Cluster) restoreNodes() {
	for _, n := range c.changed {
		n.shape, n.free, n.ports, n.volumes = n.saved.shape, n.saved.free, n.saved.ports, n.saved.volumes
		n.pass, n.saved = 0, nodeState{}
	}
	c.changed, c.widened = c.changed[:0], c.widened[:0]
}
