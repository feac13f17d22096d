package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/scalemath/scalemath/clusterautoscaler"
)

// tellAnnotation asks the decision function itself, twice ten minutes apart: what would it do with the cluster as it is,
// were the node annotated that was the second to go.
func tellAnnotation(t *Teller) error {
	c, _, err := scaleOut(t.Seed)
	if err == nil {
		err = c.Run(deleted)
	}
	if err != nil {
		return err
	}
	cloud, err := c.View().Cloud().NodeGroup(context.Background(), "ng1")
	if err != nil {
		return err
	}
	in := clusterautoscaler.Input{Groups: []clusterautoscaler.NodeGroup{{ID: cloud.ID, Min: cloud.Min, Max: cloud.Max, Target: cloud.Target}}}
	for _, n := range c.View().NodesWithPods() {
		object := n.Object.DeepCopy()
		in.Cluster.Nodes = append(in.Cluster.Nodes, object)
		in.Cluster.Pods = append(in.Cluster.Pods, n.Pods...)
		in.Groups[0].Instances = append(in.Groups[0].Instances, clusterautoscaler.Instance{ID: object.Spec.ProviderID})
	}
	if len(in.Cluster.Nodes) < 4 {
		return fmt.Errorf("there are %d nodes", len(in.Cluster.Nodes))
	}
	held := in.Cluster.Nodes[3]
	held.Annotations = map[string]string{clusterautoscaler.AnnotationScaleDownDisabled: "true"}
	var state clusterautoscaler.ScaleDownState
	var d clusterautoscaler.ScaleDown
	for _, at := range []time.Duration{deleted, deleted + 10*time.Minute + 10*time.Second} {
		in.Now = nine.Add(at)
		if d, state, err = clusterautoscaler.DecideScaleDown(clusterautoscaler.DefaultOptions(), in, state); err != nil {
			return err
		}
	}
	t.Untimed().Saw("%s, of which %s bears %s", count(len(in.Cluster.Nodes), "node"), held.Name, clusterautoscaler.AnnotationScaleDownDisabled)
	t.Decided("%s would go: %s", count(len(removed(&d)), "node"), strings.Join(removed(&d), ", "))
	t.Why(without(d.Explain, "scale down ", "BlockedByPod"))
	for i := range d.Nodes {
		if d.Nodes[i].Name == held.Name {
			t.Check("why it stays", "ScaleDownDisabledAnnotation", d.Nodes[i].Reason)
		}
	}
	t.Check("others that go in its place", 2, len(removed(&d)))
	return nil
}
