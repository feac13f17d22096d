package clusterautoscaler

import (
	"maps"
	"math"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// The names under which quotas count what is not a resource of its own.
const (
	QuotaCPU    = "cpu"    // whole cores, rounded up for each node
	QuotaMemory = "memory" // bytes
	QuotaNodes  = "nodes"  // nodes
)

// Quota limits what the nodes of a cluster may have together (R59).
type Quota struct {
	ID     string           `json:"id"`     // for messages
	Limits map[string]int64 `json:"limits"` // by QuotaCPU, QuotaMemory, QuotaNodes, or the type of a GPU
	// Applies chooses nodes by their labels; nil: all.
	Applies func(labels map[string]string) bool `json:"-"`
}

// ClusterWide is the built-in quota, of flags cores-total and memory-total (R61).
func ClusterWide(cores, memory int64) Quota {
	return Quota{ID: "cluster-wide", Limits: map[string]int64{QuotaCPU: cores, QuotaMemory: memory}}
}

// quotas holds what is left of every quota.
type quotas struct {
	list     []Quota
	room     []map[string]int64
	gpuLabel string
}

// newQuotas sums what nodes have (R59). amounts is by node, as one of its group (R60).
func newQuotas(list []Quota, gpuLabel string, nodes []*corev1.Node, amounts []map[string]int64) quotas {
	q := quotas{list: list, gpuLabel: gpuLabel}
	for i := range list {
		room := maps.Clone(list[i].Limits)
		for n, node := range nodes {
			if node.Labels["type"] == "virtual-kubelet" || list[i].Applies != nil && !list[i].Applies(node.Labels) {
				continue
			}
			for name := range room {
				room[name] -= amounts[n][name]
			}
		}
		for name, left := range room {
			room[name] = max(left, 0)
		}
		q.room = append(q.room, room)
	}
	return q
}

// amountsOf is what a node counts for (R60).
func amountsOf(node *corev1.Node, gpuLabel string) map[string]int64 {
	cpu, memory := node.Status.Capacity[corev1.ResourceCPU], node.Status.Capacity[corev1.ResourceMemory]
	out := map[string]int64{QuotaCPU: cpu.Value(), QuotaMemory: memory.Value(), QuotaNodes: 1}
	if kind, ok := node.Labels[gpuLabel]; ok && gpuLabel != "" {
		for _, name := range gpuResources {
			if q, ok := node.Status.Capacity[name]; ok {
				out[kind] = q.Value()
				break
			}
		}
	}
	return out
}

// Exceeded is a quota that is in the way, and in what.
type Exceeded struct {
	ID        string   `json:"id"`        // of the quota
	Resources []string `json:"resources"` // what there is too little of, sorted
}

// String is upstream's text.
func (e Exceeded) String() string {
	return `exceeded quota: "` + e.ID + `", resources: ` + strings.Join(e.Resources, ", ")
}

// allowed is how many of some nodes the quotas have room for, and which of them are in the way of all.
func (q *quotas) allowed(node *corev1.Node, amounts map[string]int64, nodes int) (int, []Exceeded) {
	most, in := nodes, []Exceeded(nil)
	for i := range q.list {
		if q.list[i].Applies != nil && !q.list[i].Applies(node.Labels) {
			continue
		}
		var short []string
		for _, name := range slices.Sorted(maps.Keys(q.room[i])) {
			each, room := amounts[name], q.room[i][name]
			if each <= 0 {
				continue
			}
			fits := room / each
			if fits < int64(nodes) {
				short = append(short, name)
				most = int(min(int64(most), fits))
			}
		}
		if short != nil {
			in = append(in, Exceeded{q.list[i].ID, short})
		}
	}
	return most, in
}

// consume takes nodes off the quotas.
func (q *quotas) consume(node *corev1.Node, amounts map[string]int64, nodes int) {
	for i := range q.list {
		if q.list[i].Applies != nil && !q.list[i].Applies(node.Labels) {
			continue
		}
		for name := range q.room[i] {
			if each := amounts[name]; each > 0 {
				q.room[i][name] -= min(q.room[i][name], times64(each, nodes))
			}
		}
	}
}

func times64(a int64, n int) int64 {
	if n > 0 && a > math.MaxInt64/int64(n) {
		return math.MaxInt64
	}
	return a * int64(n)
}
