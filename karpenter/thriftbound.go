package karpenter

import (
	"maps"
	"math"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/binpack"
	"github.com/scalemath/scalemath/binpack/kube"
)

// priceUnits are how many of a price's units make one of the currency, in bounds.
const priceUnits = 1e6

// bound is what no new nodes for the pods of some claims can cost less than: a proof by the resources alone, over all
// types of the snapshot, each at the cheapest of the zones and capacity types that one of the claims may have.
func (d *Disruptor) bound(claims []Claim) float64 {
	var names []corev1.ResourceName
	requests := map[corev1.ResourceName]bool{}
	var demand []corev1.ResourceList
	for i := range claims {
		for _, p := range claims[i].Pods {
			list := kube.Requests(p)
			demand = append(demand, list)
			for name := range list {
				requests[name] = true
			}
		}
	}
	names = slices.Sorted(maps.Keys(requests))
	problem := binpack.Problem{}
	for _, list := range demand {
		problem.Items = append(problem.Items, binpack.Item{Size: vector(names, list, kube.ExactUnits.Request, 1), Count: 1})
	}
	for _, pool := range slices.Sorted(maps.Keys(d.snapshot.InstanceTypes)) {
		for _, it := range d.snapshot.InstanceTypes[pool] {
			price := math.MaxFloat64
			for i := range claims {
				price = min(price, d.launchOf(claims[i].Requirements).of(it).cheapest)
			}
			if price == math.MaxFloat64 {
				continue
			}
			slots := it.Capacity[corev1.ResourcePods]
			// Rounded down, and never above what the packer takes: a bound must not be too high.
			problem.Bins = append(problem.Bins, binpack.BinType{
				Capacity: vector(names, it.Allocatable(), kube.ExactUnits.Capacity, max(0, slots.Value())),
				Price:    int64(min(price*priceUnits, math.MaxInt32/2)),
			})
		}
	}
	b, err := binpack.LowerBound(problem)
	if err != nil {
		return 0
	}
	return float64(b.Price) / priceUnits
}

// vector is a list of resources as numbers, none negative, with the number of pods at the end.
func vector(names []corev1.ResourceName, list corev1.ResourceList, convert func(corev1.ResourceName, *resource.Quantity) int64, slots int64) []int64 {
	v := make([]int64, len(names)+1)
	for i, name := range names {
		if q, ok := list[name]; ok {
			v[i] = max(0, convert(name, &q))
		}
	}
	v[len(names)] = slots
	return v
}
