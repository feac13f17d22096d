package karpenter

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// pdbs are the PodDisruptionBudgets by namespace.
type pdbs map[string]*namespacePDBs

// namespacePDBs are those of one namespace. Most select by a label with one value, and are found by it.
type namespacePDBs struct {
	list    []pdb
	keys    []string            // labels that byLabel knows, each once
	byLabel map[[2]string][]int // by label and value, ascending
	others  []int               // that select in other ways, ascending
}

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
		n := out[object.Namespace]
		if n == nil {
			n = &namespacePDBs{byLabel: map[[2]string][]int{}}
			out[object.Namespace] = n
		}
		n.add(pdb{
			name: object.Namespace + "/" + object.Name, selector: selector,
			allowed: object.Status.DisruptionsAllowed, never: neverAllows(&object.Spec),
			unready: policy != nil && *policy == policyv1.AlwaysAllow,
		})
	}
	return out, nil
}

// add files a budget under a label that pods must have for it, where there is one.
func (n *namespacePDBs) add(b pdb) {
	at := len(n.list)
	n.list = append(n.list, b)
	requirements, _ := b.selector.Requirements()
	for i := range requirements {
		r := &requirements[i]
		if op := r.Operator(); op != selection.In && op != selection.Equals && op != selection.DoubleEquals {
			continue
		}
		if values := r.ValuesUnsorted(); len(values) == 1 {
			label := [2]string{r.Key(), values[0]}
			if !slices.Contains(n.keys, r.Key()) {
				n.keys = append(n.keys, r.Key())
			}
			n.byLabel[label] = append(n.byLabel[label], at)
			return
		}
	}
	n.others = append(n.others, at)
}

// matching are the budgets that are about a pod, in the order in which they were added.
func (n *namespacePDBs) matching(pod *corev1.Pod, buf []int) []int {
	set := labels.Set(pod.Labels)
	keep := func(list []int) {
		for _, i := range list {
			if n.list[i].selector.Matches(set) {
				buf = append(buf, i)
			}
		}
	}
	for _, key := range n.keys {
		if value, ok := pod.Labels[key]; ok {
			keep(n.byLabel[[2]string{key, value}])
		}
	}
	keep(n.others)
	slices.Sort(buf)
	return buf
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
	n := p[pod.Namespace]
	if n == nil || !evictable(pod, now) {
		return nil
	}
	var few [4]int
	list := n.matching(pod, few[:0])
	switch len(list) {
	case 0:
		return nil
	case 1:
		b := &n.list[list[0]]
		if !(b.unready && podUnready(pod)) && (ever && b.never || !ever && b.allowed == 0) {
			return []string{b.name}
		}
		return nil
	}
	names := make([]string, len(list))
	for i, at := range list {
		names[i] = n.list[at].name
	}
	return names
}

func podUnready(p *corev1.Pod) bool {
	for i := range p.Status.Conditions {
		if c := &p.Status.Conditions[i]; c.Type == corev1.PodReady && c.Status == corev1.ConditionFalse {
			return true
		}
	}
	return false
}
