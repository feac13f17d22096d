package sim

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/clusterautoscaler"
)

// ClusterAutoscaler runs node groups with the decisions of package clusterautoscaler.
type ClusterAutoscaler struct {
	// Every is the time between two loops (--scan-interval); default 10 seconds.
	Every time.Duration
	// SkipIdle leaves loops out while no pod waits, nothing has changed and no timer of the last loop has run out. What
	// upstream draws anew in each loop (where a search begins) is then drawn less often.
	SkipIdle bool

	options clusterautoscaler.Options
	groups  []string
	loop    clusterautoscaler.Loop
	state   clusterautoscaler.State
	told    string
	seen    [3]uint64 // of nodes, pods and groups at the last loop
	due     time.Time // when a timer of the last loop runs out; zero where none runs
}

// NewClusterAutoscaler makes the autoscaler for the node groups named, or for all groups of the cloud.
func NewClusterAutoscaler(options clusterautoscaler.Options, groups ...string) *ClusterAutoscaler {
	return &ClusterAutoscaler{options: options, groups: groups}
}

// Name implements [Autoscaler].
func (a *ClusterAutoscaler) Name() string { return "cluster-autoscaler" }

// Period implements [Autoscaler].
func (a *ClusterAutoscaler) Period() time.Duration {
	if a.Every == 0 {
		return 10 * time.Second
	}
	return a.Every
}

// input is what a loop depends on.
func (a *ClusterAutoscaler) input(now time.Time, v *View) (clusterautoscaler.Input, error) {
	in := clusterautoscaler.Input{Now: now, Cluster: clusterautoscaler.Cluster{DaemonSets: v.DaemonPods(), PDBs: v.PDBs()}}
	for _, n := range v.Nodes() {
		in.Cluster.Nodes = append(in.Cluster.Nodes, n.Object)
	}
	for _, key := range v.Workloads() {
		in.Cluster.Pods = append(in.Cluster.Pods, v.Pods(key)...)
	}
	ctx := context.Background()
	ids, err := v.Cloud().NodeGroups(ctx)
	if err != nil {
		return in, err
	}
	types, err := v.Cloud().InstanceTypes(ctx)
	if err != nil {
		return in, err
	}
	for _, id := range ids {
		if len(a.groups) > 0 && !slices.Contains(a.groups, id) {
			continue
		}
		g, err := v.Cloud().NodeGroup(ctx, id)
		if err != nil {
			return in, err
		}
		in.Groups = append(in.Groups, groupOf(&g, types))
	}
	return in, nil
}

// groupOf is a group as the autoscaler sees it. A machine that the cloud does not have is one that failed to be made.
func groupOf(g *cloudprovider.NodeGroup, types []*cloudprovider.InstanceType) clusterautoscaler.NodeGroup {
	out := clusterautoscaler.NodeGroup{ID: g.ID, Min: g.Min, Max: g.Max, Target: g.Target}
	for i := range g.Instances {
		one := &g.Instances[i]
		instance := clusterautoscaler.Instance{ID: one.ProviderID(), Since: one.Launched}
		if one.State == cloudprovider.Pending {
			instance.State = clusterautoscaler.InstanceCreating
		}
		out.Instances = append(out.Instances, instance)
	}
	for i := len(g.Instances); i < g.Target; i++ {
		out.Instances = append(out.Instances, clusterautoscaler.Instance{
			ID: fmt.Sprintf("%s-placeholder-%d", g.ID, i), State: clusterautoscaler.InstanceCreating, ErrorCode: "InsufficientInstanceCapacity", OutOfResources: true,
		})
	}
	for _, t := range types {
		if t.Name == g.InstanceType {
			sample := &cloudprovider.Instance{ID: "template", Group: g.ID, Offering: cloudprovider.OfferingRef{InstanceType: t.Name, Zone: g.Zones[0], CapacityType: g.CapacityType}}
			if sample.Offering.CapacityType == "" {
				sample.Offering.CapacityType = cloudprovider.OnDemand
			}
			out.Template = &clusterautoscaler.Template{Node: g.NodeOf(t, sample)}
		}
	}
	return out
}

// Loop is the latest loop.
func (a *ClusterAutoscaler) Loop() *clusterautoscaler.Loop { return &a.loop }

// Step implements [Autoscaler]: one loop.
func (a *ClusterAutoscaler) Step(now time.Time, v *View) []Action {
	if a.SkipIdle && a.idle(now, v) {
		return nil
	}
	in, err := a.input(now, v)
	if err == nil {
		var next clusterautoscaler.State
		if a.loop, next, err = clusterautoscaler.Plan(a.options, in, a.state); err == nil {
			a.state = next
			a.due = a.next(now)
		}
	}
	text := a.loop.Halt
	if err != nil {
		text = err.Error()
	}
	var actions []Action
	if text != a.told && text != "" {
		actions = append(actions, Say{Object: "node groups", Why: text})
	}
	if a.told = text; err != nil {
		return actions
	}
	return append(actions, a.act(in.Groups)...)
}

// idle tells whether the loop would see what the last one saw.
func (a *ClusterAutoscaler) idle(now time.Time, v *View) bool {
	seen := [3]uint64{v.NodeChanges(), v.PodChanges(), v.c.cloud.Changes()}
	same := seen == a.seen
	a.seen = seen
	return same && len(v.Pending()) == 0 && (a.due.IsZero() || now.Before(a.due))
}

// next is when a timer of the loop runs out: of a node, a cooldown, or growth that is awaited.
func (a *ClusterAutoscaler) next(now time.Time) time.Time {
	var due time.Time
	sooner := func(t time.Time) {
		if t = t.Add(time.Nanosecond); t.After(now) && (due.IsZero() || t.Before(due)) { // a timer must be exceeded
			due = t
		}
	}
	if down := a.loop.ScaleDown; down != nil {
		sooner(down.CooldownUntil)
		for i := range down.Nodes {
			sooner(down.Nodes[i].FreeAt)
		}
	}
	for _, r := range a.state.Requests { // the soonest of all, in any order
		sooner(r.Deadline)
	}
	return due
}

// act is what the loop asks for.
func (a *ClusterAutoscaler) act(groups []clusterautoscaler.NodeGroup) []Action {
	var actions []Action
	for i := range a.loop.Health.Groups {
		actions = append(actions, mend(groups, &a.loop.Health.Groups[i])...)
	}
	for _, i := range a.loop.Minimums {
		actions = append(actions, ResizeGroup{Group: i.ID, Size: i.To, Why: "below the minimum"})
	}
	for k := range a.loop.ScaleUps {
		for _, i := range a.loop.ScaleUps[k].Increases {
			actions = append(actions, ResizeGroup{Group: i.ID, Size: i.To, Why: a.loop.ScaleUps[k].String()})
		}
	}
	if down := a.loop.ScaleDown; down != nil {
		for _, r := range down.Empty {
			actions = append(actions, RemoveNode{Node: r.Node, Why: "unneeded and empty"})
		}
		for _, r := range down.Drain {
			actions = append(actions, RemoveNode{Node: r.Node, Why: fmt.Sprintf("unneeded, %d pods move", len(r.Moves))})
		}
	}
	return actions
}

// mend gives up what a group asked for and did not get: machines that the cloud does not have are taken off the size
// wanted, and those that never joined are ended.
func mend(groups []clusterautoscaler.NodeGroup, h *clusterautoscaler.GroupHealth) []Action {
	var actions []Action
	size, missing := h.To, 0
	for i := range groups {
		if groups[i].ID == h.ID && !h.Lower {
			size = groups[i].Target
		}
	}
	for _, id := range h.Delete {
		if _, instance, ok := strings.Cut(id, "/i-"); ok {
			actions = append(actions, TerminateIn{Group: h.ID, Instance: "i-" + instance, Why: "never joined"})
			size--
		} else {
			missing++
		}
	}
	if h.Lower || missing > 0 {
		actions = append(actions, ResizeGroup{Group: h.ID, Size: size - missing, Why: "the cloud has no more"})
	}
	return actions
}
