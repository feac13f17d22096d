package vpa

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// inPlaceAnnotation marks a pod that was resized in place.
const inPlaceAnnotation = "vpaInPlaceUpdated"

// ResizeInput is what the resize of one running pod depends on.
type ResizeInput struct {
	// Now is the time of the decision; startup boosts run out by it.
	Now time.Time `json:"now"`
	// Object is the VerticalPodAutoscaler that controls the pod.
	Object *VerticalPodAutoscaler `json:"object"`
	// Pod is the running pod.
	Pod *corev1.Pod `json:"pod"`
	// LimitRanges are those of the pod's namespace.
	LimitRanges []corev1.LimitRange `json:"limitRanges,omitempty"`
}

// ResizeDecision is how a running pod is resized, and its startup boosts are taken back (W5).
type ResizeDecision struct {
	// Resources are the operations for the pod's resize subresource, in order. Without any there is nothing to send.
	Resources []PatchOp `json:"resources,omitempty"`
	// Annotations are the operations for the pod itself, to be sent afterwards.
	Annotations []PatchOp `json:"annotations,omitempty"`
	// Unboosted are the containers whose startup boost has run out.
	Unboosted []string `json:"unboosted,omitempty"`
	// Boosted are the containers whose startup boost still lasts; they are left alone.
	Boosted []string `json:"boosted,omitempty"`
	// Until is when the next boost runs out; zero without one, or while the pod is not ready.
	Until time.Time `json:"until,omitzero"`
	// Error is what upstream would answer; nothing is sent then.
	Error string `json:"error,omitempty"`
}

// Resize decides how a running pod is resized in place: to the recommendation, or where there is none and a startup boost
// has run out, to the container's own values. Whether it may be resized is [Update]'s decision.
func Resize(cfg AdmitConfig, in ResizeInput) (ResizeDecision, error) {
	plain := cfg
	plain.Gates.CPUStartupBoost = false
	admission, err := Admit(plain, AdmitInput{Object: in.Object, Pod: in.Pod, LimitRanges: in.LimitRanges})
	if err != nil {
		return ResizeDecision{}, err
	}
	var d ResizeDecision
	off := in.Object.Mode() == UpdateModeOff
	if admission.Error != "" && !off {
		d.Error = admission.Error
		return d, nil
	}
	for i := range in.Pod.Spec.Containers {
		c := &in.Pod.Spec.Containers[i]
		var give ContainerResources
		if !off {
			give = admission.Containers[i].Resources
		}
		saved, boosted := in.Pod.Annotations[boostAnnotation+c.Name]
		switch {
		case boosted && in.Object.boostOver(in.Pod, c.Name, in.Now):
			d.Unboosted = append(d.Unboosted, c.Name)
			var o original
			if err := json.Unmarshal([]byte(saved), &o); err != nil {
				return ResizeDecision{Error: fmt.Sprintf("annotation %s%s: %v", boostAnnotation, c.Name, err)}, nil
			}
			if len(give.Requests) == 0 && len(give.Limits) == 0 {
				give = ContainerResources(o)
			}
		case boosted:
			d.Boosted = append(d.Boosted, c.Name)
			if end, ok := in.Object.boostEnd(in.Pod, c.Name); ok && (d.Until.IsZero() || end.Before(d.Until)) {
				d.Until = end
			}
			continue
		case off:
			continue
		}
		ops, _ := resourceOps(i, ContainerResources{c.Resources.Requests, c.Resources.Limits}, give)
		d.Resources = append(d.Resources, ops...)
	}
	if len(d.Resources) == 0 {
		return d, nil
	}
	if in.Pod.Annotations == nil {
		d.Annotations = append(d.Annotations, add("/metadata/annotations", map[string]string{}))
	}
	d.Annotations = append(d.Annotations, addAnnotation(inPlaceAnnotation, "true"))
	for _, name := range expiredBoosts(in.Object, in.Pod, in.Now) {
		d.Annotations = append(d.Annotations, PatchOp{Op: "remove", Path: "/metadata/annotations/" + pointer(name)})
	}
	return d, nil
}

// expiredBoosts lists the annotations of boosts that have run out, in order, also of containers that are gone.
func expiredBoosts(object *VerticalPodAutoscaler, pod *corev1.Pod, now time.Time) []string {
	var names []string
	for name := range pod.Annotations {
		if container, ok := strings.CutPrefix(name, boostAnnotation); ok && object.boostOver(pod, container, now) {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// CanUnboost tells whether the budget lets a pod's startup boost be taken back now, and why not. A boost that lasts is not
// a reason; see [Resize].
func (u *Updater) CanUnboost(i int) (bool, UpdateReason) {
	pod, at := u.in.Pods[i], &u.pods[i]
	switch {
	case !u.cfg.Gates.CPUStartupBoost:
		return false, ReasonGate
	case pod.Status.Phase == corev1.PodPending:
		return false, ReasonPending
	case len(expiredBoosts(u.in.Object, pod, u.in.Now)) == 0:
		return false, ReasonBoosted
	case at.group < 0:
		return false, ReasonTerminating
	}
	switch g := &u.groups[at.group]; {
	case g.Ignored != "":
		return false, g.Ignored
	case resizing(pod):
		return false, ReasonResizing
	case !g.disruptable():
		return false, ReasonBudget
	}
	return true, ""
}
