package keda_test

import (
	"fmt"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/keda"
	"github.com/scalemath/scalemath/keda/formula"
)

var now = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// worker is the ScaledObject of the tests: three triggers, two annotations that do not matter, scaled between 0 and 20.
func worker() *keda.ScaledObject {
	most, cooldown := int32(20), int32(300)
	return &keda.ScaledObject{
		ObjectMeta: metav1.ObjectMeta{
			Name: "worker", Namespace: "shop", CreationTimestamp: metav1.NewTime(now.Add(-24 * time.Hour)),
			Labels: map[string]string{"team": "shop", "tier": "back"}, Annotations: map[string]string{"owner": "shop", "note": "none"},
		},
		Spec: keda.ScaledObjectSpec{
			ScaleTargetRef: &keda.ScaleTarget{Name: "worker"}, MaxReplicaCount: &most, CooldownPeriod: &cooldown,
			Triggers: []keda.ScaleTriggers{{Type: "prometheus", Name: "a"}, {Type: "cron", Name: "b"}, {Type: "rabbitmq", Name: "c"}},
		},
		Status: keda.ScaledObjectStatus{
			ScaleTargetKind: "apps/v1.Deployment", HpaName: "keda-hpa-worker",
			ExternalMetricNames: []string{"s0-prometheus", "s1-cron-UTC-08xxx-018xxx", "s2-rabbitmq-orders"},
		},
	}
}

func requests() map[string]struct {
	in keda.Input
	st keda.State
} {
	so := worker()
	hpa := &autoscalingv2.HorizontalPodAutoscalerCondition{Type: autoscalingv2.ScalingActive, Status: corev1.ConditionTrue}
	active := []string{"s0-prometheus"}
	return map[string]struct {
		in keda.Input
		st keda.State
	}{
		"running":    {keda.Input{Now: now, Object: so, Replicas: 3, Active: true, ActiveMetrics: active, HPA: hpa}, keda.State{LastActive: now}},
		"activate":   {keda.Input{Now: now, Object: so, Active: true, ActiveMetrics: active, HPA: hpa}, keda.State{}},
		"cooling":    {keda.Input{Now: now, Object: so, Replicas: 3, HPA: hpa}, keda.State{LastActive: now.Add(-time.Minute)}},
		"deactivate": {keda.Input{Now: now, Object: so, Replicas: 3, HPA: hpa}, keda.State{LastActive: now.Add(-time.Hour)}},
	}
}

// BenchmarkDecide decides with the annotations read once, as a caller does who keeps objects, and read anew.
func BenchmarkDecide(b *testing.B) {
	for name, r := range requests() {
		benchmarkDecide(b, name+"/annotations=anew", r.in, r.st)
		r.in.Switches = ptr(keda.SwitchesOf(r.in.Object.Annotations))
		benchmarkDecide(b, name+"/annotations=once", r.in, r.st)
	}
}

func benchmarkDecide(b *testing.B, name string, in keda.Input, st keda.State) {
	b.Run(name, func(b *testing.B) {
		cfg, d := keda.Defaults(), keda.Decision{}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := keda.DecideInto(&cfg, &in, st, &d); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func TestDecideIntoAllocatesNothing(t *testing.T) {
	cfg, d := keda.Defaults(), keda.Decision{}
	for name, r := range requests() {
		if n := testing.AllocsPerRun(100, func() { _, _ = keda.DecideInto(&cfg, &r.in, r.st, &d) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// manyJobs are n jobs, of which every fourth is finished, each with a pod.
func manyJobs(n int) []keda.Job {
	var jobs []keda.Job
	for i := range n {
		j := keda.Job{Name: fmt.Sprintf("job-%03d", i), Pods: []keda.JobPod{{
			Phase: corev1.PodRunning, True: []corev1.PodConditionType{corev1.PodScheduled, corev1.PodInitialized, corev1.PodReady},
		}}}
		switch {
		case i%4 == 0:
			j.Finished, j.Completion = batchv1.JobComplete, now.Add(-time.Duration((i*7919)%1000)*time.Second)
		case i%5 == 0:
			j.Pods[0].Phase = corev1.PodPending
		}
		jobs = append(jobs, j)
	}
	return jobs
}

func jobRequest(jobs int) keda.JobInput {
	keep := int32(5)
	return keda.JobInput{
		Now: now, Jobs: manyJobs(jobs), Queue: keda.JobQueue{Active: true, ScaleTo: 400, MaxScale: 90, From: 0},
		Object: &keda.ScaledJob{
			ObjectMeta: metav1.ObjectMeta{Name: "import", Namespace: "shop"},
			Spec: keda.ScaledJobSpec{
				JobTargetRef: &batchv1.JobSpec{}, SuccessfulJobsHistoryLimit: &keep,
				ScalingStrategy: keda.ScalingStrategy{Strategy: keda.StrategyAccurate},
			},
		},
	}
}

func BenchmarkDecideJobs(b *testing.B) {
	for _, n := range []int{0, 10, 100, 1000} {
		b.Run(fmt.Sprintf("jobs=%d", n), func(b *testing.B) {
			cfg, in, d := keda.Defaults(), jobRequest(n), keda.JobDecision{}
			b.ReportAllocs()
			for b.Loop() {
				if err := keda.DecideJobsInto(&cfg, &in, &d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestDecideJobsIntoAllocatesNothing(t *testing.T) {
	cfg, in, d := keda.Defaults(), jobRequest(100), keda.JobDecision{}
	if n := testing.AllocsPerRun(100, func() { _ = keda.DecideJobsInto(&cfg, &in, &d) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// specs are one external metric a trigger of the worker, and cpu.
func specs() []autoscalingv2.MetricSpec {
	var out []autoscalingv2.MetricSpec
	for _, name := range worker().Status.ExternalMetricNames {
		out = append(out, external(name, "10"))
	}
	percent := int32(70)
	return append(out, autoscalingv2.MetricSpec{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricSource{
		Name: corev1.ResourceCPU, Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: &percent},
	}})
}

func external(name, target string) autoscalingv2.MetricSpec {
	return autoscalingv2.MetricSpec{Type: autoscalingv2.ExternalMetricSourceType, External: &autoscalingv2.ExternalMetricSource{
		Metric: autoscalingv2.MetricIdentifier{Name: name},
		Target: keda.MetricTarget(autoscalingv2.AverageValueMetricType, resource.MustParse(target)),
	}}
}

func BenchmarkBuildHPA(b *testing.B) {
	cfg, so, metrics := keda.Defaults(), worker(), specs()
	b.ReportAllocs()
	for b.Loop() {
		if d, err := keda.BuildHPA(cfg, so, metrics); err != nil || d.Err != nil {
			b.Fatal(err, d.Err)
		}
	}
}

// ticking is a tick over three readings, one of which fell back, with a formula if text is not empty.
func ticking(b *testing.B, text string) keda.TickInput {
	so := worker()
	so.Spec.Fallback = &keda.Fallback{Replicas: 4, Behavior: keda.FallbackStatic}
	in := keda.TickInput{Now: now, Object: so, Workload: keda.Workload{Replicas: 3, ReadyPods: 3}}
	for i, name := range so.Status.ExternalMetricNames {
		in.Readings = append(in.Readings, keda.Reading{
			Trigger: i, Metric: name, Active: i == 0, Target: averageOf("10"),
			Values: []keda.MetricValue{{Name: name, Value: *resource.NewQuantity(int64(7*i), resource.DecimalSI)}},
		})
	}
	if text == "" {
		in.Readings[2].Err = errGone
		return in
	}
	so.Spec.Advanced = &keda.AdvancedConfig{ScalingModifiers: keda.ScalingModifiers{Formula: text, Target: "2"}}
	var err error
	if in.Formula, err = keda.CompileFormula(keda.Defaults(), so, formula.Compile); err != nil {
		b.Fatal(err)
	}
	return in
}

func BenchmarkTick(b *testing.B) {
	for name, text := range map[string]string{"fallback": "", "formula": "(a + b) / 2 + c"} {
		b.Run(name, func(b *testing.B) {
			cfg, in := keda.Defaults(), ticking(b, text)
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := keda.Tick(cfg, in, keda.State{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCombineQueues(b *testing.B) {
	cfg := keda.Defaults()
	metrics := []keda.JobMetric{{Queue: 5, Max: 2, Active: true}, {Queue: 9, Max: 3, Active: true}, {Queue: 1, Max: 1}}
	b.ReportAllocs()
	for b.Loop() {
		if !keda.CombineQueues(cfg, metrics, "sum", keda.JobBounds{Max: 100}).Active {
			b.Fatal("inactive")
		}
	}
}

func BenchmarkMetricQuantity(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		q := keda.MetricQuantity(1234.5678)
		if q.IsZero() {
			b.Fatal("zero")
		}
	}
}
