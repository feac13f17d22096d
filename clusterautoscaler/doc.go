// Package clusterautoscaler decides what the Cluster Autoscaler decides, release 1.37, as functions: which node groups
// grow for pods that have no place, and which nodes go because their pods fit elsewhere. It needs no cluster, no clock and
// no cloud, and the same input always gives the same answer.
//
//	plan, state, err := clusterautoscaler.Plan(clusterautoscaler.DefaultOptions(), clusterautoscaler.Input{
//		Now:     now,
//		Cluster: clusterautoscaler.Cluster{Nodes: nodes, Pods: pods},
//		Groups: []clusterautoscaler.NodeGroup{{
//			ID: "workers", Min: 1, Max: 6, Target: 3,
//			Template:  &clusterautoscaler.Template{Node: template},
//			Instances: instances, // which nodes are of the group, by provider ID
//		}},
//	}, state)
//	if err != nil {
//		return err // the input makes no sense: which object, field and value
//	}
//	plan.Explain(os.Stdout)
//
// [Plan] is one whole loop. Its parts stand alone too: which pods count ([SelectPods]), which are alike ([GroupPods]), how
// many nodes they need ([Estimate]), which group is best ([Expander]), which groups are interchangeable ([Similar]) and
// how growth is spread over them ([Balance]), what limits the cluster ([Quota]), and when a failing group rests
// ([Backoff]). For scale-down: how much of a node is requested ([Utilization]), which pods hold it ([Drainer]), whether the
// cluster could do without it ([SimulateRemoval]), how it is emptied ([PlanEviction]), and which nodes the scheduler is
// asked to avoid ([PlanSoftTaints]). Every node that stays says why, by which pod and rule, and for how long.
//
// Only requests count, never usage. Where upstream leaves an order to chance it is fixed here: pods, groups and nodes in
// the order given, new nodes in the order of their making, ties to the smallest ID or to a seed of the caller's.
package clusterautoscaler
