package sim

import (
	"fmt"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/scalemath/scalemath/hpa"
	"github.com/scalemath/scalemath/metrics"
)

// HPA runs every HorizontalPodAutoscaler of the cluster with the decisions of package hpa. Objects whose target is not
// there yet wait. Metrics of types Pods and Object have no source here and fail.
type HPA struct {
	// Every is the time between two reconciles (--horizontal-pod-autoscaler-sync-period); default 15 seconds.
	Every time.Duration

	cfg     hpa.Config
	objects map[*autoscalingv2.HorizontalPodAutoscaler]*hpaObject
	actions []Action
}

// hpaObject is what is kept for one object between reconciles.
type hpaObject struct {
	decider  *hpa.Decider // of its own, for it remembers the selector
	samples  []Samples    // by metric
	in       hpa.Input
	scale    autoscalingv1.Scale
	pods     hpa.Pods
	changes  uint64 // of the pods that were compiled
	target   string
	history  hpa.History
	decision hpa.Decision
}

// NewHPA makes the controller with its flags.
func NewHPA(cfg hpa.Config) (*HPA, error) {
	if _, err := hpa.NewDecider(cfg); err != nil {
		return nil, err
	}
	return &HPA{cfg: cfg, objects: map[*autoscalingv2.HorizontalPodAutoscaler]*hpaObject{}}, nil
}

// Name implements [Autoscaler].
func (h *HPA) Name() string { return "hpa" }

// Period implements [Autoscaler].
func (h *HPA) Period() time.Duration {
	if h.Every == 0 {
		return 15 * time.Second
	}
	return h.Every
}

// Step implements [Autoscaler].
func (h *HPA) Step(now time.Time, v *View) []Action {
	h.actions = h.actions[:0]
	for _, object := range v.HPAs() {
		h.reconcile(now, v, object)
	}
	return h.actions
}

// Decision is the latest decision about an object; nil before the first one. It is good until the next step.
func (h *HPA) Decision(v *View, namespace, name string) *hpa.Decision {
	for _, object := range v.HPAs() {
		if o := h.objects[object]; o != nil && object.Namespace == namespace && object.Name == name {
			return &o.decision
		}
	}
	return nil
}

func (h *HPA) reconcile(now time.Time, v *View, object *autoscalingv2.HorizontalPodAutoscaler) {
	o := h.objects[object]
	if o == nil {
		o = &hpaObject{target: targetKey(object)}
		o.decider, _ = hpa.NewDecider(h.cfg) // NewHPA found nothing wrong with it
		o.in = hpa.Input{HPA: object, Scale: &o.scale, Compiled: &o.pods}
		h.objects[object] = o
		h.takeOver(object, o)
	}
	w, ok := v.Workload(o.target)
	if !ok || w.Kind != Deployment {
		return
	}
	if err := o.read(now, v, &w); err != nil {
		h.actions = append(h.actions, Say{Object: o.target, Why: err.Error()})
		return
	}
	if err := o.decider.Decide(&o.in, &o.history, &o.decision); err != nil {
		h.actions = append(h.actions, Say{Object: o.target, Why: err.Error()})
		return
	}
	if d := &o.decision; d.Rescale {
		h.actions = append(h.actions, Scale{Workload: o.target, Replicas: d.Replicas, Why: d.ReasonText()})
	}
}

// takeOver gives an object that replaces another one of its name the other's history.
func (h *HPA) takeOver(object *autoscalingv2.HorizontalPodAutoscaler, o *hpaObject) {
	for other, old := range h.objects {
		if other != object && other.Name == object.Name && other.Namespace == object.Namespace {
			o.history = old.history
			delete(h.objects, other)
			return // there is never more than one
		}
	}
}

// read brings the input up to date, in the memory of the last one.
func (o *hpaObject) read(now time.Time, v *View, w *WorkloadStatus) error {
	o.in.Now = now
	o.scale.Spec.Replicas = w.Replicas
	o.scale.Status.Replicas = int32(w.Pods)
	o.scale.Status.Selector = w.Selector
	if o.changes != w.Changes {
		if err := o.pods.Reset(v.Pods(w.Key)); err != nil {
			return err
		}
		o.changes = w.Changes
	}
	specs := hpa.MetricsOf(o.in.HPA)
	if len(o.in.Metrics) != len(specs) {
		o.in.Metrics, o.samples = make([]metrics.Observation, len(specs)), make([]Samples, len(specs))
	}
	for i := range specs {
		o.observe(v, w, &specs[i], &o.samples[i], &o.in.Metrics[i])
	}
	return nil
}

// observe asks for the readings of one metric.
func (o *hpaObject) observe(v *View, w *WorkloadStatus, spec *autoscalingv2.MetricSpec, memory *Samples, into *metrics.Observation) {
	into.Err = nil
	switch {
	case spec.Type == autoscalingv2.ResourceMetricSourceType && spec.Resource != nil:
		into.Pods = v.Samples(w.Key, spec.Resource.Name, "", memory)
	case spec.Type == autoscalingv2.ContainerResourceMetricSourceType && spec.ContainerResource != nil:
		into.Pods = v.Samples(w.Key, spec.ContainerResource.Name, spec.ContainerResource.Container, memory)
	case spec.Type == autoscalingv2.ExternalMetricSourceType && spec.External != nil:
		var labels map[string]string
		if s := spec.External.Metric.Selector; s != nil {
			labels = s.MatchLabels
		}
		into.Values, into.Err = v.External(o.in.HPA.Namespace, spec.External.Metric.Name, labels)
		return
	default:
		into.Err = fmt.Errorf("%s: %w", spec.Type, metrics.ErrNoSource)
		return
	}
	if len(into.Pods) == 0 {
		into.Err = errNoSamples
	}
}

var errNoSamples = metrics.EmptyError("resource")

// targetKey is the workload that an object scales.
func targetKey(object *autoscalingv2.HorizontalPodAutoscaler) string {
	target := Workload{Namespace: object.Namespace, Name: object.Spec.ScaleTargetRef.Name}
	return target.Key()
}
