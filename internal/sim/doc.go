// Package sim plays a cluster in virtual time: workloads whose pods start, become ready, use something and end, nodes from
// a cloud in memory, a scheduler, metrics as the metrics APIs give them, and the autoscalers of this library in any
// combination, each at its own period. The same scenario always gives the same history, byte for byte.
//
//	autoscaler, err := sim.NewHPA(hpa.Defaults())
//	...
//	cluster, err := sim.New(sim.Config{
//		Start: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
//		Nodes: nodes, // []*corev1.Node, or Cloud with groups of machines
//		Workloads: []sim.Workload{{
//			Name: "php-apache", Replicas: 1, Template: template, ReadyDelay: 5 * time.Second,
//			Load: sim.Requests{Rate: sim.Steps(sim.Step{From: time.Minute, Value: 150}), Cost: 4}, // 600 millicores in all
//		}},
//		HPAs:        []*autoscalingv2.HorizontalPodAutoscaler{object},
//		Autoscalers: []sim.Autoscaler{autoscaler},
//	})
//	...
//	err = cluster.Run(10 * time.Minute)
//	err = cluster.History().Of(sim.Scaled).Write(os.Stdout)
//
// [NewHPA], [NewVPA], [NewKEDA], [NewProportional], [NewClusterAutoscaler] and [NewKarpenter] plug the library's decisions
// in; anything else that looks at a [View] every so often and answers with [Action] values can be plugged in as well.
//
// # What is simple
//
// Pods of a workload are alike, and what they use is a [Load]; only the first container uses anything. A pod that is
// deleted or evicted is gone at once, and so is a node that is removed once its pods are evicted. The scheduler obeys all
// required rules, but no preferences: it goes around the nodes, or packs them one after the other.
package sim
