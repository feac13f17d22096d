package kube

import corev1 "k8s.io/api/core/v1"

// form is one way in which pods of a class are written.
type form struct {
	pod   *corev1.Pod
	class Class
	next  int32 // the next form with the same fingerprint, counted from 1; 0: none
}

// fewForms is how many forms with one fingerprint are compared; what is beyond is written out.
const fewForms = 8

// known finds the class of a pod that is written like an earlier one.
func (c *Classifier) known(pod *corev1.Pod, print uint64) (Class, bool) {
	for i := c.prints[print]; i > 0; i = c.forms[i-1].next {
		if c.alike(c.forms[i-1].pod, pod) {
			return c.forms[i-1].class, true
		}
	}
	return -1, false
}

// learn notes how a pod of a class is written.
func (c *Classifier) learn(pod *corev1.Pod, class Class, print uint64) {
	if c.prints == nil {
		c.prints = map[uint64]int32{}
	}
	first, n := c.prints[print], 0
	for i := first; i > 0; i = c.forms[i-1].next {
		n++
	}
	if n < fewForms {
		c.forms = append(c.forms, form{pod, class, first})
		c.prints[print] = int32(len(c.forms))
	}
}

// fingerprint is a number that pods written alike have in common and others rarely. It also tells whether the pod has
// labels that were never seen.
func (c *Classifier) fingerprint(pod *corev1.Pod) (print uint64, unseen bool) {
	h := mixText(1, pod.Namespace)
	sum := uint64(0) // maps have no order, so their entries are added up
	for k, v := range pod.Labels {
		read, seen := c.keys[k]
		if read || c.AllLabels {
			sum += mixText(mixText(2, k), v)
		}
		unseen = unseen || !seen
	}
	for k, v := range pod.Spec.NodeSelector {
		sum += mixText(mixText(3, k), v)
	}
	for i := range pod.Spec.Containers {
		requests := pod.Spec.Containers[i].Resources.Requests
		if q, ok := requests[corev1.ResourceCPU]; ok {
			h = mix(h, uint64(q.MilliValue()))
		}
		if q, ok := requests[corev1.ResourceMemory]; ok {
			h = mix(h, uint64(q.Value()))
		}
		h = mix(h, uint64(len(requests)))
	}
	h = mix(h, sum)
	for i := range pod.Spec.Tolerations {
		h = mixText(h, pod.Spec.Tolerations[i].Key)
	}
	for i := range pod.Spec.TopologySpreadConstraints {
		t := &pod.Spec.TopologySpreadConstraints[i]
		h = mix(mixText(h, t.TopologyKey), uint64(t.MaxSkew))
	}
	for i := range pod.Spec.Volumes {
		if claim := pod.Spec.Volumes[i].PersistentVolumeClaim; claim != nil {
			h = mixText(h, claim.ClaimName)
		}
	}
	if a := pod.Spec.Affinity; a != nil {
		h = mix(h, 5)
		if p := a.PodAntiAffinity; p != nil {
			h = mix(h, uint64(len(p.RequiredDuringSchedulingIgnoredDuringExecution)))
		}
	}
	return h, unseen
}

func mix(h, x uint64) uint64 {
	h = (h ^ x) * 0x9e3779b97f4a7c15
	return h ^ h>>29
}

func mixText(h uint64, s string) uint64 {
	h = mix(h, uint64(len(s)))
	for ; len(s) >= 8; s = s[8:] {
		h = mix(h, uint64(s[0])|uint64(s[1])<<8|uint64(s[2])<<16|uint64(s[3])<<24|uint64(s[4])<<32|uint64(s[5])<<40|uint64(s[6])<<48|uint64(s[7])<<56)
	}
	x := uint64(0)
	for i := range len(s) {
		x = x<<8 | uint64(s[i])
	}
	return mix(h, x)
}
