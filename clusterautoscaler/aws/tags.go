package aws

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// The tags that groups speak by. What follows is the name of the label, taint, resource or option.
const (
	TagLabel    = "k8s.io/cluster-autoscaler/node-template/label/"               // value: the label's
	TagTaint    = "k8s.io/cluster-autoscaler/node-template/taint/"               // value: VALUE:EFFECT
	TagResource = "k8s.io/cluster-autoscaler/node-template/resources/"           // value: a quantity
	TagOption   = "k8s.io/cluster-autoscaler/node-template/autoscaling-options/" // value: a number, duration or boolean
	tagEKS      = "eks:"
)

// Ignored is a tag without effect, and why.
type Ignored struct {
	Tag
	Why string // in words
}

// tagName is what follows a mark in a key. The release finds the mark anywhere, and ends the name at a second one (A18).
func (p Profile) tagName(key, mark string) (string, bool) {
	before, name, ok := strings.Cut(key, mark)
	if !ok || p.WholeTags {
		return name, ok && before == ""
	}
	name, _, _ = strings.Cut(name, mark)
	return name, true
}

// LabelsFromTags are the labels that a group's tags give to its nodes (A23).
func (p Profile) LabelsFromTags(tags []Tag) map[string]string {
	labels := map[string]string{}
	for _, t := range tags {
		name, ok := p.tagName(t.Key, TagLabel)
		if !ok {
			name, ok = p.tagName(t.Key, tagEKS)
		}
		if ok && name != "" {
			labels[name] = t.Value
		}
	}
	return labels
}

// TaintsFromTags are the taints that a group's tags give to its nodes, in the order of the tags, and the taint tags
// without effect (A24).
func (p Profile) TaintsFromTags(tags []Tag) ([]corev1.Taint, []Ignored) {
	var taints []corev1.Taint
	var ignored []Ignored
	for _, t := range tags {
		name, ok := p.tagName(t.Key, TagTaint)
		if !ok {
			continue
		}
		value, effect, _ := strings.Cut(t.Value, ":")
		if !p.effectOK(t.Value, effect) {
			ignored = append(ignored, Ignored{t, "its value is not VALUE:EFFECT with the effect NoSchedule, PreferNoSchedule or NoExecute"})
			continue
		}
		taints = append(taints, corev1.Taint{Key: name, Value: value, Effect: corev1.TaintEffect(effect)})
	}
	return taints, ignored
}

// effectOK tells whether a value has an effect. The release looks for one after any colon, and not for its end (A24).
func (p Profile) effectOK(value, effect string) bool {
	for _, e := range []corev1.TaintEffect{corev1.TaintEffectNoSchedule, corev1.TaintEffectNoExecute, corev1.TaintEffectPreferNoSchedule} {
		if p.WholeTags && effect == string(e) || !p.WholeTags && strings.Contains(value, ":"+string(e)) {
			return true
		}
	}
	return false
}

// ResourcesFromTags are the resources that a group's tags give to its nodes, and the resource tags without effect (A18).
func (p Profile) ResourcesFromTags(tags []Tag) (corev1.ResourceList, []Ignored) {
	resources := corev1.ResourceList{}
	var ignored []Ignored
	for _, t := range tags {
		name, ok := p.tagName(t.Key, TagResource)
		if !ok {
			continue
		}
		quantity, err := resource.ParseQuantity(t.Value)
		switch {
		case name == "":
			ignored = append(ignored, Ignored{t, "it names no resource"})
		case err != nil:
			ignored = append(ignored, Ignored{t, "its value is no quantity"})
		default:
			resources[corev1.ResourceName(name)] = quantity
		}
	}
	return resources, ignored
}
