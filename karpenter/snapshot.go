package karpenter

import (
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
)

// ErrInvalid is what every error of this package wraps: the input makes no sense, and the text names object, field and
// value.
var ErrInvalid = errors.New("invalid input")

// Snapshot is everything that a decision depends on. It is never modified. Zero values mean that there is nothing of the
// kind.
type Snapshot struct {
	Now       time.Time   // the time of the decision
	NodePools []*NodePool // in any order
	// InstanceTypes are what each NodePool can launch, by its name; those under the empty name are for every other pool.
	InstanceTypes map[string][]*cloudprovider.InstanceType
	Nodes         []*Node                         // those of NodePools, and others, which only take pods; in any order
	Pending       []*corev1.Pod                   // pods that wait for a node
	DaemonSets    []*corev1.Pod                   // a pod of each DaemonSet, as its template makes it
	PDBs          []*policyv1.PodDisruptionBudget // pods that must not be evicted stay where they are
	Namespaces    []*corev1.Namespace             // for rules that select namespaces by their labels
	Volumes       *kube.Volumes                   // storage; nil: claims are not looked at
}

// Node is a node of the cluster with what Karpenter knows of it: its NodeClaim, its pods and its times.
type Node struct {
	Object *corev1.Node  // labels, annotations, taints, capacity and allocatable, conditions
	Pods   []*corev1.Pod // bound to it, daemons included
	// NodePool is the pool that manages it; empty where it is not Karpenter's.
	NodePool string
	// Uninitialized tells that it is not ready for pods yet. It is then judged by what its claim promised: Object should
	// carry the claim's labels, taints, capacity and allocatable where the node has none yet.
	Uninitialized bool
	StartupTaints []corev1.Taint // of its claim; they do not count until it is initialized
	Deleting      bool           // marked for deletion; its pods are placed elsewhere with the pending ones
	// Initialized is when it became ready for pods, and LastPodEvent when a pod last came or went; the zero time means
	// that nothing is known. The later one begins the quiet time of consolidateAfter (rule 69).
	Initialized    time.Time
	LastPodEvent   time.Time        // see Initialized
	NominatedUntil time.Time        // until then a pending pod is expected on it
	Drifted        time.Time        // since when it is known to have drifted; the zero time: it has not
	ExpireAfter    NillableDuration // its claim's
	// TerminationGracePeriod is its claim's; nil: draining has no end.
	TerminationGracePeriod *time.Duration
	VolumeLimits           map[string]int32 // how many volumes each CSI driver may attach; a driver that is missing has no limit
}
