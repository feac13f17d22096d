package keda

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/keda"
)

type scaledJobIn struct {
	Now       time.Time      `json:"now"`
	ScaledJob keda.ScaledJob `json:"scaledJob"`
	Jobs      []struct {
		Name       string                   `json:"name"`
		Finished   batchv1.JobConditionType `json:"finished"`
		Completion *metav1.Time             `json:"completion"`
		Suspended  bool                     `json:"suspended"`
		Pods       []struct {
			Phase corev1.PodPhase           `json:"phase"`
			True  []corev1.PodConditionType `json:"true"`
		} `json:"pods"`
	} `json:"jobs"`
	Active     bool  `json:"active"`
	Error      bool  `json:"error"`
	ScaleTo    int64 `json:"scaleTo"`
	MaxScale   int64 `json:"maxScale"`
	CreateErrs int   `json:"createErrs"`
}

type scaledJobOut struct {
	Created        int64        `json:"created"`
	Deleted        []string     `json:"deleted,omitempty"`
	Conditions     []condition  `json:"conditions"`
	LastActiveTime *metav1.Time `json:"lastActiveTime,omitempty"`
	Error          string       `json:"error,omitempty"`
	Events         []string     `json:"events,omitempty"`
}

func scaledJob(in scaledJobIn) (any, func(io.Writer) error, error) {
	// The record asks the executor, which a paused object never reaches.
	delete(in.ScaledJob.Annotations, keda.AnnotationPaused)
	input := keda.JobInput{
		Now: in.Now, Object: &in.ScaledJob, Failed: in.Error,
		Queue: keda.JobQueue{Active: in.Active, ScaleTo: in.ScaleTo, MaxScale: in.MaxScale, From: -1},
	}
	for i, j := range in.Jobs {
		if j.Finished != "" && j.Finished != batchv1.JobComplete && j.Finished != batchv1.JobFailed {
			return nil, nil, fmt.Errorf("jobs[%d].finished: %q is neither Complete nor Failed", i, j.Finished)
		}
		job := keda.Job{Name: j.Name, Finished: j.Finished}
		if j.Completion != nil {
			job.Completion = j.Completion.Time
		}
		for _, p := range j.Pods {
			job.Pods = append(job.Pods, keda.JobPod{Phase: p.Phase, True: p.True})
		}
		input.Jobs = append(input.Jobs, job)
	}
	d, err := keda.DecideJobs(keda.Defaults(), input)
	if err != nil {
		return nil, nil, err
	}
	for range min(int64(max(in.CreateErrs, 0)), d.Create) {
		d.CreateFailed(errBoom)
	}
	return scaledJobOut{
		Created: d.Create, Deleted: d.Delete, Conditions: conditions(d.Conditions()), LastActiveTime: seconds(d.LastActive),
		Error: text(d.Failure()), Events: events(d.Events()),
	}, d.Explain, nil
}

// deletedAsSet compares deleted jobs without their order.
func deletedAsSet(_, want, got map[string]any) {
	for _, out := range []map[string]any{want, got} {
		if list, ok := out["deleted"].([]any); ok {
			slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
	}
}

type strategyIn struct {
	ScaledJob keda.ScaledJob `json:"scaledJob"`
	MaxScale  int64          `json:"maxScale"`
	Running   int64          `json:"running"`
	Pending   int64          `json:"pending"`
	ScaleTo   int64          `json:"scaleTo"`
}

type strategyOut struct {
	EffectiveMaxScale int64 `json:"effectiveMaxScale"`
	ScaleTo           int64 `json:"scaleTo"`
	Min               int64 `json:"min"`
	Max               int64 `json:"max"`
}

func strategy(in strategyIn) (any, func(io.Writer) error, error) {
	b := keda.BoundsOf(&in.ScaledJob)
	s := keda.ApplyStrategy(in.ScaledJob.Spec.ScalingStrategy, in.ScaleTo, in.MaxScale, in.Running, in.Pending, b.Max)
	return strategyOut{s.Effective, s.ScaleTo, b.Min, b.Max}, nil, nil
}

type jobMetricsIn struct {
	Triggers []struct {
		Metrics []keda.MetricValue           `json:"metrics"`
		Targets []autoscalingv2.MetricTarget `json:"targets"`
		Active  bool                         `json:"active"`
	} `json:"triggers"`
	MultipleScalersCalculation string `json:"multipleScalersCalculation"`
	Min                        int64  `json:"min"`
	Max                        int64  `json:"max"`
}

type jobMetricsOut struct {
	Triggers []jobMetricsTrigger `json:"triggers"`
	Active   bool                `json:"active"`
	ScaleTo  int64               `json:"scaleTo"`
	MaxScale int64               `json:"maxScale"`
	MaxFloat string              `json:"maxFloat"`
}

type jobMetricsTrigger struct{ QueueLength, MaxValue, Target string }

func jobMetrics(in jobMetricsIn) (any, func(io.Writer) error, error) {
	var out jobMetricsOut
	var metrics []keda.JobMetric
	for i, t := range in.Triggers {
		if len(t.Targets) == 0 && len(t.Metrics) > 0 {
			return refused{fmt.Sprintf("triggers[%d].targets: empty", i)}, nil, nil
		}
		m := keda.MeasureQueue("m", t.Metrics, t.Targets, in.Max)
		m.Active = t.Active
		metrics = append(metrics, m)
		out.Triggers = append(out.Triggers, jobMetricsTrigger{shortest(m.Queue), shortest(m.Max), shortest(m.Target)})
	}
	q := keda.CombineQueues(keda.Defaults(), metrics, in.MultipleScalersCalculation, keda.JobBounds{Min: in.Min, Max: in.Max})
	out.Active, out.ScaleTo, out.MaxScale, out.MaxFloat = q.Active, q.ScaleTo, q.MaxScale, shortest(q.Max)
	return out, nil, nil
}

func shortest(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
