package clusterautoscaler

import (
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/binpack/kube"
)

// PodClass is what a pod is to the Cluster Autoscaler (R2).
type PodClass string

// The classes.
const (
	PodScheduled     PodClass = "Scheduled"     // it is on a node
	PodNominated     PodClass = "Nominated"     // a node is being cleared for it
	PodUnschedulable PodClass = "Unschedulable" // the scheduler found no place
	PodUnprocessed   PodClass = "Unprocessed"   // its scheduler, one that is bypassed, has not looked yet
	PodIgnored       PodClass = "Ignored"       // it is not looked at: being deleted, gated, or too new for the scheduler
	PodFinished      PodClass = "Finished"      // it has ended
	PodForeign       PodClass = "Foreign"       // its scheduler is not among those allowed
)

// ClassOf tells what a pod is (R1 to R3).
func ClassOf(pod *corev1.Pod, o *Options) PodClass {
	switch {
	case kube.Finished(pod):
		return PodFinished
	case len(o.AllowedSchedulers) > 0 && !slices.Contains(o.AllowedSchedulers, pod.Spec.SchedulerName):
		return PodForeign
	case pod.Spec.NodeName != "":
		return PodScheduled
	case pod.DeletionTimestamp != nil:
		return PodIgnored
	case pod.Status.NominatedNodeName != "":
		return PodNominated
	}
	condition := scheduledCondition(pod)
	switch {
	case condition != nil && condition.Status == corev1.ConditionFalse && condition.Reason == corev1.PodReasonUnschedulable:
		return PodUnschedulable
	case slices.Contains(o.BypassedSchedulers, pod.Spec.SchedulerName) && (condition == nil || condition.Status == corev1.ConditionFalse && condition.Reason == ""):
		return PodUnprocessed
	}
	return PodIgnored
}

func scheduledCondition(pod *corev1.Pod) *corev1.PodCondition {
	for i := range pod.Status.Conditions {
		if pod.Status.Conditions[i].Type == corev1.PodScheduled {
			return &pod.Status.Conditions[i]
		}
	}
	return nil
}

// Expendable tells that a pod's priority is so low that it does not count (R5).
func Expendable(pod *corev1.Pod, cutoff int32) bool {
	return pod.Spec.Priority != nil && *pod.Spec.Priority < cutoff
}

// Selection is which pods of a cluster count.
type Selection struct {
	Occupying []*corev1.Pod // on nodes, or about to be
	Pending   []*corev1.Pod // waiting for a place: those that the scheduler looked at first, in order
}

// SelectPods says which pods count (R1 to R5).
func SelectPods(pods []*corev1.Pod, o *Options) Selection {
	var s Selection
	var unprocessed []*corev1.Pod
	for _, p := range pods {
		if Expendable(p, o.ExpendablePodsPriorityCutoff) {
			continue
		}
		switch ClassOf(p, o) {
		case PodScheduled, PodNominated:
			s.Occupying = append(s.Occupying, p)
		case PodUnschedulable:
			s.Pending = append(s.Pending, withoutTPUs(p))
		case PodUnprocessed:
			unprocessed = append(unprocessed, withoutTPUs(p))
		}
	}
	s.Pending = append(s.Pending, unprocessed...)
	return s
}

// tpuPrefix begins the names of resources that do not count for pending pods (R6).
const tpuPrefix = "cloud-tpus.google.com/"

func withoutTPUs(p *corev1.Pod) *corev1.Pod {
	isTPU := func(name corev1.ResourceName, _ resource.Quantity) bool {
		return strings.HasPrefix(string(name), tpuPrefix)
	}
	asks := func(list corev1.ResourceList) bool {
		for name, q := range list {
			if isTPU(name, q) {
				return true
			}
		}
		return false
	}
	if !slices.ContainsFunc(p.Spec.Containers, func(c corev1.Container) bool { return asks(c.Resources.Requests) }) &&
		!slices.ContainsFunc(p.Spec.InitContainers, func(c corev1.Container) bool { return asks(c.Resources.Requests) }) {
		return p
	}
	p = p.DeepCopy()
	for _, containers := range [][]corev1.Container{p.Spec.Containers, p.Spec.InitContainers} {
		for i := range containers {
			maps.DeleteFunc(containers[i].Resources.Requests, isTPU)
			maps.DeleteFunc(containers[i].Resources.Limits, isTPU)
		}
	}
	return p
}

// leaving are the pods of nodes that are being drained, as those that will take their places (R6).
func leaving(nodes []*corev1.Node, occupying []*corev1.Pod) []*corev1.Pod {
	going := map[string]bool{}
	for _, n := range nodes {
		if _, ok := taintTime(n, TaintToBeDeleted); ok {
			going[n.Name] = true
		}
	}
	var out []*corev1.Pod
	if len(going) == 0 {
		return nil
	}
	for _, p := range occupying {
		if going[p.Spec.NodeName] && p.DeletionTimestamp == nil && !isMirrorPod(p) && !isStaticPod(p) && !isDaemonSetPod(p) {
			p = p.DeepCopy()
			p.Spec.NodeName, p.Status.NominatedNodeName = "", ""
			out = append(out, p)
		}
	}
	return out
}

// AnnotationScaleUpDelay lengthens the delay for one pod.
const AnnotationScaleUpDelay = "cluster-autoscaler.kubernetes.io/pod-scale-up-delay"

// oldEnough is R11: the pod's own delay counts where it is not shorter than the flag.
func oldEnough(p *corev1.Pod, now time.Time, delay time.Duration) bool {
	if text, ok := p.Annotations[AnnotationScaleUpDelay]; ok {
		if own, err := time.ParseDuration(text); err == nil && own >= delay {
			delay = own
		}
	}
	return now.Sub(p.CreationTimestamp.Time) > delay
}

// How long the scheduler is given for a pod before scale-up, and before pods with GPUs (R12).
const (
	newPodGrace = 2 * time.Second
	newGPUGrace = 30 * time.Second
)

// tooNew tells that the oldest pod, or the oldest that asks for a GPU, is so young that the scheduler may not be done with
// it. The whole loop waits then (R12).
func tooNew(pods []*corev1.Pod, now time.Time) bool {
	var oldest, oldestGPU time.Time
	older := func(t *time.Time, p *corev1.Pod) {
		if created := p.CreationTimestamp.Time; t.IsZero() || created.Before(*t) {
			*t = created
		}
	}
	for _, p := range pods {
		older(&oldest, p)
		if asksForGPU(p) {
			older(&oldestGPU, p)
		}
	}
	return oldest.Add(newPodGrace).After(now) || !oldestGPU.IsZero() && oldestGPU.Add(newGPUGrace).After(now)
}

// asksForGPU tells whether a GPU is among what a pod requests, even where it requests none of it.
func asksForGPU(p *corev1.Pod) bool {
	for i := range p.Spec.Containers {
		if namesGPU(p.Spec.Containers[i].Resources.Requests) {
			return true
		}
	}
	for i := range p.Spec.InitContainers {
		if namesGPU(p.Spec.InitContainers[i].Resources.Requests) {
			return true
		}
	}
	return namesGPU(p.Spec.Overhead)
}

func namesGPU(list corev1.ResourceList) bool {
	if len(list) == 0 {
		return false
	}
	for _, name := range gpuResources {
		if _, ok := list[name]; ok {
			return true
		}
	}
	return false
}

// isStaticPod tells that the kubelet has the pod from elsewhere than the API server.
func isStaticPod(p *corev1.Pod) bool {
	source, ok := p.Annotations["kubernetes.io/config.source"]
	return ok && source != "api"
}
