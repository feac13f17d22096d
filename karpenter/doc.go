// Package karpenter decides what Karpenter decides, as functions: which nodes to create for pods that are pending, and
// which nodes to take away or replace. It needs no cluster, no clock and no cloud, and the same snapshot always gives the
// same answer.
//
// [Provision] places pending pods on the nodes that are there and on claims for new ones, and says for each pod left over
// what stood in the way. [Simulate] removes nodes on trial and says where their pods would go. Everything else about the
// life of a node stands beside them: consolidation, emptiness, drift, budgets, expiration, termination.
//
// With [Options].Packing set to [Cheapest], Provision looks beside Karpenter's plan for one that costs less, and says what
// no plan can cost less than. Karpenter itself asks no price while it puts pods together.
//
// A [Snapshot] holds all that a decision depends on. NodePools read from the YAML that a cluster has.
package karpenter
