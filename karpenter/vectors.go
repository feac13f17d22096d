package karpenter

import (
	"maps"
	"math/bits"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/binpack/kube"
)

// resources numbers the resources that anything names, so that amounts become vectors of integers (kube.ExactUnits).
type resources struct {
	index map[corev1.ResourceName]int
	names []corev1.ResourceName
}

// pods is the number of the resource "pods".
const pods = 0

func newResources() *resources {
	r := &resources{index: map[corev1.ResourceName]int{}}
	r.note(corev1.ResourceList{corev1.ResourcePods: {}})
	return r
}

// note numbers the resources of a list.
func (r *resources) note(list corev1.ResourceList) {
	if len(list) == 0 {
		return
	}
	fresh := false
	for name := range list {
		if _, ok := r.index[name]; !ok {
			fresh = true
		}
	}
	if !fresh {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(list)) {
		if _, ok := r.index[name]; !ok {
			r.index[name] = len(r.names)
			r.names = append(r.names, name)
		}
	}
}

// demand makes a vector of what is asked for.
func (r *resources) demand(list corev1.ResourceList) []int64 {
	v := make([]int64, len(r.names))
	for name, q := range list {
		v[r.index[name]] = kube.ExactUnits.Request(name, &q)
	}
	return v
}

// offer makes a vector of what there is; a resource that is absent is zero (rule 15).
func (r *resources) offer(list corev1.ResourceList) []int64 {
	v := make([]int64, len(r.names))
	for name, q := range list {
		v[r.index[name]] = kube.ExactUnits.Capacity(name, &q)
	}
	return v
}

// allocatable is cloudprovider.Allocatable as a vector: what pods can have of a machine (rule 16).
func (r *resources) allocatable(capacity, overhead corev1.ResourceList) []int64 {
	v := r.offer(capacity)
	memory := r.index[corev1.ResourceMemory]
	var hugePages int64
	for name := range capacity {
		i := r.index[name]
		if strings.HasPrefix(string(name), corev1.ResourceHugePagesPrefix) {
			hugePages += v[i]
		}
		if taken, ok := overhead[name]; ok {
			v[i] -= kube.ExactUnits.Request(name, &taken)
		}
	}
	if hugePages > 0 {
		v[memory] = max(0, v[memory]-hugePages)
	}
	return v
}

// quantity translates one amount back in the format of a sample.
func (r *resources) quantity(i int, v int64, format resource.Format) resource.Quantity {
	q := kube.ExactUnits.Quantity(r.names[i], v)
	q.Format = format
	return q
}

func addTo(v, w []int64) {
	for i := range w {
		v[i] += w[i]
	}
}

func subtractFrom(v, w []int64) {
	for i := range w {
		v[i] -= w[i]
	}
}

// within tells whether every amount is at most what there is.
func within(v, most []int64) bool {
	for i := range v {
		if v[i] > most[i] {
			return false
		}
	}
	return true
}

// sumWithin tells whether two amounts together are at most what there is.
func sumWithin(v, w, most []int64) bool {
	for i := range v {
		if v[i]+w[i] > most[i] {
			return false
		}
	}
	return true
}

// bitset is a set of small numbers.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) set(i int)      { b[i>>6] |= 1 << (i & 63) }
func (b bitset) clear(i int)    { b[i>>6] &^= 1 << (i & 63) }
func (b bitset) has(i int) bool { return i>>6 < len(b) && b[i>>6]&(1<<(i&63)) != 0 }

// grow makes room for the number i.
func (b *bitset) grow(i int) {
	for i>>6 >= len(*b) {
		*b = append(*b, 0)
	}
}

func (b bitset) any() bool {
	for _, w := range b {
		if w != 0 {
			return true
		}
	}
	return false
}

// all yields the members in ascending order.
func (b bitset) all(yield func(int) bool) {
	for i, w := range b {
		for ; w != 0; w &= w - 1 {
			if !yield(i<<6 + bits.TrailingZeros64(w)) {
				return
			}
		}
	}
}

// next is the first member from i on; -1 where there is none.
func (b bitset) next(i int) int {
	if i>>6 >= len(b) {
		return -1
	}
	w := b[i>>6] >> (i & 63)
	if w != 0 {
		return i + bits.TrailingZeros64(w)
	}
	for j := i>>6 + 1; j < len(b); j++ {
		if b[j] != 0 {
			return j<<6 + bits.TrailingZeros64(b[j])
		}
	}
	return -1
}
