package kube

import corev1 "k8s.io/api/core/v1"

// WrittenOut is Class without the shortcut for pods written alike.
func (c *Classifier) WrittenOut(pod *corev1.Pod) (Class, error) {
	if err := c.Mention(pod); err != nil {
		return -1, err
	}
	c.drop(pod.Labels)
	return c.writtenOut(pod)
}
