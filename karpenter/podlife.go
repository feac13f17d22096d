package karpenter

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// podActive tells that a pod has neither ended nor been told to.
func podActive(p *corev1.Pod) bool { return !podTerminal(p) && p.DeletionTimestamp == nil }

func podTerminal(p *corev1.Pod) bool {
	return p.Status.Phase == corev1.PodFailed || p.Status.Phase == corev1.PodSucceeded
}

func ownedBy(p *corev1.Pod, version, kind string) bool {
	for i := range p.OwnerReferences {
		if o := &p.OwnerReferences[i]; o.APIVersion == version && o.Kind == kind {
			return true
		}
	}
	return false
}

func isDaemon(p *corev1.Pod) bool { return ownedBy(p, "apps/v1", "DaemonSet") }
func isMirror(p *corev1.Pod) bool { return ownedBy(p, "v1", "Node") }

// Reschedulable tells whether a pod has to find another place when its node goes: it is active, or being deleted by a
// StatefulSet, which makes the next only when it is gone; and neither a DaemonSet nor the kubelet owns it (rule 64).
func Reschedulable(p *corev1.Pod) bool {
	return (podActive(p) || p.DeletionTimestamp != nil && ownedBy(p, "apps/v1", "StatefulSet")) && !isDaemon(p) && !isMirror(p)
}

var disruptedTaint = corev1.Taint{Key: TaintDisrupted, Effect: corev1.TaintEffectNoSchedule}

// stays tells that a pod tolerates the taint of nodes that are being taken away: it is left where it is.
func stays(p *corev1.Pod) bool { return kube.Tolerates(p.Spec.Tolerations, &disruptedTaint) }

// evictable tells whether a pod would be evicted at all.
func evictable(p *corev1.Pod, now time.Time) bool {
	return podActive(p) && !stays(p) && !isMirror(p) && !DoNotDisrupt(p, now).Active
}

// Protection is what a pod's annotation karpenter.sh/do-not-disrupt comes to.
type Protection struct {
	Active bool      `json:"active"`          // the pod must not be disrupted now
	Until  time.Time `json:"until,omitzero"`  // when that ends; the zero time: not by itself
	Value  string    `json:"value,omitempty"` // the annotation
	// Ignored is why an annotation that is there means nothing; empty otherwise.
	Ignored string `json:"ignored,omitempty"`
}

// String says it in words.
func (p Protection) String() string {
	switch {
	case p.Ignored != "":
		return "do-not-disrupt " + p.Ignored
	case p.Active && !p.Until.IsZero():
		return "do-not-disrupt until " + p.Until.Format(time.RFC3339)
	case p.Active:
		return fmt.Sprintf("do-not-disrupt %q", p.Value)
	case p.Value != "":
		return "do-not-disrupt is over"
	}
	return "no do-not-disrupt"
}

// DoNotDisrupt reads the annotation of a pod (rule 62): "true", or for how long from its start. A pod whose start is not
// known is protected; a value that is neither is ignored. Pods that have ended or are ending are not protected.
func DoNotDisrupt(pod *corev1.Pod, now time.Time) Protection {
	value, ok := pod.Annotations[AnnotationDoNotDisrupt]
	if !ok {
		return Protection{}
	}
	p := Protection{Value: value}
	if value == "true" {
		p.Active = podActive(pod)
		return p
	}
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 {
		p.Ignored = fmt.Sprintf("%q is neither true nor a positive duration", value)
		return p
	}
	if pod.Status.StartTime == nil {
		p.Active = podActive(pod)
		return p
	}
	until := pod.Status.StartTime.Add(d)
	if now.Before(until) && podActive(pod) {
		p.Active, p.Until = true, until
	}
	return p
}
