package sim

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// schedule gives waiting pods a node. Pods that are alike wait in one line: where the first finds no place, the others
// do not either, until something changes on a node.
func (c *Cluster) schedule() {
	if !c.waiting && len(c.freed) == 0 {
		return
	}
	if len(c.shapes) != c.sorted {
		slices.SortStableFunc(c.shapes, func(a, b *shape) int { return cmp.Compare(priority(b), priority(a)) })
		c.sorted = len(c.shapes)
	}
	lowest := kube.NodeID(c.snapshot.Len())
	for _, n := range c.freed {
		lowest = min(lowest, n.id)
	}
	for _, s := range c.shapes {
		if c.cfg.Pack {
			s.cursor = min(s.cursor, lowest) // nodes before it had no room and did not change
		}
		if len(s.queue) == 0 {
			continue
		}
		s.queue = slices.DeleteFunc(s.queue, func(p *pod) bool { return p.stage != waiting })
		c.scheduleLine(s)
	}
	c.freed, c.waiting = c.freed[:0], false
}

func priority(s *shape) int32 {
	if s.spec.Priority == nil {
		return 0
	}
	return *s.spec.Priority
}

func (c *Cluster) scheduleLine(s *shape) {
	done := 0
	for done < len(s.queue) {
		n := c.place(s)
		if n == nil {
			break
		}
		c.bind(s.queue[done], n)
		done++
	}
	s.queue = append(s.queue[:0], s.queue[done:]...)
	if len(s.queue) == 0 {
		s.blocked = false
		return
	}
	if !s.blocked {
		s.blocked = true
		if !c.cfg.QuietPods {
			c.note(Record{By: "scheduler", What: PodUnschedulable, Object: s.of.key, Why: c.snapshot.Survey(s.class).String()})
		}
	}
	for _, p := range slices.Backward(s.queue) {
		if len(p.object.Status.Conditions) > 0 {
			break // it and those before it were told already
		}
		p.condition(corev1.PodScheduled, corev1.ConditionFalse, corev1.PodReasonUnschedulable, c.Now())
	}
}

// place finds a node for a pod of a shape. A shape that no node took before is tried on nodes that changed since.
func (c *Cluster) place(s *shape) *node {
	if s.blocked && !s.social() {
		for _, n := range c.freed {
			if !n.gone && c.snapshot.Fits(s.class, n.id) {
				return n
			}
		}
		return nil
	}
	from := s.cursor
	if s.social() && c.cfg.Pack {
		from = 0
	}
	id := c.snapshot.FirstFit(s.class, from)
	switch {
	case id < 0:
		return nil
	case c.cfg.Pack:
		s.cursor = id
	default:
		s.cursor = kube.NodeID((int(id) + 1) % c.snapshot.Len())
	}
	return c.byID[id]
}

// social tells whether where a pod can be depends on other pods, so that any change may open any node.
func (s *shape) social() bool {
	a := s.spec.Affinity
	return len(s.spec.TopologySpreadConstraints) > 0 || a != nil && (a.PodAffinity != nil || a.PodAntiAffinity != nil)
}
