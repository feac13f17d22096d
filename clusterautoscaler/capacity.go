package clusterautoscaler

import (
	"fmt"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// CapacityCheck is whether pods that are only planned would all find a place now: the answer to a ProvisioningRequest of the
// class check-capacity (R84).
type CapacityCheck struct {
	Fits   bool        // every pod has a place
	Places []string    // the node of each pod, in their order; empty where it has none
	Why    kube.Survey // what the nodes say of the first pod without a place
}

// String says it in one line.
func (c *CapacityCheck) String() string {
	if c.Fits {
		return fmt.Sprintf("there is capacity for all %d pods", len(c.Places))
	}
	return "capacity is not available: " + c.Why.String()
}

// CheckCapacity tries pods on a cluster, each with those before it in place. The snapshot is left as it was. The error wraps
// [ErrInvalid].
func CheckCapacity(s *kube.Snapshot, pods []*corev1.Pod) (CapacityCheck, error) {
	if s == nil {
		return CapacityCheck{}, fmt.Errorf("%w: snapshot: is missing", ErrInvalid)
	}
	if err := present("pods", pods); err != nil {
		return CapacityCheck{}, err
	}
	mark := s.Mark()
	defer s.Undo(mark)
	out := CapacityCheck{Fits: true, Places: make([]string, len(pods))}
	for i, p := range pods {
		c, err := s.Class(p)
		if err != nil {
			return CapacityCheck{}, fmt.Errorf("%w: pods[%d]: %v", ErrInvalid, i, err)
		}
		n := s.FirstFit(c, 0)
		if n < 0 {
			if out.Fits {
				out.Why = s.Survey(c)
			}
			out.Fits = false
			continue
		}
		if err := s.Place(c, n); err != nil {
			return CapacityCheck{}, fmt.Errorf("%w: pods[%d]: %v", ErrInvalid, i, err)
		}
		out.Places[i] = s.Node(n).Name
	}
	return out, nil
}

// Retry is when a ProvisioningRequest that found no capacity is looked at again. The zero value is one that never failed.
type Retry struct {
	At     time.Time     `json:"at,omitzero"`      // not before this
	Wait   time.Duration `json:"wait,omitempty"`   // how long that was to wait; the next time it is twice that
	Failed bool          `json:"failed,omitempty"` // it is not looked at again
}

// RetryOptions say how requests wait.
type RetryOptions struct {
	Initial time.Duration // provisioning-request-initial-backoff-time; default 1 min
	Max     time.Duration // provisioning-request-max-backoff-time; default 10 min
}

// DefaultRetryOptions are upstream's defaults.
func DefaultRetryOptions() RetryOptions {
	return RetryOptions{Initial: time.Minute, Max: 10 * time.Minute}
}

// ParameterNoRetry is the parameter of a request that fails at once when it is true.
const ParameterNoRetry = "noRetry"

// Fail notes that there was no capacity, given the request's parameters (R84).
func (r Retry) Fail(now time.Time, parameters map[string]string, o RetryOptions) Retry {
	if parameters[ParameterNoRetry] == "true" {
		return Retry{Failed: true}
	}
	wait := o.Initial
	if r.Wait > 0 {
		wait = min(2*r.Wait, o.Max)
	}
	return Retry{At: now.Add(wait), Wait: wait}
}

// Wanted is what should run but has no pods yet: a controller that is about to make more, or a capacity buffer (R85).
type Wanted struct {
	Name     string      // of the controller or buffer, for the names of the pods
	Template *corev1.Pod // what its pods are like
	Desired  int         // how many there should be
	Existing int         // how many there are
}

// DefaultInjectionLimit is pod-injection-limit's default.
const DefaultInjectionLimit = 5000

// InjectPods makes the pods that are wanted and not there, at most as many as the limit, as pods that the scheduler found no
// place for: put them behind those of the cluster before [Plan], and scale-up makes room ahead of time (R85). They are in
// the order of the list. The error wraps [ErrInvalid].
func InjectPods(wanted []Wanted, limit int) ([]*corev1.Pod, error) {
	var out []*corev1.Pod
	for i, w := range wanted {
		if w.Template == nil {
			return nil, fmt.Errorf("%w: wanted[%d] %s: template: is missing", ErrInvalid, i, w.Name)
		}
		for k := w.Existing; k < w.Desired && len(out) < limit; k++ {
			p := *w.Template
			p.Name, p.UID = fmt.Sprintf("%s-injected-%d", w.Name, k), ""
			p.Labels, p.OwnerReferences = maps.Clone(p.Labels), slices.Clone(p.OwnerReferences)
			p.Spec.NodeName = ""
			p.Status = corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{
				{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable},
			}}
			out = append(out, &p)
		}
	}
	return out, nil
}
