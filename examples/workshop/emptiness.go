package main

import (
	"fmt"
	"time"

	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/internal/sim"
	"github.com/scalemath/scalemath/karpenter"
)

// tellEmptiness asks the decision function itself a second before the node may go and on it, and then lets time pass.
func tellEmptiness(t *Teller, c *sim.Cluster, pool *karpenter.NodePool, types []*cloudprovider.InstanceType) error {
	if err := c.Run(deflatedAt); err != nil {
		return err
	}
	nodes := c.View().NodesWithPods()
	if len(nodes) != 1 {
		return fmt.Errorf("there are %d nodes, not one", len(nodes))
	}
	n := &nodes[0]
	for _, page := range []struct {
		empty time.Duration
		goes  int
	}{{29 * time.Second, 0}, {30 * time.Second, 1}} {
		at := deflatedAt + page.empty
		command, found, err := karpenter.EmptyNodes(&karpenter.Snapshot{
			Now: nine.Add(at), NodePools: []*karpenter.NodePool{pool},
			InstanceTypes: map[string][]*cloudprovider.InstanceType{pool.Name: types},
			Nodes:         []*karpenter.Node{{Object: n.Object, Pods: n.Pods, NodePool: pool.Name, Initialized: n.Joined, LastPodEvent: n.Touched}},
		}, karpenter.Options{})
		if err != nil {
			return err
		}
		t.At(at).Saw("%s without pods for %s", n.Object.Name, page.empty)
		if found {
			t.Decided("%s", command)
		} else {
			t.Decided("nothing")
		}
		t.Untimed().Check("nodes that go after "+short(page.empty), page.goes, len(command.Candidates))
		if found {
			t.Check("why it goes", karpenter.Empty, command.Reason)
		}
	}
	if err := c.Run(deflatedAt + 2*time.Minute); err != nil {
		return err
	}
	left := c.History().Of(sim.NodeLeft)
	if len(left) != 1 {
		return fmt.Errorf("%d nodes left, not one", len(left))
	}
	t.At(left[0].At.Sub(nine)).Saw("%s is gone", left[0].Object)
	t.Untimed().Check("nodes in the end", 0, c.View().NodeCount())
	return nil
}
