// Package keda makes the decisions of KEDA 2.21 as plain functions: when a workload leaves zero and when it goes back, how
// many jobs to start, what a failing trigger counts as, what a formula makes of several metrics, and which
// HorizontalPodAutoscaler does the scaling in between.
//
// KEDA itself only moves a workload between zero (or idle) and its minimum; from 1 to N a HorizontalPodAutoscaler does it
// that KEDA makes and feeds. So there is one function for each of its decisions:
//
//   - [Tick], one pass of the scale loop over a ScaledObject, from readings to the workload; and its parts [DecideFallback],
//     [Compose] and [Decide];
//   - [ReadJobs], [CombineQueues] and [DecideJobs], the same for a ScaledJob;
//   - [BuildHPA], the HorizontalPodAutoscaler, and [AnswerHPA], what it gets when it asks for a metric;
//   - [DecidePause] and [RestoredReplicas], what happens between ticks and at the end;
//   - [Lint] and [LintJob], what is wrong or odd in a manifest.
//
// None of them reads a clock, a cluster or a metric: what a trigger read is an input. A tick looks like this:
//
//	so, err := keda.DecodeScaledObject(manifest) // or Decode, for several
//	...
//	d, next, err := keda.Tick(keda.Defaults(), keda.TickInput{
//		Now:    now,
//		Object: so,
//		Readings: []keda.Reading{{
//			Trigger: 0, Metric: "s0-prometheus", Active: rate > 5,
//			Values: []keda.MetricValue{{Name: "s0-prometheus", Value: keda.MetricQuantity(rate)}},
//			Target: keda.MetricTarget(autoscalingv2.AverageValueMetricType, resource.MustParse("100")),
//		}},
//		Workload: keda.Workload{Replicas: replicas, ReadyPods: ready},
//	}, state)
//	if d.Scale != nil && d.Scale.Scale {
//		err := write(d.Scale.To)
//		d.Scale.WriteFailed(err, &next) // does nothing without an error
//	}
//	d.Explain(os.Stderr)
//
// The default profile reproduces release 2.21 with its peculiarities. Each of them has a switch in [Fixes], and the profile
// [Fixed] leaves all of them out. Codes such as E5 or J4 in these comments number the rules that the tests are named after.
// Beyond KEDA, [Config] can combine triggers in other ways and let the cooldown start from a number of replicas.
//
// Package trigger, below this one, turns what sources answer into readings; package formula computes formulas.
package keda
