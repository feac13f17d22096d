package kube

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// Fits tells whether a pod of a class can be placed on a node, by all the rules that the scheduler filters nodes by. It
// builds no text; ask [Snapshot.Why] for that.
func (s *Snapshot) Fits(c Class, n NodeID) bool {
	if !s.has(n) || c < 0 || int(c) >= len(s.classes) {
		return false
	}
	k := &s.classes[c]
	return k.err == nil && k.needs.Problem == "" && s.holds(k, n) && s.away(k, n) && s.spreads(k, n) && s.together(k, n)
}

// holds asks all rules but those about pods elsewhere: whether a node has the room and is of the right kind.
func (s *Snapshot) holds(k *class, n NodeID) bool {
	x := &s.nodes[n]
	if int64(len(x.pods)) >= x.maxPods {
		return false
	}
	alloc, used := s.alloc[int(n)*s.stride:], s.used[int(n)*s.stride:]
	for _, a := range k.amounts {
		if a.amount > 0 && a.amount > alloc[a.column]-used[a.column] {
			return false
		}
	}
	return s.admits(k, n) && s.portsFree(k, x) && s.volumesFit(k, x)
}

// admits asks the rules about the node alone, once per shape of node.
func (s *Snapshot) admits(k *class, n NodeID) bool {
	if k.byName {
		return s.admitsNode(k, s.nodes[n].object)
	}
	if len(s.fresh) > 0 {
		s.settle()
	}
	shape := s.shapeOf[n]
	for int(shape) >= len(k.byShape) {
		k.byShape = append(k.byShape, 0)
	}
	if k.byShape[shape] == 0 {
		k.byShape[shape] = -1
		if s.admitsNode(k, s.nodes[n].object) {
			k.byShape[shape] = 1
		}
	}
	return k.byShape[shape] > 0
}

// cordon is the taint that a cordoned node stands for.
var cordon = corev1.Taint{Key: corev1.TaintNodeUnschedulable, Effect: corev1.TaintEffectNoSchedule}

func (s *Snapshot) admitsNode(k *class, object *corev1.Node) bool {
	if object.Spec.Unschedulable && !Tolerates(k.pod.Spec.Tolerations, &cordon) {
		return false
	}
	if Untolerated(object.Spec.Taints, k.pod.Spec.Tolerations) != nil || !k.selector.Matches(object.Name, object.Labels) {
		return false
	}
	for i := range k.needs.Places {
		if ok, _ := k.needs.Places[i].admits(object.Name, object.Labels); !ok {
			return false
		}
	}
	return true
}

func (s *Snapshot) portsFree(k *class, x *node) bool {
	for _, p := range k.ports {
		for _, q := range x.ports {
			if s.ports[p].Conflicts(s.ports[q]) {
				return false
			}
		}
	}
	return true
}

func (s *Snapshot) volumesFit(k *class, x *node) bool {
	for _, claim := range k.needs.Single {
		if s.single[claim] > 0 {
			return false
		}
	}
	for i := range k.needs.disks {
		if s.diskUser(&k.needs.disks[i], x) {
			return false
		}
	}
	for i := range k.needs.Attach {
		if limit, have, more := s.attachments(k, x, i); more > 0 && have+more > limit {
			return false
		}
	}
	return true
}

func (s *Snapshot) diskUser(d *disk, x *node) bool {
	for _, c := range x.pods {
		other := s.classes[c].needs.disks
		for i := range other {
			if d.conflicts(&other[i]) {
				return true
			}
		}
	}
	return false
}

// attachments counts, for the driver of the i-th volume, what the node may attach, has attached and would attach more;
// no more where the driver has no limit or was counted for an earlier volume.
func (s *Snapshot) attachments(k *class, x *node, i int) (limit, have, more int64) {
	driver := k.needs.Attach[i].Driver
	limit, ok := x.limits[driver]
	if !ok {
		return 0, 0, 0
	}
	for _, v := range k.needs.Attach[:i] {
		if v.Driver == driver {
			return 0, 0, 0
		}
	}
	for j := range x.attach {
		if x.attach[j].volume.Driver == driver {
			have++
		}
	}
	for j := i; j < len(k.needs.Attach); j++ {
		v := k.needs.Attach[j]
		if v.Driver == driver && !slices.Contains(k.needs.Attach[:j], v) &&
			!slices.ContainsFunc(x.attach, func(a attached) bool { return a.volume == v }) {
			more++
		}
	}
	return limit, have, more
}

func (s *Snapshot) spreads(k *class, n NodeID) bool {
	for i := range k.spread {
		r := &k.spread[i]
		d := s.topologies[r.topology].domain[n]
		if d < 0 {
			return false
		}
		if would, least := s.skew(r, d); would-least > int64(r.MaxSkew) {
			return false
		}
	}
	return true
}

// skew is how many pods a domain would have, and how many the emptiest one has.
func (s *Snapshot) skew(r *spreadRule, d int32) (would, least int64) {
	ct := &s.counters[r.counter]
	would = int64(ct.counts.at(d))
	if r.Self {
		would++
	}
	domains := s.extents[ct.extent].domains
	if domains == 0 {
		// No node counts at all. With minDomains below 1, which validation forbids, any skew would do.
		if r.MinDomains > 0 {
			return would, 0
		}
		return 0, 1 << 31
	}
	if domains >= r.MinDomains && domains == ct.occupied {
		least = int64(ct.least)
	}
	return would, least
}

// together asks required affinity.
func (s *Snapshot) together(k *class, n NodeID) bool {
	alone, _ := s.lonely(k, n)
	return !alone
}

// away asks anti-affinity, the pod's own and that of others to it.
func (s *Snapshot) away(k *class, n NodeID) bool {
	for i := range k.anti {
		if s.counted(k.anti[i].topology, k.anti[i].counter, n) > 0 {
			return false
		}
	}
	for _, id := range k.repelled {
		if s.counted(s.counters[id].topology, id, n) > 0 {
			return false
		}
	}
	return true
}

// lonely tells whether required affinity is not met, and the first term that is not. A pod that satisfies its own terms
// may be the first of its kind, as long as there is none anywhere; the label must be there all the same.
func (s *Snapshot) lonely(k *class, n NodeID) (bool, *termRule) {
	var first *termRule
	total := int64(0)
	for i := range k.affinity {
		r := &k.affinity[i]
		if s.topologies[r.topology].domain[n] < 0 {
			return true, r
		}
		if first == nil && s.counted(r.topology, r.counter, n) == 0 {
			first = r
		}
		total += s.counters[r.counter].total
	}
	return first != nil && !(k.self && total == 0), first
}

func (s *Snapshot) counted(topology, id int32, n NodeID) int32 {
	return s.counters[id].counts.at(s.topologies[topology].domain[n])
}
