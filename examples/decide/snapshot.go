package main

import (
	"fmt"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/scalemath/scalemath/internal/manifest"
	"github.com/scalemath/scalemath/metrics"
)

// snapshot is what a HorizontalPodAutoscaler's decision needs of a cluster, read from manifests.
type snapshot struct {
	hpas    []*autoscalingv2.HorizontalPodAutoscaler
	scales  map[target]*autoscalingv1.Scale
	pods    []*corev1.Pod
	metrics metrics.Memory
	newest  time.Time // of all readings

	usage    map[string][]metrics.PodMetrics
	custom   map[[2]string][]metrics.PodSample
	external map[[2]string][]int64
}

type target struct{ namespace, kind, name string }

// metricValue is an item of custom.metrics.k8s.io or external.metrics.k8s.io, in all their versions.
type metricValue struct {
	metav1.TypeMeta `json:",inline"`
	Metadata        metav1.ListMeta        `json:"metadata"`
	DescribedObject corev1.ObjectReference `json:"describedObject"`
	Metric          struct {
		Name     string                `json:"name"`
		Selector *metav1.LabelSelector `json:"selector"`
	} `json:"metric"`
	MetricName    string                `json:"metricName"`
	MetricLabels  map[string]string     `json:"metricLabels"`
	Namespace     string                `json:"namespace"` // of an external metric, which the API has in its path
	Timestamp     metav1.Time           `json:"timestamp"`
	Window        *int64                `json:"window"`
	WindowSeconds *int64                `json:"windowSeconds"`
	Value         resource.Quantity     `json:"value"`
	Selector      *metav1.LabelSelector `json:"selector"`
}

func (v *metricValue) name() string {
	if v.Metric.Name != "" {
		return v.Metric.Name
	}
	return v.MetricName
}

func (v *metricValue) window() time.Duration {
	for _, seconds := range []*int64{v.WindowSeconds, v.Window} {
		if seconds != nil {
			return time.Duration(*seconds) * time.Second
		}
	}
	return time.Minute // X3
}

func readSnapshot(objects []manifest.Object) (*snapshot, error) {
	s := &snapshot{
		scales: map[target]*autoscalingv1.Scale{}, usage: map[string][]metrics.PodMetrics{},
		custom: map[[2]string][]metrics.PodSample{}, external: map[[2]string][]int64{},
	}
	for _, o := range objects {
		if err := s.add(o); err != nil {
			return nil, err
		}
	}
	for namespace, items := range s.usage {
		s.metrics.SetPodMetrics(namespace, items...)
	}
	for key, samples := range s.custom {
		s.metrics.SetPodMetric(key[0], key[1], samples...)
	}
	for key, series := range s.external {
		s.metrics.SetExternalMetric(key[0], key[1], series...)
	}
	return s, nil
}

func (s *snapshot) add(o manifest.Object) error {
	switch o.Kind {
	case "HorizontalPodAutoscaler":
		if o.APIVersion != "autoscaling/v2" {
			return fmt.Errorf("%s: apiVersion %s; only autoscaling/v2 is read", o.Source, o.APIVersion)
		}
		object := &autoscalingv2.HorizontalPodAutoscaler{}
		s.hpas = append(s.hpas, object)
		return into(o, object, &object.Namespace)
	case "Scale":
		scale := &autoscalingv1.Scale{}
		if err := into(o, scale, &scale.Namespace); err != nil {
			return err
		}
		s.scales[target{scale.Namespace, "Scale", scale.Name}] = scale
		return nil
	case "Deployment", "StatefulSet", "ReplicaSet", "ReplicationController":
		return s.addWorkload(o)
	case "Pod":
		pod := &corev1.Pod{}
		s.pods = append(s.pods, pod)
		return into(o, pod, &pod.Namespace)
	case "PodMetrics":
		var item metrics.PodMetrics
		if err := into(o, &item, &item.Namespace); err != nil {
			return err
		}
		s.saw(item.Timestamp.Time)
		s.usage[item.Namespace] = append(s.usage[item.Namespace], item)
		return nil
	case "MetricValue":
		return s.addCustom(o)
	case "ExternalMetricValue":
		var v metricValue
		if err := into(o, &v, &v.Namespace); err != nil {
			return err
		}
		s.saw(v.Timestamp.Time)
		key := [2]string{v.Namespace, v.name()}
		s.external[key] = append(s.external[key], v.Value.MilliValue())
		return nil
	}
	return nil // other objects of a dump are none of our business
}

func (s *snapshot) addCustom(o manifest.Object) error {
	var v metricValue
	if err := into(o, &v, &v.DescribedObject.Namespace); err != nil {
		return err
	}
	s.saw(v.Timestamp.Time)
	of := v.DescribedObject
	if of.Kind == "Pod" {
		key := [2]string{of.Namespace, v.name()}
		s.custom[key] = append(s.custom[key], metrics.PodSample{
			Pod: of.Name, Value: v.Value.MilliValue(), Time: v.Timestamp.Time, Window: v.window(),
		})
		return nil
	}
	s.metrics.SetObjectMetric(of.Namespace, of.Kind, of.Name, v.name(), v.Value.MilliValue())
	return nil
}

// addWorkload reads a workload as its scale.
func (s *snapshot) addWorkload(o manifest.Object) error {
	var w struct {
		metav1.ObjectMeta `json:"metadata"`
		Spec              struct {
			Replicas *int32                `json:"replicas"`
			Selector *metav1.LabelSelector `json:"selector"`
		} `json:"spec"`
		Status struct {
			Replicas int32 `json:"replicas"`
		} `json:"status"`
	}
	if err := o.Loosely(&w); err != nil { // the rest of a workload is not read
		return err
	}
	scale := &autoscalingv1.Scale{Spec: autoscalingv1.ScaleSpec{Replicas: 1}}
	if w.Spec.Replicas != nil {
		scale.Spec.Replicas = *w.Spec.Replicas
	}
	scale.Status.Replicas = w.Status.Replicas
	if w.Spec.Selector != nil {
		scale.Status.Selector = metav1.FormatLabelSelector(w.Spec.Selector)
	}
	s.scales[target{orDefault(w.Namespace), o.Kind, w.Name}] = scale
	return nil
}

func into(o manifest.Object, v any, namespace *string) error {
	err := o.Into(v)
	*namespace = orDefault(*namespace)
	return err
}

func orDefault(namespace string) string {
	if namespace == "" {
		return "default"
	}
	return namespace
}

func (s *snapshot) saw(t time.Time) {
	if t.After(s.newest) {
		s.newest = t
	}
}

// now is the instant that was asked for, else that of the newest reading, else the clock's.
func (s *snapshot) now(asked string) (time.Time, error) {
	if asked != "" {
		t, err := time.Parse(time.RFC3339, asked)
		if err != nil {
			return t, fmt.Errorf("-now: %w", err)
		}
		return t, nil
	}
	if !s.newest.IsZero() {
		return s.newest, nil
	}
	return time.Now(), nil
}

func (s *snapshot) podsOf(namespace string, selector labels.Selector) []*corev1.Pod {
	var list []*corev1.Pod
	for _, p := range s.pods {
		if p.Namespace == namespace && selector.Matches(labels.Set(p.Labels)) {
			list = append(list, p)
		}
	}
	return list
}
