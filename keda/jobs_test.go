package keda_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/keda"
)

// TestJ1 is the odd arithmetic of a ScaledJob's bounds.
func TestJ1(t *testing.T) {
	for _, c := range []struct {
		min, max *int32
		want     keda.JobBounds
	}{
		{nil, nil, keda.JobBounds{Min: 0, Max: 100}},
		{ptr[int32](5), nil, keda.JobBounds{Min: 5, Max: 100}},
		{nil, ptr[int32](10), keda.JobBounds{Min: 0, Max: 10}},
		{ptr[int32](3), ptr[int32](10), keda.JobBounds{Min: 3, Max: 7}},
		{ptr[int32](10), ptr[int32](10), keda.JobBounds{Min: 10, Max: 0}},
		{ptr[int32](12), ptr[int32](10), keda.JobBounds{Min: 10, Max: 10}},
	} {
		sj := &keda.ScaledJob{Spec: keda.ScaledJobSpec{MinReplicaCount: c.min, MaxReplicaCount: c.max}}
		if got := keda.BoundsOf(sj); got != c.want {
			t.Errorf("%+v, want %+v", got, c.want)
		}
	}
}

// TestJ4 is how several queues become one.
func TestJ4(t *testing.T) {
	full := keda.JobMetric{Queue: 8, Max: 4, Active: true}
	empty := keda.JobMetric{Active: true}
	quiet := keda.JobMetric{Queue: 99, Max: 50}
	for _, c := range []struct {
		name, calculation string
		metrics           []keda.JobMetric
		min               int64
		fixed             bool
		want              keda.JobQueue
	}{
		{"an empty queue is inactive under max", "max", []keda.JobMetric{empty}, 0, false, keda.JobQueue{From: -1, Empty: 1}},
		{"unless repaired", "max", []keda.JobMetric{empty}, 0, true, keda.JobQueue{Active: true, From: -1}},
		{"but active under sum", "sum", []keda.JobMetric{empty}, 0, false, keda.JobQueue{Active: true, From: -1}},
		{"quiet triggers do not count", "", []keda.JobMetric{quiet, full}, 0, false, keda.JobQueue{Active: true, ScaleTo: 8, MaxScale: 4, Max: 4, From: 1}},
		{"a minimum keeps it active", "max", nil, 1, false, keda.JobQueue{Active: true, From: -1}},
		{"min replaces an empty queue", "min", []keda.JobMetric{empty, full}, 0, false, keda.JobQueue{Active: true, ScaleTo: 8, MaxScale: 4, Max: 4, From: 1}},
		{"avg", "avg", []keda.JobMetric{full, {Queue: 1, Max: 1, Active: true}}, 0, false, keda.JobQueue{Active: true, ScaleTo: 5, MaxScale: 3, Max: 2.5, From: -1}},
		{"what does not fit an integer is amd64's", "sum", []keda.JobMetric{{Queue: 1e300, Max: 1, Active: true}}, 0, false, keda.JobQueue{Active: true, ScaleTo: math.MinInt64, MaxScale: 1, Max: 1, From: -1}},
	} {
		cfg := keda.Defaults()
		if c.fixed {
			cfg.Profile = keda.Fixed
		}
		if got := keda.CombineQueues(cfg, c.metrics, c.calculation, keda.JobBounds{Min: c.min, Max: 100}); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// TestReadJobs is J3: a trigger's activity sticks for its later metrics, and failures are left out.
func TestReadJobs(t *testing.T) {
	target := keda.MetricTarget(autoscalingv2.AverageValueMetricType, resource.MustParse("4"))
	values := func(name string, n int64) []keda.MetricValue {
		return []keda.MetricValue{{Name: name, Value: *resource.NewQuantity(n, resource.DecimalSI)}}
	}
	metrics, active, failed := keda.ReadJobs(&keda.ScaledJob{}, []keda.Reading{
		{Trigger: 0, Metric: "s0-a", Values: values("s0-a", 8), Target: target, Active: true},
		{Trigger: 0, Metric: "s0-b", Values: values("s0-b", 9), Target: target},
		{Trigger: 1, Metric: "s1-c", Err: errors.New("boom")},
		{Trigger: 2, Metric: "s2-d", Values: values("s2-d", 6), Target: target},
	})
	want := []keda.JobMetric{
		{Queue: 8, Max: 2, Target: 4, Active: true},
		{Queue: 0, Max: 0, Target: 4, Active: true}, // J2: only readings under the trigger's first name count
		{Queue: 6, Max: 1.5, Target: 4},
	}
	if !slices.Equal(metrics, want) || !slices.Equal(active, []string{"s0-a"}) || !failed {
		t.Errorf("%+v %v %v, want %+v", metrics, active, failed, want)
	}
}

// TestJ5 is what counts as pending.
func TestJ5(t *testing.T) {
	at := func(phase corev1.PodPhase, conditions ...corev1.PodConditionType) keda.JobPod {
		return keda.JobPod{Phase: phase, True: conditions}
	}
	for _, c := range []struct {
		name       string
		pods       []keda.JobPod
		conditions []string
		fixed      bool
		pending    int64
	}{
		{"no pod", nil, nil, false, 1},
		{"a pod that runs", []keda.JobPod{at("Pending"), at("Running")}, nil, false, 0},
		{"a pod that succeeded", []keda.JobPod{at("Succeeded")}, nil, false, 0},
		{"a pod that failed", []keda.JobPod{at("Failed")}, nil, false, 1},
		{"all conditions on one pod", []keda.JobPod{at("Pending", "PodScheduled", "Ready")}, []string{"Ready", "PodScheduled"}, false, 0},
		{"not spread over two", []keda.JobPod{at("Running", "PodScheduled"), at("Running", "Ready")}, []string{"Ready", "PodScheduled"}, false, 1},
		{"a duplicate is never satisfied", []keda.JobPod{at("Running", "Ready")}, []string{"Ready", "Ready"}, false, 1},
		{"unless repaired", []keda.JobPod{at("Running", "Ready")}, []string{"Ready", "Ready"}, true, 0},
	} {
		cfg := keda.Defaults()
		if c.fixed {
			cfg.Profile = keda.Fixed
		}
		if got := keda.CountJobs(cfg, []keda.Job{{Pods: c.pods}, {Finished: batchv1.JobComplete}}, c.conditions); got != (keda.JobCounts{Running: 1, Pending: c.pending}) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestJ6MinimumComesFirst(t *testing.T) {
	in := jobRequest(0)
	in.Object.Spec.MinReplicaCount = ptr[int32](3)
	in.Jobs = []keda.Job{{Name: "one"}}
	d, err := keda.DecideJobs(keda.Defaults(), in)
	if err != nil || d.Create != 2 || d.Rule != keda.RuleFillMinimum {
		t.Errorf("%v, %v", d, err)
	}
}

func TestJ10OldestGoFirst(t *testing.T) {
	in := jobRequest(0)
	in.Object.Spec.SuccessfulJobsHistoryLimit, in.Object.Spec.FailedJobsHistoryLimit = ptr[int32](1), ptr[int32](0)
	done := func(name string, kind batchv1.JobConditionType, ago time.Duration) keda.Job {
		return keda.Job{Name: name, Finished: kind, Completion: now.Add(-ago)}
	}
	in.Jobs = []keda.Job{done("new", batchv1.JobComplete, time.Minute), done("old", batchv1.JobComplete, time.Hour), {Name: "bad", Finished: batchv1.JobFailed}}
	d, err := keda.DecideJobs(keda.Defaults(), in)
	if err != nil || !slices.Equal(d.Delete, []string{"old", "bad"}) {
		t.Errorf("%v, %v", d.Delete, err)
	}
}

func TestJ9EveryFailureIsTold(t *testing.T) {
	in := jobRequest(0)
	in.Queue = keda.JobQueue{Active: true, ScaleTo: 3, MaxScale: 3}
	d, err := keda.DecideJobs(keda.Defaults(), in)
	if err != nil {
		t.Fatal(err)
	}
	d.CreateFailed(errors.New("boom"), errors.New("bang"))
	if d.Create != 1 || d.Failure().Error() != "boom\nbang" || d.Conditions()[0].Reason != "KEDAJobCreateFailed" {
		t.Errorf("%v %v %v", d, d.Failure(), d.Conditions())
	}
	if e := d.Events(); len(e) != 4 || e[0].String() != "Warning KEDAJobCreateFailed Failed to create job import-: boom" {
		t.Errorf("%v", e)
	}
}

func TestJ11Rollover(t *testing.T) {
	sj := &keda.ScaledJob{ObjectMeta: metav1.ObjectMeta{Generation: 3}}
	jobs := []keda.Job{{Name: "same", Generation: "3"}, {Name: "older", Generation: "2"}, {Name: "unmarked"}}
	if stale, policy := keda.Rollover(sj, jobs); !slices.Equal(stale, []string{"older", "unmarked"}) || policy != metav1.DeletePropagationBackground {
		t.Errorf("%v %v", stale, policy)
	}
	sj.Spec.RolloutStrategy, sj.Spec.Rollout.PropagationPolicy = "gradual", "foreground"
	if stale, policy := keda.Rollover(sj, jobs); len(stale) != 0 || policy != metav1.DeletePropagationForeground {
		t.Errorf("%v %v", stale, policy)
	}
}

func TestBadJobInputNamesTheField(t *testing.T) {
	for want, change := range map[string]func(*keda.JobInput){
		"object":                               func(in *keda.JobInput) { in.Object = nil },
		"spec.failedJobsHistoryLimit: -1":      func(in *keda.JobInput) { in.Object.Spec.FailedJobsHistoryLimit = ptr[int32](-1) },
		"spec.successfulJobsHistoryLimit: -10": func(in *keda.JobInput) { in.Object.Spec.SuccessfulJobsHistoryLimit = ptr[int32](-10) },
		"spec.jobTargetRef":                    func(in *keda.JobInput) { in.Object.Spec.JobTargetRef = nil },
		"queue.scaleTo: -5":                    func(in *keda.JobInput) { in.Queue.ScaleTo = -5 },
	} {
		in := jobRequest(4)
		change(&in)
		if _, err := keda.DecideJobs(keda.Defaults(), in); !errors.Is(err, keda.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

// TestJobsOf holds the one pass over jobs and pods against the plain way, in which every job asks all pods.
func TestJobsOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sj := &keda.ScaledJob{ObjectMeta: metav1.ObjectMeta{Name: "import", Namespace: "shop"}}
		var jobs []batchv1.Job
		var pods []corev1.Pod
		for i := range rapid.IntRange(0, 8).Draw(t, "jobs") {
			j := batchv1.Job{ObjectMeta: metav1.ObjectMeta{
				Name: fmt.Sprint("j", i), Namespace: rapid.SampledFrom([]string{"shop", "other"}).Draw(t, "namespace"),
				Labels: map[string]string{keda.LabelScaledJob: rapid.SampledFrom([]string{"import", "export"}).Draw(t, "owner")},
			}}
			if rapid.Bool().Draw(t, "finished") {
				j.Status.Conditions = []batchv1.JobCondition{{Type: batchv1.JobSuspended, Status: "True"}, {Type: batchv1.JobComplete, Status: "True"}}
			}
			jobs = append(jobs, j)
		}
		for i := range rapid.IntRange(0, 12).Draw(t, "pods") {
			pods = append(pods, corev1.Pod{
				ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("p", i), Namespace: "shop", Labels: map[string]string{"job-name": fmt.Sprint("j", rapid.IntRange(0, 9).Draw(t, "job"))}},
				Status:     corev1.PodStatus{Phase: rapid.SampledFrom([]corev1.PodPhase{corev1.PodPending, corev1.PodRunning}).Draw(t, "phase")},
			})
		}
		var want keda.JobCounts
		for _, j := range jobs {
			if j.Namespace != "shop" || j.Labels[keda.LabelScaledJob] != "import" || len(j.Status.Conditions) > 0 {
				continue
			}
			want.Running++
			busy := false
			for _, p := range pods {
				busy = busy || p.Labels["job-name"] == j.Name && p.Status.Phase == corev1.PodRunning
			}
			if !busy {
				want.Pending++
			}
		}
		if got := keda.CountJobs(keda.Defaults(), keda.JobsOf(sj, jobs, pods), nil); got != want {
			t.Fatalf("%+v, want %+v", got, want)
		}
	})
}

func TestJobDecisionsAreLawful(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := jobRequest(rapid.IntRange(0, 30).Draw(t, "jobs"))
		in.Object.Spec.MinReplicaCount = rapid.Ptr(rapid.Int32Range(0, 20), true).Draw(t, "min")
		in.Object.Spec.MaxReplicaCount = rapid.Ptr(rapid.Int32Range(0, 20), true).Draw(t, "max")
		in.Object.Spec.ScalingStrategy.Strategy = rapid.SampledFrom([]string{"", "custom", "accurate", "eager"}).Draw(t, "strategy")
		in.Object.Spec.ScalingStrategy.CustomScalingRunningJobPercentage = "0.5"
		in.Queue = keda.JobQueue{Active: rapid.Bool().Draw(t, "active"), ScaleTo: rapid.Int64Range(0, 50).Draw(t, "queue")}
		in.Queue.MaxScale = min(rapid.Int64Range(0, 50).Draw(t, "max scale"), keda.BoundsOf(in.Object).Max)
		d, err := keda.DecideJobs(keda.Defaults(), in)
		if err != nil {
			t.Fatal(err)
		}
		if d.Create < 0 || d.Create > 0 && !d.Active || d.Create > max(d.Bounds.Max, d.Bounds.Min) {
			t.Fatalf("%v within %+v", d, d.Bounds)
		}
		if d.Rule != keda.RuleFillMinimum && d.Strategy.Name != keda.StrategyEager && d.Create > in.Queue.ScaleTo {
			t.Fatalf("%d jobs for a queue of %d", d.Create, in.Queue.ScaleTo)
		}
		var text strings.Builder
		if err := d.Explain(&text); err != nil || !strings.Contains(text.String(), "import") {
			t.Fatalf("%q, %v", text.String(), err)
		}
	})
}

func TestBuildJob(t *testing.T) {
	sj := jobRequest(0).Object
	sj.Generation, sj.Labels, sj.Annotations = 7, map[string]string{"team": "shop", "secret": "x"}, map[string]string{keda.AnnotationExcludedJobLabels: "secret"}
	job, err := keda.BuildJob(keda.Defaults(), sj)
	if err != nil {
		t.Fatal(err)
	}
	if job.GenerateName != "import-" || job.Labels["team"] != "shop" || job.Labels["secret"] != "" || job.Labels[keda.LabelScaledJob] != "import" ||
		job.Annotations[keda.AnnotationGeneration] != "7" || job.Spec.Template.Spec.RestartPolicy != corev1.RestartPolicyOnFailure ||
		sj.Spec.JobTargetRef.Template.GenerateName != "" {
		t.Errorf("%+v", job)
	}
	if _, err := keda.BuildJob(keda.Defaults(), &keda.ScaledJob{}); !errors.Is(err, keda.ErrInvalid) {
		t.Errorf("%v", err)
	}
}
