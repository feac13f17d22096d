package clusterautoscaler

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// Validate tells what in an input makes no sense: it names the object, the field and the value.
func Validate(o Options, in Input) error {
	if err := o.validate(); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i := range in.Groups {
		g := &in.Groups[i]
		if seen[g.ID] {
			return fmt.Errorf("%w: groups[%d]: group %q is there twice", ErrInvalid, i, g.ID)
		}
		seen[g.ID] = true
		if err := g.validate(); err != nil {
			return err
		}
	}
	return in.Cluster.validate()
}

func (g *NodeGroup) validate() error {
	switch {
	case g.ID == "":
		return fmt.Errorf("%w: groups: a group has no ID", ErrInvalid)
	case g.Min < 0:
		return fmt.Errorf("%w: group %s: min: %d is negative", ErrInvalid, g.ID, g.Min)
	case g.Max < g.Min:
		return fmt.Errorf("%w: group %s: max: %d is below min %d", ErrInvalid, g.ID, g.Max, g.Min)
	case g.Target < 0:
		return fmt.Errorf("%w: group %s: target: %d is negative", ErrInvalid, g.ID, g.Target)
	}
	for _, t := range []struct {
		field string
		value *time.Duration
	}{
		{"unneededTime", g.Options.UnneededTime}, {"unreadyTime", g.Options.UnreadyTime},
		{"maxNodeProvisionTime", g.Options.MaxNodeProvisionTime}, {"maxNodeStartupTime", g.Options.MaxNodeStartupTime},
	} {
		if t.value != nil && *t.value < 0 {
			return fmt.Errorf("%w: group %s: options.%s: %v is negative", ErrInvalid, g.ID, t.field, *t.value)
		}
	}
	if g.Template == nil {
		return nil
	}
	if g.Template.Node == nil {
		return fmt.Errorf("%w: group %s: template.node: is missing", ErrInvalid, g.ID)
	}
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		// Less than nothing is no error: the provider for AWS says so of attribute-based groups, and no pod fits there.
		if q := g.Template.Node.Status.Allocatable[name]; q.IsZero() {
			return fmt.Errorf("%w: group %s: template.node.status.allocatable.%s: %s is no room for pods", ErrInvalid, g.ID, name, q.String())
		}
	}
	return present("group "+g.ID+": template.pods", g.Template.Pods)
}

func (c *Cluster) validate() error {
	if err := present("cluster.nodes", c.Nodes); err != nil {
		return err
	}
	if err := present("cluster.pods", c.Pods); err != nil {
		return err
	}
	if err := present("cluster.daemonSets", c.DaemonSets); err != nil {
		return err
	}
	nodes := make(map[string]bool, len(c.Nodes))
	for _, n := range c.Nodes {
		nodes[n.Name] = true
	}
	for _, p := range c.Pods {
		if name := p.Spec.NodeName; name != "" && !nodes[name] && !kube.Finished(p) { // what has ended may outlive its node
			return fmt.Errorf("%w: pod %s/%s: spec.nodeName: there is no node %q", ErrInvalid, p.Namespace, p.Name, name)
		}
	}
	return nil
}

func present[T any](field string, list []*T) error {
	for i := range list {
		if list[i] == nil {
			return fmt.Errorf("%w: %s[%d]: none", ErrInvalid, field, i)
		}
	}
	return nil
}

func (o *Options) validate() error {
	for _, t := range []struct {
		field string
		value time.Duration
	}{
		{"newPodScaleUpDelay", o.NewPodScaleUpDelay}, {"maxNodeProvisionTime", o.MaxNodeProvisionTime}, {"maxNodeStartupTime", o.MaxNodeStartupTime},
		{"backoff.initial", o.Backoff.Initial}, {"backoff.max", o.Backoff.Max}, {"backoff.reset", o.Backoff.Reset},
		{"scaleDown.delayAfterAdd", o.ScaleDown.DelayAfterAdd}, {"scaleDown.delayAfterDelete", o.ScaleDown.DelayAfterDelete},
		{"scaleDown.delayAfterFailure", o.ScaleDown.DelayAfterFailure}, {"scaleDown.unneededTime", o.ScaleDown.UnneededTime},
		{"scaleDown.unreadyTime", o.ScaleDown.UnreadyTime}, {"scaleDown.recheckTimeout", o.ScaleDown.RecheckTimeout},
	} {
		if t.value < 0 {
			return fmt.Errorf("%w: options.%s: %v is negative", ErrInvalid, t.field, t.value)
		}
	}
	for _, n := range []struct {
		field string
		value int
	}{
		{"maxNodesPerScaleUp", o.MaxNodesPerScaleUp}, {"maxNodesTotal", o.MaxNodesTotal}, {"maxEstimates", o.MaxEstimates},
		{"scaleDown.maxParallelism", o.ScaleDown.MaxParallelism}, {"scaleDown.maxDrainParallelism", o.ScaleDown.MaxDrainParallelism},
		{"scaleDown.drain.minReplicaCount", o.ScaleDown.Drain.MinReplicaCount},
	} {
		if n.value < 0 {
			return fmt.Errorf("%w: options.%s: %d is negative", ErrInvalid, n.field, n.value)
		}
	}
	return nil
}
