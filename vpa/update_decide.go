package vpa

import (
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// UpdateAction is what is done to a pod.
type UpdateAction string

// What is done to a pod.
const (
	// ActionNone leaves the pod alone.
	ActionNone UpdateAction = "None"
	// ActionEvict evicts it, so that it is made anew with the recommendation.
	ActionEvict UpdateAction = "Evict"
	// ActionResize resizes it in place.
	ActionResize UpdateAction = "Resize"
)

// The reasons of the events that upstream's updater writes on a pod.
const (
	// EventEvicted is written on a pod that was evicted.
	EventEvicted = "EvictedByVPA"
	// EventResized is written on a pod that was resized in place.
	EventResized = "InPlaceResizedByVPA"
)

// UpdateDecision is what the updater does to the pods of one VerticalPodAutoscaler, and why.
type UpdateDecision struct {
	// Mode is the update mode in effect.
	Mode UpdateMode `json:"mode"`
	// Pods are the decisions about each pod, in the order of the input.
	Pods []PodUpdate `json:"pods"`
	// Resize are the pods to resize in place, as places in Pods, in order. It comes before Evict.
	Resize []int `json:"resize,omitempty"`
	// Evict are the pods to evict, as places in Pods, in order.
	Evict []int `json:"evict,omitempty"`
	// Groups are the disruption budgets.
	Groups []Group `json:"groups,omitempty"`
	// UpstreamCrash says on what upstream crashes, in which case no pod is touched; empty mostly.
	UpstreamCrash string `json:"upstreamCrash,omitempty"`
}

// PodUpdate is the decision about one pod.
type PodUpdate struct {
	// Name is the pod's name.
	Name string `json:"name"`
	// UID is the pod's UID.
	UID types.UID `json:"uid,omitempty"`
	// Action is what is done.
	Action UpdateAction `json:"action"`
	// Reason is why the pod is not touched, or why it is.
	Reason UpdateReason `json:"reason"`
	// Detail is a second reason: why the budget lets a pod be evicted in spite of a resize, or sends a resize without
	// budget; empty mostly.
	Detail UpdateReason `json:"detail,omitempty"`
	// EventReason is that of the event to write on the pod; empty where nothing is done.
	EventReason string `json:"eventReason,omitempty"`
	// FallBack tells that the pod is to be evicted if the call for its resize fails, while its budget allows (N8).
	FallBack bool `json:"fallBack,omitempty"`
	// Priority is how much the pod is out of place; zero where nobody asked.
	Priority Priority `json:"priority"`
	// Rank is the pod's place among those accepted, from 1 on; 0 for others.
	Rank int `json:"rank,omitempty"`
	// Group is the pod's budget, as a place in Groups; -1 without one.
	Group int `json:"group"`
	// QuickOOM is the container that was killed soon after its start.
	QuickOOM string `json:"quickOOM,omitempty"`
	// Until is when the reason for leaving the pod alone ends, where time ends it.
	Until time.Time `json:"until,omitzero"`
	// Defect names what the decision owes to an upstream defect; empty mostly.
	Defect string `json:"defect,omitempty"`
	// Recommendation is what the pod is to get; nil where nothing is done. Pods that get the same may share it.
	Recommendation *RecommendedPodResources `json:"recommendation,omitempty"`
}

// Update decides which pods of a VerticalPodAutoscaler are evicted or resized in place, in what order, and why each is or
// is not (U1 to U10, B1 to B7, N1 to N8). Neither input nor state is modified.
func Update(cfg UpdateConfig, in UpdateInput, st UpdateState) (UpdateDecision, UpdateState, error) {
	u, err := NewUpdater(cfg, in, st)
	if err != nil {
		return UpdateDecision{}, st, err
	}
	d, err := u.Decide()
	if err != nil {
		return UpdateDecision{}, st, err
	}
	return d, u.state, nil
}

// Decide is the whole decision. It uses the budgets up, and can be asked once.
func (u *Updater) Decide() (UpdateDecision, error) {
	d := UpdateDecision{Mode: u.mode, Pods: make([]PodUpdate, len(u.pods))}
	for i, p := range u.in.Pods {
		d.Pods[i] = PodUpdate{Name: p.Name, UID: p.UID, Action: ActionNone, Group: u.pods[i].group}
	}
	var err error
	switch u.mode {
	case UpdateModeOff:
		d.all(ReasonModeOff)
	case UpdateModeInitial:
		d.all(ReasonModeInitial)
	case UpdateModeInPlace, UpdateModeInPlaceOrRecreate:
		if u.mode == UpdateModeInPlace && !u.cfg.Gates.InPlace {
			d.all(ReasonGate)
			break
		}
		err = u.resizes(&d)
	default:
		err = u.evictions(&d)
	}
	if errors.Is(err, ErrUpstreamCrash) {
		d.UpstreamCrash = err.Error()
		d.Resize, d.Evict = nil, nil
		for i := range d.Pods {
			d.Pods[i].Action, d.Pods[i].Reason, d.Pods[i].EventReason = ActionNone, ReasonUpstreamCrash, ""
		}
		err = nil
	}
	for i := range d.Pods {
		p, at := &d.Pods[i], &u.pods[i]
		p.Priority, p.Rank, p.QuickOOM = at.priority, at.rank, at.quickOOM
		if p.Action != ActionNone {
			p.Recommendation = u.capped(i)
		}
		if p.Action == ActionEvict && u.oldClock(i) {
			p.Defect = "the time counts from an earlier resize, which is never forgotten"
		}
		if p.Reason == ReasonTooYoung {
			p.Until = at.until
		}
	}
	d.Groups = u.groups
	u.forget()
	return d, err
}

func (d *UpdateDecision) all(why UpdateReason) {
	for i := range d.Pods {
		d.Pods[i].Reason = why
	}
}

// boosted tells whether a pod's boost keeps it from being updated.
func (u *Updater) boosted(pod *corev1.Pod) bool {
	return u.cfg.Gates.CPUStartupBoost && u.in.Object.boosts() && boostedPod(pod)
}

// evictions are the modes Recreate and Auto.
func (u *Updater) evictions(d *UpdateDecision) error {
	candidates := make([]int, 0, len(u.pods))
	for i, pod := range u.in.Pods {
		switch ok, why := u.CanEvict(i); {
		case pod.DeletionTimestamp != nil:
			d.Pods[i].Reason = ReasonTerminating
		case u.boosted(pod):
			d.Pods[i].Reason = ReasonBoosted
		case !ok:
			d.Pods[i].Reason = why
			d.Pods[i].Until = u.timeout(i, why)
		default:
			d.Pods[i].Detail = why
			candidates = append(candidates, i)
		}
	}
	order, err := u.order(d, candidates)
	if err != nil {
		return err
	}
	u.evict(d, order)
	return nil
}

// order ranks candidates and writes down why the others were not accepted.
func (u *Updater) order(d *UpdateDecision, candidates []int) ([]int, error) {
	order, err := u.Order(candidates)
	for _, i := range candidates {
		d.Pods[i].Reason = u.pods[i].reason
	}
	return order, err
}

// evict goes through an order while the budgets allow.
func (u *Updater) evict(d *UpdateDecision, order []int) {
	for _, i := range order {
		ok, why := u.CanEvict(i)
		if !ok {
			d.Pods[i].Reason = why
			continue
		}
		u.Evict(i)
		d.Evict = append(d.Evict, i)
		d.Pods[i].Action, d.Pods[i].EventReason = ActionEvict, EventEvicted
	}
}

// resizes are the modes InPlaceOrRecreate and InPlace (N8).
func (u *Updater) resizes(d *UpdateDecision) error {
	always := u.mode == UpdateModeInPlace && !u.profile.InPlaceDeferral
	candidates := make([]int, 0, len(u.pods))
	for i, pod := range u.in.Pods {
		what, why := u.CanResize(i)
		p := &d.Pods[i]
		p.Detail = why
		switch {
		case pod.DeletionTimestamp != nil:
			p.Reason = ReasonTerminating
		case u.boosted(pod):
			p.Reason = ReasonBoosted
		case what == InPlaceApproved, what == InPlaceInfeasible, what == InPlaceEvict, what == InPlaceDeferred && always:
			candidates = append(candidates, i)
			continue
		default:
			p.Reason = why
			p.Until = u.timeout(i, why)
		}
		p.Detail = ""
	}
	order, err := u.order(d, candidates)
	if err != nil {
		return err
	}
	var evict []int
	for _, i := range order {
		what, why := u.CanResize(i)
		p := &d.Pods[i]
		switch what {
		case InPlaceDeferred:
			if !always || u.groupless(i) {
				p.Reason, p.Detail = why, ""
				continue
			}
			p.Detail = ReasonDeferralIgnored
			p.Defect = "mode InPlace sends a resize that was to be deferred"
		case InPlaceEvict:
			p.Detail = why
			evict = append(evict, i)
			continue
		case InPlaceInfeasible:
			u.recordInfeasible(u.in.Pods[i].UID)
		case InPlaceInfeasibleCached:
			p.Reason, p.Detail = why, ""
			continue
		}
		u.Resize(i)
		d.Resize = append(d.Resize, i)
		p.Action, p.EventReason, p.FallBack = ActionResize, EventResized, u.mode == UpdateModeInPlaceOrRecreate
	}
	u.evict(d, evict)
	return nil
}

// groupless tells whether a pod belongs to no group that may be touched: for such a pod upstream's call fails before
// anything is sent.
func (u *Updater) groupless(i int) bool {
	g := u.pods[i].group
	return g < 0 || u.groups[g].Ignored != ""
}

func (u *Updater) recordInfeasible(pod types.UID) {
	if u.state.Infeasible == nil {
		u.state.Infeasible = map[types.UID]*RecommendedPodResources{}
	}
	u.state.Infeasible[pod] = u.in.Object.Status.Recommendation
}

// timeout is when a resize that goes on has lasted too long.
func (u *Updater) timeout(i int, why UpdateReason) time.Time {
	seen := u.pods[i].resizeSeen
	if why != ReasonResizing || seen.IsZero() {
		return time.Time{}
	}
	if condition(u.in.Pods[i], corev1.PodResizePending) != nil {
		return seen.Add(deferredTimeout)
	}
	return seen.Add(inProgressTimeout)
}

// oldClock tells whether a resize that goes on began after the time it is counted from (N5).
func (u *Updater) oldClock(i int) bool {
	seen := u.pods[i].resizeSeen
	for _, of := range [...]corev1.PodConditionType{corev1.PodResizePending, corev1.PodResizeInProgress} {
		if c := condition(u.in.Pods[i], of); c != nil && !seen.IsZero() && c.LastTransitionTime.After(seen) {
			return true
		}
	}
	return false
}

// forget drops what is remembered of pods that are gone, and when the clock of resizes is repaired, of resizes that are
// over.
func (u *Updater) forget() {
	uids, names := map[types.UID]bool{}, map[string]bool{}
	if len(u.state.Infeasible) > 0 || len(u.state.FirstSeenResizing) > 0 {
		for _, p := range u.in.Pods {
			uids[p.UID] = true
			names[podKey(p)] = resizing(p)
		}
	}
	for uid := range u.state.Infeasible {
		if !uids[uid] {
			delete(u.state.Infeasible, uid)
		}
	}
	for name := range u.state.FirstSeenResizing {
		if u.profile.ResizeClock && !names[name] {
			delete(u.state.FirstSeenResizing, name)
		}
	}
}
