package clusterautoscaler

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// Estimation is how many nodes pods need.
type Estimation struct {
	Nodes  int   `json:"nodes"`  // that hold at least one of the pods (R34)
	Placed []int `json:"placed"` // by group: how many of its pods, counted from the first, have a place
	// Existing is how many of the nodes were there already: pods with a spread over hosts went there (R31), and upstream
	// counts those nodes too.
	Existing int   `json:"existing,omitempty"`
	Empty    int   `json:"empty,omitempty"` // nodes that were added and stayed empty
	Limit    Limit `json:"limit,omitempty"` // what ended it early
	FastPath int   `json:"fastPath"`        // the group that was extrapolated; -1: none

	alike []PlacedGroup // the pods with a place, those of a class together: all ask for the same
}

// Pods is how many pods have a place.
func (e *Estimation) Pods() int {
	n := 0
	for _, p := range e.Placed {
		n += p
	}
	return n
}

// EstimateInput is what an estimate depends on.
type EstimateInput struct {
	Snapshot *kube.Snapshot // the cluster; as it was when the estimate is done
	Template *Template      // of the nodes to add
	Groups   []PodGroup     // in the order in which ties are kept
	Limits   Limits         // bounds of what is added
	FastPath bool           // fastpath-binpacking-enabled (R37)
	Profile  Profile        // which defects are left out
	// From is where circular searches begin: behind the node that matched last (N2). Pass Estimator's in turn.
	From int
}

// Estimate says how many nodes of a template hold the pods that the template's nodes can hold: first fit, the groups that ask
// for most first (R28 to R39). The error wraps [ErrInvalid].
func Estimate(in EstimateInput) (Estimation, error) {
	e, err := newEstimator(in)
	if err != nil {
		return Estimation{}, err
	}
	mark := in.Snapshot.Mark()
	defer in.Snapshot.Undo(mark)
	return e.run()
}

// Schedulable tells which groups a fresh node of a template can hold, judged by their first pods (R27), and why the others
// cannot be held. The snapshot is left as it was.
func Schedulable(s *kube.Snapshot, t *Template, groups []PodGroup) ([]kube.Why, error) {
	mark := s.Mark()
	defer s.Undo(mark)
	e := estimator{s: s, in: EstimateInput{Template: t}}
	if err := e.daemonClasses(); err != nil {
		return nil, err
	}
	n, err := e.add()
	if err != nil {
		return nil, err
	}
	out := make([]kube.Why, len(groups))
	for i := range groups {
		c, err := s.Class(groups[i].Pods[0])
		if err != nil {
			return nil, err
		}
		if !s.Fits(c, n) {
			out[i] = s.Why(c, n)
		}
	}
	return out, nil
}

// estimator is one run.
type estimator struct {
	in      EstimateInput
	s       *kube.Snapshot
	classes []kube.Class // by group
	daemons []kube.Class
	first   kube.NodeID // the first new node
	last    kube.NodeID // the last one; -1 before
	cursor  int         // the node that matched last (N2)
	limiter limiter
	used    []bool // by node
	out     Estimation
}

func newEstimator(in EstimateInput) (*estimator, error) {
	switch {
	case in.Snapshot == nil:
		return nil, fmt.Errorf("%w: snapshot: is missing", ErrInvalid)
	case in.Template == nil || in.Template.Node == nil:
		return nil, fmt.Errorf("%w: template: is missing", ErrInvalid)
	}
	if err := in.Limits.validate(); err != nil {
		return nil, err
	}
	e := &estimator{in: in, s: in.Snapshot, first: kube.NodeID(in.Snapshot.Len()), last: -1, cursor: in.From, limiter: newLimiter(in.Limits)}
	e.used = make([]bool, e.first, int(e.first)+64)
	e.classes = make([]kube.Class, len(in.Groups))
	for i := range in.Groups {
		if len(in.Groups[i].Pods) == 0 {
			return nil, fmt.Errorf("%w: groups[%d].pods: is empty", ErrInvalid, i)
		}
		c, err := e.s.Class(in.Groups[i].Pods[0])
		if err != nil {
			return nil, fmt.Errorf("%w: groups[%d]: %v", ErrInvalid, i, err)
		}
		e.classes[i] = c
	}
	return e, e.daemonClasses()
}

func (e *estimator) daemonClasses() error {
	for _, p := range e.in.Template.Pods {
		c, err := e.s.Class(p)
		if err != nil {
			return fmt.Errorf("%w: template: pod %s/%s: %v", ErrInvalid, p.Namespace, p.Name, err)
		}
		e.daemons = append(e.daemons, c)
	}
	return nil
}

// run places the groups one after another.
func (e *estimator) run() (Estimation, error) {
	e.out = Estimation{Placed: make([]int, len(e.in.Groups)), FastPath: -1}
	order := e.order()
	if e.in.FastPath {
		if at := e.fastest(order); at >= 0 {
			g := order[at]
			order = append(slices.Delete(order, at, at+1), g)
			e.out.FastPath = g
		}
	}
	for _, g := range order {
		if err := e.place(g); err != nil {
			return Estimation{}, err
		}
	}
	for n, used := range e.used {
		switch {
		case used && n < int(e.first):
			e.out.Existing++
		case used:
			e.out.Nodes++
		case n >= int(e.first):
			e.out.Empty++
		}
	}
	if !e.in.Profile.CountNewNodesOnly {
		e.out.Nodes += e.out.Existing // R34
	}
	e.out.Limit = e.limiter.refused
	e.out.alike = e.alike()
	return e.out, nil
}

// alike puts the pods that have a place together by class.
func (e *estimator) alike() []PlacedGroup {
	var out []PlacedGroup
	at := make([]int, e.s.Classes())
	for g, count := range e.out.Placed {
		c := e.classes[g]
		if count > 0 && at[c] == 0 {
			out = append(out, PlacedGroup{Group: &e.in.Groups[g]})
			at[c] = len(out)
		}
		if count > 0 {
			out[at[c]-1].Count += count
		}
	}
	return out
}

// order is R28: by how much of a node the first pod asks for, most first.
func (e *estimator) order() []int {
	scores := make([]float64, len(e.in.Groups))
	order := make([]int, len(scores))
	byClass := make([]float64, e.s.Classes())
	for i := range byClass {
		byClass[i] = -1
	}
	for i, c := range e.classes {
		if byClass[c] < 0 {
			byClass[c] = e.score(e.in.Groups[i].Pods[0])
		}
		order[i], scores[i] = i, byClass[c]
	}
	less := func(i, j int) bool { return scores[order[i]] > scores[order[j]] }
	if len(order) <= unstable {
		sort.SliceStable(order, less)
	} else {
		sort.Slice(order, less)
	}
	return order
}

func (e *estimator) score(pod *corev1.Pod) float64 {
	requests, have := kube.Requests(pod), e.in.Template.Node.Status.Allocatable
	score := 0.0
	if cpu := have[corev1.ResourceCPU]; cpu.MilliValue() > 0 {
		q := requests[corev1.ResourceCPU]
		score += float64(q.MilliValue()) / float64(cpu.MilliValue())
	}
	if memory := have[corev1.ResourceMemory]; memory.Value() > 0 {
		q := requests[corev1.ResourceMemory]
		score += float64(q.Value()) / float64(memory.Value())
	}
	return score
}

// place finds places for a group: on new nodes that are there, then on fresh ones.
func (e *estimator) place(g int) error {
	c, left := e.classes[g], len(e.in.Groups[g].Pods)
	left -= e.onNewNodes(c, left) // R29
	var err error
	if g == e.out.FastPath {
		left, err = e.extrapolate(c, left)
	} else {
		left, err = e.onFreshNodes(c, g, left)
	}
	e.out.Placed[g] = len(e.in.Groups[g].Pods) - left
	return err
}

// onNewNodes places pods on nodes added before, each on the next that fits, until one fits on none.
func (e *estimator) onNewNodes(c kube.Class, count int) int {
	placed := 0
	for ; placed < count && e.search(c, e.first, kube.NodeID(e.s.Len())); placed++ {
	}
	return placed
}

// search places a pod on a node from..end-1, going around from behind the last match.
func (e *estimator) search(c kube.Class, from, end kube.NodeID) bool {
	if from >= end {
		return false
	}
	n := e.s.FirstFitIn(c, kube.NodeID((e.cursor+1)%e.s.Len()), from, end)
	if n < 0 || e.s.Place(c, n) != nil {
		return false
	}
	e.used[n], e.cursor = true, int(n)
	return true
}

// onFreshNodes is R30: fill the last node, then ask for another.
func (e *estimator) onFreshNodes(c kube.Class, g, left int) (int, error) {
	for left > 0 && e.limiter.refused == NoLimit {
		if e.last >= 0 {
			if filled := e.s.Fill(c, e.last, left); filled > 0 {
				e.used[e.last] = true
				left -= filled
				continue
			}
			if e.hostSpreadFails(c, g) && e.search(c, 0, e.last) { // R31
				left--
				continue
			}
			if !e.used[e.last] {
				break // a fresh node would not do either
			}
		}
		if !e.limiter.grant() {
			break
		}
		n, err := e.add()
		if err != nil {
			return left, err
		}
		if !e.s.Fits(c, n) {
			break
		}
	}
	return left, nil
}

// hostSpreadFails tells whether it is a spread over hosts that keeps a group off the last node.
func (e *estimator) hostSpreadFails(c kube.Class, g int) bool {
	spec := &e.in.Groups[g].Pods[0].Spec
	for i := range spec.TopologySpreadConstraints {
		if spec.TopologySpreadConstraints[i].TopologyKey == corev1.LabelHostname {
			why := e.s.Why(c, e.last)
			return len(why) > 0 && (why[0].Rule == kube.TopologySkew || why[0].Rule == kube.TopologyLabel)
		}
	}
	return false
}

// add adds a node of the template with its pods.
func (e *estimator) add() (kube.NodeID, error) {
	node := *e.in.Template.Node
	node.Name = node.Name + "-new-" + strconv.Itoa(e.s.Len())
	node.Labels = maps.Clone(node.Labels)
	if node.Labels == nil {
		node.Labels = map[string]string{}
	}
	node.Labels[corev1.LabelHostname] = node.Name
	id, err := e.s.AddNode(&node)
	if err != nil {
		return id, fmt.Errorf("%w: template: %v", ErrInvalid, err)
	}
	for _, c := range e.daemons {
		if err := e.s.Place(c, id); err != nil {
			return id, fmt.Errorf("%w: template: %v", ErrInvalid, err)
		}
	}
	e.last, e.used = id, append(e.used, false)
	return id, nil
}
