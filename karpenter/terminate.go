package karpenter

import (
	"fmt"
	"math"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Drain times (rules 104 and 106).
const (
	stuckAfter   = time.Minute     // past its deletion a pod is no longer waited for
	leastDrain   = 5 * time.Second // between the start of draining and the end of the machine, for pods bound late
	drainedGroup = 4               // all four groups are gone
)

// DrainStep is what to do with one pod of a node that is being drained.
type DrainStep string

// The steps.
const (
	Evict     DrainStep = "Evict"     // through the eviction API, so that PodDisruptionBudgets hold
	ForceGone DrainStep = "Delete"    // with GraceSeconds, whatever stands in the way: the node's deadline is near
	Waits     DrainStep = "Wait"      // for its turn, its own end, or whoever protects it
	Ignored   DrainStep = "Ignore"    // it is not waited for
	Ended     DrainStep = "Ended"     // it has ended
	Protected DrainStep = "Protected" // do-not-disrupt: waited for, not evicted
)

// DrainPod is one pod of a node that is being drained.
type DrainPod struct {
	Pod          *corev1.Pod `json:"-"`                      // the pod
	Name         string      `json:"name"`                   // namespace/name
	Group        int         `json:"group"`                  // 0 plain, 1 plain daemons, 2 critical, 3 critical daemons; -1: not waited for
	Step         DrainStep   `json:"step"`                   // what to do
	GraceSeconds int64       `json:"graceSeconds,omitempty"` // of ForceGone
	// DeleteAfter is when it is deleted by force unless it is gone; the zero time: never.
	DeleteAfter time.Time `json:"deleteAfter,omitzero"`
}

// Drain is where the draining of a node stands.
type Drain struct {
	Pods     []DrainPod `json:"pods"`              // in the order of the node
	Waiting  int        `json:"waiting"`           // pods that are waited for
	Group    int        `json:"group"`             // whose turn it is; 4 when all are gone
	Done     bool       `json:"done"`              // the machine may end
	Next     time.Time  `json:"next,omitzero"`     // when time alone changes something; the zero time: never
	Deadline time.Time  `json:"deadline,omitzero"` // by which all must be gone; the zero time: none
}

// String says it in one line.
func (d Drain) String() string {
	if d.Done {
		return "drained"
	}
	if d.Waiting == 0 {
		return "no pods left, waiting for late ones until " + d.Next.UTC().Format(time.RFC3339)
	}
	return fmt.Sprintf("group %d of 4, waiting for %d pods", d.Group+1, d.Waiting)
}

// Terminate says what to do with the pods of a node that is being taken away, at some instant after draining began. Pods
// go in four groups, each when the one before is gone: plain pods, plain daemons, critical pods, critical daemons. Pods
// that tolerate the taint karpenter.sh/disrupted, that the kubelet owns, or that have been terminating a minute too long
// are not waited for; protected ones are, but not evicted (rule 104).
//
// With a deadline (draining began plus terminationGracePeriod) each pod is deleted as soon as its own grace period would
// not fit any more, with what is left of the time, at least a second (rule 105).
func Terminate(n *Node, began, deadline, now time.Time) Drain {
	d := Drain{Group: drainedGroup, Deadline: deadline}
	if n == nil {
		return d
	}
	for _, p := range n.Pods {
		if p == nil {
			continue
		}
		dp := DrainPod{Pod: p, Name: podName(p.Namespace, p.Name), Group: -1}
		switch {
		case podTerminal(p):
			dp.Step = Ended
		case stays(p) || isMirror(p) || stuck(p, now):
			dp.Step = Ignored
		default:
			dp.Step, dp.Group = Waits, drainGroup(p)
			d.Waiting++
			d.Group = min(d.Group, dp.Group)
			if p.DeletionTimestamp != nil {
				d.next(now, p.DeletionTimestamp.Add(stuckAfter+1))
			}
			d.force(&dp, now)
		}
		d.Pods = append(d.Pods, dp)
	}
	for i := range d.Pods {
		dp := &d.Pods[i]
		if dp.Step != Waits || dp.Group != d.Group {
			continue
		}
		switch guard := DoNotDisrupt(dp.Pod, now); {
		case guard.Active:
			dp.Step = Protected
			d.next(now, guard.Until)
		case podActive(dp.Pod):
			dp.Step = Evict
		}
	}
	if d.Waiting == 0 {
		end := began.Add(leastDrain)
		if d.Done = !now.Before(end); !d.Done {
			d.next(now, end)
		}
	}
	return d
}

// next keeps the first instant at which something changes.
func (d *Drain) next(now, at time.Time) {
	if at.After(now) && (d.Next.IsZero() || at.Before(d.Next)) {
		d.Next = at
	}
}

// force is rule 105 for one pod. A pod that is being deleted already is deleted again only where that ends too late.
func (d *Drain) force(dp *DrainPod, now time.Time) {
	p := dp.Pod
	if d.Deadline.IsZero() || p.Spec.TerminationGracePeriodSeconds == nil {
		return
	}
	if p.DeletionTimestamp != nil && !p.DeletionTimestamp.After(d.Deadline) {
		return
	}
	const most = math.MaxInt64 / int64(time.Second)
	grace := time.Duration(min(max(*p.Spec.TerminationGracePeriodSeconds, -most), most)) * time.Second
	dp.DeleteAfter = d.Deadline.Add(-grace)
	if !now.After(dp.DeleteAfter) {
		d.next(now, dp.DeleteAfter.Add(1))
		return
	}
	dp.Step = ForceGone
	dp.GraceSeconds = max(int64(d.Deadline.Sub(now).Seconds()), 1)
}

func stuck(p *corev1.Pod, now time.Time) bool {
	return p.DeletionTimestamp != nil && now.Sub(p.DeletionTimestamp.Time) > stuckAfter
}

func drainGroup(p *corev1.Pod) int {
	group := 0
	if p.Spec.PriorityClassName == "system-cluster-critical" || p.Spec.PriorityClassName == "system-node-critical" {
		group = 2
	}
	return group + bit(isDaemon(p))
}

// TerminationDeadline is when a node that is deleted at an instant must be drained by; the zero time: there is none. A
// deadline set before, such as by a repair or an interruption, comes first where it is earlier.
func TerminationDeadline(n *Node, deleted, before time.Time) time.Time {
	var own time.Time
	if n != nil && n.TerminationGracePeriod != nil {
		own = deleted.Add(*n.TerminationGracePeriod)
	}
	switch {
	case own.IsZero():
		return before
	case before.IsZero():
		return own
	}
	return minTime(own, before)
}

func minTime(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
