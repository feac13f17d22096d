package legacy

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/karpenter"
)

// Labels and annotations that have another name now.
const (
	labelProvisioner           = "karpenter.sh/provisioner-name"
	annotationDoNotEvict       = "karpenter.sh/do-not-evict"
	annotationDoNotConsolidate = "karpenter.sh/do-not-consolidate"
)

var (
	podAnnotations  = map[string]string{annotationDoNotEvict: karpenter.AnnotationDoNotDisrupt}
	nodeAnnotations = map[string]string{annotationDoNotConsolidate: karpenter.AnnotationDoNotDisrupt}
	labels          = map[string]string{labelProvisioner: karpenter.LabelNodePool}
)

// renamed is a copy with new names; where both stand, the new one wins.
func renamed(old, names map[string]string) map[string]string {
	out := maps.Clone(old)
	for _, from := range slices.Sorted(maps.Keys(names)) {
		if value, ok := out[from]; ok {
			delete(out, from)
			if _, both := out[names[from]]; !both {
				out[names[from]] = value
			}
		}
	}
	return out
}

// ConvertPod gives a pod today's names: it selects nodes by karpenter.sh/nodepool instead of karpenter.sh/provisioner-name,
// and karpenter.sh/do-not-evict is karpenter.sh/do-not-disrupt. A pod without any old name is returned as it is; another is
// copied.
func ConvertPod(pod *corev1.Pod) *corev1.Pod {
	out := pod.DeepCopy()
	changed := false
	if _, ok := out.Annotations[annotationDoNotEvict]; ok {
		out.Annotations, changed = renamed(out.Annotations, podAnnotations), true
	}
	if _, ok := out.Spec.NodeSelector[labelProvisioner]; ok {
		out.Spec.NodeSelector, changed = renamed(out.Spec.NodeSelector, labels), true
	}
	if a := out.Spec.Affinity; a != nil && a.NodeAffinity != nil {
		rename := func(t *corev1.NodeSelectorTerm) {
			for i := range t.MatchExpressions {
				if t.MatchExpressions[i].Key == labelProvisioner {
					t.MatchExpressions[i].Key, changed = karpenter.LabelNodePool, true
				}
			}
		}
		if r := a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution; r != nil {
			for i := range r.NodeSelectorTerms {
				rename(&r.NodeSelectorTerms[i])
			}
		}
		for i := range a.NodeAffinity.PreferredDuringSchedulingIgnoredDuringExecution {
			rename(&a.NodeAffinity.PreferredDuringSchedulingIgnoredDuringExecution[i].Preference)
		}
	}
	for i := range out.Spec.TopologySpreadConstraints {
		if c := &out.Spec.TopologySpreadConstraints[i]; c.TopologyKey == labelProvisioner {
			c.TopologyKey, changed = karpenter.LabelNodePool, true
		}
	}
	if !changed {
		return pod
	}
	return out
}

// ConvertNode gives a node today's names: karpenter.sh/nodepool and karpenter.sh/do-not-disrupt. A node without any old name
// is returned as it is; another is copied.
func ConvertNode(node *corev1.Node) *corev1.Node {
	_, label := node.Labels[labelProvisioner]
	_, annotation := node.Annotations[annotationDoNotConsolidate]
	if !label && !annotation {
		return node
	}
	out := node.DeepCopy()
	out.Labels = renamed(out.Labels, labels)
	out.Annotations = renamed(out.Annotations, nodeAnnotations)
	return out
}
