// Package hpa decides what the HorizontalPodAutoscaler controller of Kubernetes decides, as a function: metrics in,
// replicas, conditions and reasons out. It needs no cluster, no clock and no network, and the same input always gives the
// same answer.
//
//	package main
//
//	import (
//		"fmt"
//		"log"
//		"os"
//		"time"
//
//		autoscalingv1 "k8s.io/api/autoscaling/v1"
//		autoscalingv2 "k8s.io/api/autoscaling/v2"
//		corev1 "k8s.io/api/core/v1"
//		"sigs.k8s.io/yaml"
//
//		"github.com/scalemath/scalemath/hpa"
//		"github.com/scalemath/scalemath/metrics"
//	)
//
//	func main() {
//		var object autoscalingv2.HorizontalPodAutoscaler // kubectl get hpa NAME -o yaml
//		var pod corev1.Pod                               // kubectl get pod NAME -o yaml
//		for file, into := range map[string]any{"hpa.yaml": &object, "pod.yaml": &pod} {
//			text, err := os.ReadFile(file)
//			if err == nil {
//				err = yaml.UnmarshalStrict(text, into)
//			}
//			if err != nil {
//				log.Fatal(file, ": ", err)
//			}
//		}
//		now := time.Now()
//		decision, history, err := hpa.Decide(hpa.Defaults(), hpa.Input{
//			Now: now,
//			HPA: &object,
//			Scale: &autoscalingv1.Scale{ // of the target: replicas wanted and observed, and the pods' selector
//				Spec:   autoscalingv1.ScaleSpec{Replicas: 1},
//				Status: autoscalingv1.ScaleStatus{Replicas: 1, Selector: "run=php-apache"},
//			},
//			Pods: []*corev1.Pod{&pod}, // those that match the selector
//			Metrics: []metrics.Observation{{ // one for each of the object's metrics, here 140 millicores
//				Pods: []metrics.PodSample{{Pod: pod.Name, Value: 140, Time: now, Window: time.Minute}},
//			}},
//		}, hpa.History{}) // at the next decision, pass the history that came back
//		if err != nil {
//			log.Fatal(err) // the input makes no sense
//		}
//		fmt.Println(decision.Replicas, decision.ReasonText(), len(history.Recommendations))
//		if err := decision.Explain(os.Stdout); err != nil {
//			log.Fatal(err)
//		}
//	}
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
// Decisions equal Kubernetes 1.37 on amd64 to the bit, its defects included. Each defect has a
// switch in [Profile], and [Fixed] leaves all of them out. Codes such as U8 in these comments number the rules
// that the package was written from: N numbers, D defaults, C the course of a reconcile, M several metrics, T tolerance,
// G groups of pods, Q requests, U utilization, A averages, V and P whole metrics, H history, L and B normalization
// without and with behavior, Z scaling to and from zero, S status, X readings.
package hpa
