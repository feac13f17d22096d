package vpa

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// Owner is a controller and the number of pods it is configured to have.
type Owner struct {
	// Namespace is the controller's namespace.
	Namespace string `json:"namespace"`
	// Kind is the controller's kind.
	Kind string `json:"kind"`
	// Name is the controller's name.
	Name string `json:"name"`
	// Replicas is spec.replicas of a ReplicationController, ReplicaSet or StatefulSet, and
	// status.desiredNumberScheduled of a DaemonSet. It is not asked for other kinds.
	Replicas int32 `json:"replicas"`
}

// Group is the pods of one controller, and how many of them may be disrupted (B1 to B5).
type Group struct {
	// Owner is the controller. One without a kind stands for pods without a controller.
	Owner Owner `json:"owner"`
	// Live is the number of pods that are not being deleted.
	Live int `json:"live"`
	// Pending is how many of them are pending.
	Pending int `json:"pending,omitempty"`
	// Required is how many live pods the group must have to be touched.
	Required int `json:"required"`
	// Configured is how many pods the controller should have.
	Configured int `json:"configured"`
	// Tolerance is how many of those may be missing.
	Tolerance int `json:"tolerance"`
	// Evicted is how many running pods this decision evicts.
	Evicted int `json:"evicted,omitempty"`
	// Resized is how many pods this decision resizes.
	Resized int `json:"resized,omitempty"`
	// Ignored says why none of the pods may be touched; empty where some may.
	Ignored UpdateReason `json:"ignored,omitempty"`
	// BelowMin tells that the group has too few pods to evict any, though resizing is allowed (B2).
	BelowMin bool `json:"belowMin,omitempty"`
	// Defect names what of upstream's behaviour the budget owes to a defect; empty mostly.
	Defect string `json:"defect,omitempty"`
}

// running is the number of pods that are not pending.
func (g *Group) running() int { return g.Live - g.Pending }

// disruptable tells whether one more pod may be disrupted (B5).
func (g *Group) disruptable() bool {
	alive := g.running() - g.Evicted - g.Resized
	return alive > g.Configured-g.Tolerance ||
		g.Configured == g.running() && g.Tolerance == 0 && g.Evicted == 0 && g.Resized == 0
}

// String tells the budget in one line.
func (g *Group) String() string {
	if g.Ignored != "" {
		return fmt.Sprintf("%s %s: %d live pods, none may be touched: %s", g.Owner.Kind, g.Owner.Name, g.Live, g.Ignored)
	}
	return fmt.Sprintf("%s %s: %d of %d configured pods run, %d may be missing, %d evicted and %d resized now",
		g.Owner.Kind, g.Owner.Name, g.running(), g.Configured, g.Tolerance, g.Evicted, g.Resized)
}

// countedKinds are the kinds of which somebody knows how many pods they should have (B3).
func countedKind(kind string) bool {
	switch kind {
	case "ReplicationController", "ReplicaSet", "StatefulSet", "DaemonSet":
		return true
	}
	return false
}

// group sorts the live pods into groups and fills the groups' budgets.
func (u *Updater) group() {
	required := u.cfg.MinReplicas
	if p := u.in.Object.Spec.UpdatePolicy; p != nil && p.MinReplicas != nil {
		required = int(*p.MinReplicas)
	}
	numbers := map[Owner]int{}
	boosted := make([]bool, 0, 4)
	for i, pod := range u.in.Pods {
		at := &u.pods[i]
		at.group = -1
		if pod.DeletionTimestamp != nil {
			continue
		}
		key := controllerOf(pod)
		n, ok := numbers[key]
		if !ok {
			n = len(u.groups)
			numbers[key] = n
			u.groups = append(u.groups, Group{Owner: key, Required: required})
			boosted = append(boosted, false)
		}
		at.group = n
		g := &u.groups[n]
		g.Live++
		if pod.Status.Phase == corev1.PodPending {
			g.Pending++
		}
		if len(pod.Annotations) > 0 && boostedPod(pod) {
			boosted[n] = true
		}
	}
	for n := range u.groups {
		u.budget(&u.groups[n], boosted[n])
	}
}

// budget follows B2 to B4.
func (u *Updater) budget(g *Group, boosted bool) {
	if g.Live < g.Required {
		skip := u.cfg.InPlaceSkipDisruptionBudget && (u.mode == UpdateModeInPlaceOrRecreate || u.mode == UpdateModeInPlace)
		switch {
		case skip:
			g.BelowMin = true
		case boosted && !u.profile.BoostedSiblings:
			g.Defect = "a boosted pod lifts the least number of replicas for its siblings"
		default:
			g.Ignored = ReasonTooFewReplicas
		}
	}
	switch kind := g.Owner.Kind; {
	case kind == "Job":
		g.Configured = g.Live
	case countedKind(kind):
		for _, o := range u.in.Owners {
			if o.Kind == kind && o.Name == g.Owner.Name && (o.Namespace == g.Owner.Namespace || o.Namespace == "") {
				g.Configured = int(o.Replicas)
			}
		}
		if g.Configured == 0 && g.Ignored == "" {
			g.Ignored = ReasonNoReplicaCount
		}
	case u.profile.UnknownOwners:
		g.Configured = g.Live
	default:
		g.Defect = "an owner whose replicas nobody counts has no budget: every pod may be disrupted"
	}
	g.Owner.Replicas = int32(g.Configured)
	g.Tolerance = int(float64(g.Configured) * u.cfg.EvictionTolerance) // B4
}

// controllerOf is the controlling owner of a pod; the zero owner without one.
func controllerOf(pod *corev1.Pod) Owner {
	for i := range pod.OwnerReferences {
		if o := &pod.OwnerReferences[i]; o.Controller != nil && *o.Controller {
			return Owner{Namespace: pod.Namespace, Kind: o.Kind, Name: o.Name}
		}
	}
	return Owner{Namespace: pod.Namespace}
}

// CanEvict tells whether the budget lets a pod be evicted now, and if not, why (B6).
func (u *Updater) CanEvict(i int) (bool, UpdateReason) {
	pod, at := u.in.Pods[i], &u.pods[i]
	if at.group < 0 {
		return false, ReasonTerminating
	}
	g := &u.groups[at.group]
	switch {
	case g.Ignored != "":
		return false, g.Ignored
	case pod.Status.Phase == corev1.PodPending:
		return true, ""
	case g.BelowMin:
		return false, ReasonTooFewReplicas
	case resizing(pod):
		if why := u.stuck(i); why != "" {
			return true, why
		}
		if !g.disruptable() {
			return false, ReasonBudget
		}
		return false, ReasonResizing
	case g.disruptable():
		return true, ""
	}
	return false, ReasonBudget
}
