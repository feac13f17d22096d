package sim

import (
	"fmt"

	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// budget is a PodDisruptionBudget, ready to be asked.
type budget struct {
	object   *policyv1.PodDisruptionBudget
	selector labels.Selector
}

func budgets(objects []*policyv1.PodDisruptionBudget) ([]budget, error) {
	var all []budget
	for i, o := range objects {
		if o == nil {
			return nil, invalid("pdbs", "[%d] is nil", i)
		}
		s, err := metav1.LabelSelectorAsSelector(o.Spec.Selector)
		if err != nil {
			return nil, invalid(fmt.Sprintf("pdbs[%d].spec.selector", i), "%v", err)
		}
		all = append(all, budget{o, s})
	}
	return all, nil
}

// mayEvict tells whether every budget of a pod allows one pod less. Pods that are not ready may always go.
func (c *Cluster) mayEvict(p *pod) bool {
	if p.stage != ready {
		return true
	}
	for i := range c.budgets {
		b := &c.budgets[i]
		if b.covers(p.of) && c.healthy(b)-1 < c.needed(b) {
			return false
		}
	}
	return true
}

func (b *budget) covers(w *workload) bool {
	return w.Namespace == b.object.Namespace && b.selector.Matches(labels.Set(w.Template.Labels))
}

func (c *Cluster) healthy(b *budget) int {
	n := 0
	for _, w := range c.workloads {
		if b.covers(w) {
			n += w.ready
		}
	}
	return n
}

// status is the budget's object with the status that its controller would write.
func (c *Cluster) status(b *budget) *policyv1.PodDisruptionBudget {
	o := *b.object
	healthy, needed := c.healthy(b), c.needed(b)
	o.Status = policyv1.PodDisruptionBudgetStatus{
		ObservedGeneration: o.Generation, ExpectedPods: int32(c.expected(b)),
		CurrentHealthy: int32(healthy), DesiredHealthy: int32(needed), DisruptionsAllowed: int32(max(0, healthy-needed)),
	}
	return &o
}

// expected is how many pods there should be.
func (c *Cluster) expected(b *budget) int {
	n := 0
	for _, w := range c.workloads {
		if b.covers(w) {
			n += int(w.replicas)
		}
	}
	return n
}

// needed is how many pods must stay ready.
func (c *Cluster) needed(b *budget) int {
	expected := c.expected(b)
	spec := &b.object.Spec
	switch {
	case spec.MaxUnavailable != nil:
		return expected - scaled(spec.MaxUnavailable, expected)
	case spec.MinAvailable != nil:
		return scaled(spec.MinAvailable, expected)
	}
	return 0
}

// scaled is a number, or a share of the pods expected, rounded up.
func scaled(value *intstr.IntOrString, of int) int {
	n, err := intstr.GetScaledValueFromIntOrPercent(value, of, true)
	if err != nil {
		return of
	}
	return n
}
