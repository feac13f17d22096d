package vpa

import (
	corev1 "k8s.io/api/core/v1"
)

// limits are what the LimitRanges of a namespace amount to, by type of item (K2).
type limits struct {
	container, pod *corev1.LimitRangeItem
}

func effectiveLimits(ranges []corev1.LimitRange) limits {
	return limits{effectiveItem(ranges, corev1.LimitTypeContainer), effectiveItem(ranges, corev1.LimitTypePod)}
}

// effectiveItem joins all items of one type: of each resource the lowest maximum and the highest minimum, and the last
// list of defaults. It is nil where no item says anything.
func effectiveItem(ranges []corev1.LimitRange, of corev1.LimitType) *corev1.LimitRangeItem {
	var out *corev1.LimitRangeItem
	for i := range ranges {
		for j := range ranges[i].Spec.Limits {
			item := &ranges[i].Spec.Limits[j]
			if item.Type != of || item.Max == nil && item.Min == nil && item.Default == nil {
				continue
			}
			if out == nil {
				out = &corev1.LimitRangeItem{Type: of}
			}
			if item.Default != nil {
				out.Default = item.Default
			}
			out.Max = join(out.Max, item.Max, 1)
			out.Min = join(out.Min, item.Min, -1)
		}
	}
	return out
}

// join keeps, of each resource, the value that is lower (sign 1) or higher (sign -1). Resources other than CPU and memory
// are those of the first list.
func join(into, from corev1.ResourceList, sign int) corev1.ResourceList {
	if from == nil {
		return into
	}
	if into == nil {
		return from.DeepCopy()
	}
	for _, name := range [...]corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		value, ok := from[name]
		if !ok {
			continue
		}
		if old, had := into[name]; !had || sign*old.Cmp(value) >= 0 {
			into[name] = value
		}
	}
	return into
}
