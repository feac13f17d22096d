// Package hpa decides what the HorizontalPodAutoscaler controller of Kubernetes decides, as a function: metrics in,
// replicas, conditions and reasons out. It needs no cluster, no clock and no network, and the same input always gives the
// same answer.
//
//	var object autoscalingv2.HorizontalPodAutoscaler // from YAML: sigs.k8s.io/yaml
//	decision, history, err := hpa.Decide(hpa.Defaults(), hpa.Input{
//		Now:   now,
//		HPA:   &object,
//		Scale: scale, // replicas wanted and observed, and the pods' selector
//		Pods:  pods,  // those that match the selector
//		Metrics: []metrics.Observation{{ // one for each of the object's metrics
//			Pods: []metrics.PodSample{{Pod: "php-apache-0", Value: 350, Time: now, Window: time.Minute}},
//		}},
//	}, history)
//	if err != nil {
//		return err // the input makes no sense
//	}
//	fmt.Println(decision.Replicas, decision.ReasonText()) // or decision.Explain(os.Stdout)
//
// # What is decided
//
// [Decide] is one reconcile: which metrics count, what each asks for, which of them wins, what stabilization, policies
// and bounds leave of it. [Decision] holds the numbers; [Decision.Status], [Decision.Events] and [Decision.Err] render
// what the controller would write, to the letter, and [Decision.Explain] says it in words. [LookAhead] tells what would
// change the answer: the next instant, and the nearest reading of each metric. [Validate] and [Preflight] look at an
// object before it is used.
//
// [History] is what the controller remembers from one reconcile to the next. It is a value that comes back from each
// decision; keep it, or marshal it to JSON.
//
// # The pieces
//
// Each step stands alone: [Group] and [GroupRequests] sort pods by what their reading is worth, [Utilization],
// [AverageValue], [TotalValue] and [PerPodValue] turn readings into a proposal, [Largest] and [Smallest] combine
// proposals, [Normalize] applies windows, policies and bounds. [Decider] is Decide with its memory kept, for those who
// decide often; [CompilePods] prepares pods that several decisions share.
//
// # Fidelity
//
// The default profile, [V1_37], equals Kubernetes 1.37 on amd64 to the bit, its defects included. Each defect has a
// switch in [Fixes], and the profile [Fixed] leaves all of them out. Codes such as U8 in these comments number the rules
// that the package was written from: N numbers, D defaults, C the course of a reconcile, M several metrics, T tolerance,
// G groups of pods, Q requests, U utilization, A averages, V and P whole metrics, H history, L and B normalization
// without and with behavior, Z scaling to and from zero, S status, X readings.
package hpa
