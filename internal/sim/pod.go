package sim

import (
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/scalemath/scalemath/binpack/kube"
)

// stage is how far a pod has come.
type stage uint8

const (
	waiting  stage = iota // for a node
	starting              // has a node
	running               // but is not ready
	ready
	over // gone, or ended
)

// pod is one pod. Instants are since the scenario's start.
type pod struct {
	object  corev1.Pod
	of      *workload
	shape   *shape
	serial  uint64
	stage   stage
	on      *node
	slot    int // among the pods of its node
	started time.Duration
	readyAt time.Duration
}

// shape is what equal pods of a workload have in common.
type shape struct {
	of       *workload
	index    int // among the shapes of the workload
	key      string
	spec     corev1.PodSpec
	notes    map[string]string // annotations
	class    kube.Class
	cpuLimit int64

	queue   []*pod      // waiting for a node, first come first
	blocked bool        // no node took one when last asked
	cursor  kube.NodeID // where to ask first
}

// newShape makes a shape of a pod as it was admitted.
func (c *Cluster) newShape(w *workload, key string, sample *corev1.Pod) (*shape, error) {
	class, err := c.snapshot.Class(sample)
	if err != nil {
		return nil, err
	}
	s := &shape{of: w, index: len(w.shapes), key: key, spec: sample.Spec, notes: sample.Annotations, class: class}
	for i := range sample.Spec.Containers {
		limit, ok := sample.Spec.Containers[i].Resources.Limits[corev1.ResourceCPU]
		if !ok {
			s.cpuLimit = 0
			break
		}
		s.cpuLimit += limit.MilliValue()
	}
	w.shapes = append(w.shapes, s)
	w.shapeOf[key] = s
	c.shapes = append(c.shapes, s)
	return s, nil
}

// newPod makes a pod of a shape that has no place yet.
func (c *Cluster) newPod(w *workload, s *shape) *pod {
	c.serial++
	p := &pod{of: w, shape: s, serial: c.serial}
	o := &p.object
	o.Name = w.Name + "-" + padded(c.serial)
	o.Namespace = w.Namespace
	o.UID = types.UID(o.Name)
	o.Labels = w.Template.Labels
	o.Annotations = s.notes
	o.CreationTimestamp = metav1.NewTime(c.Now())
	o.OwnerReferences = w.owner
	o.Spec = s.spec
	o.Status = corev1.PodStatus{Phase: corev1.PodPending}
	w.pods = append(w.pods, p)
	w.generation++
	c.note(Record{What: PodCreated, Object: o.Name, Why: w.key})
	return p
}

// padded writes a number so that the order of the names is that of the numbers.
func padded(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	return "00000000"[min(len(digits), 8):] + digits
}

// condition sets one condition of a pod.
func (p *pod) condition(kind corev1.PodConditionType, status corev1.ConditionStatus, reason string, at time.Time) {
	one := corev1.PodCondition{Type: kind, Status: status, Reason: reason, LastTransitionTime: metav1.NewTime(at)}
	list := p.object.Status.Conditions
	for i := range list {
		if list[i].Type == kind {
			list[i] = one
			return
		}
	}
	p.object.Status.Conditions = append(list, one)
}

// bind gives a pod its node, where it starts.
func (c *Cluster) bind(p *pod, n *node) {
	c.must(c.snapshot.Place(p.shape.class, n.id))
	p.stage, p.on, p.slot = starting, n, len(n.pods)
	n.pods = append(n.pods, p)
	if p.of.Kind == DaemonSet {
		n.daemons++
	} else {
		n.touched = c.now
	}
	p.object.Spec.NodeName = n.object.Name
	p.condition(corev1.PodScheduled, corev1.ConditionTrue, "", c.Now())
	now := metav1.NewTime(c.Now())
	p.object.Status.StartTime = &now
	p.of.generation++
	c.notePod(PodScheduled, p, "scheduler", "")
	c.timers.add(timer{at: c.now + p.of.StartDelay, rank: forPod, pod: p, index: int(running)})
}

// proceed takes a pod to its next stage, unless it is gone.
func (c *Cluster) proceed(p *pod, to stage) {
	if p.stage == over {
		return
	}
	w := p.of
	w.generation++
	switch to {
	case running:
		p.stage, p.started = running, c.now
		p.object.Status.Phase = corev1.PodRunning
		p.condition(corev1.PodReady, corev1.ConditionFalse, "ContainersNotReady", p.object.Status.StartTime.Time)
		c.timers.add(timer{at: c.now + w.ReadyDelay, rank: forPod, pod: p, index: int(ready)})
		if w.Kind == Job {
			c.timers.add(timer{at: c.now + w.RunFor, rank: forPod, pod: p, index: int(over)})
		}
	case ready:
		p.stage, p.readyAt = ready, c.now
		p.condition(corev1.PodReady, corev1.ConditionTrue, "", c.Now())
		w.ready++
		c.notePod(PodReady, p, "cluster", "")
	case over:
		w.done++
		p.object.Status.Phase = corev1.PodSucceeded
		c.notePod(PodSucceeded, p, "cluster", "")
		c.discard(p)
		w.drop()
	}
}

// discard takes a pod off its node or out of the queue; the workload's list still has it until it is dropped.
func (c *Cluster) discard(p *pod) {
	if p.stage == ready {
		p.of.ready--
	}
	if n := p.on; n != nil {
		c.must(c.snapshot.Remove(p.shape.class, n.id))
		last := n.pods[len(n.pods)-1]
		n.pods[p.slot], last.slot = last, p.slot
		n.pods[len(n.pods)-1] = nil
		n.pods = n.pods[:len(n.pods)-1]
		if p.of.Kind == DaemonSet {
			n.daemons--
		} else {
			n.touched = c.now
		}
		c.freed = append(c.freed, n)
		p.on = nil
	}
	p.stage = over
	p.of.generation++
	c.mend(p.of)
}

// resize changes what a running pod requests, in place.
func (c *Cluster) resize(p *pod, s *shape) {
	if n := p.on; n != nil {
		c.must(c.snapshot.Remove(p.shape.class, n.id))
		c.must(c.snapshot.Place(s.class, n.id))
		c.freed = append(c.freed, n)
	}
	p.shape = s
	name := p.object.Spec.NodeName
	p.object.Spec = s.spec
	p.object.Spec.NodeName = name
	p.of.generation++
}
