package clusterautoscaler

import (
	"cmp"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// EvictionOptions say how pods are evicted from a node that goes.
type EvictionOptions struct {
	MaxGracefulTermination time.Duration      // max-graceful-termination-sec: no pod gets more; 0: its own; default 10 min
	MaxPodEvictionTime     time.Duration      // max-pod-eviction-time: how long an eviction is tried; default 2 min
	Priorities             []EvictionPriority // drain-priority-config; default none: all at once
	DaemonSetsOfEmpty      bool               // daemonset-eviction-for-empty-nodes; default false
	DaemonSetsOfOccupied   bool               // daemonset-eviction-for-occupied-nodes; default true
}

// EvictionPriority is the grace of pods from a priority on.
type EvictionPriority struct {
	Priority int32         // from which priority on
	Grace    time.Duration // the most that they get
}

// DefaultEvictionOptions are upstream's defaults.
func DefaultEvictionOptions() EvictionOptions {
	return EvictionOptions{MaxGracefulTermination: 10 * time.Minute, MaxPodEvictionTime: 2 * time.Minute, DaemonSetsOfOccupied: true}
}

// AnnotationDaemonSetEviction on a pod of a DaemonSet says whether it is evicted: true, or anything else for no (D44).
const AnnotationDaemonSetEviction = "cluster-autoscaler.kubernetes.io/enable-ds-eviction"

const (
	evictionRetry  = 10 * time.Second // between two tries to evict a pod
	graceToVanish  = 30 * time.Second // that pods get beyond their own
	withoutMaximum = 0                // of a grace
)

// Eviction is how a node is emptied: its steps one after another, the pods of a step together.
type Eviction struct {
	Steps      []EvictionStep `json:"steps,omitempty"`   // by priority, the least important first
	Retry      time.Duration  `json:"retry"`             // between two tries
	GiveUp     time.Duration  `json:"giveUp"`            // how long each step tries
	DaemonSets bool           `json:"daemonSetsMustGo"`  // pods of DaemonSets must go too; else they are only asked to
	Waits      []string       `json:"waits,omitempty"`   // pods whose end is waited for before
	Staying    []string       `json:"staying,omitempty"` // pods of DaemonSets that are not evicted
}

// EvictionStep are pods that are evicted together.
type EvictionStep struct {
	Priority int32         `json:"priority"`        // of drain-priority-config; 0 where there is none
	Pods     []EvictedPod  `json:"pods"`            // in the order given
	Vanish   time.Duration `json:"vanish"`          // how long they have to vanish, once evicted
	Grace    time.Duration `json:"grace,omitempty"` // the most that a pod of the step gets; 0: no limit
}

// EvictedPod is a pod with the time that it gets to end.
type EvictedPod struct {
	Pod       *corev1.Pod   `json:"-"`                   // what is evicted
	Name      string        `json:"pod"`                 // its namespace and name
	Grace     time.Duration `json:"grace"`               // its own, within the step's limit (D42)
	DaemonSet bool          `json:"daemonSet,omitempty"` // it is of a DaemonSet
}

// PlanEviction says how a node with these pods is emptied (D42 to D44). The plan is what [Drainer.Plan] says of them.
func PlanEviction(p DrainPlan, o EvictionOptions) Eviction {
	e := Eviction{Retry: evictionRetry, GiveUp: o.MaxPodEvictionTime, DaemonSets: len(o.Priorities) > 0}
	priorities := slices.Clone(o.Priorities)
	slices.SortStableFunc(priorities, func(a, b EvictionPriority) int { return cmp.Compare(a.Priority, b.Priority) })
	if len(priorities) == 0 {
		priorities = []EvictionPriority{{Grace: o.MaxGracefulTermination}}
	}
	steps := make([]EvictionStep, len(priorities))
	for i, p := range priorities {
		steps[i] = EvictionStep{Priority: p.Priority, Grace: p.Grace, Vanish: p.Grace + graceToVanish}
	}
	for _, pod := range p.Move {
		steps[stepOf(priorities, pod)].add(pod, false)
	}
	for _, pod := range p.DaemonSet {
		if o.evicts(pod, len(p.Move) == 0) {
			steps[stepOf(priorities, pod)].add(pod, true)
		} else {
			e.Staying = append(e.Staying, podName(pod))
		}
	}
	for _, pod := range p.OnCompletion {
		e.Waits = append(e.Waits, podName(pod))
	}
	e.Steps = slices.DeleteFunc(steps, func(s EvictionStep) bool { return len(s.Pods) == 0 })
	return e
}

// stepOf is the last step that asks for no more than the pod's priority, or the first (D43).
func stepOf(priorities []EvictionPriority, pod *corev1.Pod) int {
	at := 0
	for i := range priorities {
		if priorities[i].Priority <= priority(pod) {
			at = i
		}
	}
	return at
}

// evicts tells whether a pod of a DaemonSet is evicted (D44).
func (o *EvictionOptions) evicts(pod *corev1.Pod, empty bool) bool {
	if say, ok := pod.Annotations[AnnotationDaemonSetEviction]; ok {
		return say == "true"
	}
	if empty {
		return o.DaemonSetsOfEmpty
	}
	return o.DaemonSetsOfOccupied
}

func (s *EvictionStep) add(pod *corev1.Pod, daemonSet bool) {
	grace := time.Duration(corev1.DefaultTerminationGracePeriodSeconds) * time.Second
	if own := pod.Spec.TerminationGracePeriodSeconds; own != nil {
		grace = time.Duration(*own) * time.Second
	}
	if s.Grace > withoutMaximum {
		grace = min(grace, s.Grace)
	}
	s.Pods = append(s.Pods, EvictedPod{Pod: pod, Name: podName(pod), Grace: grace, DaemonSet: daemonSet})
}
