package clusterautoscaler

import corev1 "k8s.io/api/core/v1"

// minimums grows groups that are below their minimum (R66).
func (l *looper) minimums() {
	if !l.o.EnforceGroupsMin {
		return
	}
	u := scaleUp{o: *l.o, in: l.scaleUpInput(nil)}
	u.measure()
	for i := range l.w.groups {
		g := &l.w.groups[i]
		if g.Missing || g.Target >= g.Min || u.in.Unusable[g.ID] != "" {
			continue
		}
		want := l.capped(g, len(u.in.Nodes)) - g.Target
		if t := l.templates[g.ID]; t != nil && want > 0 {
			want = u.within(g.ID, t.Node, want)
		}
		if want > 0 {
			l.out.Minimums = append(l.out.Minimums, Increase{g.ID, g.Target, g.Target + want})
		}
	}
	for _, i := range l.out.Minimums {
		l.grow(i)
		l.st.LastScaleUp = l.in.Now
	}
}

// capped is the minimum of a group as far as max-nodes-total allows it. Upstream holds the limit against the group alone.
func (l *looper) capped(g *NodeGroup, nodes int) int {
	switch {
	case l.o.MaxNodesTotal == 0:
		return g.Min
	case !l.o.Profile.CapMinSizeByCluster:
		return min(g.Min, l.o.MaxNodesTotal)
	}
	for _, i := range l.out.Minimums {
		nodes += i.To - i.From
	}
	return min(g.Min, g.Target+max(0, l.o.MaxNodesTotal-nodes))
}

// within takes as many of some new nodes off the quotas as there is room for.
func (u *scaleUp) within(id string, node *corev1.Node, want int) int {
	fits, _ := u.quotas.allowed(node, u.amounts[id], want)
	u.quotas.consume(node, u.amounts[id], fits)
	return fits
}
