package vpa

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

// InPlace says what becomes of an in-place resize.
type InPlace string

// The decisions about an in-place resize.
const (
	// InPlaceApproved resizes now.
	InPlaceApproved InPlace = "InPlaceApproved"
	// InPlaceDeferred waits.
	InPlaceDeferred InPlace = "InPlaceDeferred"
	// InPlaceEvict evicts instead.
	InPlaceEvict InPlace = "InPlaceEvict"
	// InPlaceInfeasible means that the node has no room; the attempt is recorded and repeated.
	InPlaceInfeasible InPlace = "InPlaceInfeasible"
	// InPlaceInfeasibleCached means that no less is recommended than what had no room before.
	InPlaceInfeasibleCached InPlace = "InPlaceInfeasibleCached"
)

// The time a resize may be deferred, and be in progress, before the pod is evicted instead (N5).
const (
	deferredTimeout   = 5 * time.Minute
	inProgressTimeout = time.Hour
)

// resizing tells whether the first condition about a resize is true (N3).
func resizing(pod *corev1.Pod) bool {
	for i := range pod.Status.Conditions {
		if c := &pod.Status.Conditions[i]; c.Type == corev1.PodResizePending || c.Type == corev1.PodResizeInProgress {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// CanResize decides whether a pod is resized in place, and says why (N1 to N7).
func (u *Updater) CanResize(i int) (InPlace, UpdateReason) {
	pod, at := u.in.Pods[i], &u.pods[i]
	if u.mode == UpdateModeInPlace && !u.cfg.Gates.InPlace {
		return InPlaceDeferred, ReasonGate
	}
	if at.group < 0 {
		return InPlaceDeferred, ReasonTerminating
	}
	g := &u.groups[at.group]
	switch {
	case g.Ignored != "":
		return InPlaceDeferred, g.Ignored
	case pod.Status.Phase == corev1.PodPending:
		return InPlaceDeferred, ReasonPending
	case u.in.Object.Status.Recommendation == nil:
		return InPlaceDeferred, ReasonNoRecommendation
	}
	if u.mode == UpdateModeInPlace {
		// N2: the recommendation as it stands in the object, not as capped for the pod.
		if last, ok := u.state.Infeasible[pod.UID]; ok && !undercuts(last, u.in.Object.Status.Recommendation) {
			return InPlaceInfeasibleCached, ReasonInfeasibleBefore
		}
	}
	if resizing(pod) {
		if u.mode == UpdateModeInPlace {
			if c := condition(pod, corev1.PodResizePending); c != nil && c.Reason == corev1.PodReasonInfeasible {
				return InPlaceInfeasible, ReasonInfeasible
			}
			return InPlaceDeferred, ReasonResizing
		}
		if why := u.stuck(i); why != "" {
			return InPlaceEvict, why
		}
		return InPlaceDeferred, ReasonResizing
	}
	switch {
	case u.cfg.InPlaceSkipDisruptionBudget && harmless(pod):
		return InPlaceApproved, ReasonNoRestart
	case g.disruptable():
		return InPlaceApproved, ""
	}
	return InPlaceDeferred, ReasonBudget
}

// stuck says why a pod whose resize goes on may be evicted instead; empty where it may not (N5). It notes when the
// resize was first seen.
func (u *Updater) stuck(i int) UpdateReason {
	pod := u.in.Pods[i]
	seen, ok := u.state.FirstSeenResizing[podKey(pod)]
	if !ok {
		seen = u.in.Now
		if u.state.FirstSeenResizing == nil {
			u.state.FirstSeenResizing = map[string]time.Time{}
		}
		u.state.FirstSeenResizing[podKey(pod)] = seen
	}
	u.pods[i].resizeSeen = seen
	if !u.groups[u.pods[i].group].disruptable() {
		return ""
	}
	if c := condition(pod, corev1.PodResizePending); c != nil {
		switch c.Reason {
		case corev1.PodReasonDeferred:
			if u.in.Now.Sub(seen) > deferredTimeout {
				return ReasonDeferredTooLong
			}
			return ""
		case corev1.PodReasonInfeasible:
			return ReasonInfeasible
		}
		return ReasonResizeUnknown
	}
	if c := condition(pod, corev1.PodResizeInProgress); c != nil {
		switch {
		case c.Reason == "" && c.Message == "":
			if u.in.Now.Sub(seen) > inProgressTimeout {
				return ReasonInProgressTooLong
			}
			return ""
		case c.Reason == corev1.PodReasonError:
			return ReasonResizeError
		}
		return ReasonResizeUnknown
	}
	return ""
}

// harmless tells whether no container must restart for a resize (N7).
func harmless(pod *corev1.Pod) bool {
	for i := range pod.Spec.Containers {
		for _, p := range pod.Spec.Containers[i].ResizePolicy {
			if p.RestartPolicy == corev1.RestartContainer {
				return false
			}
		}
	}
	return true
}

// undercuts tells whether some target is lower than it was in an earlier attempt.
func undercuts(last, now *RecommendedPodResources) bool {
	if last == nil || now == nil {
		return false
	}
	for i := range now.ContainerRecommendations {
		e := &now.ContainerRecommendations[i]
		for j := range last.ContainerRecommendations {
			was := &last.ContainerRecommendations[j]
			if was.ContainerName != e.ContainerName {
				continue
			}
			for name, q := range e.Target {
				if old, ok := was.Target[name]; ok && q.Cmp(old) < 0 {
					return true
				}
			}
		}
	}
	return false
}
