package aws

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
)

// applyManaged adds what an EKS node group says, where the labels name one (A25).
func (p Profile) applyManaged(g *Group, t *Template) error {
	m := g.ManagedNodegroup
	if m == nil || t.Node.Labels["nodegroup-name"] == "" || t.Node.Labels["cluster-name"] == "" {
		return nil
	}
	maps.Copy(t.Node.Labels, m.labels())
	for i, taint := range m.Taints {
		effect, ok := effects[taint.Effect]
		if !ok {
			return fmt.Errorf("%w: group %s: managedNodegroup %s: taints[%d]: effect: %q is none",
				ErrInvalid, g.AutoScalingGroupName, m.NodegroupName, i, taint.Effect)
		}
		t.Node.Spec.Taints = append(t.Node.Spec.Taints, corev1.Taint{Key: taint.Key, Value: taint.Value, Effect: effect})
	}
	tags := make([]Tag, 0, len(m.Tags))
	for _, key := range slices.Sorted(maps.Keys(m.Tags)) {
		tags = append(tags, Tag{key, m.Tags[key]})
	}
	resources, ignored := p.ResourcesFromTags(tags)
	maps.Copy(t.Node.Status.Capacity, resources)
	t.Ignored = append(t.Ignored, ignored...)
	return nil
}

// effects are the words of EKS for the effects of taints.
var effects = map[string]corev1.TaintEffect{
	"NO_SCHEDULE":        corev1.TaintEffectNoSchedule,
	"NO_EXECUTE":         corev1.TaintEffectNoExecute,
	"PREFER_NO_SCHEDULE": corev1.TaintEffectPreferNoSchedule,
}

// labels are what a node group's nodes bear: what it is like, then its own labels.
func (m *ManagedNodegroup) labels() map[string]string {
	labels := map[string]string{}
	if m.DiskSize != nil {
		labels["diskSize"] = strconv.FormatInt(int64(*m.DiskSize), 10)
	}
	for name, value := range map[string]string{
		"amiType": m.AmiType, "eks.amazonaws.com/capacityType": m.CapacityType,
		"k8sVersion": m.Version, "eks.amazonaws.com/nodegroup": m.NodegroupName,
	} {
		if value != "" {
			labels[name] = value
		}
	}
	maps.Copy(labels, m.Labels)
	return labels
}
