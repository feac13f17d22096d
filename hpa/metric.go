package hpa

import (
	"fmt"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/metrics"
)

// MetricResult is what one metric of the object came to.
type MetricResult struct {
	Proposal
	// Groups are the pods of a per-pod metric by what their reading is worth.
	Groups Groups `json:"groups,omitzero"`
	// Target is what the metric is held against: percent for a Utilization, thousandths for values.
	Target int64 `json:"target"`
	// Arithmetic says which of the target types decides.
	Arithmetic Arithmetic `json:"arithmetic"`
	// Err says why the metric has no proposal; all else but Target and Arithmetic is then unset.
	Err *MetricError `json:"-"`

	ask question // what the arithmetic was asked, for what-ifs
}

// Arithmetic is the way from a reading to a size.
type Arithmetic uint8

const (
	// ByUtilization holds usage in percent of the requests against a target (rules U1 to U8).
	ByUtilization Arithmetic = iota
	// ByAverageValue holds the mean reading of the pods against a target (rules A1 to A6).
	ByAverageValue
	// ByValue holds the whole metric against a target (rules V1 to V5).
	ByValue
	// ByValuePerPod divides the whole metric by a target per pod (rules P1 to P5).
	ByValuePerPod
)

var arithmeticTexts = [...]string{"Utilization", "AverageValue", "Value", "ValuePerPod"}

// String gives the arithmetic's name.
func (a Arithmetic) String() string {
	if int(a) < len(arithmeticTexts) {
		return arithmeticTexts[a]
	}
	return "Arithmetic(" + itoa(int(a)) + ")"
}

// MarshalText gives the arithmetic's name.
func (a Arithmetic) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// question is what the arithmetic is asked about one metric: numbers alone.
type question struct {
	arithmetic        Arithmetic
	external          bool
	current, observed int32 // scale.spec.replicas and scale.status.replicas
	ready             int32 // pods running and ready
	noPods            bool
	target, total     int64
	tolerance         Tolerance
	readings          Readings
}

// answer is the proposal of a metric, as a function of numbers alone.
func (f *Fixes) answer(q *question) (Proposal, error) {
	switch q.arithmetic {
	case ByUtilization:
		return f.utilization(q.tolerance, q.current, int32(q.target), &q.readings)
	case ByAverageValue:
		return f.averageValue(q.tolerance, q.current, q.target, &q.readings)
	case ByValuePerPod:
		return f.perPodValue(q.tolerance, q.observed, q.current, q.total, q.target, q.external), nil
	}
	p := f.totalValue(q.tolerance, q.current, q.total, q.target, q.ready)
	if q.noPods && p.Outcome == Scaled { // V3: only a ratio that is multiplied needs the pods
		return Proposal{Value: p.Value}, fmt.Errorf("unable to calculate ready pods: %w", ErrNoPods)
	}
	return p, nil
}

// Measure evaluates one metric alone: what size it asks for, within a tolerance. Of the input it reads Now, the
// namespace of HPA, Scale and the pods. A failure of the metric is in the result; the error is for input that makes no
// sense.
func Measure(cfg Config, t Tolerance, in Input, spec autoscalingv2.MetricSpec, observed metrics.Observation) (MetricResult, error) {
	d, err := NewDecider(cfg)
	if err != nil {
		return MetricResult{}, err
	}
	if err := in.validate(); err != nil {
		return MetricResult{}, err
	}
	if in.Scale == nil {
		return MetricResult{}, invalid("scale", "is nil")
	}
	if err := validateSource(&spec); err != nil {
		return MetricResult{}, invalid(err.field, "%s", err.problem)
	}
	pods, err := d.compiled(&in)
	if err != nil {
		return MetricResult{}, err
	}
	var out MetricResult
	d.measure(&in, pods, t, &spec, &observed, &out)
	return out, nil
}

// measure evaluates one metric. It fills out and leaves a failure in out.Err.
func (d *Decider) measure(in *Input, pods *Pods, t Tolerance, spec *autoscalingv2.MetricSpec, observed *metrics.Observation, out *MetricResult) {
	*out = MetricResult{}
	q := &out.ask
	q.current, q.observed, q.tolerance = in.Scale.Spec.Replicas, in.Scale.Status.Replicas, t
	if !d.aim(spec, q) {
		out.Err = noTarget(spec)
		return
	}
	out.Arithmetic, out.Target = q.arithmetic, q.target
	err := d.read(in, pods, spec, observed, q)
	if err == nil {
		out.Groups = q.readings.Groups
		out.Proposal, err = d.fixes.answer(q)
	}
	if err != nil {
		out.Err = failed(spec, q.arithmetic, err)
	}
}

// aim finds the target that decides; false if there is none. The type of the target counts for Object metrics alone.
func (d *Decider) aim(spec *autoscalingv2.MetricSpec, q *question) bool {
	switch spec.Type {
	case autoscalingv2.ResourceMetricSourceType:
		return d.aimAtPods(&spec.Resource.Target, q)
	case autoscalingv2.ContainerResourceMetricSourceType:
		return d.aimAtPods(&spec.ContainerResource.Target, q)
	case autoscalingv2.PodsMetricSourceType:
		q.arithmetic, q.target = ByAverageValue, d.fixes.milli(spec.Pods.Target.AverageValue)
		return true
	case autoscalingv2.ObjectMetricSourceType:
		switch t := &spec.Object.Target; {
		case t.Type == autoscalingv2.ValueMetricType && t.Value != nil:
			q.arithmetic, q.target = ByValue, d.fixes.milli(t.Value)
			return true
		case t.Type == autoscalingv2.AverageValueMetricType && t.AverageValue != nil:
			q.arithmetic, q.target = ByValuePerPod, d.fixes.milli(t.AverageValue)
			return true
		}
	case autoscalingv2.ExternalMetricSourceType:
		q.external = true
		switch t := &spec.External.Target; {
		case t.AverageValue != nil:
			q.arithmetic, q.target = ByValuePerPod, d.fixes.milli(t.AverageValue)
			return true
		case t.Value != nil:
			q.arithmetic, q.target = ByValue, d.fixes.milli(t.Value)
			return true
		}
	}
	return false
}

func (d *Decider) aimAtPods(t *autoscalingv2.MetricTarget, q *question) bool {
	switch {
	case t.AverageValue != nil:
		q.arithmetic, q.target = ByAverageValue, d.fixes.milli(t.AverageValue)
	case t.AverageUtilization != nil:
		q.arithmetic, q.target = ByUtilization, int64(*t.AverageUtilization)
	default:
		return false
	}
	return true
}

// read turns what the metrics API answered into the numbers of the question. Its errors are upstream's level 1 texts.
func (d *Decider) read(in *Input, pods *Pods, spec *autoscalingv2.MetricSpec, observed *metrics.Observation, q *question) error {
	switch spec.Type {
	case autoscalingv2.ResourceMetricSourceType:
		if err := observed.Err; err != nil {
			return fmt.Errorf("unable to get metrics for resource %s: %w", spec.Resource.Name, err)
		}
		return d.readPods(in, pods, spec.Resource.Name, "", observed.Pods, q)
	case autoscalingv2.ContainerResourceMetricSourceType:
		source := spec.ContainerResource
		if err := observed.Err; err != nil {
			return fmt.Errorf("unable to get metrics for resource %s: %w", source.Name, err)
		}
		return d.readPods(in, pods, source.Name, source.Container, observed.Pods, q)
	case autoscalingv2.PodsMetricSourceType:
		metric := &spec.Pods.Metric
		if err := d.selectable(metric.Selector); err != nil {
			return err
		}
		if err := failure(observed, len(observed.Pods), "custom"); err != nil {
			return fmt.Errorf("unable to get metric %s: %w", metric.Name, err)
		}
		return d.readPods(in, pods, "", "", observed.Pods, q)
	case autoscalingv2.ObjectMetricSourceType:
		metric, object := &spec.Object.Metric, &spec.Object.DescribedObject
		if err := d.selectable(metric.Selector); err != nil {
			return selectorError{err}
		}
		if err := failure(observed, len(observed.Values), "custom"); err != nil {
			return fmt.Errorf("unable to get metric %s on %s %s/%s: %w", metric.Name, object.Kind, in.HPA.Namespace, object.Name, err)
		}
		q.total = observed.Values[0]
	case autoscalingv2.ExternalMetricSourceType:
		metric := &spec.External.Metric
		if err := d.selectable(metric.Selector); err != nil {
			return err
		}
		if err := failure(observed, len(observed.Values), "external"); err != nil {
			return fmt.Errorf("unable to get external metric %s/%s/%v: %w", in.HPA.Namespace, metric.Name, metric.Selector, err)
		}
		if q.arithmetic == ByValue {
			q.total = d.fixes.sumForValue(observed.Values)
		} else {
			q.total = d.fixes.sumForAverage(observed.Values)
		}
	}
	q.noPods = pods.Len() == 0
	q.ready = pods.readyNow[0]
	if d.fixes.SkipDeletingPods {
		q.ready = pods.readyNow[1]
	}
	return nil
}

func (d *Decider) readPods(in *Input, pods *Pods, resource corev1.ResourceName, container string, samples []metrics.PodSample, q *question) error {
	if pods.Len() == 0 {
		return ErrNoPods
	}
	var column *requestColumn
	if q.arithmetic == ByUtilization {
		column = pods.column(resource, container, d.cfg.Gates.PodLevelResources, &d.fixes)
	}
	q.readings = d.grouping.group(nanos(in.Now), &d.cfg, &d.fixes, pods, samples, resource, column, int32(q.target))
	if q.readings.Samples() == 0 {
		return ErrNoReadings
	}
	if column != nil {
		return pods.missing(column, &d.fixes)
	}
	return nil
}

// failure is why an API gave no reading; an answer without one counts as such (X4).
func failure(observed *metrics.Observation, readings int, api string) error {
	if observed.Err == nil && readings == 0 {
		return metrics.EmptyError(api)
	}
	return observed.Err
}

// selectable tells whether a metric's own selector makes sense. Most metrics have none.
func (d *Decider) selectable(s *metav1.LabelSelector) error {
	if s == nil || len(s.MatchLabels)+len(s.MatchExpressions) == 0 {
		return nil
	}
	_, err := metav1.LabelSelectorAsSelector(s)
	return err
}
