package clusterautoscaler

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// delete chooses among the nodes that could go those that do (D30, D34 to D40).
func (d *descent) delete() {
	empty, drain := d.ripe()
	empty, drain = d.wholeGroups(empty, drain)
	if !d.out.CooldownUntil.IsZero() {
		for _, i := range slices.Concat(empty, drain) {
			d.status[i].Reason, d.status[i].FreeAt, d.status[i].Detail = InCooldown, d.out.CooldownUntil, "after "+d.out.Cooldown
		}
		return
	}
	empty, drain = d.crop(empty, drain)
	for _, i := range empty {
		d.status[i].Reason = NodeRemovable
		d.out.Empty = append(d.out.Empty, d.removals[i])
	}
	for _, i := range drain {
		d.status[i].Reason = NodeRemovable
		d.out.Drain = append(d.out.Drain, d.removals[i])
	}
	for _, i := range slices.Concat(empty, drain) {
		d.state.LastDeletion = d.now
		if d.s.DelayLocal {
			d.state.note(d.status[i].Group, func(t *GroupTimes) { t.Deletion = d.now })
		}
	}
}

// ripe are the nodes whose timers have run out and whose group and cluster can spare them, empty ones first (D34, D35),
// risky ones last (D36).
func (d *descent) ripe() (empty, drain []int) {
	chosen, busy := make([]int, len(d.w.groups)), make([]int, len(d.w.groups))
	for g := range busy {
		busy[g] = deleting(&d.w.groups[g])
	}
	room := d.spare()
	var risky []int
	for _, wantEmpty := range []bool{true, false} {
		for _, i := range d.removable {
			isEmpty := d.status[i].Vacant
			if isEmpty != wantEmpty || !d.due(i) {
				continue
			}
			g := d.group(i)
			if g.Target-chosen[d.w.groupOf[i]]-busy[d.w.groupOf[i]] <= g.Min {
				d.status[i].Reason = NodeGroupMinSizeReached
				d.status[i].Detail = fmt.Sprintf("target %d, minimum %d, %d chosen already", g.Target, g.Min, chosen[d.w.groupOf[i]])
				continue
			}
			if !room.take(d.w.nodes[i].object) {
				d.status[i].Reason = MinimalResourceLimit
				continue
			}
			if d.awaits[i] != nil {
				d.status[i].Reason = BlockedByOnCompletionPod
				d.status[i].Blocking, d.status[i].Pod = d.awaits[i], podName(d.awaits[i])
				continue
			}
			chosen[d.w.groupOf[i]]++
			switch {
			case isEmpty:
				empty = append(empty, i)
			case d.removals[i].Risky:
				risky = append(risky, i)
			default:
				drain = append(drain, i)
			}
		}
	}
	return empty, append(drain, risky...)
}

func deleting(g *NodeGroup) int {
	n := 0
	for i := range g.Instances {
		if g.Instances[i].State == InstanceDeleting {
			n++
		}
	}
	return n
}

// draining is how many nodes that are being deleted still have pods to move (D37).
func (d *descent) draining() int {
	n := 0
	for i := range d.status {
		if d.status[i].Reason == CurrentlyBeingDeleted && d.gone[i] {
			if empty, _ := d.drainer.empty(d.w.nodes[i].pods); !empty {
				n++
			}
		}
	}
	return n
}

// spare is what the cluster can do without (D35).
type spare struct {
	limited       bool
	cores, memory int64
}

func (d *descent) spare() spare {
	s := spare{limited: d.s.MinCores > 0 || d.s.MinMemory > 0, cores: -d.s.MinCores, memory: -d.s.MinMemory}
	for i := range d.w.nodes {
		cores, memory := sizeOf(d.w.nodes[i].object)
		s.cores, s.memory = s.cores+cores, s.memory+memory
	}
	s.cores, s.memory = max(s.cores, 0), max(s.memory, 0)
	return s
}

func (s *spare) take(node *corev1.Node) bool {
	cores, memory := sizeOf(node)
	if s.limited && (cores > s.cores || memory > s.memory) {
		return false
	}
	s.cores, s.memory = s.cores-cores, s.memory-memory
	return true
}

func sizeOf(node *corev1.Node) (cores, memory int64) {
	cpu, mem := node.Status.Capacity[corev1.ResourceCPU], node.Status.Capacity[corev1.ResourceMemory]
	return cpu.Value(), mem.Value()
}

// wholeGroups holds back nodes of groups that go whole or not at all, unless all of them are there (D39, D40).
func (d *descent) wholeGroups(empty, drain []int) ([]int, []int) {
	count := make([]int, len(d.w.groups))
	for _, i := range slices.Concat(empty, drain) {
		count[d.w.groupOf[i]]++
	}
	partial := func(i int) bool {
		g := d.group(i)
		if !g.Options.ZeroOrMax {
			return false
		}
		n := count[d.w.groupOf[i]]
		if n >= g.Target || n >= d.registered(d.w.groupOf[i]) {
			return false
		}
		d.status[i].Reason = AtomicScaleDownFailed
		d.status[i].Detail = fmt.Sprintf("%d of %d nodes of its group could go", n, g.Target)
		return true
	}
	return slices.DeleteFunc(empty, partial), slices.DeleteFunc(drain, partial)
}

func (d *descent) registered(group int) int {
	n := 0
	for _, g := range d.w.groupOf {
		if g == group {
			n++
		}
	}
	return n
}

// crop keeps as many as may be deleted at a time (D37 to D39): whole groups first, of which the first may be too large.
func (d *descent) crop(empty, drain []int) ([]int, []int) {
	total, drains := d.s.MaxParallelism, d.s.MaxDrainParallelism
	for i := range d.w.groups {
		total -= deleting(&d.w.groups[i])
	}
	drains -= d.draining()
	var outEmpty, outDrain []int
	done := map[int]bool{}
	for _, i := range slices.Concat(empty, drain) {
		g := d.w.groupOf[i]
		if !d.w.groups[g].Options.ZeroOrMax || done[g] || total <= 0 {
			continue
		}
		done[g] = true
		e, r := d.of(empty, g), d.of(drain, g)
		if len(outEmpty)+len(outDrain) > 0 && (len(e)+len(r) > total || len(r) > drains) || len(r) > 0 && drains <= 0 {
			continue
		}
		outEmpty, outDrain = append(outEmpty, e...), append(outDrain, r...)
		total, drains = total-len(e)-len(r), drains-len(r)
	}
	for _, i := range byGroup(d, empty) {
		if total > 0 && !d.group(i).Options.ZeroOrMax {
			outEmpty, total = append(outEmpty, i), total-1
		} else if !slices.Contains(outEmpty, i) {
			d.over(i)
		}
	}
	for _, i := range drain {
		if total > 0 && drains > 0 && !d.group(i).Options.ZeroOrMax {
			outDrain, total, drains = append(outDrain, i), total-1, drains-1
		} else if !slices.Contains(outDrain, i) {
			d.over(i)
		}
	}
	return outEmpty, outDrain
}

func (d *descent) over(i int) {
	d.status[i].Reason = OverBudget
	d.status[i].Detail = fmt.Sprintf("at most %d nodes are deleted at a time, %d of them drained", d.s.MaxParallelism, d.s.MaxDrainParallelism)
}

func (d *descent) of(nodes []int, group int) []int {
	var out []int
	for _, i := range nodes {
		if d.w.groupOf[i] == group {
			out = append(out, i)
		}
	}
	return out
}

// byGroup orders nodes by their group's first appearance (D38).
func byGroup(d *descent, nodes []int) []int {
	first := map[int]int{}
	for at, i := range nodes {
		if _, ok := first[d.w.groupOf[i]]; !ok {
			first[d.w.groupOf[i]] = at
		}
	}
	out := slices.Clone(nodes)
	slices.SortStableFunc(out, func(a, b int) int { return first[d.w.groupOf[a]] - first[d.w.groupOf[b]] })
	return out
}
