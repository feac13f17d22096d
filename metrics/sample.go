package metrics

import (
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// PodSample is one pod's reading of one metric.
type PodSample struct {
	// Pod is the pod's name.
	Pod string `json:"pod"`
	// Value is in thousandths of the metric's unit: millicores for cpu, thousandths of a byte for memory.
	Value int64 `json:"value"`
	// Time is the end of the interval that the reading covers.
	Time time.Time `json:"time"`
	// Window is the length of that interval.
	Window time.Duration `json:"window,omitempty"`
}

// Observation is what a metrics API answered for one metric of a HorizontalPodAutoscaler.
type Observation struct {
	// Pods are the readings of a Resource, ContainerResource or Pods metric. A pod that is listed twice counts with its
	// last reading; a pod that is not listed has none.
	Pods []PodSample `json:"pods,omitempty"`
	// Values are the readings of an Object metric (one) or an External metric (one a series, in the API's order), in
	// thousandths.
	Values []int64 `json:"values,omitempty"`
	// Err is set where the API gave no answer, or an empty one ([ErrEmpty]).
	Err error `json:"-"`
}

// ErrEmpty marks an answer without a single reading. The HorizontalPodAutoscaler controller takes it for a failure, not
// for "no pod has a reading".
var ErrEmpty = errors.New("no metrics returned")

// PodMetrics is an item of the resource metrics API (metrics.k8s.io), with its JSON names.
type PodMetrics struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	// Timestamp is the end of the interval in which usage was measured.
	Timestamp metav1.Time `json:"timestamp"`
	// Window is the length of that interval.
	Window metav1.Duration `json:"window"`
	// Containers are the pod's containers as the API reports them.
	Containers []ContainerMetrics `json:"containers"`
}

// ContainerMetrics is the usage of one container.
type ContainerMetrics struct {
	// Name is the container's name.
	Name string `json:"name"`
	// Usage is what the container used, by resource.
	Usage corev1.ResourceList `json:"usage"`
}

// PodSamples reads one resource out of a metrics API answer: of the named container, or of all containers of a pod
// together where container is empty. A pod has no sample if the named container is absent, if any container that counts
// lacks the resource, or if there is none (rules X1, X2).
func PodSamples(items []PodMetrics, resource corev1.ResourceName, container string) []PodSample {
	samples := make([]PodSample, 0, len(items))
	for i := range items {
		if value, ok := items[i].usage(resource, container); ok {
			samples = append(samples, PodSample{
				Pod: items[i].Name, Value: value, Time: items[i].Timestamp.Time, Window: items[i].Window.Duration,
			})
		}
	}
	return samples
}

func (p *PodMetrics) usage(resource corev1.ResourceName, container string) (milli int64, ok bool) {
	for i := range p.Containers {
		c := &p.Containers[i]
		if container != "" && c.Name != container {
			continue
		}
		used, found := c.Usage[resource]
		if !found {
			return 0, false
		}
		if container != "" {
			return used.MilliValue(), true
		}
		milli += used.MilliValue() // wraps silently, as upstream's sum does (N3)
		ok = true
	}
	return milli, ok
}
