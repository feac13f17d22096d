package kube

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Class is a number for pods that are alike to every rule of scheduling: same namespace, requests, ports, volumes, node
// selection, tolerations, affinity and spread, preferences included, and same labels as far as any pod looks at them.
// Names, annotations, images, priorities and spec.nodeName do not matter. Classes count up from 0.
type Class int32

// Classifier sorts pods into classes. The zero value is ready for use. It keeps pods to compare others with, so a pod must
// not be modified once it is classed.
//
// A label counts only where some pod's affinity or spread reads it, so that pods with a label of their own each (a job's
// id, say) are still alike. For that the pods whose rules read labels must be mentioned before the others are classed:
// call [Classifier.Mention] for all pods first, or set AllLabels.
type Classifier struct {
	// AllLabels makes every label count, so that nothing needs to be mentioned before.
	AllLabels bool

	classes   map[string]Class
	samples   []*corev1.Pod
	keys      map[string]bool // label keys: true, they count; false: some classed pod had it and it did not count
	readKeys  []string        // those that count
	forms     []form          // pods to compare with, before one is written out
	prints    map[uint64]int32
	buf       []byte
	names     []string
	resources []namedQuantity
}

type namedQuantity struct {
	name corev1.ResourceName
	q    resource.Quantity
}

// Len is the number of classes.
func (c *Classifier) Len() int { return len(c.samples) }

// Sample is the first pod of a class.
func (c *Classifier) Sample(class Class) *corev1.Pod { return c.samples[class] }

// reads tells whether a label counts.
func (c *Classifier) reads(key string) bool {
	return c.keys[key] || c.AllLabels
}

// Mention notes which labels of other pods the rules of a pod read. It fails where one of them has been left out of
// account already: then an earlier pod should have been classed later.
func (c *Classifier) Mention(pod *corev1.Pod) error {
	if c.AllLabels || pod.Spec.Affinity == nil && len(pod.Spec.TopologySpreadConstraints) == 0 {
		return nil
	}
	var late string
	note := func(key string) {
		read, seen := c.keys[key]
		if seen && !read {
			late = key
		} else if !read {
			c.key(key, true)
		}
	}
	selector := func(s *metav1.LabelSelector) {
		if s == nil {
			return
		}
		for k := range s.MatchLabels {
			note(k)
		}
		for i := range s.MatchExpressions {
			note(s.MatchExpressions[i].Key)
		}
	}
	keys := func(list []string) {
		for _, k := range list {
			note(k)
		}
	}
	for i := range pod.Spec.TopologySpreadConstraints {
		t := &pod.Spec.TopologySpreadConstraints[i]
		selector(t.LabelSelector)
		keys(t.MatchLabelKeys)
	}
	forEachTerm(pod.Spec.Affinity, func(t *corev1.PodAffinityTerm) {
		selector(t.LabelSelector)
		keys(t.MatchLabelKeys)
		keys(t.MismatchLabelKeys)
	})
	if late != "" {
		return fmt.Errorf("%w: pod %s/%s reads the label %q of others, which was not mentioned when they were classed",
			ErrInvalid, pod.Namespace, pod.Name, late)
	}
	return nil
}

// forEachTerm visits the terms of pod affinity and anti-affinity, preferred ones included.
func forEachTerm(a *corev1.Affinity, f func(*corev1.PodAffinityTerm)) {
	if a == nil {
		return
	}
	if p := a.PodAffinity; p != nil {
		for i := range p.RequiredDuringSchedulingIgnoredDuringExecution {
			f(&p.RequiredDuringSchedulingIgnoredDuringExecution[i])
		}
		for i := range p.PreferredDuringSchedulingIgnoredDuringExecution {
			f(&p.PreferredDuringSchedulingIgnoredDuringExecution[i].PodAffinityTerm)
		}
	}
	if p := a.PodAntiAffinity; p != nil {
		for i := range p.RequiredDuringSchedulingIgnoredDuringExecution {
			f(&p.RequiredDuringSchedulingIgnoredDuringExecution[i])
		}
		for i := range p.PreferredDuringSchedulingIgnoredDuringExecution {
			f(&p.PreferredDuringSchedulingIgnoredDuringExecution[i].PodAffinityTerm)
		}
	}
}

// Class returns the class of a pod, a new one where it is unlike all before.
func (c *Classifier) Class(pod *corev1.Pod) (Class, error) {
	if pod == nil {
		return -1, fmt.Errorf("%w: pod: none", ErrInvalid)
	}
	print, unseen := c.fingerprint(pod)
	if class, ok := c.known(pod, print); ok {
		if unseen {
			c.drop(pod.Labels)
		}
		return class, nil
	}
	read := len(c.readKeys)
	if err := c.Mention(pod); err != nil {
		return -1, err
	}
	c.drop(pod.Labels)
	class, err := c.writtenOut(pod)
	if err != nil {
		return -1, err
	}
	if len(c.readKeys) > read {
		print, _ = c.fingerprint(pod) // more of it counts now
	}
	c.learn(pod, class, print)
	return class, nil
}

// key notes whether a label counts.
func (c *Classifier) key(key string, read bool) {
	if c.keys == nil {
		c.keys = map[string]bool{}
	}
	c.keys[key] = read
	if read {
		c.readKeys = append(c.readKeys, key)
	}
}

// drop notes which labels of a classed pod do not count.
func (c *Classifier) drop(labels map[string]string) {
	if c.AllLabels {
		return
	}
	for k := range labels {
		if _, seen := c.keys[k]; !seen {
			c.key(k, false)
		}
	}
}

// writtenOut finds the class by the pod's canonical form.
func (c *Classifier) writtenOut(pod *corev1.Pod) (Class, error) {
	if err := c.encode(pod); err != nil {
		return -1, fmt.Errorf("%w: pod %s/%s: %v", ErrInvalid, pod.Namespace, pod.Name, err)
	}
	if class, ok := c.classes[string(c.buf)]; ok {
		return class, nil
	}
	if c.classes == nil {
		c.classes = map[string]Class{}
	}
	class := Class(len(c.samples))
	c.classes[string(c.buf)] = class
	c.samples = append(c.samples, pod)
	return class, nil
}

// encode writes what counts of a pod into c.buf, unambiguously: every part is preceded by its length.
func (c *Classifier) encode(pod *corev1.Pod) error {
	c.buf = c.buf[:0]
	c.text(pod.Namespace)
	c.flag(pod.DeletionTimestamp != nil)
	c.labels(pod.Labels)
	c.stringMap(pod.Spec.NodeSelector)
	c.requests(pod)
	for i := range pod.Spec.InitContainers {
		if Sidecar(&pod.Spec.InitContainers[i]) {
			c.ports(&pod.Spec.InitContainers[i])
		}
	}
	for i := range pod.Spec.Containers {
		c.ports(&pod.Spec.Containers[i])
	}
	c.number(0) // no port: the list ends
	c.number(len(pod.Spec.Tolerations))
	for i := range pod.Spec.Tolerations {
		t := &pod.Spec.Tolerations[i]
		c.text(t.Key)
		c.text(string(t.Operator))
		c.text(t.Value)
		c.text(string(t.Effect))
	}
	c.flag(pod.Spec.Affinity != nil)
	if pod.Spec.Affinity != nil {
		if err := c.message(pod.Spec.Affinity); err != nil {
			return err
		}
	}
	c.number(len(pod.Spec.TopologySpreadConstraints))
	for i := range pod.Spec.TopologySpreadConstraints {
		if err := c.message(&pod.Spec.TopologySpreadConstraints[i]); err != nil {
			return err
		}
	}
	for i := range pod.Spec.Volumes {
		v := &pod.Spec.Volumes[i]
		if name, ephemeral := claimName(pod, v); name != "" {
			c.text("claim")
			c.text(name)
			c.flag(ephemeral)
		} else if _, ok := inlineDisk(v); ok {
			c.text("disk")
			if err := c.message(v); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Classifier) text(s string) {
	c.number(len(s))
	c.buf = append(c.buf, s...)
}

func (c *Classifier) number(n int) { c.buf = binary.AppendVarint(c.buf, int64(n)) }

func (c *Classifier) flag(b bool) {
	if b {
		c.buf = append(c.buf, 1)
	} else {
		c.buf = append(c.buf, 0)
	}
}

// message appends the wire form, in which equal values are equal bytes: maps are written in the order of their keys.
func (c *Classifier) message(m interface {
	Size() int
	MarshalToSizedBuffer([]byte) (int, error)
}) error {
	n := m.Size()
	c.number(n)
	start := len(c.buf)
	c.buf = slices.Grow(c.buf, n)[:start+n]
	_, err := m.MarshalToSizedBuffer(c.buf[start:])
	return err
}

func (c *Classifier) labels(m map[string]string) {
	c.names = c.names[:0]
	for k := range m {
		if c.reads(k) {
			c.names = append(c.names, k)
		}
	}
	c.pairs(m)
}

func (c *Classifier) stringMap(m map[string]string) {
	c.names = c.names[:0]
	for k := range m {
		c.names = append(c.names, k)
	}
	c.pairs(m)
}

// pairs writes the entries of the map whose keys c.names lists.
func (c *Classifier) pairs(m map[string]string) {
	slices.Sort(c.names)
	c.number(len(c.names))
	for _, k := range c.names {
		c.text(k)
		c.text(m[k])
	}
}

// requests writes the effective requests.
func (c *Classifier) requests(pod *corev1.Pod) {
	effective := corev1.ResourceList(nil)
	if len(pod.Spec.Containers) == 1 && len(pod.Spec.InitContainers) == 0 && pod.Spec.Resources == nil && len(pod.Spec.Overhead) == 0 && !resizing(pod) {
		effective = pod.Spec.Containers[0].Resources.Requests
	} else {
		effective = Requests(pod)
	}
	c.resources = c.resources[:0]
	for name, q := range effective {
		c.resources = append(c.resources, namedQuantity{name, q})
	}
	slices.SortFunc(c.resources, func(a, b namedQuantity) int { return strings.Compare(string(a.name), string(b.name)) })
	c.number(len(c.resources))
	for i := range c.resources {
		r := &c.resources[i]
		c.text(string(r.name))
		// The whole and, where it is small enough for that to be exact, the billionths; beyond, the thousandths.
		whole := r.q.Value()
		beyond := exceeds(&r.q)
		c.number(beyond)
		if beyond == 0 {
			c.number(int(whole))
		}
		switch {
		case beyond != 0:
		case -1<<30 < whole && whole < 1<<30:
			c.number(int(r.q.ScaledValue(resource.Nano)))
		case -1<<50 < whole && whole < 1<<50:
			c.number(int(r.q.MilliValue()))
		}
	}
}

func (c *Classifier) ports(container *corev1.Container) {
	for i := range container.Ports {
		p := &container.Ports[i]
		if p.HostPort > 0 {
			c.number(int(p.HostPort))
			c.text(p.HostIP)
			c.text(string(p.Protocol))
		}
	}
}
