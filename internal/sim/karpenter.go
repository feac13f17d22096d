package sim

import (
	"context"
	"fmt"
	"maps"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/karpenter"
)

// Karpenter runs NodePools with the decisions of package karpenter: it launches machines for pods that have no place,
// takes away and replaces those that are not needed, and gives up those that the cloud takes back or that are too old.
type Karpenter struct {
	options karpenter.Options
	pools   []*karpenter.NodePool
	plan    karpenter.Plan
	round   karpenter.Round
	told    string

	commands []*command // under way
	serial   int        // of the latest one
}

// NewKarpenter makes the controller with its NodePools.
func NewKarpenter(options karpenter.Options, pools ...*karpenter.NodePool) (*Karpenter, error) {
	for i, p := range pools {
		if p == nil || p.Name == "" {
			return nil, invalid("nodePools", "[%d] is nil or has no name", i)
		}
	}
	return &Karpenter{options: options, pools: pools}, nil
}

// Name implements [Autoscaler].
func (k *Karpenter) Name() string { return "karpenter" }

// Period implements [Autoscaler]: the longest time that pods are collected for (--batch-max-duration).
func (k *Karpenter) Period() time.Duration { return 10 * time.Second }

// Plan is the latest plan for pods without a place.
func (k *Karpenter) Plan() *karpenter.Plan { return &k.plan }

// Step implements [Autoscaler].
func (k *Karpenter) Step(now time.Time, v *View) []Action {
	actions, err := k.step(now, v)
	if err == nil {
		k.told = ""
	} else if k.told != err.Error() {
		k.told = err.Error()
		actions = append(actions, Say{Object: "nodepools", Why: k.told})
	}
	return actions
}

// step provisions for pods that have no place; without such it looks for nodes that can go.
func (k *Karpenter) step(now time.Time, v *View) ([]Action, error) {
	instances, err := v.Cloud().Instances(context.Background())
	if err != nil {
		return nil, err
	}
	actions := k.proceed(now, v, instances)
	s, forced, err := k.snapshot(now, v, instances)
	actions = append(actions, forced...)
	if err != nil {
		return actions, err
	}
	var more []Action
	if len(s.Pending) > 0 {
		more, err = k.provision(s)
	} else {
		more, err = k.disrupt(now, s)
	}
	return append(actions, more...), err
}

// provision launches what pending pods need.
func (k *Karpenter) provision(s *karpenter.Snapshot) ([]Action, error) {
	plan, err := karpenter.Provision(s, k.options)
	if err != nil {
		return nil, err
	}
	k.plan = plan
	var actions []Action
	for i := range plan.Claims {
		launch, err := k.launch(&plan.Claims[i], fmt.Sprintf("for %d pods", len(plan.Claims[i].Pods)))
		if err != nil {
			return actions, err
		}
		actions = append(actions, launch)
	}
	return actions, nil
}

// launch asks for the machine of a claim.
func (k *Karpenter) launch(claim *karpenter.Claim, why string) (Launch, error) {
	pool := k.pool(claim.NodePool)
	if pool == nil {
		return Launch{}, fmt.Errorf("plan: there is no NodePool %q", claim.NodePool)
	}
	request := cloudprovider.LaunchRequest{Offerings: offerings(claim), Labels: claimLabels(pool, claim), Taints: pool.Spec.Template.Spec.Taints}
	return Launch{Request: request, Why: fmt.Sprintf("NodePool %s, %s", claim.NodePool, why)}, nil
}

func (k *Karpenter) pool(name string) *karpenter.NodePool {
	for _, p := range k.pools {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// offerings are those that a claim allows, cheapest first.
func offerings(claim *karpenter.Claim) []cloudprovider.OfferingRef {
	allowed := func(key, value string) bool {
		r, ok := claim.Requirements.Get(key)
		return !ok || r.Has(value)
	}
	return cloudprovider.Cheapest(claim.Types, func(_ *cloudprovider.InstanceType, o *cloudprovider.Offering) bool {
		return allowed(corev1.LabelTopologyZone, o.Zone) && allowed(karpenter.LabelCapacityType, o.CapacityType)
	})
}

// claimLabels are the labels of a claim's node beside those of its machine: the template's, and what is required to be
// one value.
func claimLabels(pool *karpenter.NodePool, claim *karpenter.Claim) map[string]string {
	labels := maps.Clone(pool.Spec.Template.Metadata.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	for _, r := range claim.Requirements.All() {
		if !r.Complement() && r.Len() == 1 && r.Key() != corev1.LabelHostname {
			labels[r.Key()] = r.Values()[0]
		}
	}
	labels[karpenter.LabelNodePool] = pool.Name
	labels[karpenter.LabelRegistered], labels[karpenter.LabelInitialized] = "true", "true"
	return labels
}

// snapshot is what a decision depends on. Nodes that the cloud takes back or that are too old are not in it: the actions
// remove them.
func (k *Karpenter) snapshot(now time.Time, v *View, instances []cloudprovider.Instance) (*karpenter.Snapshot, []Action, error) {
	types, err := v.Cloud().InstanceTypes(context.Background())
	if err != nil {
		return nil, nil, err
	}
	s := &karpenter.Snapshot{
		Now: now, NodePools: k.pools, InstanceTypes: map[string][]*cloudprovider.InstanceType{"": types},
		Pending: v.Pending(), DaemonSets: v.DaemonPods(), PDBs: v.PDBs(),
	}
	byID := map[string]*cloudprovider.Instance{}
	for i := range instances {
		byID[instances[i].ID] = &instances[i]
	}
	var actions []Action
	for _, n := range v.NodesWithPods() {
		node := k.node(&n)
		if why := k.forcibly(now, node, byID[n.Instance]); why != "" {
			actions = append(actions, RemoveNode{Node: n.Object.Name, Why: why})
			continue
		}
		s.Nodes = append(s.Nodes, node)
	}
	for i := range instances {
		if one := &instances[i]; one.Labels[karpenter.LabelNodePool] != "" && one.State != cloudprovider.Joined {
			object, err := v.Cloud().NodeOf(one.ID)
			if err != nil {
				return nil, nil, err
			}
			s.Nodes = append(s.Nodes, &karpenter.Node{Object: object, NodePool: one.Labels[karpenter.LabelNodePool], Uninitialized: true})
		}
	}
	return s, actions, nil
}

func (k *Karpenter) node(n *NodeStatus) *karpenter.Node {
	node := &karpenter.Node{Object: n.Object, Pods: n.Pods, NodePool: n.Object.Labels[karpenter.LabelNodePool], Deleting: k.disrupting(n.Object.Name)}
	if pool := k.pool(node.NodePool); pool != nil {
		node.Initialized, node.LastPodEvent = n.Joined, n.Touched
		node.ExpireAfter = pool.Spec.Template.Spec.ExpireAfter
	}
	return node
}

// forcibly says why a node has to go whatever runs on it; empty where it may stay.
func (k *Karpenter) forcibly(now time.Time, n *karpenter.Node, of *cloudprovider.Instance) string {
	switch {
	case n.NodePool == "" || of == nil:
		return ""
	case !of.Noticed.IsZero():
		return "spot interruption"
	case n.ExpireAfter.Set && !n.ExpireAfter.Never && !now.Before(of.Launched.Add(n.ExpireAfter.Duration)):
		return "expired"
	}
	return ""
}
