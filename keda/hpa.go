package keda

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// maxLabelLength is how long the value of a label may be.
const maxLabelLength = 63

// Errors of building a HorizontalPodAutoscaler.
var (
	// ErrNoMetrics marks an object whose triggers give no metric at all.
	ErrNoMetrics = errors.New("no trigger gives a metric")
	// ErrDuplicateMetric marks an object two of whose metrics have the same name.
	ErrDuplicateMetric = errors.New("metric name defined multiple times")
	// ErrCompositeUtilization marks scaling modifiers of type Utilization.
	ErrCompositeUtilization = errors.New("spec.advanced.scalingModifiers.metricType: Utilization is not for external metrics")
)

// HPADecision is the HorizontalPodAutoscaler that KEDA makes for a ScaledObject, and what it notes in the object's status.
type HPADecision struct {
	// Object is the HorizontalPodAutoscaler; nil with Err. It shares quantities and the behavior with the input, and its
	// metrics share one selector.
	Object *autoscalingv2.HorizontalPodAutoscaler `json:"object,omitempty"`
	// ExternalMetricNames are the names of external metrics, in the order of the triggers.
	ExternalMetricNames []string `json:"externalMetricNames,omitempty"`
	// ResourceMetricNames are the names of resource metrics, those of single containers left out.
	ResourceMetricNames []string `json:"resourceMetricNames,omitempty"`
	// Composite is the name of the computed metric; empty without scaling modifiers.
	Composite string `json:"composite,omitempty"`
	// Dropped names metrics of single containers that scaling modifiers made disappear (H6).
	Dropped []string `json:"dropped,omitempty"`
	// Err is why there is no HorizontalPodAutoscaler, which upstream's reconcile ends with.
	Err error `json:"-"`
}

// BuildHPA makes the HorizontalPodAutoscaler for a ScaledObject from the metrics of its triggers, in their order.
//
// The error is [ErrInvalid] and says which field makes no sense.
func BuildHPA(cfg Config, so *ScaledObject, metrics []autoscalingv2.MetricSpec) (HPADecision, error) {
	if so == nil {
		return HPADecision{}, invalid("object", "missing")
	}
	if so.Spec.ScaleTargetRef == nil {
		return HPADecision{}, invalid("spec.scaleTargetRef", "missing")
	}
	var d HPADecision
	a := new(assembly)
	specs, err := d.metrics(cfg, so, metrics, a)
	if err != nil {
		d.Err = err
		return d, nil
	}
	name := HPAName(so)
	a.low, a.yes = max(so.minReplicas(), 1), true
	a.owner[0] = metav1.OwnerReference{
		APIVersion: "keda.sh/v1alpha1", Kind: "ScaledObject", Name: so.Name, UID: so.UID, Controller: &a.yes, BlockOwnerDeletion: &a.yes,
	}
	d.Object = &a.object
	// Upstream's literal, not a full group and version (H2).
	d.Object.APIVersion = "v2"
	d.Object.ObjectMeta = metav1.ObjectMeta{
		Name: name, Namespace: so.Namespace, Labels: hpaLabels(cfg, so, name), Annotations: maps.Clone(so.Annotations), OwnerReferences: a.owner[:],
	}
	d.Object.Spec = autoscalingv2.HorizontalPodAutoscalerSpec{
		ScaleTargetRef: targetRef(so), MinReplicas: &a.low, MaxReplicas: or(so.Spec.MaxReplicaCount, 100),
		Metrics: specs, Behavior: hpaBehavior(so),
	}
	return d, nil
}

// assembly holds the object together with what it points to, so that they are allocated as one.
type assembly struct {
	object   autoscalingv2.HorizontalPodAutoscaler
	owner    [1]metav1.OwnerReference
	selector metav1.LabelSelector
	low      int32
	yes      bool
}

// HPAName is the name of the HorizontalPodAutoscaler of a ScaledObject.
func HPAName(so *ScaledObject) string {
	if a := so.Spec.Advanced; a != nil && a.HorizontalPodAutoscalerConfig != nil && a.HorizontalPodAutoscalerConfig.Name != "" {
		return a.HorizontalPodAutoscalerConfig.Name
	}
	return "keda-hpa-" + so.Name
}

// targetRef names the workload by its resolved kind, or else by the object's own words.
func targetRef(so *ScaledObject) autoscalingv2.CrossVersionObjectReference {
	ref := autoscalingv2.CrossVersionObjectReference{
		Kind: so.Spec.ScaleTargetRef.Kind, Name: so.Spec.ScaleTargetRef.Name, APIVersion: so.Spec.ScaleTargetRef.APIVersion,
	}
	if r := so.Status.ScaleTargetGVKR; r != nil {
		ref.Kind, ref.APIVersion = r.Kind, r.Version
		if r.Group != "" {
			ref.APIVersion = r.Group + "/" + r.Version
		}
	}
	if ref.Kind == "" {
		ref.Kind = "Deployment"
	}
	if ref.APIVersion == "" {
		ref.APIVersion = "apps/v1"
	}
	return ref
}

// hpaLabels is H3: the object's own labels override KEDA's.
func hpaLabels(cfg Config, so *ScaledObject, name string) map[string]string {
	if len(name) > maxLabelLength {
		name = strings.TrimRightFunc(name[:maxLabelLength], func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	}
	labels := make(map[string]string, 4+len(so.Labels))
	labels["app.kubernetes.io/name"] = name
	labels["app.kubernetes.io/version"] = cfg.Version
	labels["app.kubernetes.io/part-of"] = so.Name
	labels["app.kubernetes.io/managed-by"] = "keda-operator"
	copyLabels(labels, so.Labels, so.Annotations, AnnotationExcludedLabels)
	return labels
}

// copyLabels copies labels that the annotation does not exclude. Its list is not trimmed: "a, b" excludes " b".
func copyLabels(into, from, annotations map[string]string, annotation string) {
	list, some := annotations[annotation]
	if !some {
		maps.Copy(into, from)
		return
	}
	excluded := strings.Split(list, ",")
	for key, value := range from {
		if !slices.Contains(excluded, key) {
			into[key] = value
		}
	}
}

// hpaBehavior is H4. The object's own behavior is left alone.
func hpaBehavior(so *ScaledObject) *autoscalingv2.HorizontalPodAutoscalerBehavior {
	var b *autoscalingv2.HorizontalPodAutoscalerBehavior
	if a := so.Spec.Advanced; a != nil && a.HorizontalPodAutoscalerConfig != nil {
		b = a.HorizontalPodAutoscalerConfig.Behavior
	}
	in, out := Switched(so.Annotations, AnnotationPausedScaleIn), Switched(so.Annotations, AnnotationPausedScaleOut)
	if !in && !out {
		return b
	}
	var changed autoscalingv2.HorizontalPodAutoscalerBehavior
	if b != nil {
		changed = *b
	}
	if in {
		changed.ScaleDown = disabled(changed.ScaleDown)
	}
	if out {
		changed.ScaleUp = disabled(changed.ScaleUp)
	}
	return &changed
}

func disabled(rules *autoscalingv2.HPAScalingRules) *autoscalingv2.HPAScalingRules {
	var changed autoscalingv2.HPAScalingRules
	if rules != nil {
		changed = *rules
	}
	policy := autoscalingv2.DisabledPolicySelect
	changed.SelectPolicy = &policy
	return &changed
}

// metrics is H5 and H6.
func (d *HPADecision) metrics(cfg Config, so *ScaledObject, metrics []autoscalingv2.MetricSpec, a *assembly) ([]autoscalingv2.MetricSpec, error) {
	if len(metrics) == 0 {
		return nil, ErrNoMetrics
	}
	// One more for the composite metric.
	specs := append(make([]autoscalingv2.MetricSpec, 0, len(metrics)+1), metrics...)
	sources := make([]autoscalingv2.ExternalMetricSource, 0, len(metrics)+1)
	a.selector.MatchLabels = map[string]string{LabelScaledObject: so.Name}
	seen := names{list: make([]string, 0, len(metrics))}
	for i := range specs {
		s := &specs[i]
		if s.Resource != nil {
			d.ResourceMetricNames = append(d.ResourceMetricNames, string(s.Resource.Name))
		}
		if s.External != nil {
			name := s.External.Metric.Name
			if seen.has(name) {
				return nil, fmt.Errorf("%w: %s", ErrDuplicateMetric, name)
			}
			seen.add(name)
			sources = append(sources, external(name, s.External.Target, &a.selector))
			s.External = &sources[len(sources)-1]
		}
	}
	d.ExternalMetricNames = seen.list
	sortByType(specs)
	if !so.modifiersInUse() {
		return specs, nil
	}
	return d.composite(cfg, so, specs, a)
}

func external(name string, target autoscalingv2.MetricTarget, selector *metav1.LabelSelector) autoscalingv2.ExternalMetricSource {
	return autoscalingv2.ExternalMetricSource{Metric: autoscalingv2.MetricIdentifier{Name: name, Selector: selector}, Target: target}
}

// sortByType orders by the type's name. A short list keeps its order within a type; a longer one gets whatever the standard
// library's unstable sort makes of it, as upstream's does (H5).
func sortByType(specs []autoscalingv2.MetricSpec) {
	if len(specs) > 12 {
		sort.Slice(specs, func(i, j int) bool { return specs[i].Type < specs[j].Type })
		return
	}
	for i := 1; i < len(specs); i++ {
		for j := i; j > 0 && specs[j].Type < specs[j-1].Type; j-- {
			specs[j], specs[j-1] = specs[j-1], specs[j]
		}
	}
}

// composite is H6: the computed metric takes the place of all but resource metrics.
func (d *HPADecision) composite(cfg Config, so *ScaledObject, specs []autoscalingv2.MetricSpec, a *assembly) ([]autoscalingv2.MetricSpec, error) {
	m := so.modifiers()
	kind := m.MetricType
	if kind == "" {
		kind = autoscalingv2.AverageValueMetricType
	}
	if kind == autoscalingv2.UtilizationMetricType {
		return nil, ErrCompositeUtilization
	}
	value, _ := strconv.ParseFloat(m.Target, 64)
	if !(value > 0) {
		return specs, nil
	}
	target := autoscalingv2.MetricTarget{Type: kind}
	milli := resource.NewMilliQuantity(thousandths(cfg, value*1000), resource.DecimalSI)
	switch kind {
	case autoscalingv2.AverageValueMetricType:
		target.AverageValue = milli
	case autoscalingv2.ValueMetricType:
		target.Value = milli
	}
	kept := specs[:0]
	for _, s := range specs {
		switch {
		case s.Resource != nil, s.ContainerResource != nil && cfg.fixes().KeepContainerResources:
			kept = append(kept, s)
		case s.ContainerResource != nil:
			d.Dropped = append(d.Dropped, string(s.ContainerResource.Name)+" of container "+s.ContainerResource.Container)
		}
	}
	d.Composite = CompositeMetric
	source := external(CompositeMetric, target, &a.selector)
	return append(kept, autoscalingv2.MetricSpec{Type: autoscalingv2.ExternalMetricSourceType, External: &source}), nil
}

// HPADiffers tells whether KEDA would update the HorizontalPodAutoscaler that it found (H8): what others added to it is
// put up with. The reasons name what differs.
func HPADiffers(want, found *autoscalingv2.HorizontalPodAutoscaler) (reasons []string) {
	same := equality.Semantic
	switch {
	case len(want.Spec.Metrics) != len(found.Spec.Metrics):
		reasons = append(reasons, "number of metrics")
	case !same.DeepEqual(want.Spec.Behavior, found.Spec.Behavior):
		reasons = append(reasons, "behavior")
	case !same.DeepDerivative(want.Spec, found.Spec):
		reasons = append(reasons, "specification")
	}
	if !same.DeepDerivative(want.Labels, found.Labels) {
		reasons = append(reasons, "labels")
	}
	if want.Annotations == nil && found.Annotations != nil || !same.DeepDerivative(want.Annotations, found.Annotations) {
		reasons = append(reasons, "annotations")
	}
	return reasons
}
