package sim

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/metrics"
	"github.com/scalemath/scalemath/metrics/kubelet"
)

// PodMetrics is what the resource metrics API shows of the pods of a namespace, of all where it is empty, in the order of
// the workloads and oldest first.
func (v *View) PodMetrics(namespace string) []metrics.PodMetrics {
	var out []metrics.PodMetrics
	for _, w := range v.c.workloads {
		if namespace != "" && w.Namespace != namespace {
			continue
		}
		for _, p := range w.pods {
			u, ok := v.c.usage(p)
			if !ok {
				continue
			}
			one := metrics.PodMetrics{
				Timestamp: metav1.NewTime(v.c.cfg.Start.Add(w.measured.at)), Window: metav1.Duration{Duration: w.measured.window},
			}
			one.Namespace, one.Name, one.Labels = w.Namespace, p.object.Name, p.object.Labels
			for i := range p.object.Spec.Containers {
				if i > 0 {
					u = Usage{} // all of it belongs to the first one
				}
				one.Containers = append(one.Containers, metrics.ContainerMetrics{Name: p.object.Spec.Containers[i].Name, Usage: u.list()})
			}
			out = append(out, one)
		}
	}
	return out
}

// NodeMetrics is what the resource metrics API shows of the nodes, in the order in which they joined: what their pods use.
// A node is not in it before its first measurement.
func (v *View) NodeMetrics() []kubelet.NodeUsage {
	window := v.c.cfg.MetricsResolution
	last := v.c.now - v.c.cfg.MetricsDelay
	last -= last % window
	var out []kubelet.NodeUsage
	for _, n := range v.c.nodes {
		if last < n.joined+youngest || last <= 0 {
			continue
		}
		var sum Usage
		for _, p := range n.pods {
			if u, ok := v.c.usage(p); ok {
				sum.CPU += u.CPU
				sum.Memory += u.Memory
			}
		}
		out = append(out, kubelet.NodeUsage{
			Name: n.object.Name, Timestamp: metav1.NewTime(v.c.cfg.Start.Add(last)), Window: metav1.Duration{Duration: min(window, last-n.joined)}, Usage: sum.list(),
		})
	}
	return out
}

// Allocatable is what pods can have of each node, by its name.
func (v *View) Allocatable() map[string]corev1.ResourceList {
	out := make(map[string]corev1.ResourceList, len(v.c.nodes))
	for _, n := range v.c.nodes {
		out[n.object.Name] = n.object.Status.Allocatable
	}
	return out
}

// list is a usage as the API has it.
func (u Usage) list() corev1.ResourceList {
	return corev1.ResourceList{
		corev1.ResourceCPU:    *resource.NewMilliQuantity(u.CPU, resource.DecimalSI),
		corev1.ResourceMemory: *resource.NewQuantity(u.Memory, resource.BinarySI),
	}
}
