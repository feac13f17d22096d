// Package karpenter decides what Karpenter 1.14 decides, as functions: which nodes to create for pods that are pending, and
// which nodes to take away or replace. It needs no cluster, no clock and no cloud, and the same snapshot always gives the
// same answer.
//
//	pools, err := karpenter.Decode(manifests) // NodePools and NodeOverlays as kubectl prints them
//	if err != nil {
//		return err
//	}
//	snapshot := &karpenter.Snapshot{
//		Now:           now,
//		NodePools:     pools.NodePools,
//		InstanceTypes: map[string][]*cloudprovider.InstanceType{"": types}, // for every pool; karpenter/aws makes them of EC2's facts
//		Nodes:         nodes,   // with their pods
//		Pending:       pending, // pods without a node
//	}
//	plan, err := karpenter.Provision(snapshot, karpenter.Options{})
//	if err != nil {
//		return err // the snapshot makes no sense: which object, field and value
//	}
//	plan.Explain(os.Stdout) // what to launch, for which pods, at what price, and why the others wait
//
// # What is decided
//
// [Provision] places pending pods on the nodes that are there and on claims for new ones, and says for each pod left over
// what stood in the way. [Simulate] removes nodes on trial and says where their pods would go; [Compile] makes a cluster
// ready for many such questions.
//
// [Disrupt] is a round of disruption: emptiness, drift, consolidation. [WhatIf] says what removing nodes would save and what
// stops it, [Why] tells of each node why it stays or goes and when that may change, [AllowedDisruptions] is the arithmetic
// of budgets alone, and [Validate] looks at a command again. [Expire], [Terminate], [Repair], [Interrupt], [Initialize],
// [Liveness] and [AfterLaunch] are the rest of a node's life.
//
// # Beyond Karpenter
//
// With [Options].Packing set to [Cheapest], Provision looks beside Karpenter's plan for one that costs less, and says what
// no plan can cost less than: Karpenter itself asks no price while it puts pods together. [Thrift] replaces nodes by
// several where that is cheaper, and has thresholds for savings and for the life of a node. Neither is ever dearer.
//
// Package karpenter/legacy reads the Provisioners and AWSNodeTemplates of 2023, and karpenter/aws turns EC2's facts into
// instance types. [Options] hold Karpenter's settings and, in its Profile, which of its defects to leave out.
package karpenter
