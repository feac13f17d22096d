package karpenter

import (
	"math"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
)

// EvictionCost is what it costs to evict a pod: 1, more or less for its deletion cost and its priority, from -10 to 10
// (rule 63). A deletion cost that is no number does not count.
func EvictionCost(pod *corev1.Pod) float64 {
	cost := 1.0
	if text, ok := pod.Annotations[corev1.PodDeletionCost]; ok {
		if v, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(v) {
			cost += v / (1 << 27)
		}
	}
	if pod.Spec.Priority != nil {
		cost += float64(*pod.Spec.Priority) / (1 << 25)
	}
	return min(max(cost, -10), 10)
}

// RescheduleCost is what it costs to move all that has to move from a node: 1 for the node, and the eviction cost of each
// reschedulable pod where that is positive (rule 65). A node with a cost of 1 is empty.
func RescheduleCost(pods []*corev1.Pod) float64 {
	cost := nodeCost
	for _, p := range pods {
		if p != nil && Reschedulable(p) {
			cost += max(0, EvictionCost(p))
		}
	}
	return cost
}

// nodeCost is what it costs to take any node away.
const nodeCost = 1.0

// LifetimeRemaining is the share of a node's lifetime that is left, from 0 to 1; 1 where it does not expire.
func LifetimeRemaining(n *Node, now time.Time) float64 {
	if !n.ExpireAfter.Set || n.ExpireAfter.Never {
		return 1
	}
	total := n.ExpireAfter.Duration.Seconds()
	left := (total - now.Sub(n.created()).Seconds()) / total
	if math.IsNaN(left) { // nothing is left of a lifetime of nothing
		return 0
	}
	return min(max(left, 0), 1)
}

// created is when a node's claim was made.
func (n *Node) created() time.Time {
	if n.Created.IsZero() && n.Object != nil {
		return n.Object.CreationTimestamp.Time
	}
	return n.Created
}

// NodePrice is what a node costs: the offering of its type in exactly its zone and capacity type, available or not, and
// whether there is one (rule 67). A node without a price counts as free, and so is never replaced by a cheaper one.
func NodePrice(node *corev1.Node, it *cloudprovider.InstanceType) (float64, bool) {
	if it == nil || node == nil {
		return 0, false
	}
	price, ok := it.Price(node.Labels[corev1.LabelTopologyZone], node.Labels[LabelCapacityType])
	if !ok || math.IsNaN(price) {
		return 0, false
	}
	return price, true
}

// cheapestOf is the cheapest offering that a node's labels go with, available or not.
func cheapestOf(node *corev1.Node, it *cloudprovider.InstanceType) (float64, bool) {
	best, ok := 0.0, false
	for i := range it.Offerings {
		o := &it.Offerings[i]
		if !labelAllows(node, corev1.LabelTopologyZone, o.Zone) || !labelAllows(node, LabelCapacityType, o.CapacityType) {
			continue
		}
		if o.CapacityType == cloudprovider.Reserved && !labelAllows(node, LabelReservationID, o.ReservationID) {
			continue
		}
		if !ok || o.Price < best {
			best, ok = o.Price, true
		}
	}
	return best, ok
}

// labelAllows tells whether a label has a value, or is not there.
func labelAllows(node *corev1.Node, key, value string) bool {
	have, ok := node.Labels[key]
	return !ok || have == value
}

// allows tells whether a claim's requirements admit a value.
func allows(r kube.Requirements, key, value string) bool {
	q, ok := r.Get(key)
	return !ok || q.Has(value)
}
