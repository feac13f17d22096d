package sim

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/clusterautoscaler"
)

// ClusterAutoscaler runs node groups with the decisions of package clusterautoscaler.
type ClusterAutoscaler struct {
	// Every is the time between two loops (--scan-interval); default 10 seconds.
	Every time.Duration

	options clusterautoscaler.Options
	groups  []string
	up      clusterautoscaler.ScaleUp
	down    clusterautoscaler.ScaleDown
	state   clusterautoscaler.ScaleDownState
	lastUp  time.Time
	told    string
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

// Step implements [Autoscaler]: one loop, which scales down only if it did not scale up.
func (a *ClusterAutoscaler) Step(now time.Time, v *View) []Action {
	actions, err := a.scaleUp(now, v)
	if err == nil && len(actions) == 0 {
		actions, err = a.scaleDown(now, v)
	}
	if err == nil {
		a.told = ""
	} else if a.told != err.Error() {
		a.told = err.Error()
		actions = append(actions, Say{Object: "node groups", Why: a.told})
	}
	return actions
}

// ScaleUp is the latest decision about pods without a place.
func (a *ClusterAutoscaler) ScaleUp() *clusterautoscaler.ScaleUp { return &a.up }

// ScaleDown is the latest decision about nodes that are not needed.
func (a *ClusterAutoscaler) ScaleDown() *clusterautoscaler.ScaleDown { return &a.down }

// scaleDown removes nodes that are not needed. Nodes are looked at in every loop, so that their timers run, but none goes
// for a while after a scale-up (D2).
func (a *ClusterAutoscaler) scaleDown(now time.Time, v *View) ([]Action, error) {
	in, err := a.input(now, v)
	if err != nil {
		return nil, err
	}
	before := a.state.LastDeletion
	if a.down, a.state, err = clusterautoscaler.DecideScaleDown(a.options, in, a.state); err != nil {
		return nil, err
	}
	if !a.lastUp.IsZero() && now.Before(a.lastUp.Add(a.options.ScaleDown.DelayAfterAdd)) {
		a.state.LastDeletion = before
		return nil, nil
	}
	var actions []Action
	for _, r := range a.down.Empty {
		actions = append(actions, RemoveNode{Node: r.Node, Why: "unneeded and empty"})
	}
	for _, r := range a.down.Drain {
		actions = append(actions, RemoveNode{Node: r.Node, Why: fmt.Sprintf("unneeded, %d pods move", len(r.Moves))})
	}
	return actions, nil
}

// scaleUp grows groups for pods that fit neither on a node nor on one that is on its way.
func (a *ClusterAutoscaler) scaleUp(now time.Time, v *View) ([]Action, error) {
	pending := v.Pending()
	if len(pending) == 0 {
		return nil, nil
	}
	in, err := a.input(now, v)
	if err != nil {
		return nil, err
	}
	up := clusterautoscaler.ScaleUpInput{Groups: in.Groups, Templates: map[string]*clusterautoscaler.Template{}, GroupOf: map[string]string{}}
	slices.SortFunc(up.Groups, func(x, y clusterautoscaler.NodeGroup) int { return strings.Compare(x.ID, y.ID) })
	if up.Snapshot, err = kube.NewSnapshot(kube.Options{AllLabels: true}); err != nil {
		return nil, err
	}
	for _, n := range v.NodesWithPods() {
		if up.Nodes, err = add(up.Snapshot, up.Nodes, n.Object, n.Pods); err != nil {
			return nil, err
		}
		if n.Group != "" {
			up.GroupOf[n.Object.Name] = n.Group
		}
	}
	daemons := v.DaemonPods()
	for i := range up.Groups {
		g := &up.Groups[i]
		up.Templates[g.ID] = &clusterautoscaler.Template{Node: g.Template.Node, Pods: daemons}
		joined := 0
		for _, id := range up.GroupOf { // a count: the order does not matter
			if id == g.ID {
				joined++
			}
		}
		for k := joined; k < g.Target; k++ {
			object := g.Template.Node.DeepCopy()
			object.Name = fmt.Sprintf("%s-upcoming-%d", g.ID, k)
			object.Labels[corev1.LabelHostname] = object.Name
			if up.Nodes, err = add(up.Snapshot, up.Nodes, object, daemons); err != nil {
				return nil, err
			}
			up.GroupOf[object.Name] = g.ID
		}
	}
	for _, p := range pending {
		c, err := up.Snapshot.Class(p)
		if err != nil {
			return nil, err
		}
		if n := up.Snapshot.FirstFit(c, 0); n < 0 {
			up.Pending = append(up.Pending, p)
		} else if err := up.Snapshot.Place(c, n); err != nil {
			return nil, err
		}
	}
	if a.up, err = clusterautoscaler.DecideScaleUp(a.options, up); err != nil {
		return nil, err
	}
	var actions []Action
	for _, i := range a.up.Increases {
		a.lastUp = now
		actions = append(actions, ResizeGroup{Group: i.ID, Size: i.To, Why: fmt.Sprintf("for %d pods without a place", len(up.Pending))})
	}
	return actions, nil
}

// add adds a node with its pods to a snapshot.
func add(s *kube.Snapshot, nodes []*corev1.Node, object *corev1.Node, pods []*corev1.Pod) ([]*corev1.Node, error) {
	id, err := s.AddNode(object)
	if err != nil {
		return nil, err
	}
	for _, p := range pods {
		c, err := s.Class(p)
		if err != nil {
			return nil, err
		}
		if err := s.Place(c, id); err != nil {
			return nil, err
		}
	}
	return append(nodes, object), nil
}
