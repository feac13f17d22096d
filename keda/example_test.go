package keda_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/keda"
	"github.com/scalemath/scalemath/keda/formula"
)

const orders = `
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: orders
  namespace: shop
  creationTimestamp: "2026-05-01T00:00:00Z"
spec:
  scaleTargetRef: {name: orders}
  cooldownPeriod: 300
  maxReplicaCount: 20
  fallback: {failureThreshold: 3, replicas: 6, behavior: static}
  triggers:
  - type: prometheus
    metadata: {serverAddress: "http://prometheus:9090", query: "sum(queue_length)", threshold: "100"}
status:
  scaleTargetKind: apps/v1.Deployment
  externalMetricNames: [s0-prometheus]
`

func decoded(manifest string) *keda.ScaledObject {
	so, err := keda.DecodeScaledObject([]byte(manifest))
	if err != nil {
		panic(err)
	}
	return so
}

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func ExampleDecide() {
	d, state, err := keda.Decide(keda.Defaults(), keda.Input{
		Now: noon, Object: decoded(orders), Replicas: 0, Active: true, ActiveMetrics: []string{"s0-prometheus"},
	}, keda.State{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d)
	fmt.Println("last active:", state.LastActive.Format(time.TimeOnly))
	for _, e := range d.Events() {
		fmt.Println(e)
	}
	// Output:
	// Activate: 0 -> 1 replica
	// last active: 12:00:00
	// Normal KEDAScaleTargetActivated Scaled apps/v1.Deployment shop/orders from 0 to 1, triggered by s0-prometheus
}

func ExampleDecision_Explain() {
	d, _, err := keda.Decide(keda.Defaults(), keda.Input{Now: noon, Object: decoded(orders), Replicas: 7},
		keda.State{LastActive: noon.Add(-2 * time.Minute)})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = d.Explain(os.Stdout)
	// Output:
	// apps/v1.Deployment shop/orders: stays at 7 replicas, cooling down
	//   - no trigger is active
	//   - it was last active at 2026-05-01T11:58:00Z; the cooldown is 5m0s
	//   - the cooldown lasts until 2026-05-01T12:03:00Z
	//   Unless a trigger becomes active, it goes to 0 replicas at the first tick after 2026-05-01T12:03:00Z.
}

func ExampleTick() {
	failures := int32(3)
	d, state, err := keda.Tick(keda.Defaults(), keda.TickInput{
		Now: noon, Object: decoded(orders),
		Readings: []keda.Reading{{
			Metric: "s0-prometheus", Err: errors.New("connection refused"),
			Target: keda.MetricTarget(autoscalingv2.AverageValueMetricType, resource.MustParse("100")),
		}},
	}, keda.State{Health: map[string]keda.HealthStatus{"s0-prometheus": {NumberOfFailures: &failures, Status: keda.HealthStatusFailing}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = d.Explain(os.Stdout)
	fmt.Println("failures:", *state.Health["s0-prometheus"].NumberOfFailures)
	// Output:
	// trigger 0, metric s0-prometheus: failed 4 times in a row and falls back to 6 replicas, value 600; that counts as active
	// the fallback takes over with this tick
	// apps/v1.Deployment shop/orders: start, from 0 to 1 replica
	//   - active: s0-prometheus
	//   - nothing runs yet
	//   The number comes from the minimum alone; the HorizontalPodAutoscaler takes over from there.
	// failures: 4
}

func ExampleDecideFallback() {
	so := decoded(orders)
	st := keda.State{}
	for range 4 {
		d, next, err := keda.DecideFallback(keda.Defaults(), so, keda.Reading{
			Metric: "s0-prometheus", Err: errors.New("timeout"),
			Target: keda.MetricTarget(autoscalingv2.AverageValueMetricType, resource.MustParse("100")),
		}, keda.Workload{Replicas: 2}, st)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(d.Failures, d.FellBack, d.Err)
		st = next
	}
	// Output:
	// 1 false timeout
	// 2 false timeout
	// 3 false timeout
	// 4 true <nil>
}

func ExampleCompose() {
	so := decoded(orders)
	so.Spec.Triggers[0].Name = "queue"
	so.Spec.Advanced = &keda.AdvancedConfig{ScalingModifiers: keda.ScalingModifiers{Formula: "queue > 50 ? queue / 2 : 0", Target: "10"}}
	f, err := keda.CompileFormula(keda.Defaults(), so, formula.Compile)
	if err != nil {
		fmt.Println(err)
		return
	}
	c := keda.Compose(keda.Defaults(), keda.ComposeInput{
		Now: noon, Object: so, Formula: f,
		Values:  []keda.MetricValue{{Name: "s0-prometheus", Value: resource.MustParse("75")}},
		Trigger: map[string]string{"s0-prometheus": "queue"},
	})
	fmt.Println(c.Values[0].Name, c.Result)
	// Output: composite-metric 37.5
}

func ExampleDecideJobs() {
	most := int32(10)
	sj := &keda.ScaledJob{Spec: keda.ScaledJobSpec{
		JobTargetRef: &batchv1.JobSpec{}, MaxReplicaCount: &most,
		ScalingStrategy: keda.ScalingStrategy{Strategy: keda.StrategyAccurate},
	}}
	sj.Name = "import"
	running := keda.JobPod{Phase: corev1.PodRunning}
	d, err := keda.DecideJobs(keda.Defaults(), keda.JobInput{
		Now: noon, Object: sj,
		Jobs:  []keda.Job{{Name: "import-a", Pods: []keda.JobPod{running}}, {Name: "import-b"}},
		Queue: keda.JobQueue{Active: true, ScaleTo: 6, MaxScale: 6},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = d.Explain(os.Stdout)
	// Output:
	// ScaledJob import: start 5 jobs
	//   - queue of 6, good for 6 jobs at once
	//   - under way: 2 jobs, 1 of them pending
	//   - kept in any case: 0 jobs; at most 10 on top of that
	//   - strategy accurate: 6 less 1 pending, so 5 may start
}

func ExampleCombineQueues() {
	average := func(target string) []autoscalingv2.MetricTarget {
		return []autoscalingv2.MetricTarget{keda.MetricTarget(autoscalingv2.AverageValueMetricType, resource.MustParse(target))}
	}
	one := keda.MeasureQueue("s0-sqs", []keda.MetricValue{{Name: "s0-sqs", Value: resource.MustParse("42")}}, average("5"), 100)
	two := keda.MeasureQueue("s1-cron", []keda.MetricValue{{Name: "s1-cron", Value: resource.MustParse("3")}}, average("1"), 100)
	one.Active, two.Active = true, true
	for _, calculation := range []string{"max", "min", "avg", "sum"} {
		q := keda.CombineQueues(keda.Defaults(), []keda.JobMetric{one, two}, calculation, keda.JobBounds{Max: 100})
		fmt.Println(calculation, q.ScaleTo, q.MaxScale)
	}
	// Output:
	// max 42 9
	// min 3 3
	// avg 23 6
	// sum 45 12
}

func ExampleApplyStrategy() {
	for _, name := range []string{keda.StrategyDefault, keda.StrategyAccurate, keda.StrategyEager} {
		s := keda.ApplyStrategy(keda.ScalingStrategy{Strategy: name}, 12, 8, 5, 2, 20)
		fmt.Println(name, min(s.ScaleTo, s.Effective))
	}
	// Output:
	// default 3
	// accurate 6
	// eager 8
}

func ExampleBuildHPA() {
	so := decoded(orders)
	d, err := keda.BuildHPA(keda.Defaults(), so, []autoscalingv2.MetricSpec{external("s0-prometheus", "100")})
	if err != nil || d.Err != nil {
		fmt.Println(err, d.Err)
		return
	}
	spec, _ := json.Marshal(d.Object.Spec)
	fmt.Println(d.Object.Name)
	fmt.Println(string(spec))
	// Output:
	// keda-hpa-orders
	// {"scaleTargetRef":{"kind":"Deployment","name":"orders","apiVersion":"apps/v1"},"minReplicas":1,"maxReplicas":20,"metrics":[{"type":"External","external":{"metric":{"name":"s0-prometheus","selector":{"matchLabels":{"scaledobject.keda.sh/name":"orders"}}},"target":{"type":"AverageValue","averageValue":"100"}}}]}
}

func ExampleAnswerHPA() {
	a, _, err := keda.AnswerHPA(keda.Defaults(), keda.TickInput{
		Now: noon, Object: decoded(orders),
		Readings: []keda.Reading{{Metric: "s0-prometheus", Values: []keda.MetricValue{{Name: "s0-prometheus", Value: keda.MetricQuantity(250)}}}},
	}, "S0-Prometheus", keda.State{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(a.Values[0].Value.String())
	// Output: 250
}

func ExampleLint() {
	so := decoded(orders)
	so.Spec.Triggers[0].Type = "promethues"
	least := int32(2)
	so.Spec.MinReplicaCount = &least
	for _, f := range keda.Lint(keda.Defaults(), so, formula.Compile) {
		fmt.Println(f)
	}
	// Output:
	// surprising: spec.cooldownPeriod: has no effect: it only delays the step to zero or to the idle count, and this object takes neither
	// refused: spec.triggers[0].type: KEDA 2.21 has no trigger "promethues"; did you mean "prometheus"?
}

func ExampleLintJob() {
	sj := &keda.ScaledJob{}
	sj.Spec.ScalingStrategy = keda.ScalingStrategy{Strategy: keda.StrategyCustom, CustomScalingRunningJobPercentage: "50%"}
	sj.Spec.Triggers = []keda.ScaleTriggers{{Type: "cron"}}
	for _, f := range keda.LintJob(sj) {
		fmt.Println(f)
	}
	// Output:
	// refused: spec.jobTargetRef: missing
	// surprising: spec.scalingStrategy.customScalingRunningJobPercentage: "50%" is not a number, so the strategy is default
	// surprising: spec.triggers[0].type: jobs that finish within the window are started again at every tick; a ScaledJob has no cooldown
}

func ExampleDecode() {
	all, err := keda.Decode([]byte(orders + "---\napiVersion: v1\nkind: Service\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(all.ScaledObjects), all.ScaledObjects[0].Name, *all.ScaledObjects[0].Spec.MaxReplicaCount)
	_, err = keda.Decode([]byte("apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nspec: {maxReplicas: 3}\n"))
	fmt.Println(err)
	// Output:
	// 1 orders 20
	// invalid input: document 1: ScaledObject: unknown field "spec.maxReplicas"
}

func ExampleReadJobs() {
	sj := &keda.ScaledJob{}
	target := keda.MetricTarget(autoscalingv2.AverageValueMetricType, resource.MustParse("5"))
	metrics, active, failed := keda.ReadJobs(sj, []keda.Reading{
		{Trigger: 0, Metric: "s0-sqs", Target: target, Active: true, Values: []keda.MetricValue{{Name: "s0-sqs", Value: resource.MustParse("42")}}},
		{Trigger: 1, Metric: "s1-sqs", Target: target, Err: errors.New("access denied")},
	})
	q := keda.CombineQueues(keda.Defaults(), metrics, sj.Spec.ScalingStrategy.MultipleScalersCalculation, keda.BoundsOf(sj))
	fmt.Println(active, failed, q.ScaleTo, q.MaxScale)
	// Output: [s0-sqs] true 42 9
}

func ExampleRollover() {
	sj := &keda.ScaledJob{}
	sj.Generation = 2
	stale, policy := keda.Rollover(sj, []keda.Job{{Name: "import-a", Generation: "1"}, {Name: "import-b", Generation: "2"}})
	fmt.Println(stale, policy)
	// Output: [import-a] Background
}
