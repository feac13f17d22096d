package karpenter

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// StaticScale is what a NodePool that holds a number of nodes does about that number.
type StaticScale struct {
	NodePool string           `json:"nodePool"`          // its name
	Replicas int64            `json:"replicas"`          // nodes wanted
	Running  int              `json:"running"`           // nodes and claims that are there, those on their way out aside
	Leaving  int              `json:"leaving"`           // nodes marked for deletion or with a command under way
	Create   int              `json:"create,omitempty"`  // nodes to create
	Delete   []StaticDeletion `json:"delete,omitempty"`  // what to delete, in order
	Limited  bool             `json:"limited,omitempty"` // the pool's limit on nodes keeps it from creating more
}

// StaticDeletion is a claim or node to delete, and which kind it is of.
type StaticDeletion struct {
	Name string     `json:"name"` // of the claim that has not been launched, or of the node
	Kind StaticKind `json:"kind"` // why it is among the first to go
	Cost float64    `json:"cost"` // its old disruption cost, where it has pods
}

// StaticKind is what a node of a static pool is like to those who take it away.
type StaticKind string

// The kinds, the first to go first (rule 86).
const (
	StaticUnlaunched StaticKind = "Unlaunched" // a claim without a machine
	StaticEmpty      StaticKind = "Empty"      // without pods but those of DaemonSets, none of them protected
	StaticPlain      StaticKind = "Plain"      // with pods, none of them protected
	StaticProtected  StaticKind = "Protected"  // with a pod that is not to be disrupted
)

// String says it in one line.
func (s StaticScale) String() string {
	text := fmt.Sprintf("%s: %d of %d nodes", s.NodePool, s.Running, s.Replicas)
	switch {
	case len(s.Delete) > 0:
		text += fmt.Sprintf(", delete %d, first %s (%s)", len(s.Delete), s.Delete[0].Name, s.Delete[0].Kind)
	case s.Create > 0:
		text += fmt.Sprintf(", create %d", s.Create)
	}
	if s.Limited {
		text += ", limit on nodes reached"
	}
	return text
}

// ScaleStatic says how many nodes a pool with replicas creates, or which it deletes (rule 86): claims that have not been launched,
// whose names are given, then empty nodes, then those without protected pods before those with, cheapest to disrupt
// first. Budgets do not matter. It fails for a pool that is not in the snapshot or has no replicas.
func ScaleStatic(s *Snapshot, pool string, unlaunched []string, o Options) (StaticScale, error) {
	d, err := newSurvey(s, o)
	if err != nil {
		return StaticScale{}, err
	}
	p := d.pools[pool]
	if p == nil || p.object.Spec.Replicas == nil {
		return StaticScale{}, fmt.Errorf("%w: NodePool %s: is not there or has no replicas", ErrInvalid, pool)
	}
	out := StaticScale{NodePool: pool, Replicas: *p.object.Spec.Replicas, Running: len(unlaunched)}
	var deletions []StaticDeletion
	for _, name := range unlaunched {
		deletions = append(deletions, StaticDeletion{Name: name, Kind: StaticUnlaunched})
	}
	for i := range d.nodes {
		n := &d.nodes[i]
		switch {
		case n.pool != p:
		case n.Candidate.node.Deleting || n.Candidate.node.Disrupting:
			out.Leaving++
		default:
			out.Running++
			kind := staticKind(n.Candidate.node, s.Now)
			del := StaticDeletion{Name: n.Node, Kind: kind}
			if kind != StaticEmpty {
				del.Cost = n.DisruptionCost
			}
			deletions = append(deletions, del)
		}
	}
	if excess := int64(out.Running) - out.Replicas; excess > 0 {
		slices.SortStableFunc(deletions, func(a, b StaticDeletion) int {
			return cmp.Or(cmp.Compare(a.Kind.rank(), b.Kind.rank()), cmp.Compare(a.Cost, b.Cost))
		})
		out.Delete = deletions[:min(int64(len(deletions)), excess)]
		return out, nil
	}
	out.create(p.object)
	return out, nil
}

// create counts what is missing. While nodes are being replaced, these count as there.
func (s *StaticScale) create(pool *NodePool) {
	if int64(s.Running+s.Leaving) >= s.Replicas {
		return
	}
	missing, room := s.Replicas-int64(s.Running), int64(math.MaxInt64)
	if limit, ok := pool.Spec.Limits["nodes"]; ok {
		room = max(0, limit.Value()-int64(s.Running+s.Leaving))
	}
	s.Limited = room < missing
	s.Create = int(min(missing, room, math.MaxInt32))
}

func (k StaticKind) rank() int {
	return slices.Index([]StaticKind{StaticUnlaunched, StaticEmpty, StaticPlain, StaticProtected}, k)
}

// staticKind tells what a node is like. Here even a pod that has ended protects it.
func staticKind(n *Node, now time.Time) StaticKind {
	kind := StaticEmpty
	for _, p := range n.Pods {
		if protects(p, now) {
			return StaticProtected
		}
		if !isDaemon(p) {
			kind = StaticPlain
		}
	}
	return kind
}

// protects tells whether the annotation of a pod holds, whether or not the pod is still active.
func protects(p *corev1.Pod, now time.Time) bool {
	live := corev1.Pod{Status: corev1.PodStatus{StartTime: p.Status.StartTime}}
	live.Annotations = p.Annotations
	return DoNotDisrupt(&live, now).Active
}
