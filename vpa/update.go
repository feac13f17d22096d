package vpa

import (
	"fmt"
	"maps"
	"math"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// UpdateConfig holds the updater's flags. [UpdateDefaults] gives upstream's.
type UpdateConfig struct {
	// Profile says which of upstream's defects are repaired; default none.
	Profile Profile `json:"profile,omitzero"`
	// MinReplicas is how many live pods a group must have to be touched; default 2.
	MinReplicas int `json:"minReplicas"`
	// EvictionTolerance is the share of a group's configured pods that may be missing; default 0.5.
	EvictionTolerance float64 `json:"evictionTolerance"`
	// InPlaceSkipDisruptionBudget lets resizes that restart nothing pass without a budget; default false.
	InPlaceSkipDisruptionBudget bool `json:"inPlaceSkipDisruptionBudget,omitempty"`
	// PodUpdateThreshold is the least relative difference for which a pod within its range is updated; default 0.1.
	PodUpdateThreshold float64 `json:"podUpdateThreshold"`
	// LifetimeThreshold is the age from which on a pod within its range is updated; default 12 hours.
	LifetimeThreshold time.Duration `json:"lifetimeThreshold"`
	// EvictAfterOOM is how soon after its start, and how short a time ago, an out-of-memory kill counts as quick; default
	// 10 minutes.
	EvictAfterOOM time.Duration `json:"evictAfterOOM"`
	// Gates are the feature gates; default none.
	Gates Gates `json:"gates,omitzero"`
}

// UpdateDefaults returns upstream's flags.
func UpdateDefaults() UpdateConfig {
	return UpdateConfig{
		MinReplicas: 2, EvictionTolerance: 0.5, PodUpdateThreshold: 0.1, LifetimeThreshold: 12 * time.Hour, EvictAfterOOM: 10 * time.Minute,
	}
}

func (c *UpdateConfig) validate() error {
	if !(c.EvictionTolerance >= 0) || math.IsInf(c.EvictionTolerance, 0) {
		return invalid("evictionTolerance", c.EvictionTolerance, "is not a share of 0 or more")
	}
	if c.PodUpdateThreshold != c.PodUpdateThreshold {
		return invalid("podUpdateThreshold", c.PodUpdateThreshold, "is not a number")
	}
	return nil
}

// UpdateInput is what the updater's decision about the pods of one VerticalPodAutoscaler depends on.
type UpdateInput struct {
	// Now is the time of the decision.
	Now time.Time `json:"now"`
	// Object is the VerticalPodAutoscaler with its recommendation.
	Object *VerticalPodAutoscaler `json:"object"`
	// Pods are the pods it controls, in the order in which they were listed; ties fall by it.
	Pods []*corev1.Pod `json:"pods"`
	// Owners are the controllers of those pods.
	Owners []Owner `json:"owners,omitempty"`
	// LimitRanges are those of the pods' namespace. Their order decides which default counts (K2).
	LimitRanges []corev1.LimitRange `json:"limitRanges,omitempty"`
}

// UpdateState is what the updater remembers between decisions. The zero value remembers nothing.
type UpdateState struct {
	// FirstSeenResizing is when a pod, by namespace and name, was first seen resizing. Upstream never forgets it (N5).
	FirstSeenResizing map[string]time.Time `json:"firstSeenResizing,omitempty"`
	// Infeasible is the recommendation that a pod's node had no room for, by the pod's UID.
	Infeasible map[types.UID]*RecommendedPodResources `json:"infeasible,omitempty"`
}

// Updater is the prepared form of a decision of [Update]: its methods answer one question about one pod each. It is
// for one goroutine at a time.
type Updater struct {
	cfg     UpdateConfig
	in      UpdateInput
	profile Profile
	mode    UpdateMode
	state   UpdateState

	limits limits
	pods   []podInfo
	groups []Group
	// shared are the targets of every pod where nothing of a pod changes them, and sharedRec the same as a
	// recommendation; nil where it does.
	shared    *targets
	sharedRec *RecommendedPodResources
	// nothing tells that there is neither a recommendation nor a policy (K1).
	nothing bool
	scratch []sums
}

// podInfo is what is found out about one pod.
type podInfo struct {
	group      int // -1 where the pod is being deleted
	prepared   bool
	accepted   bool
	rank       int
	reason     UpdateReason
	priority   Priority
	targets    *targets                 // nil where they are shared
	capped     *RecommendedPodResources // nil where nobody asked
	quickOOM   string
	until      time.Time
	resizeSeen time.Time
}

// NewUpdater prepares the questions. The input must not change while they are asked; the state is copied.
func NewUpdater(cfg UpdateConfig, in UpdateInput, st UpdateState) (*Updater, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if in.Object == nil {
		return nil, invalid("object", "nil", "is no VerticalPodAutoscaler")
	}
	for i, p := range in.Pods {
		if p == nil {
			return nil, invalid(fmt.Sprintf("pods[%d]", i), "nil", "is no pod")
		}
	}
	u := &Updater{
		cfg: cfg, in: in, profile: cfg.Profile, mode: in.Object.Mode(), limits: effectiveLimits(in.LimitRanges),
		state: UpdateState{FirstSeenResizing: maps.Clone(st.FirstSeenResizing), Infeasible: maps.Clone(st.Infeasible)},
		pods:  make([]podInfo, len(in.Pods)),
	}
	if err := validateMode(u.mode); err != nil {
		return nil, err
	}
	if err := validateResourcePolicy(in.Object.Spec.ResourcePolicy); err != nil {
		return nil, err
	}
	if p := in.Object.Spec.UpdatePolicy; p != nil {
		if err := validateRequirements(p.EvictionRequirements); err != nil {
			return nil, err
		}
	}
	u.nothing = in.Object.Status.Recommendation == nil && in.Object.Spec.ResourcePolicy == nil
	u.share()
	u.group()
	return u, nil
}

// Mode is the update mode; an unset one is Recreate (U1).
func (o *VerticalPodAutoscaler) Mode() UpdateMode {
	if p := o.Spec.UpdatePolicy; p != nil && p.UpdateMode != nil && *p.UpdateMode != "" {
		return *p.UpdateMode
	}
	return UpdateModeRecreate
}

// share caps the recommendation once for all pods where that depends on the policy alone.
func (u *Updater) share() {
	rec, policy := u.in.Object.Status.Recommendation, u.in.Object.Spec.ResourcePolicy
	if u.limits.container != nil || u.limits.pod != nil {
		return
	}
	out := &RecommendedPodResources{}
	if rec != nil {
		for i := range rec.ContainerRecommendations {
			e := rec.ContainerRecommendations[i].deepCopy()
			c := containerCapping{policy: policy.PolicyFor(e.ContainerName)}
			if c.policy.requestsOnly() {
				return
			}
			c.apply(e.Target)
			c.apply(e.LowerBound)
			c.apply(e.UpperBound)
			out.ContainerRecommendations = append(out.ContainerRecommendations, e)
		}
	}
	u.shared, u.sharedRec = compileTargets(out), out
}

// prepare finds a pod's targets and priority once.
func (u *Updater) prepare(i int) error {
	at := &u.pods[i]
	if at.prepared {
		return nil
	}
	if u.shared == nil {
		capped, _, err := capForPod(u.in.Object.Status.Recommendation, u.in.Object.Spec.ResourcePolicy, u.in.Pods[i], u.limits, u.profile)
		if err != nil {
			return err
		}
		at.capped, at.targets = capped, compileTargets(capped)
	}
	at.priority, u.scratch = u.targetsOf(i).priority(u.in.Pods[i], u.scratch)
	at.prepared = true
	return nil
}

func (u *Updater) targetsOf(i int) *targets {
	if u.shared != nil {
		return u.shared
	}
	return u.pods[i].targets
}

// capped is the recommendation as it holds for a pod. Its targets were found before, so that it does not fail.
func (u *Updater) capped(i int) *RecommendedPodResources {
	if at := &u.pods[i]; at.capped == nil && u.shared != nil {
		if !u.nothing && u.sharedRec.within(u.in.Pods[i]) {
			return u.sharedRec
		}
		at.capped, _, _ = capForPod(u.in.Object.Status.Recommendation, u.in.Object.Spec.ResourcePolicy, u.in.Pods[i], u.limits, u.profile)
	}
	return u.pods[i].capped
}

// Recommendation is the recommendation as it holds for a pod (K1 to K7); nil where there is neither one nor a policy.
func (u *Updater) Recommendation(i int) (*RecommendedPodResources, error) {
	if err := u.prepare(i); err != nil {
		return nil, err
	}
	return u.capped(i), nil
}

// Priority is how much a pod is out of place (U2, U3).
func (u *Updater) Priority(i int) (Priority, error) {
	err := u.prepare(i)
	return u.pods[i].priority, err
}

// Evict counts the eviction of a pod against its group's budget (B6).
func (u *Updater) Evict(i int) {
	if at := &u.pods[i]; at.group >= 0 && u.in.Pods[i].Status.Phase != corev1.PodPending {
		u.groups[at.group].Evicted++
	}
}

// Resize counts the resize of a pod against its group's budget.
func (u *Updater) Resize(i int) {
	if at := &u.pods[i]; at.group >= 0 {
		u.groups[at.group].Resized++
	}
}
