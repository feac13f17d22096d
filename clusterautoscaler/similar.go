package clusterautoscaler

import (
	"maps"
	"math"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/binpack/kube"
)

// Provider chooses which labels of nodes do not count when groups are compared.
type Provider string

// The providers that treat labels in their own way.
const (
	Generic Provider = ""
	AWS     Provider = "aws"
	GCE     Provider = "gce"
	Azure   Provider = "azure"
)

// SimilarOptions say when two groups are interchangeable.
type SimilarOptions struct {
	Provider                         Provider // whose labels to ignore
	MaxAllocatableDifferenceRatio    float64  // max-allocatable-difference-ratio; default 0.05
	MaxFreeDifferenceRatio           float64  // max-free-difference-ratio; default 0.05
	MaxCapacityMemoryDifferenceRatio float64  // memory-difference-ratio; default 0.015
	IgnoredLabels                    []string // balancing-ignore-label: do not count either
	// Labels, where there are any, decide alone: groups are similar whose nodes have them with equal values
	// (balancing-label).
	Labels []string
}

// DefaultSimilarOptions are upstream's defaults.
func DefaultSimilarOptions() SimilarOptions {
	return SimilarOptions{MaxAllocatableDifferenceRatio: 0.05, MaxFreeDifferenceRatio: 0.05, MaxCapacityMemoryDifferenceRatio: 0.015}
}

// Difference is what two templates differ in; the zero value means that they are similar.
type Difference struct {
	What    string `json:"what,omitempty"`    // capacity, allocatable, free or label; empty where nothing differs
	Subject string `json:"subject,omitempty"` // the resource or label
	A       string `json:"a,omitempty"`       // what the first has of it
	B       string `json:"b,omitempty"`       // what the second has of it
}

// String says it in words.
func (d Difference) String() string {
	if d.What == "" {
		return "similar"
	}
	return d.What + " " + d.Subject + " differs: " + orNone(d.A) + " and " + orNone(d.B)
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// Similar tells whether nodes of two templates are interchangeable, and if not, the first thing that differs (R53 to R57).
func Similar(a, b *Template, o SimilarOptions) (bool, Difference) {
	var d Difference
	switch {
	case len(o.Labels) > 0:
		d = labelsDiffer(a.Node.Labels, b.Node.Labels, o.Labels)
	case o.Provider == Azure && sameAgentPool(a.Node.Labels, b.Node.Labels):
	default:
		if d = capacityDiffers(a.Node, b.Node, o.MaxCapacityMemoryDifferenceRatio); d.What != "" {
			break
		}
		if d = listsDiffer("allocatable", a.Node.Status.Allocatable, b.Node.Status.Allocatable, o.MaxAllocatableDifferenceRatio); d.What != "" {
			break
		}
		if d = listsDiffer("free", free(a), free(b), o.MaxFreeDifferenceRatio); d.What != "" {
			break
		}
		d = allLabelsDiffer(a.Node.Labels, b.Node.Labels, o)
	}
	return d.What == "", d
}

// capacityDiffers is R53: memory about the same, everything else exactly.
func capacityDiffers(a, b *corev1.Node, ratio float64) Difference {
	for _, name := range union(a.Status.Capacity, b.Status.Capacity) {
		x, inA := a.Status.Capacity[name]
		y, inB := b.Status.Capacity[name]
		same := inA && inB
		if same && name == corev1.ResourceMemory {
			same = within(x, y, ratio)
		} else if same {
			same = x.Cmp(y) == 0
		}
		if !same {
			return differs("capacity", name, x, inA, y, inB)
		}
	}
	return Difference{}
}

// listsDiffer is R54 and R55.
func listsDiffer(what string, a, b corev1.ResourceList, ratio float64) Difference {
	for _, name := range union(a, b) {
		x, inA := a[name]
		y, inB := b[name]
		if !inA || !inB || !within(x, y, ratio) {
			return differs(what, name, x, inA, y, inB)
		}
	}
	return Difference{}
}

func differs(what string, name corev1.ResourceName, x resource.Quantity, inA bool, y resource.Quantity, inB bool) Difference {
	d := Difference{What: what, Subject: string(name)}
	if inA {
		d.A = x.String()
	}
	if inB {
		d.B = y.String()
	}
	return d
}

func union(a, b corev1.ResourceList) []corev1.ResourceName {
	names := slices.Collect(maps.Keys(a))
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// within is R56: relative to the larger one.
func within(x, y resource.Quantity, ratio float64) bool {
	a, b := float64(x.MilliValue()), float64(y.MilliValue())
	larger, smaller := math.Max(a, b), math.Min(a, b)
	return larger-smaller <= larger*ratio
}

// free is what the pods of a template leave (R55): of cpu, memory, pods, ephemeral storage, and of every other resource
// that a pod asks for.
func free(t *Template) corev1.ResourceList {
	requested := corev1.ResourceList{}
	for _, p := range t.Pods {
		for name, q := range kube.Requests(p) {
			sum := requested[name]
			sum.Add(q)
			requested[name] = sum
		}
	}
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourcePods, corev1.ResourceEphemeralStorage} {
		if _, ok := requested[name]; !ok {
			requested[name] = resource.Quantity{}
		}
	}
	left := corev1.ResourceList{}
	for name, q := range requested {
		have, ok := t.Node.Status.Allocatable[name]
		if !ok && q.IsZero() {
			continue
		}
		rest := have.DeepCopy()
		rest.Sub(q)
		left[name] = rest
	}
	return left
}

// labelsDiffer compares chosen labels: each must be on both.
func labelsDiffer(a, b map[string]string, chosen []string) Difference {
	for _, key := range chosen {
		x, inA := a[key]
		y, inB := b[key]
		if !inA || !inB || x != y {
			return Difference{What: "label", Subject: key, A: x, B: y}
		}
	}
	return Difference{}
}

func allLabelsDiffer(a, b map[string]string, o SimilarOptions) Difference {
	keys := map[string]bool{}
	for k := range a {
		keys[k] = true
	}
	for k := range b {
		keys[k] = true
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if o.ignores(key) {
			continue
		}
		x, inA := a[key]
		y, inB := b[key]
		if inA != inB || x != y {
			return Difference{What: "label", Subject: key, A: x, B: y}
		}
	}
	return Difference{}
}

// ignores is R57.
func (o *SimilarOptions) ignores(key string) bool {
	return slices.Contains(ignoredLabels, key) || slices.Contains(providerLabels[o.Provider], key) || slices.Contains(o.IgnoredLabels, key)
}

var ignoredLabels = []string{
	corev1.LabelHostname, corev1.LabelTopologyZone, corev1.LabelTopologyRegion, corev1.LabelFailureDomainBetaZone,
	corev1.LabelFailureDomainBetaRegion, "beta.kubernetes.io/fluentd-ds-ready", "kops.k8s.io/instancegroup",
}

var providerLabels = map[Provider][]string{
	AWS: {
		"alpha.eksctl.io/instance-id", "alpha.eksctl.io/nodegroup-name", "eks.amazonaws.com/nodegroup", "k8s.amazonaws.com/eniConfig",
		"lifecycle", "topology.ebs.csi.aws.com/zone", "topology.k8s.aws/zone-id",
	},
	GCE: {"topology.gke.io/zone"},
	Azure: {
		"agentpool", "kubernetes.azure.com/agentpool", "kubernetes.azure.com/node-image-version", "kubernetes.azure.com/consolidated-additional-properties",
		"topology.disk.csi.azure.com/zone",
	},
}

// sameAgentPool is what Azure goes by where nodes say which pool they are of.
func sameAgentPool(a, b map[string]string) bool {
	for _, key := range []string{"kubernetes.azure.com/agentpool", "agentpool"} {
		if pool := a[key]; pool != "" {
			return pool == b[key]
		}
	}
	return false
}
