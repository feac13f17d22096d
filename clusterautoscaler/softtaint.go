package clusterautoscaler

import (
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// SoftTaints is which nodes lose and get the taint that asks the scheduler to prefer others (D45).
type SoftTaints struct {
	Remove []string `json:"remove,omitempty"` // nodes that are needed again
	Add    []string `json:"add,omitempty"`    // nodes that are unneeded
	Value  string   `json:"value,omitempty"`  // of the taints that are added: the time in seconds
	Left   int      `json:"left,omitempty"`   // changes that wait for the next loop
}

// PlanSoftTaints says which nodes lose and get the taint, at most so many at a time, those that lose it first. Nodes that
// are being deleted are left alone. Most is max-bulk-soft-taint-count, 10 by default; 0 changes nothing.
func PlanSoftTaints(nodes []*corev1.Node, unneeded []string, now time.Time, most int) SoftTaints {
	var s SoftTaints
	if most <= 0 {
		return s
	}
	wanted := make(map[string]bool, len(unneeded))
	for _, name := range unneeded {
		wanted[name] = true
	}
	for _, tainted := range []bool{true, false} {
		for _, n := range nodes {
			if n == nil || hasTaint(n, TaintToBeDeleted) || hasTaint(n, TaintDeletionCandidate) != tainted || wanted[n.Name] == tainted {
				continue
			}
			switch {
			case len(s.Remove)+len(s.Add) >= most:
				s.Left++
			case tainted:
				s.Remove = append(s.Remove, n.Name)
			default:
				s.Add = append(s.Add, n.Name)
			}
		}
	}
	if len(s.Add) > 0 {
		s.Value = strconv.FormatInt(now.Unix(), 10)
	}
	return s
}

func hasTaint(n *corev1.Node, key string) bool {
	return slices.ContainsFunc(n.Spec.Taints, func(t corev1.Taint) bool { return t.Key == key })
}

// taintTime is the time in seconds that a taint's value holds.
func taintTime(n *corev1.Node, key string) (time.Time, bool) {
	for i := range n.Spec.Taints {
		if t := &n.Spec.Taints[i]; t.Key == key {
			if seconds, err := strconv.ParseInt(t.Value, 10, 64); err == nil {
				return time.Unix(seconds, 0), true
			}
		}
	}
	return time.Time{}, false
}

// deletionTaint is when a node was marked for deletion.
func deletionTaint(n *corev1.Node) (time.Time, bool) { return taintTime(n, TaintToBeDeleted) }
