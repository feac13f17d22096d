package hpa_test

import (
	"errors"
	"fmt"
	"os"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/scalemath/scalemath/hpa"
	"github.com/scalemath/scalemath/metrics"
)

// A whole decision from YAML: php-apache uses 70 % of its request where 50 % are wanted.
func Example() {
	manifest := `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: php-apache, namespace: default}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: php-apache}
  minReplicas: 1
  maxReplicas: 10
  metrics:
  - type: Resource
    resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}
`
	pod := `
metadata: {name: php-apache-0}
spec: {containers: [{name: php-apache, resources: {requests: {cpu: 200m}}}]}
status:
  phase: Running
  startTime: "2026-01-01T11:00:00Z"
  conditions: [{type: Ready, status: "True", lastTransitionTime: "2026-01-01T11:00:05Z"}]
`
	var object autoscalingv2.HorizontalPodAutoscaler
	var apache corev1.Pod
	if err := errors.Join(yaml.UnmarshalStrict([]byte(manifest), &object), yaml.UnmarshalStrict([]byte(pod), &apache)); err != nil {
		fmt.Println(err)
		return
	}
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	decision, _, err := hpa.Decide(hpa.Defaults(), hpa.Input{
		Now: now,
		HPA: &object,
		Scale: &autoscalingv1.Scale{
			Spec:   autoscalingv1.ScaleSpec{Replicas: 1},
			Status: autoscalingv1.ScaleStatus{Replicas: 1, Selector: "run=php-apache"},
		},
		Pods: []*corev1.Pod{&apache},
		Metrics: []metrics.Observation{{ // 140 of 200 millicores
			Pods: []metrics.PodSample{{Pod: "php-apache-0", Value: 140, Time: now, Window: 30 * time.Second}},
		}},
	}, hpa.History{})
	if err != nil {
		fmt.Println(err)
		return
	}
	decision.Explain(os.Stdout)
	// Output:
	// default/php-apache (Deployment/php-apache): 1 -> 2 replicas (cpu resource utilization (percentage of request) above target)
	//   metric 0, cpu resource utilization (percentage of request), which decides
	//     70% of the requests (140m a pod), target 50%: ratio 1.4 (exact 1.4)
	//     pods: 1 ready
	//     asks for 2 replicas: ratio times 1 pod, rounded up
}

// Ten queued messages a replica are wanted, fifty wait, and three replicas run.
func ExampleDecide() {
	decision, history, err := hpa.Decide(hpa.Defaults(), hpa.Input{
		Now:     noon,
		HPA:     object(external(`{type: AverageValue, averageValue: "10"}`)),
		Scale:   scale(3, 3),
		Metrics: []metrics.Observation{total(50_000)},
	}, hpa.History{})
	fmt.Println(&decision, err)
	fmt.Println(decision.Status().Conditions[0].Message)
	fmt.Println(decision.Events()[0].Message)
	fmt.Println(len(history.Recommendations), "recommendations")
	// Output:
	// 3 -> 5 replicas (external metric queue(nil) above target) <nil>
	// the HPA controller was able to update the target scale to 5
	// New size: 5; reason: external metric queue(nil) above target
	// 2 recommendations
}

// What the controller would write is rendered on request.
func ExampleDecision_Status() {
	decision, _, _ := hpa.Decide(hpa.Defaults(), hpa.Input{
		Now: noon, HPA: object(cpuHalf), Scale: scale(2, 2), Pods: pods(2, "100m"),
		Metrics: []metrics.Observation{uses(noon, 49, 52)},
	}, hpa.History{})
	status := decision.Status()
	fmt.Println(status.CurrentReplicas, status.DesiredReplicas, *status.CurrentMetrics[0].Resource.Current.AverageUtilization)
	for _, c := range status.Conditions {
		fmt.Println(c.Type, c.Status, c.Reason)
	}
	// Output:
	// 2 2 50
	// AbleToScale True ReadyForNewScale
	// ScalingActive True ValidMetricFound
	// ScalingLimited False DesiredWithinRange
}

// The load ended, but ten replicas were recommended two minutes ago.
func ExampleLookAhead() {
	in := hpa.Input{
		Now: noon, HPA: object(cpuHalf), Scale: scale(10, 10), Pods: pods(10, "100m"),
		Metrics: []metrics.Observation{uses(noon, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5)},
	}
	history := hpa.History{Recommendations: []hpa.Recommendation{{At: noon.Add(-2 * time.Minute), Replicas: 10}}}
	decision, _, _ := hpa.Decide(hpa.Defaults(), in, history)
	outlook, _ := hpa.LookAhead(hpa.Defaults(), in, history)
	decision.Explain(os.Stdout)
	outlook.Explain(os.Stdout)
	// Output:
	// default/web (Deployment/web): 10 replicas kept, 1 asked for, ScaleDownStabilized
	//   metric 0, cpu resource utilization (percentage of request), which decides
	//     5% of the requests (5m a pod), target 50%: ratio 0.1 (exact 0.1)
	//     pods: 10 ready
	//     asks for 1 replica: ratio times 10 pods, rounded up
	//   ScaleDownStabilized: 10 replicas instead of 1, for 10 were recommended at 2026-01-01T11:58:00Z; that counts until 2026-01-01T12:03:00Z
	//   if the metrics stay: 1 replica from 2026-01-01T12:03:00Z
	//   turning points of metric 0, cpu resource utilization (percentage of request), now 5%: none below, none above
}

// Two pods of which one has no reading: before a scale-down it is taken at its full request.
func ExampleUtilization() {
	cfg := hpa.Defaults()
	compiled, err := hpa.CompilePods(pods(2, "100m"))
	if err != nil {
		fmt.Println(err)
		return
	}
	readings, err := hpa.GroupRequests(cfg, noon, compiled, uses(noon, 10).Pods, corev1.ResourceCPU, "", 50)
	if err != nil {
		fmt.Println(err)
		return
	}
	proposal, err := hpa.Utilization(cfg, hpa.Tolerance{Up: 0.1, Down: 0.1}, 2, 50, readings)
	fmt.Println(readings.Groups, "|", proposal.Replicas, proposal.Ratio, proposal.Final, proposal.Outcome, err)
	// Output:
	// 1 ready, 1 missing | 2 0.2 1.1 withinTolerance <nil>
}

// Three pods hold 4, 5 and 9 connections where 3 are wanted.
func ExampleAverageValue() {
	cfg := hpa.Defaults()
	compiled, _ := hpa.CompilePods(pods(3, ""))
	readings := hpa.Group(cfg, noon, compiled, uses(noon, 4000, 5000, 9000).Pods, "")
	proposal, err := hpa.AverageValue(cfg, hpa.Tolerance{Up: 0.1, Down: 0.1}, 3, 3000, readings)
	fmt.Println(proposal.Replicas, proposal.Value, proposal.Ratio, err)
	// Output:
	// 6 6000 2 <nil>
}

// An ingress serves 25 requests a second where 10 are wanted, with two of three replicas ready.
func ExampleTotalValue() {
	p := hpa.TotalValue(hpa.Defaults(), hpa.Tolerance{Up: 0.1, Down: 0.1}, 3, 25_000, 10_000, 2)
	fmt.Println(p.Replicas, p.Ratio, p.Outcome)
	// Output:
	// 5 2.5 scaled
}

// A queue of 31 messages, 10 of them a replica.
func ExamplePerPodValue() {
	p := hpa.PerPodValue(hpa.Defaults(), hpa.Tolerance{Up: 0.1, Down: 0.1}, 2, 2, 31_000, 10_000, true)
	fmt.Println(p.Replicas, p.Value, p.Outcome)
	// Output:
	// 4 15500 dividedByTarget
}

// One metric alone, without the object's other metrics, windows and bounds.
func ExampleMeasure() {
	in := hpa.Input{Now: noon, HPA: object(cpuHalf), Scale: scale(2, 2), Pods: pods(2, "100m")}
	r, err := hpa.Measure(hpa.Defaults(), hpa.ToleranceOf(hpa.Defaults(), in.HPA), in, in.HPA.Spec.Metrics[0], uses(noon, 80, 100))
	fmt.Println(r.Replicas, r.Utilization, r.Groups, err)
	// Output:
	// 4 90 2 ready <nil>
}

// Windows, policies and bounds alone: four pods may be added, and no more within 15 seconds.
func ExampleNormalize() {
	object := object(cpuHalf)
	object.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{}
	n, history, err := hpa.Normalize(hpa.Defaults(), object, 2, 9, noon, hpa.History{})
	fmt.Println(n.Replicas, n.Limit, n.Policy.Policy.Type, n.Policy.Policy.Value, err)
	fmt.Println(len(history.Recommendations))
	// Output:
	// 6 ScaleUpLimit Pods 4 <nil>
	// 1
}

// An object that scales up only if all its metrics ask for it.
func ExampleSmallest() {
	cfg := hpa.Defaults()
	cfg.Combine = hpa.Smallest
	object := object(cpuHalf)
	object.Spec.Metrics = append(object.Spec.Metrics, hpaMetric(external(`{type: Value, value: "10"}`)))
	decision, _, _ := hpa.Decide(cfg, hpa.Input{
		Now: noon, HPA: object, Scale: scale(2, 2), Pods: pods(2, "100m"),
		Metrics: []metrics.Observation{uses(noon, 100, 100), total(15_000)},
	}, hpa.History{})
	fmt.Println(&decision)
	// Output:
	// 2 -> 3 replicas (external metric queue(nil) above target)
}

func hpaMetric(text string) autoscalingv2.MetricSpec { return object(text).Spec.Metrics[0] }

func ExampleValidate() {
	bad := object(cpuHalf)
	bad.Spec.MaxReplicas = 0
	*bad.Spec.Metrics[0].Resource.Target.AverageUtilization = 0
	for _, f := range hpa.Validate(hpa.Defaults(), bad) {
		fmt.Println(f)
	}
	// Output:
	// refused: spec.maxReplicas: 0 is less than 1
	// refused: spec.maxReplicas: 0 is less than minReplicas, 1
	// refused: spec.metrics[0].resource.target.averageUtilization: 0 is less than 1
}

func ExamplePreflight() {
	object := object(cpuHalf)
	object.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{}
	list := []*corev1.Pod{pod("web-0", ""), pod("web-1", "")}
	for _, f := range hpa.Preflight(hpa.Defaults(), hpa.Input{Now: noon, HPA: object, Scale: scale(2, 2), Pods: list}) {
		fmt.Println(f)
	}
	// Output:
	// surprising: spec.metrics[0]: missing request for cpu in container app of Pod web-0: the metric fails as long as a selected pod lacks it
	// surprising: spec.metrics[0]: missing request for cpu in container app of Pod web-1: the metric fails as long as a selected pod lacks it
	// surprising: scale.status.selector: matches pod web-0, which no controller owns
	// surprising: scale.status.selector: matches pod web-1, which no controller owns
}

func ExampleSetDefaults() {
	object := object(`
metadata: {name: web}
spec: {scaleTargetRef: {kind: Deployment, name: web}, maxReplicas: 5, behavior: {}}
`)
	hpa.SetDefaults(object)
	fmt.Println(*object.Spec.MinReplicas, *object.Spec.Metrics[0].Resource.Target.AverageUtilization, len(object.Spec.Behavior.ScaleUp.Policies))
	// Output:
	// 1 80 2
}

func ExampleRequestsMissing() {
	list := []*corev1.Pod{pod("web-0", "100m"), pod("web-1", ""), pod("web-2", "")}
	for _, m := range hpa.RequestsMissing(hpa.Defaults(), list, corev1.ResourceCPU, "") {
		fmt.Println(m)
	}
	// Output:
	// missing request for cpu in container app of Pod web-1
	// missing request for cpu in container app of Pod web-2
}

func ExampleRequest() {
	milli, err := hpa.Request(hpa.Defaults(), pod("web-0", "250m"), corev1.ResourceCPU, "app")
	fmt.Println(milli, err)
	_, err = hpa.Request(hpa.Defaults(), pod("web-0", "250m"), corev1.ResourceCPU, "proxy")
	fmt.Println(err)
	// Output:
	// 250 <nil>
	// container proxy not found in Pod web-0
}

// Upstream takes a sum that becomes negative on the way for an overflow.
func ExampleSumSeriesPerPod() {
	fmt.Println(hpa.SumSeriesPerPod(hpa.Defaults(), []int64{40_000, -5_000}))
	fmt.Println(hpa.SumSeriesPerPod(hpa.Defaults(), []int64{-5_000, 40_000}))
	fmt.Println(hpa.SumSeries(hpa.Defaults(), []int64{-5_000, 40_000}))
	// Output:
	// 35000
	// 9223372036854775807
	// 35000
}

// A controller's loop decides into the same memory.
func ExampleDecider() {
	decider, err := hpa.NewDecider(hpa.Defaults())
	if err != nil {
		fmt.Println(err)
		return
	}
	object, size := object(external(`{type: AverageValue, averageValue: "10"}`)), int32(2)
	var history hpa.History
	var decision hpa.Decision
	for i, queue := range []int64{20_000, 50_000, 90_000} {
		in := hpa.Input{
			Now: noon.Add(time.Duration(i) * 15 * time.Second), HPA: object, Scale: scale(size, size),
			Metrics: []metrics.Observation{total(queue)},
		}
		if err := decider.Decide(&in, &history, &decision); err != nil {
			fmt.Println(err)
			return
		}
		size = decision.Replicas
		fmt.Println(&decision)
	}
	// Output:
	// 2 replicas kept
	// 2 -> 4 replicas (external metric queue(nil) above target), 5 asked for, ScaleUpLimit
	// 4 -> 8 replicas (external metric queue(nil) above target), 9 asked for, ScaleUpLimit
}
