package karpenter

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// pdbs are the PodDisruptionBudgets by namespace.
type pdbs map[string][]pdb

type pdb struct {
	name     string // namespace/name
	selector labels.Selector
	allowed  int32
	never    bool // it can never allow a disruption
	unready  bool // pods that are not ready may go regardless
}

func newPDBs(list []*policyv1.PodDisruptionBudget) (pdbs, error) {
	out := pdbs{}
	for i, object := range list {
		if object == nil {
			return nil, fmt.Errorf("%w: pdbs[%d]: is null", ErrInvalid, i)
		}
		selector, err := metav1.LabelSelectorAsSelector(object.Spec.Selector)
		if err != nil {
			return nil, fmt.Errorf("%w: PodDisruptionBudget %s/%s: spec.selector: %w", ErrInvalid, object.Namespace, object.Name, err)
		}
		policy := object.Spec.UnhealthyPodEvictionPolicy
		out[object.Namespace] = append(out[object.Namespace], pdb{
			name: object.Namespace + "/" + object.Name, selector: selector,
			allowed: object.Status.DisruptionsAllowed, never: neverAllows(&object.Spec),
			unready: policy != nil && *policy == policyv1.AlwaysAllow,
		})
	}
	return out, nil
}

// neverAllows tells that a budget is written so that it cannot allow any disruption.
func neverAllows(spec *policyv1.PodDisruptionBudgetSpec) bool {
	if most := spec.MaxUnavailable; most != nil {
		if most.Type == intstr.Int && most.IntVal == 0 || most.Type == intstr.String && most.StrVal == "0%" {
			return true
		}
	}
	least := spec.MinAvailable
	return least != nil && least.Type == intstr.String && least.StrVal == "100%"
}

// blocking are the budgets that keep a pod from being evicted now: one without disruptions left, or any two, since the API
// does not evict a pod that two budgets are about (rule 61). With ever, only those count that never allow any.
func (p pdbs) blocking(pod *corev1.Pod, now time.Time, ever bool) []string {
	if len(p[pod.Namespace]) == 0 || !evictable(pod, now) {
		return nil
	}
	var first *pdb
	var names []string
	set := labels.Set(pod.Labels)
	for i := range p[pod.Namespace] {
		b := &p[pod.Namespace][i]
		if !b.selector.Matches(set) {
			continue
		}
		if first == nil {
			first = b
			continue
		}
		if names == nil {
			names = []string{first.name}
		}
		names = append(names, b.name)
	}
	switch {
	case names != nil:
		return names
	case first == nil || first.unready && podUnready(pod):
		return nil
	case ever && first.never || !ever && first.allowed == 0:
		return []string{first.name}
	}
	return nil
}

func podUnready(p *corev1.Pod) bool {
	for i := range p.Status.Conditions {
		if c := &p.Status.Conditions[i]; c.Type == corev1.PodReady && c.Status == corev1.ConditionFalse {
			return true
		}
	}
	return false
}
