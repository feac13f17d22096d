package karpenter

import (
	"cmp"
	"slices"
)

// Drifted replaces the node that has drifted first, empty ones before others, by as many nodes as it takes, or deletes it
// where its pods fit elsewhere (rule 82). The price does not matter.
func (d *Disruptor) Drifted() (Command, bool) {
	list := d.candidates(Drift)
	slices.SortStableFunc(list, func(a, b *Candidate) int {
		return cmp.Or(cmp.Compare(min(len(a.Pods), 1), min(len(b.Pods), 1)), a.drifted.Compare(b.drifted))
	})
	room := d.room(Drifted)
	for _, c := range list {
		if room[c.pool] == 0 {
			d.noteBudget(c, Drift)
			continue
		}
		plan, err := d.tryDrift(c)
		if err != nil {
			d.note(Drift, &Obstacle{Kind: PodsWithoutPlace, Detail: err.Error()}, c)
			continue
		}
		if o := misplaced(plan); o != nil {
			d.note(Drift, o, c)
			continue
		}
		return d.newCommand(Drift, []*Candidate{c}, plan, plan.Claims), true
	}
	return Command{}, false
}

// tryDrift simulates the removal of a drifted node. Its pods may go to busy nodes, too.
func (d *Disruptor) tryDrift(c *Candidate) (*Plan, error) {
	d.cluster.busyToo = true
	defer func() { d.cluster.busyToo = false }()
	return d.try([]*Candidate{c})
}

// StaticDrifted replaces drifted nodes of pools that hold a number of nodes, one for one, as many as budgets and the pool's
// limit on nodes allow, but none while the pool has more nodes than it should (rule 83). Each is a command of its own.
// The replacements have no instance type yet: any of the pool's will do.
func (d *Disruptor) StaticDrifted() []Command {
	of := map[*poolFacts][]*Candidate{}
	for _, c := range d.candidates(StaticDrift) {
		of[c.pool] = append(of[c.pool], c)
	}
	var commands []Command
	for _, p := range d.order {
		list := of[p]
		if len(list) == 0 {
			continue
		}
		room := p.room(Drifted, &d.survey)
		if room == 0 {
			for _, c := range list {
				d.noteBudget(c, StaticDrift)
			}
			continue
		}
		if replicas := p.object.Spec.Replicas; int64(p.present) > *replicas {
			for _, c := range list {
				d.note(StaticDrift, &Obstacle{Kind: StaticNodePool, Have: float64(p.present), Want: float64(*replicas), Detail: "its pool is still scaling down"}, c)
			}
			continue
		}
		count := min(room, len(list))
		if limit, ok := p.object.Spec.Limits["nodes"]; ok {
			count = min(count, max(0, int(limit.Value())-p.present-p.leaving))
		}
		for _, c := range list[:count] {
			commands = append(commands, d.newCommand(StaticDrift, []*Candidate{c}, nil, []Claim{{NodePool: c.NodePool}}))
		}
	}
	return commands
}
