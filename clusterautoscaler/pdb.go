package clusterautoscaler

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// budgets are the disruption budgets of a cluster with how many disruptions each has left.
type budgets struct {
	list []*policyv1.PodDisruptionBudget
	sel  []labels.Selector
	left []int32
	in   map[string][]int // by namespace
}

func newBudgets(pdbs []*policyv1.PodDisruptionBudget) (*budgets, error) {
	b := &budgets{in: map[string][]int{}}
	for i, p := range pdbs {
		if p == nil {
			return nil, fmt.Errorf("%w: cluster.pdbs[%d]: none", ErrInvalid, i)
		}
		sel, err := metav1.LabelSelectorAsSelector(p.Spec.Selector) // none selects nothing, an empty one everything
		if err != nil {
			return nil, fmt.Errorf("%w: PodDisruptionBudget %s/%s: spec.selector: %v", ErrInvalid, p.Namespace, p.Name, err)
		}
		b.in[p.Namespace] = append(b.in[p.Namespace], i)
		b.list, b.sel, b.left = append(b.list, p), append(b.sel, sel), append(b.left, p.Status.DisruptionsAllowed)
	}
	return b, nil
}

// of calls back for every budget of a pod until told to stop.
func (b *budgets) of(pod *corev1.Pod, yield func(i int) bool) {
	for _, i := range b.in[pod.Namespace] {
		if b.sel[i].Matches(labels.Set(pod.Labels)) && !yield(i) {
			return
		}
	}
}

func (b *budgets) match(pod *corev1.Pod) bool {
	found := false
	b.of(pod, func(int) bool { found = true; return false })
	return found
}

// exhausted is a budget of the pod that allows no disruption, or nil (D23).
func (b *budgets) exhausted(pod *corev1.Pod) *policyv1.PodDisruptionBudget {
	var out *policyv1.PodDisruptionBudget
	b.of(pod, func(i int) bool {
		if b.left[i] < 1 {
			out = b.list[i]
		}
		return out == nil
	})
	return out
}

// take takes the disruptions that pods need, and tells whether some budget had fewer left than that (D26).
func (b *budgets) take(pods []*corev1.Pod) (risky bool) {
	if len(b.list) == 0 {
		return false
	}
	need := map[int]int32{}
	for _, p := range pods {
		b.of(p, func(i int) bool { need[i]++; return true })
	}
	for i, n := range need {
		risky = risky || b.left[i] < n
		b.left[i] -= n
	}
	return risky
}
