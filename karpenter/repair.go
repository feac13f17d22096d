package karpenter

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// RepairPolicy is a condition of nodes that is not to last.
type RepairPolicy struct {
	Condition  corev1.NodeConditionType `json:"condition"`  // its type
	Status     corev1.ConditionStatus   `json:"status"`     // the status that is unhealthy
	Toleration time.Duration            `json:"toleration"` // how long it may last
}

// AWSRepairPolicies are those of the AWS provider.
func AWSRepairPolicies() []RepairPolicy {
	const half = 30 * time.Minute
	return []RepairPolicy{
		{corev1.NodeReady, corev1.ConditionFalse, half},
		{corev1.NodeReady, corev1.ConditionUnknown, half},
		{"AcceleratedHardwareReady", corev1.ConditionFalse, 10 * time.Minute},
		{"StorageReady", corev1.ConditionFalse, half},
		{"NetworkingReady", corev1.ConditionFalse, half},
		{"KernelReady", corev1.ConditionFalse, half},
		{"ContainerRuntimeReady", corev1.ConditionFalse, half},
	}
}

// repairRecheck is when a node that a sick pool keeps from being repaired is looked at again.
const repairRecheck = 5 * time.Minute

// RepairVerdict is what to do about one unhealthy node.
type RepairVerdict struct {
	Node      string                   `json:"node"`      // its name
	Condition corev1.NodeConditionType `json:"condition"` // the one that is nearest to the end of its toleration
	Due       time.Time                `json:"due"`       // that end
	Delete    bool                     `json:"delete"`    // delete it now, draining nothing: its deadline is now
	// Unhealthy of Nodes nodes of the pool have a condition of any policy; up to Allowed of them do not keep it from being
	// repaired.
	Unhealthy int       `json:"unhealthy"`
	Nodes     int       `json:"nodes"`         // see Unhealthy
	Allowed   int       `json:"allowed"`       // see Unhealthy
	Next      time.Time `json:"next,omitzero"` // when to look again; the zero time: it is being deleted
}

// String says it in one line.
func (v RepairVerdict) String() string {
	text := fmt.Sprintf("%s: %s", v.Node, v.Condition)
	switch {
	case v.Delete:
		return text + ": delete"
	case v.Unhealthy > v.Allowed:
		return text + fmt.Sprintf(": %d of %d nodes are unhealthy, at most %d may be", v.Unhealthy, v.Nodes, v.Allowed)
	}
	return text + " is tolerated until " + v.Due.UTC().Format(time.RFC3339)
}

// Repair says which unhealthy nodes are to be deleted: those with a condition that has lasted longer than tolerated, unless
// more than a fifth of their pool, rounded up, is unhealthy (rule 108). Budgets and PodDisruptionBudgets do not matter.
// Healthy nodes are not in the answer.
func Repair(s *Snapshot, policies []RepairPolicy) []RepairVerdict {
	if s == nil {
		return nil
	}
	nodes, sick := map[string]int{}, map[string]int{}
	for _, n := range s.Nodes {
		if n == nil || n.Object == nil || n.NodePool == "" {
			continue
		}
		nodes[n.NodePool]++
		if _, _, found := nearest(n.Object, policies); found {
			sick[n.NodePool]++
		}
	}
	var out []RepairVerdict
	for _, n := range s.Nodes {
		if n == nil || n.Object == nil || n.NodePool == "" || n.Deleting {
			continue
		}
		condition, due, found := nearest(n.Object, policies)
		if !found {
			continue
		}
		total := nodes[n.NodePool]
		v := RepairVerdict{
			Node: n.Object.Name, Condition: condition, Due: due,
			Unhealthy: sick[n.NodePool], Nodes: total, Allowed: (total + 4) / 5,
		}
		switch {
		case s.Now.Before(due):
			v.Next = due
		case v.Unhealthy > v.Allowed:
			v.Next = s.Now.Add(repairRecheck)
		default:
			v.Delete = true
		}
		out = append(out, v)
	}
	return out
}

// nearest is the unhealthy condition that is tolerated for the shortest time from now.
func nearest(node *corev1.Node, policies []RepairPolicy) (condition corev1.NodeConditionType, due time.Time, found bool) {
	for _, p := range policies {
		for i := range node.Status.Conditions {
			c := &node.Status.Conditions[i]
			if c.Type != p.Condition {
				continue
			}
			if end := c.LastTransitionTime.Add(p.Toleration); c.Status == p.Status && (!found || end.Before(due)) {
				condition, due, found = c.Type, end, true
			}
			break
		}
	}
	return condition, due, found
}
