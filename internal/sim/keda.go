package sim

import (
	"fmt"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/scalemath/scalemath/keda"
	"github.com/scalemath/scalemath/keda/formula"
	"github.com/scalemath/scalemath/keda/trigger"
)

// KEDA runs ScaledObjects with the decisions of package keda: it moves workloads between zero and one, and makes the
// HorizontalPodAutoscaler that the autoscaler of [NewHPA] runs, which asks it for the metrics.
type KEDA struct {
	cfg     keda.Config
	values  map[string]Curve
	objects []*kedaObject
	period  time.Duration
}

// kedaObject is one ScaledObject and what is kept for it.
type kedaObject struct {
	object   *keda.ScaledObject
	target   string
	triggers []trigger.Trigger
	formula  keda.Formula
	hpa      *autoscalingv2.HorizontalPodAutoscaler
	applied  bool
	every    time.Duration
	due      time.Time
	state    keda.State
	ticked   keda.TickDecision
}

// NewKEDA makes the operator with its objects, which are copied. Triggers of types cron, kubernetes-workload, cpu and
// memory are read from the cluster itself; others read the curve under namespace/object/metric, such as
// default/orders/s0-prometheus, and fail without one.
func NewKEDA(cfg keda.Config, values map[string]Curve, objects ...*keda.ScaledObject) (*KEDA, error) {
	out := &KEDA{cfg: cfg, values: values}
	for i, so := range objects {
		if so == nil || so.Spec.ScaleTargetRef == nil {
			return nil, invalid("scaledObjects", "[%d] is nil or has no spec.scaleTargetRef", i)
		}
		o, err := newKEDAObject(cfg, *so)
		if err != nil {
			return nil, err
		}
		out.objects = append(out.objects, o)
		out.period = gcd(out.period, o.every)
	}
	if out.period == 0 {
		out.period = 30 * time.Second
	}
	return out, nil
}

func gcd(a, b time.Duration) time.Duration {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}

func newKEDAObject(cfg keda.Config, so keda.ScaledObject) (*kedaObject, error) {
	if so.Namespace == "" {
		so.Namespace = "default"
	}
	target := Workload{Namespace: so.Namespace, Name: so.Spec.ScaleTargetRef.Name}
	o := &kedaObject{object: &so, target: target.Key(), every: 30 * time.Second}
	if so.Spec.PollingInterval != nil {
		o.every = time.Duration(*so.Spec.PollingInterval) * time.Second
	}
	if o.every <= 0 {
		return nil, invalid("scaledObject "+so.Name+": spec.pollingInterval", "%s is not above 0", o.every)
	}
	var specs []autoscalingv2.MetricSpec
	modified := so.Spec.Advanced != nil && so.Spec.Advanced.ScalingModifiers.Formula != ""
	for i, t := range so.Spec.Triggers {
		one, err := trigger.New(trigger.Config{
			Type: t.Type, Name: t.Name, Index: i, Metadata: t.Metadata, MetricType: t.MetricType, Namespace: so.Namespace, ScalingModifiers: modified,
		})
		if err != nil {
			return nil, fmt.Errorf("%w: scaledObject %s: %w", ErrInvalid, so.Name, err)
		}
		o.triggers = append(o.triggers, one)
		specs = append(specs, one.MetricSpecs()...)
	}
	var err error
	if o.formula, err = keda.CompileFormula(cfg, &so, formula.Compile); err != nil {
		return nil, fmt.Errorf("%w: scaledObject %s: %w", ErrInvalid, so.Name, err)
	}
	built, err := keda.BuildHPA(cfg, &so, specs)
	if err == nil {
		err = built.Err
	}
	if err != nil {
		return nil, fmt.Errorf("%w: scaledObject %s: %w", ErrInvalid, so.Name, err)
	}
	o.hpa = built.Object
	so.Status.ExternalMetricNames = built.ExternalMetricNames
	so.Status.HpaName = o.hpa.Name
	so.Status.ScaleTargetKind = "apps/v1.Deployment"
	return o, nil
}

// Name implements [Autoscaler].
func (k *KEDA) Name() string { return "keda" }

// Period implements [Autoscaler]: the longest time that all polling intervals are multiples of.
func (k *KEDA) Period() time.Duration { return k.period }

// Tick is the latest decision about a workload (namespace/name); nil where no object is for it.
func (k *KEDA) Tick(workload string) *keda.TickDecision {
	for _, o := range k.objects {
		if o.target == workload {
			return &o.ticked
		}
	}
	return nil
}

// Step implements [Autoscaler].
func (k *KEDA) Step(now time.Time, v *View) []Action {
	var actions []Action
	for _, o := range k.objects {
		if now.Before(o.due) {
			continue
		}
		o.due = now.Add(o.every)
		if w, ok := v.Workload(o.target); ok {
			actions = append(actions, k.tick(now, v, o, &w)...)
		}
	}
	return actions
}

func (k *KEDA) tick(now time.Time, v *View, o *kedaObject, w *WorkloadStatus) []Action {
	pause, err := keda.DecidePause(o.object, w.Replicas)
	if err != nil {
		return []Action{Say{Object: o.target, Why: err.Error()}}
	}
	var actions []Action
	if pause.Stopped {
		if o.applied {
			o.applied = false
			actions = append(actions, DeleteHPA{Namespace: o.hpa.Namespace, Name: o.hpa.Name})
		}
		if pause.Scale {
			actions = append(actions, Scale{Workload: o.target, Replicas: pause.To, Why: "paused"})
		}
		return actions
	}
	if !o.applied {
		o.applied = true
		actions = append(actions, ApplyHPA{Object: o.hpa, Why: "for ScaledObject " + o.object.Name})
	}
	d, next, err := keda.Tick(k.cfg, k.input(now, v, o, w, ""), o.state)
	if err != nil {
		return append(actions, Say{Object: o.target, Why: err.Error()})
	}
	o.state, o.ticked = next, d
	switch {
	case d.Aborted != nil:
		actions = append(actions, Say{Object: o.target, Why: d.Aborted.Error()})
	case d.Scale != nil && d.Scale.Scale:
		actions = append(actions, Scale{Workload: o.target, Replicas: d.Scale.To, Why: d.Scale.String()})
	}
	return actions
}

// input is what a tick or an answer depends on; only names the one metric to read, all where it is empty.
func (k *KEDA) input(now time.Time, v *View, o *kedaObject, w *WorkloadStatus, only string) keda.TickInput {
	in := keda.TickInput{
		Now: now, Object: o.object, Formula: o.formula,
		Workload: keda.Workload{Replicas: w.Replicas, ReadyPods: int32(w.Ready)},
	}
	for i, t := range o.triggers {
		specs := t.MetricSpecs()
		if len(specs) == 0 || specs[0].External == nil {
			continue // cpu and memory are the HorizontalPodAutoscaler's own
		}
		name := specs[0].External.Metric.Name
		if only != "" && !strings.EqualFold(name, only) {
			continue
		}
		r := keda.Reading{Trigger: i, Metric: name, Target: specs[0].External.Target}
		got, err := k.read(now, v, o, t, name)
		if r.Err = err; err == nil {
			r.Active = got.Active
			r.Values = []keda.MetricValue{{Name: got.Metric, Value: got.Quantity()}}
		}
		in.Readings = append(in.Readings, r)
	}
	return in
}

func (k *KEDA) read(now time.Time, v *View, o *kedaObject, t trigger.Trigger, metric string) (trigger.Reading, error) {
	switch t := t.(type) {
	case *trigger.Cron:
		return t.Read(now)
	case *trigger.Workload:
		n := int64(0)
		for _, key := range v.Workloads() {
			w, _ := v.Workload(key)
			if w.Namespace == t.Namespace && t.PodSelector.Matches(labels.Set(w.Template.Labels)) {
				n += int64(len(v.Pods(key)))
			}
		}
		return t.Count(n), nil
	case trigger.Judge:
		if curve := k.values[o.object.Namespace+"/"+o.object.Name+"/"+metric]; curve != nil {
			return t.Judge(curve(now.Sub(v.Start()))), nil
		}
	}
	return trigger.Reading{}, fmt.Errorf("trigger %s: no value is given for %s", t.Type(), metric)
}

// ExternalMetric implements [ExternalServer].
func (k *KEDA) ExternalMetric(now time.Time, v *View, namespace, name string, labels map[string]string) ([]int64, error, bool) {
	for _, o := range k.objects {
		if o.object.Namespace != namespace || labels[keda.LabelScaledObject] != o.object.Name {
			continue
		}
		w, ok := v.Workload(o.target)
		if !ok {
			return nil, keda.ErrReading, true
		}
		only := name
		if o.formula != nil {
			only = ""
		}
		answer, next, err := keda.AnswerHPA(k.cfg, k.input(now, v, o, &w, only), name, o.state)
		if err == nil {
			o.state, err = next, answer.Err
		}
		if err != nil {
			return nil, err, true
		}
		series := make([]int64, len(answer.Values))
		for i := range answer.Values {
			series[i] = answer.Values[i].Value.MilliValue()
		}
		return series, nil, true
	}
	return nil, nil, false
}
