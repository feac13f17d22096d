package kube

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// NodeID is the number of a node in a snapshot; nodes count up from 0 in the order in which they were added.
type NodeID int32

// Options are what a snapshot knows beside nodes and pods. The zero value is fine.
type Options struct {
	Volumes    *Volumes            // storage; nil: claims are not looked at
	Namespaces []*corev1.Namespace // for rules that select namespaces by their labels; a missing one has none
	Units      Units               // of resources; default: the scheduler's
	AllLabels  bool                // Classifier.AllLabels: no need to name all pods at the start
}

// Snapshot is a cluster to try things on: which pods are on which nodes, and for any other pod, where it fits. Pods are
// handled by class; placing one and taking it back costs what its own rules cost, whatever the size of the cluster, and
// allocates nothing once the memory has grown. It is for one goroutine at a time.
//
// Changes after [Snapshot.Mark] can be taken back by [Snapshot.Undo]; nothing is copied for that.
type Snapshot struct {
	opts       Options
	classifier Classifier
	classes    []class
	namespaces map[string]map[string]string
	volumes    *volumeIndex

	nodes    []node
	columns  map[corev1.ResourceName]int32
	resource []corev1.ResourceName // by column
	stride   int
	alloc    []int64 // by node and column
	used     []int64

	shapes   map[string]int32 // nodes that are alike to node selection
	shapeOf  []int32          // by node
	nodeKeys map[string]bool  // node labels that some pod reads; true: no shape knows it yet
	fresh    []string         // those
	keyList  []string         // the others, sorted, if few
	text     []byte           // scratch of shape
	found    []string         // scratch of shape

	topologies []topology
	topologyOf map[string]int32
	counters   []counter
	counterOf  map[string]int32
	extents    []extent
	filters    []filter
	demanding  map[pair][]int32 // counters by a label that they demand
	loose      []int32          // counters that demand none
	bearers    map[pair][]Class // classes by label
	indexed    int              // how many classes are in bearers
	filterOf   map[string]int32
	ports      []HostPort
	portOf     map[HostPort]int32
	single     map[string]int32 // users of claims that one pod may use at a time

	log   []change
	marks int

	freed      []freed // room made, for searches to catch up with
	freedEpoch int32
	searched   bool // some search has memory
}

type node struct {
	object  *corev1.Node
	pods    []Class
	ports   []int32
	attach  []attached
	limits  map[string]int64 // volumes by driver; nil: no limits
	maxPods int64
	gone    bool
}

// attached is a volume on a node and how many pods use it.
type attached struct {
	volume VolumeToAttach
	users  int32
}

// NewSnapshot makes an empty snapshot. Name all pods that will ever be asked about, running ones included, or set
// AllLabels: whether two pods are alike depends on which labels others look at.
func NewSnapshot(opts Options, pods ...*corev1.Pod) (*Snapshot, error) {
	s := &Snapshot{
		opts:       opts,
		classifier: Classifier{AllLabels: opts.AllLabels},
		namespaces: map[string]map[string]string{},
		volumes:    newVolumeIndex(opts.Volumes),
		columns:    map[corev1.ResourceName]int32{},
		shapes:     map[string]int32{},
		nodeKeys:   map[string]bool{},
		topologyOf: map[string]int32{},
		counterOf:  map[string]int32{},
		filterOf:   map[string]int32{},
		portOf:     map[HostPort]int32{},
		single:     map[string]int32{},
		demanding:  map[pair][]int32{},
		bearers:    map[pair][]Class{},
	}
	if opts.Units != SchedulerUnits && opts.Units != ExactUnits {
		return nil, fmt.Errorf("%w: options.units: %d", ErrInvalid, opts.Units)
	}
	for i, ns := range opts.Namespaces {
		if ns == nil {
			return nil, fmt.Errorf("%w: options.namespaces[%d]: none", ErrInvalid, i)
		}
		s.namespaces[ns.Name] = ns.Labels
	}
	for i, p := range pods {
		if p == nil {
			return nil, fmt.Errorf("%w: pods[%d]: none", ErrInvalid, i)
		}
		if err := s.classifier.Mention(p); err != nil {
			return nil, fmt.Errorf("pods[%d]: %w", i, err)
		}
	}
	return s, nil
}

// Class returns the class of a pod. The error is for a pod whose rules read labels that no pod named at the start does.
func (s *Snapshot) Class(pod *corev1.Pod) (Class, error) {
	c, err := s.classifier.Class(pod)
	if err != nil {
		return -1, err
	}
	if int(c) == len(s.classes) {
		s.compile(pod)
	}
	return c, nil
}

// Classes is the number of classes seen.
func (s *Snapshot) Classes() int { return len(s.classes) }

// Sample is the first pod of a class.
func (s *Snapshot) Sample(c Class) *corev1.Pod { return s.classes[c].pod }

// Len is the number of nodes ever added, removed ones included: node ids are below it.
func (s *Snapshot) Len() int { return len(s.nodes) }

// Node is the object of a node; nil where it has been removed or never was.
func (s *Snapshot) Node(n NodeID) *corev1.Node {
	if !s.has(n) {
		return nil
	}
	return s.nodes[n].object
}

// Pods are the classes of the pods on a node, in no particular order; not to be modified.
func (s *Snapshot) Pods(n NodeID) []Class {
	if !s.has(n) {
		return nil
	}
	return s.nodes[n].pods
}

// Free is what is left of a resource on a node, in the snapshot's units; negative where more is promised than there is.
// A resource that no pod asked for so far is all free.
func (s *Snapshot) Free(n NodeID, name corev1.ResourceName) int64 {
	if !s.has(n) {
		return 0
	}
	if name == corev1.ResourcePods {
		return s.nodes[n].maxPods - int64(len(s.nodes[n].pods))
	}
	if col, ok := s.columns[name]; ok {
		return s.alloc[int(n)*s.stride+int(col)] - s.used[int(n)*s.stride+int(col)]
	}
	q := s.nodes[n].object.Status.Allocatable[name]
	return s.opts.Units.Capacity(name, &q)
}

// Request is what a pod of a class asks for of a resource, in the snapshot's units.
func (s *Snapshot) Request(c Class, name corev1.ResourceName) int64 {
	col, ok := s.columns[name]
	if !ok {
		return 0
	}
	for _, a := range s.classes[c].amounts {
		if a.column == col {
			return a.amount
		}
	}
	return 0
}

func (s *Snapshot) has(n NodeID) bool { return n >= 0 && int(n) < len(s.nodes) && !s.nodes[n].gone }

// AddNode adds a node without pods.
func (s *Snapshot) AddNode(object *corev1.Node) (NodeID, error) {
	if object == nil {
		return -1, fmt.Errorf("%w: node: none", ErrInvalid)
	}
	n := NodeID(len(s.nodes))
	if len(s.nodes) < cap(s.nodes) {
		s.nodes = s.nodes[:n+1] // keep the memory of a node that was undone
		s.nodes[n].pods, s.nodes[n].ports, s.nodes[n].attach = s.nodes[n].pods[:0], s.nodes[n].ports[:0], s.nodes[n].attach[:0]
	} else {
		s.nodes = append(s.nodes, node{})
	}
	pods := object.Status.Allocatable[corev1.ResourcePods]
	x := &s.nodes[n]
	x.object, x.gone, x.maxPods, x.limits = object, false, SchedulerUnits.Capacity(corev1.ResourcePods, &pods), s.limits(object.Name)
	for col := range s.stride {
		amount := int64(0)
		if col < len(s.resource) {
			amount = s.capacity(object, s.resource[col])
		}
		s.alloc, s.used = append(s.alloc, amount), append(s.used, 0)
	}
	s.shapeOf = append(s.shapeOf, s.shape(object))
	for i := range s.topologies {
		t := &s.topologies[i]
		t.push(object)
	}
	for i := range s.extents {
		s.countNode(&s.extents[i], n, 1)
	}
	s.free(n, -1)
	s.record(change{op: addedNode, node: n})
	return n, nil
}

func (s *Snapshot) capacity(object *corev1.Node, name corev1.ResourceName) int64 {
	q, ok := object.Status.Allocatable[name]
	if !ok {
		return 0
	}
	return s.opts.Units.Capacity(name, &q)
}

func (s *Snapshot) limits(name string) map[string]int64 {
	if s.volumes == nil || s.volumes.nodes[name] == nil {
		return nil
	}
	out := map[string]int64{}
	for _, d := range s.volumes.nodes[name].Spec.Drivers {
		if d.Allocatable != nil && d.Allocatable.Count != nil {
			out[d.Name] = int64(*d.Allocatable.Count)
		}
	}
	return out
}

// RemoveNode takes a node away, with the pods on it. Read [Snapshot.Pods] before to place them elsewhere.
func (s *Snapshot) RemoveNode(n NodeID) error {
	if !s.has(n) {
		return fmt.Errorf("%w: node %d: unknown", ErrInvalid, n)
	}
	s.dropNode(n)
	s.record(change{op: removedNode, node: n})
	return nil
}

func (s *Snapshot) dropNode(n NodeID) {
	for _, c := range s.nodes[n].pods {
		s.bump(c, n, -1)
		s.free(n, c)
	}
	for i := range s.extents {
		s.countNode(&s.extents[i], n, -1)
	}
	s.nodes[n].gone = true
}

func (s *Snapshot) restoreNode(n NodeID) {
	s.nodes[n].gone = false
	s.free(n, -1)
	for i := range s.extents {
		s.countNode(&s.extents[i], n, 1)
	}
	for _, c := range s.nodes[n].pods {
		s.bump(c, n, 1)
	}
}

// Remove takes one pod of a class off a node.
func (s *Snapshot) Remove(c Class, n NodeID) error {
	if !s.has(n) {
		return fmt.Errorf("%w: node %d: unknown", ErrInvalid, n)
	}
	// The latest first: what was tried last is what is taken back.
	for i := len(s.nodes[n].pods) - 1; i >= 0; i-- {
		if s.nodes[n].pods[i] == c {
			s.displace(i, n)
			s.record(change{op: displaced, node: n, class: c, index: int32(i)})
			return nil
		}
	}
	return fmt.Errorf("%w: node %s: no pod of class %d is on it", ErrInvalid, s.nodes[n].object.Name, c)
}

// displace takes the pod at an index off a node; the last one takes its place.
func (s *Snapshot) displace(i int, n NodeID) {
	x := &s.nodes[n]
	c := x.pods[i]
	last := len(x.pods) - 1
	x.pods[i] = x.pods[last]
	x.pods = x.pods[:last]
	s.vacate(&s.classes[c], n, 1)
	s.bump(c, n, -1)
	s.free(n, c)
}
