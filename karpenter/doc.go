// Package karpenter decides what Karpenter decides, as functions: which nodes to create for pods that are pending, and
// which nodes to take away or replace. It needs no cluster, no clock and no cloud, and the same snapshot always gives the
// same answer.
//
// [Provision] places pending pods on the nodes that are there and on claims for new ones, and says for each pod left over
// what stood in the way. [Simulate] removes nodes on trial and says where their pods would go, [WhatIf] also what that
// saves and what stops it. [Disrupt] is a round of disruption: emptiness, drift, consolidation; [Why] tells of each node
// why it stays or goes, and when that may change. Beside them stand the rest of the life of a node ([AllowedDisruptions],
// [Validate], [Expire], [Terminate], [Repair], [Interrupt], [Initialize], [AfterLaunch]) and, beyond Karpenter, [Thrift].
//
// A [Snapshot] holds all that a decision depends on. NodePools read from the YAML that a cluster has.
package karpenter
