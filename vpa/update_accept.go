package vpa

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Accept decides whether a pod is out of place enough to be updated, whatever the budget says (U5 to U8, U10). Why is the
// reason for either.
func (u *Updater) Accept(i int) (accepted bool, why UpdateReason, err error) {
	pod, at := u.in.Pods[i], &u.pods[i]
	if err := u.prepare(i); err != nil {
		return false, "", err
	}
	if u.mode == UpdateModeInPlace {
		if last, ok := u.state.Infeasible[pod.UID]; ok && !undercuts(last, u.capped(i)) {
			return false, ReasonInfeasibleBefore, nil
		}
	}
	at.quickOOM = u.quickOOM(pod)
	switch {
	case at.quickOOM != "" && at.priority.ResourceDiff == 0:
		return false, ReasonOOMNoChange, nil // U8
	case at.priority.OutsideRange:
		why = ReasonOutsideRange
	case at.quickOOM != "":
		why = ReasonQuickOOM
	case pod.Status.StartTime == nil:
		return false, ReasonNoStartTime, nil
	case u.in.Now.Before(pod.Status.StartTime.Add(u.cfg.LifetimeThreshold)):
		at.until = pod.Status.StartTime.Add(u.cfg.LifetimeThreshold)
		return false, ReasonTooYoung, nil
	case at.priority.ResourceDiff < u.cfg.PodUpdateThreshold:
		return false, ReasonSmallDifference, nil
	default:
		why = ReasonDifference
	}
	if u.nothing {
		if u.profile.EmptyRecommendation {
			return false, ReasonNoRecommendation, nil
		}
		return false, "", fmt.Errorf("%w: pod %s: a threshold of %v accepts a pod without a recommendation or a policy",
			ErrUpstreamCrash, podKey(pod), u.cfg.PodUpdateThreshold)
	}
	if !u.admitted(i) {
		return false, ReasonRequirements, nil
	}
	return true, why, nil
}

// quickOOM names the container that was killed soon after its start, and not long ago (U6); empty without one.
func (u *Updater) quickOOM(pod *corev1.Pod) string {
	threshold := u.cfg.EvictAfterOOM
	if p := u.in.Object.Spec.UpdatePolicy; p != nil && p.EvictAfterOOMSeconds != nil && u.cfg.Gates.PerVPAConfig {
		threshold = time.Duration(*p.EvictAfterOOMSeconds) * time.Second
	}
	found := ""
	seen, asked := observedContainers{}, false
	for i := range pod.Status.ContainerStatuses {
		s := &pod.Status.ContainerStatuses[i]
		end := s.LastTerminationState.Terminated
		if end == nil || end.Reason != "OOMKilled" ||
			end.FinishedAt.Sub(end.StartedAt.Time) >= threshold || u.in.Now.Sub(end.FinishedAt.Time) >= threshold {
			continue
		}
		if !asked {
			seen, asked = observed(pod), true
		}
		if !seen.has(s.Name) || u.in.Object.Spec.ResourcePolicy.PolicyFor(s.Name).off() {
			continue
		}
		found = s.Name
	}
	return found
}

// admitted holds a pod against the eviction requirements (U10). They count where there is an update policy, even
// without requirements: a pod of which no container has a recommendation is not admitted then.
func (u *Updater) admitted(i int) bool {
	policy := u.in.Object.Spec.UpdatePolicy
	if policy == nil {
		return true
	}
	pod := u.in.Pods[i]
	t := u.targetsOf(i)
	for j := range pod.Spec.Containers {
		name := pod.Spec.Containers[j].Name
		c := t.of(name)
		if c == nil {
			continue
		}
		requests, _ := inEffect(pod, name)
		_, cpu := requests[corev1.ResourceCPU]
		_, memory := requests[corev1.ResourceMemory]
		if !cpu || !memory || c.meets(requests, policy.EvictionRequirements) {
			return true
		}
	}
	return false
}

func (c *containerTarget) meets(requests corev1.ResourceList, requirements []EvictionRequirement) bool {
	for _, r := range requirements {
		if !slices.ContainsFunc(r.Resources, func(name corev1.ResourceName) bool {
			request := requests[name]
			target, milli := c.milli(name), request.MilliValue()
			return r.ChangeRequirement == TargetHigherThanRequests && target > milli ||
				r.ChangeRequirement == TargetLowerThanRequests && target < milli
		}) {
			return false
		}
	}
	return true
}

// milli is the target of a resource in thousandths, 0 without one.
func (c *containerTarget) milli(name corev1.ResourceName) int64 {
	for i := range c.resources {
		if c.resources[i].name == name {
			return c.resources[i].milli
		}
	}
	return 0
}

// Order accepts pods and puts them in the order in which they are updated (U9). Ties fall as upstream's sort lets them,
// which keeps the order of up to twelve pods.
func (u *Updater) Order(pods []int) ([]int, error) {
	type ranked struct {
		pod int
		Priority
	}
	accepted := make([]ranked, 0, len(pods))
	// Requirements are held against a pod after sorting upstream; they must not change how ties fall.
	var refused []int
	for _, i := range pods {
		ok, why, err := u.Accept(i)
		if err != nil {
			return nil, err
		}
		u.pods[i].accepted, u.pods[i].reason = ok, why
		if !ok && why == ReasonRequirements {
			refused = append(refused, i)
			ok = true
		}
		if ok {
			accepted = append(accepted, ranked{i, u.pods[i].priority})
		}
	}
	slices.SortFunc(accepted, func(a, b ranked) int {
		switch {
		case b.less(a.Priority):
			return -1
		case a.less(b.Priority):
			return 1
		}
		return 0
	})
	order := make([]int, 0, len(accepted))
	for _, r := range accepted {
		if len(refused) > 0 && slices.Contains(refused, r.pod) {
			continue
		}
		order = append(order, r.pod)
		u.pods[r.pod].rank = len(order)
	}
	return order, nil
}
