package clusterautoscaler

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// Cluster is what there is: nodes, pods and what bears on where pods may go.
type Cluster struct {
	Nodes      []*corev1.Node                  // in any order, which is kept
	Pods       []*corev1.Pod                   // all of them: bound, nominated and pending, in an order that is kept
	DaemonSets []*corev1.Pod                   // a pod of each DaemonSet, as its template makes it
	PDBs       []*policyv1.PodDisruptionBudget // budgets of disruptions, with their status
	// Controllers are those that exist, by kind, namespace and name, with the replicas they ask for. Nil means that
	// they cannot be looked up, and that none is missed (D18).
	Controllers map[Controller]int32
	Namespaces  []*corev1.Namespace // for rules that select namespaces by their labels
	Volumes     *kube.Volumes       // storage; nil: claims are not looked at
}

// Controller names an object that makes pods.
type Controller struct {
	Kind      string // such as ReplicaSet
	Namespace string // where it is
	Name      string // its name
}

// Input is everything that a loop depends on. It is never modified.
type Input struct {
	Now     time.Time   // the beginning of the loop
	Cluster Cluster     // what there is
	Groups  []NodeGroup // in any order; they are walked by ID
}
