package clusterautoscaler

import corev1 "k8s.io/api/core/v1"

// LeastWaste keeps the options that leave the smallest shares of cpu and memory unused, summed. It looks at the whole
// capacity of nodes, and at nothing but those two resources (R46). Options without a template drop out.
func LeastWaste() Expander {
	return Expander{Name: "least-waste", Filter: func(options []Option) Verdict {
		return keepSmallest(options, func(o *Option) (float64, bool) {
			if o.Template == nil {
				return 0, false
			}
			sums := o.requested(corev1.ResourceCPU, corev1.ResourceMemory)
			cpu, memory := o.available(corev1.ResourceCPU), o.available(corev1.ResourceMemory)
			return wasted(cpu.MilliValue(), sums[0].MilliValue()) + wasted(memory.Value(), sums[1].Value()), true
		})
	}}
}

func wasted(available, requested int64) float64 {
	return float64(available-requested) / float64(available)
}
