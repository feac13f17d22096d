package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/internal/manifest"
	"github.com/scalemath/scalemath/keda"
	"github.com/scalemath/scalemath/keda/formula"
	"github.com/scalemath/scalemath/keda/trigger"
)

var kedaExplain = verb{
	system: "keda", name: "explain",
	synopsis: "-f FILE... [-reading INDEX=NUMBER|error]... [-now TIME] [-replicas N] [-last-active TIME]   tell a tick of ScaledObjects and ScaledJobs",
	run:      explainKEDA,
}

// kedaQuestion is what a person tells beside the manifests.
type kedaQuestion struct {
	files, readings                 files
	now, lastActive                 string
	replicas, ready, running, pends int
	at                              time.Time
}

// explainKEDA tells one tick of every ScaledObject and ScaledJob in files. Cron triggers are read at the time that is asked
// for, the others get their numbers from flags.
func explainKEDA(args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	var q kedaQuestion
	flags := flag.NewFlagSet("decide keda explain", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Var(&q.files, "f", "`file` of ScaledObjects and ScaledJobs, - for standard input; may be repeated")
	flags.Var(&q.readings, "reading", "`index=number` read by a trigger, or index=error; may be repeated")
	flags.StringVar(&q.now, "now", "", "time of the tick, RFC 3339 (default now)")
	flags.StringVar(&q.lastActive, "last-active", "", "when the object was last active, RFC 3339 (default from its status)")
	flags.IntVar(&q.replicas, "replicas", 0, "replicas of the workload")
	flags.IntVar(&q.ready, "ready", -1, "ready pods of the workload (default all replicas)")
	flags.IntVar(&q.running, "running", 0, "unfinished jobs of a ScaledJob")
	flags.IntVar(&q.pends, "pending", 0, "how many of them are pending")
	if err := flags.Parse(args); err != nil {
		return err
	}
	q.at = time.Now().UTC()
	if q.now != "" {
		var err error
		if q.at, err = time.Parse(time.RFC3339, q.now); err != nil {
			return fmt.Errorf("-now: %w", err)
		}
	}
	objects, err := manifest.ReadFiles(stdin, append(q.files, flags.Args()...)...)
	if err != nil {
		return err
	}
	told := 0
	for _, o := range objects {
		switch {
		case o.Group() != "keda.sh":
			continue
		case o.Kind == "ScaledObject":
			err = q.scaledObject(o, stdout)
		case o.Kind == "ScaledJob":
			err = q.scaledJob(o, stdout)
		default:
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", o.Source, err)
		}
		told++
	}
	if told == 0 {
		return errors.New("no ScaledObject or ScaledJob in the files")
	}
	return nil
}

func (q *kedaQuestion) scaledObject(o manifest.Object, w io.Writer) error {
	so, err := keda.DecodeScaledObject(o.JSON)
	if err != nil {
		return err
	}
	cfg := keda.Defaults()
	fmt.Fprintf(w, "ScaledObject %s/%s at %s\n", so.Namespace, so.Name, q.at.Format(time.RFC3339))
	tell(w, keda.Lint(cfg, so, formula.Compile))
	in := keda.TickInput{Now: q.at, Object: so, Workload: keda.Workload{Replicas: int32(q.replicas), ReadyPods: int32(q.ready)}}
	if q.ready < 0 {
		in.Workload.ReadyPods = in.Workload.Replicas
	}
	var specs []autoscalingv2.MetricSpec
	in.Readings, specs, err = q.read(so.Spec.Triggers, so.Namespace, so.Spec.Advanced != nil && so.Spec.Advanced.ScalingModifiers.Formula != "")
	switch {
	case errors.Is(err, trigger.ErrInvalid):
		in.BuildErr = err
	case err != nil:
		return err
	}
	if in.BuildErr == nil {
		if in.Formula, err = keda.CompileFormula(cfg, so, formula.Compile); err != nil {
			in.BuildErr = err
		}
	}
	hpa, err := keda.BuildHPA(cfg, so, specs)
	if err != nil {
		return err
	}
	so.Status.ExternalMetricNames = hpa.ExternalMetricNames
	if so.Status.ScaleTargetKind == "" && hpa.Object != nil {
		so.Status.ScaleTargetKind = hpa.Object.Spec.ScaleTargetRef.APIVersion + "." + hpa.Object.Spec.ScaleTargetRef.Kind
	}
	st := keda.StateOf(&so.Status)
	if q.lastActive != "" {
		if st.LastActive, err = time.Parse(time.RFC3339, q.lastActive); err != nil {
			return fmt.Errorf("-last-active: %w", err)
		}
	}
	d, _, err := keda.Tick(cfg, in, st)
	if err != nil {
		return err
	}
	if err := d.Explain(w); err != nil {
		return err
	}
	if in.BuildErr != nil {
		return nil
	}
	return hpa.Explain(w)
}

func (q *kedaQuestion) scaledJob(o manifest.Object, w io.Writer) error {
	sj, err := keda.DecodeScaledJob(o.JSON)
	if err != nil {
		return err
	}
	if q.pends > q.running || q.pends < 0 {
		return fmt.Errorf("-pending: %d of %d running jobs", q.pends, q.running)
	}
	fmt.Fprintf(w, "ScaledJob %s/%s at %s\n", sj.Namespace, sj.Name, q.at.Format(time.RFC3339))
	tell(w, keda.LintJob(sj))
	readings, _, err := q.read(sj.Spec.Triggers, sj.Namespace, false)
	if err != nil {
		return err
	}
	cfg, in := keda.Defaults(), keda.JobInput{Now: q.at, Object: sj}
	var metrics []keda.JobMetric
	metrics, in.ActiveMetrics, in.Failed = keda.ReadJobs(sj, readings)
	in.Queue = keda.CombineQueues(cfg, metrics, sj.Spec.ScalingStrategy.MultipleScalersCalculation, keda.BoundsOf(sj))
	for i := range q.running {
		job := keda.Job{Name: fmt.Sprint("job-", i)}
		if i >= q.pends {
			pod := keda.JobPod{Phase: corev1.PodRunning}
			for _, c := range sj.Spec.ScalingStrategy.PendingPodConditions {
				pod.True = append(pod.True, corev1.PodConditionType(c))
			}
			job.Pods = []keda.JobPod{pod}
		}
		in.Jobs = append(in.Jobs, job)
	}
	d, err := keda.DecideJobs(cfg, in)
	if err != nil {
		return err
	}
	return d.Explain(w)
}

func tell(w io.Writer, findings []keda.Finding) {
	for _, f := range findings {
		fmt.Fprintln(w, f)
	}
}

// errGiven is the failure that -reading INDEX=error stands for.
var errGiven = errors.New("the source gave no answer")

// read makes the triggers and reads each.
func (q *kedaQuestion) read(triggers []keda.ScaleTriggers, namespace string, formula bool) ([]keda.Reading, []autoscalingv2.MetricSpec, error) {
	given, err := q.given(len(triggers))
	if err != nil {
		return nil, nil, err
	}
	var readings []keda.Reading
	var specs []autoscalingv2.MetricSpec
	for i := range triggers {
		t := &triggers[i]
		built, err := trigger.New(trigger.Config{
			Type: t.Type, Name: t.Name, Index: i, Metadata: t.Metadata, MetricType: t.MetricType, Namespace: namespace, ScalingModifiers: formula,
		})
		if err != nil {
			return nil, nil, err
		}
		for _, spec := range built.MetricSpecs() {
			specs = append(specs, spec)
			if spec.External == nil {
				continue
			}
			r := keda.Reading{Trigger: i, Metric: spec.External.Metric.Name, Target: spec.External.Target}
			if err := q.reading(built, given[i], &r); err != nil {
				return nil, nil, fmt.Errorf("triggers[%d] (%s): %w", i, t.Type, err)
			}
			readings = append(readings, r)
		}
	}
	return readings, specs, nil
}

// reading reads one trigger: by its number if one was given, else by the clock.
func (q *kedaQuestion) reading(t trigger.Trigger, given string, into *keda.Reading) error {
	cron, clocked := t.(*trigger.Cron)
	judge, judged := t.(trigger.Judge)
	switch {
	case given == "error":
		into.Err = errGiven
		return nil
	case given == "" && clocked:
		r, err := cron.Read(q.at)
		into.Active, into.Err = r.Active, err
		into.Values = []keda.MetricValue{{Name: into.Metric, Value: r.Quantity()}}
		return nil
	case given == "":
		return fmt.Errorf("say what it read: -reading %d=NUMBER or %[1]d=error", into.Trigger)
	}
	x, err := strconv.ParseFloat(given, 64)
	if err != nil {
		return fmt.Errorf("-reading: %q is neither a number nor error", given)
	}
	into.Active = x > 0
	if judged {
		into.Active = judge.Judge(x).Active
	}
	into.Values = []keda.MetricValue{{Name: into.Metric, Value: keda.MetricQuantity(x)}}
	return nil
}

// given takes -reading apart.
func (q *kedaQuestion) given(triggers int) (map[int]string, error) {
	out := map[int]string{}
	for _, text := range q.readings {
		index, value, ok := strings.Cut(text, "=")
		i, err := strconv.Atoi(index)
		if !ok || err != nil || i < 0 || i >= triggers {
			return nil, fmt.Errorf("-reading: %q is not INDEX=NUMBER with an index from 0 to %d", text, triggers-1)
		}
		out[i] = value
	}
	return out, nil
}
