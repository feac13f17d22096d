package karpenter

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
)

// Cluster is a snapshot made ready to be asked many times. What is asked is tried on it and taken back, so that asking
// costs what the pods moved cost, whatever the size of the cluster. It is for one goroutine at a time, and the snapshot
// must not change meanwhile.
type Cluster struct {
	snapshot *Snapshot
	options  Options

	x          *interner
	res        *resources
	cpu        int
	memory     int
	zero       []int64
	storage    *storage
	namespaces map[string]map[string]string
	pdbs       pdbs

	classifier kube.Classifier
	classes    []*class
	fitClasses map[string]*fitClass

	catalogs    map[string]*catalog
	pools       []*pool // by weight
	poolByName  map[string]*pool
	domainPools []*pool // those that have a say in which domains there are
	usable      []*pool // those that claims are made of
	daemons     []*daemon
	prefer      bool // some pool has a PreferNoSchedule taint

	nodes      []*node
	nodeByName map[string]*node
	standing   []item // pending pods, and those of deleting nodes

	domainKeys map[string]*domains
	families   map[string]*family
	exact      map[string]*group
	groups     []*group

	reservations map[string]int // what is left, by id; nil where there are none

	translated map[shapeID]kube.Requirements

	pass       int32
	version    int
	simulating bool
	busyToo    bool // busy nodes take pods of nodes removed, too
	fallback   bool
	items      []item
	claims     []*claim
	order      order
	left       bitset
	bars       bitset
	pinned     []*pinned
	nums       []int32
	journal    []change
	changed    []*node
	widened    []*node
	removed    []*node
	entered    []*demand
	spenders   []*pool
	loose      bool // some pod demands the absence of a label of one's own
	explained  int  // places asked again for explanations
}

// Compile makes a snapshot ready. The error says what in it makes no sense, and wraps ErrInvalid; a pod that makes no
// sense is not an error, but fails with the reason.
func Compile(s *Snapshot, o Options) (*Cluster, error) {
	if s == nil {
		return nil, fmt.Errorf("%w: snapshot: is nil", ErrInvalid)
	}
	if err := s.validate(); err != nil {
		return nil, err
	}
	if err := o.validate(); err != nil {
		return nil, err
	}
	wellKnown := o.WellKnownLabels
	if wellKnown == nil {
		wellKnown = WellKnownLabels()
	}
	if o.MaxInstanceTypes <= 0 {
		o.MaxInstanceTypes = 600
	}
	c := &Cluster{
		snapshot: s, options: o,
		x: newInterner(wellKnown), res: newResources(), storage: newStorage(s.Volumes),
		namespaces: map[string]map[string]string{}, fitClasses: map[string]*fitClass{},
		catalogs: map[string]*catalog{}, poolByName: map[string]*pool{}, nodeByName: map[string]*node{},
		domainKeys: map[string]*domains{}, families: map[string]*family{}, exact: map[string]*group{},
		translated: map[shapeID]kube.Requirements{},
	}
	for _, n := range s.Namespaces {
		c.namespaces[n.Name] = n.Labels
	}
	c.noteResources()
	if err := c.addPools(wellKnown); err != nil {
		return nil, err
	}
	if err := c.addNodes(); err != nil {
		return nil, err
	}
	if err := c.addPods(); err != nil {
		return nil, err
	}
	return c, nil
}

// noteResources numbers every resource that is named anywhere.
func (c *Cluster) noteResources() {
	s := c.snapshot
	c.res.note(corev1.ResourceList{corev1.ResourceCPU: {}, corev1.ResourceMemory: {}})
	c.cpu, c.memory = c.res.index[corev1.ResourceCPU], c.res.index[corev1.ResourceMemory]
	for _, p := range s.NodePools {
		c.res.note(p.Spec.Limits)
	}
	for _, types := range s.InstanceTypes {
		c.noteTypes(types)
	}
	for _, list := range [][]*corev1.Pod{s.Pending, s.DaemonSets} {
		for _, pod := range list {
			c.notePod(pod)
		}
	}
	for _, n := range s.Nodes {
		c.res.note(n.Object.Status.Allocatable)
		c.res.note(n.Object.Status.Capacity)
		for _, pod := range n.Pods {
			c.notePod(pod)
		}
	}
	c.zero = make([]int64, len(c.res.names))
}

func (c *Cluster) noteTypes(types []*cloudprovider.InstanceType) {
	for _, t := range types {
		c.res.note(t.Capacity)
		c.res.note(t.Overhead)
		for i := range t.Offerings {
			c.res.note(t.Offerings[i].Capacity)
			c.res.note(t.Offerings[i].Overhead)
		}
	}
}

func (c *Cluster) notePod(pod *corev1.Pod) {
	for i := range pod.Spec.Containers {
		c.res.note(pod.Spec.Containers[i].Resources.Requests)
	}
	for i := range pod.Spec.InitContainers {
		c.res.note(pod.Spec.InitContainers[i].Resources.Requests)
	}
	c.res.note(pod.Spec.Overhead)
	if pod.Spec.Resources != nil {
		c.res.note(pod.Spec.Resources.Requests)
	}
	for _, statuses := range [][]corev1.ContainerStatus{pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses} {
		for i := range statuses {
			c.res.note(statuses[i].AllocatedResources)
			if statuses[i].Resources != nil {
				c.res.note(statuses[i].Resources.Requests)
			}
		}
	}
}

// addPools makes NodePools, their types and daemons ready.
func (c *Cluster) addPools(wellKnown []string) error {
	s := c.snapshot
	for name, types := range s.InstanceTypes {
		c.catalogs[name] = newCatalog(c.x, c.res, types, wellKnown, c.options.Profile.OverridesReplace)
	}
	c.addReservations()
	for _, object := range s.NodePools {
		if c.poolByName[object.Name] != nil {
			return fmt.Errorf("%w: NodePool %s: there are two of the name", ErrInvalid, object.Name)
		}
		p, err := c.newPool(object)
		if err != nil {
			return err
		}
		c.poolByName[object.Name] = p
		c.pools = append(c.pools, p)
	}
	orderPools(c.pools)
	for _, pod := range s.DaemonSets {
		d, err := c.newDaemon(pod)
		if err != nil {
			return err
		}
		c.daemons = append(c.daemons, d)
	}
	for i, p := range c.pools {
		p.number = int32(i)
		switch p.skipped {
		case PoolStatic, PoolNotReady, PoolDeleting:
			continue
		}
		c.prefer = c.prefer || p.prefer
		if p.skipped == PoolWithoutTypes {
			continue
		}
		c.domainPools = append(c.domainPools, p)
		if p.skipped == "" {
			c.usable = append(c.usable, p)
			c.addDaemons(p)
			p.sortRoom(len(c.zero))
			p.fresh = claim{
				pool: p, shape: p.shape, need: c.zero, floor: slices.Clone(c.zero), most: slices.Clone(c.zero),
				low: make([]int32, len(c.zero)), high: make([]int32, len(c.zero)),
			}
		}
	}
	return nil
}

// addReservations notes how much is left of each reservation: the least that is said of it (rule 45).
func (c *Cluster) addReservations() {
	for _, cat := range c.catalogs {
		for _, t := range cat.types {
			for i := range t.Offerings {
				o := &t.Offerings[i]
				if o.CapacityType != cloudprovider.Reserved {
					continue
				}
				if c.reservations == nil {
					c.reservations = map[string]int{}
				}
				if n, ok := c.reservations[o.ReservationID]; !ok || o.ReservationCapacity < n {
					c.reservations[o.ReservationID] = o.ReservationCapacity
				}
			}
		}
	}
}

func (c *Cluster) newDaemon(pod *corev1.Pod) (*daemon, error) {
	d := &daemon{pod: pod, amounts: kube.Requests(pod), ports: hostPorts(pod)}
	d.amounts = plus(d.amounts, corev1.ResourceList{corev1.ResourcePods: *resource.NewQuantity(1, resource.DecimalExponent)})
	d.request = c.res.demand(d.amounts)
	copied := pod
	for {
		_, strict, err := podRequirements(copied, true)
		if err != nil {
			return nil, fmt.Errorf("%w: DaemonSet pod %s/%s: %w", ErrInvalid, pod.Namespace, pod.Name, err)
		}
		d.terms = append(d.terms, c.x.shapeOf(strict))
		copied = copied.DeepCopy()
		if copied.Spec.Affinity == nil {
			return d, nil
		}
		if _, ok := relaxRequired(copied.Spec.Affinity); !ok {
			return d, nil
		}
	}
}

// addPods sorts all pods into classes, fills the nodes, and notes who is to be placed whatever is asked.
func (c *Cluster) addPods() error {
	s := c.snapshot
	for _, pod := range s.Pending {
		_ = c.classifier.Mention(pod)
	}
	for _, n := range c.nodes {
		for _, pod := range n.src.Pods {
			_ = c.classifier.Mention(pod)
		}
	}
	var err error
	if c.pdbs, err = newPDBs(s.PDBs); err != nil {
		return err
	}
	for _, n := range c.nodes {
		classes := make([]*class, len(n.src.Pods))
		for i, pod := range n.src.Pods {
			k, err := c.classOf(pod)
			if err != nil {
				return err
			}
			classes[i] = k
			moves := c.moves(pod)
			if moves {
				n.moved, n.movedTo = append(n.moved, pod), append(n.movedTo, k)
			}
			if moves && n.src.Deleting || !runs(pod) {
				continue
			}
			if m := len(k.running); m > 0 && k.running[m-1].node == n.index {
				k.running[m-1].count++
			} else {
				k.running = append(k.running, spot{n.index, 1})
			}
		}
		c.fill(n, classes)
	}
	for _, pod := range s.Pending {
		k, err := c.classOf(pod)
		if err != nil {
			return err
		}
		c.standing = append(c.standing, item{pod: pod, class: k, exempt: true, ours: true, refusal: notProvisionable(pod)})
	}
	c.addInverse()
	for _, n := range c.nodes {
		if n.src.Deleting {
			for i, pod := range n.moved {
				c.standing = append(c.standing, item{pod: pod, class: n.movedTo[i], from: n.src.Object.Name, exempt: true, ours: true})
			}
		}
	}
	return nil
}

// addInverse takes up the required anti-affinity of running pods (rule 57).
func (c *Cluster) addInverse() {
	for _, n := range c.nodes {
		for _, pod := range n.src.Pods {
			if a := pod.Spec.Affinity; a == nil || a.PodAntiAffinity == nil || kube.Finished(pod) || n.src.Deleting && c.moves(pod) {
				continue
			}
			k, err := c.classOf(pod)
			if err != nil {
				continue
			}
			for _, g := range c.inverseOf(k) {
				g.owners++
				if d, ok := g.key.ofNode(n, false); ok {
					g.add(d, 1)
				}
			}
		}
	}
}

func (c *Cluster) classOf(pod *corev1.Pod) (*class, error) {
	number, err := c.classifier.Class(pod)
	if err != nil {
		return nil, fmt.Errorf("%w: pod %s/%s: %w", ErrInvalid, pod.Namespace, pod.Name, err)
	}
	if int(number) == len(c.classes) {
		c.classes = append(c.classes, c.newClass(int32(number), pod))
	}
	return c.classes[number], nil
}

// Provision is [Provision] on a snapshot that is compiled already.
func (c *Cluster) Provision() Plan {
	c.begin()
	c.run(slices.Clone(c.standing))
	plan := c.plan()
	if c.options.Packing == Cheapest {
		c.cheapen(&plan)
	}
	c.end()
	return plan
}

// Simulate is [Simulate] on a snapshot that is compiled already.
func (c *Cluster) Simulate(remove ...string) (Plan, error) {
	nodes := make([]*node, len(remove))
	for i, name := range remove {
		n := c.nodeByName[name]
		switch {
		case n == nil:
			return Plan{}, fmt.Errorf("%w: node %s: is not in the snapshot", ErrInvalid, name)
		case n.src.Deleting:
			return Plan{}, fmt.Errorf("%w: node %s: is marked for deletion already", ErrInvalid, name)
		case slices.Contains(nodes[:i], n):
			return Plan{}, fmt.Errorf("%w: node %s: is named twice", ErrInvalid, name)
		}
		nodes[i] = n
	}
	c.simulating = true
	var items []item
	pending := len(c.snapshot.Pending)
	items = append(items, c.standing[:pending]...)
	c.removed = append(c.removed[:0], nodes...)
	for _, n := range nodes {
		if n.pool != nil {
			n.pool.takeLimits(n, 1)
		}
	}
	c.begin()
	for _, n := range nodes {
		n.gone = c.pass
		c.forget(n)
		for i, pod := range n.moved {
			items = append(items, item{pod: pod, class: n.movedTo[i], from: n.src.Object.Name})
		}
	}
	items = append(items, c.standing[pending:]...)
	c.run(items)
	plan := c.plan()
	c.end()
	return plan, nil
}

// Provision says where each pending pod goes, and which nodes are to be created for that. Pods of nodes that are marked
// for deletion are placed with the pending ones.
func Provision(s *Snapshot, o Options) (Plan, error) {
	c, err := Compile(s, o)
	if err != nil {
		return Plan{}, err
	}
	return c.Provision(), nil
}

// Simulate says where the pods of the nodes named would go without these nodes: rule 70. The pending pods and those of
// nodes marked for deletion are placed with them. Reservations are no obstacle there (Options.ReservedFallback), and a
// node that has been busy lately (consolidateAfter) takes no pods of the nodes removed. A pod that lands on a node that is
// not initialized has its place and a failure as well, unless it comes from a node marked for deletion.
//
// It fails with an error for a node that does not exist or is marked for deletion already.
func Simulate(s *Snapshot, remove []string, o Options) (Plan, error) {
	c, err := Compile(s, o)
	if err != nil {
		return Plan{}, err
	}
	return c.Simulate(remove...)
}
