package hpa_test

import (
	"fmt"
	"testing"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/scalemath/scalemath/hpa"
	"github.com/scalemath/scalemath/metrics"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func object(text string) *autoscalingv2.HorizontalPodAutoscaler {
	var h autoscalingv2.HorizontalPodAutoscaler
	if err := yaml.UnmarshalStrict([]byte(text), &h); err != nil {
		panic(err)
	}
	return &h
}

func scale(spec, status int32) *autoscalingv1.Scale {
	return &autoscalingv1.Scale{
		Spec:   autoscalingv1.ScaleSpec{Replicas: spec},
		Status: autoscalingv1.ScaleStatus{Replicas: status, Selector: "app=web"},
	}
}

// pod is a running, ready pod that requests cpu, started well before noon.
func pod(name, cpu string) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default", Labels: map[string]string{"app": "web"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app"}}},
		Status: corev1.PodStatus{
			Phase:     corev1.PodRunning,
			StartTime: &metav1.Time{Time: noon.Add(-time.Hour)},
			Conditions: []corev1.PodCondition{{
				Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: metav1.Time{Time: noon.Add(-time.Hour)},
			}},
		},
	}
	if cpu != "" {
		p.Spec.Containers[0].Resources.Requests = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu)}
	}
	return p
}

// pods are n of them, named web-0 and on.
func pods(n int, cpu string) []*corev1.Pod {
	var list []*corev1.Pod
	for i := range n {
		list = append(list, pod(fmt.Sprintf("web-%d", i), cpu))
	}
	return list
}

// uses is what the metrics API says of pods web-0 and on, in thousandths.
func uses(at time.Time, milli ...int64) metrics.Observation {
	var o metrics.Observation
	for i, v := range milli {
		o.Pods = append(o.Pods, metrics.PodSample{Pod: fmt.Sprintf("web-%d", i), Value: v, Time: at, Window: 30 * time.Second})
	}
	return o
}

// total is a whole metric, one value a series.
func total(milli ...int64) metrics.Observation { return metrics.Observation{Values: milli} }

func decide(t *testing.T, cfg hpa.Config, in hpa.Input, h hpa.History) (hpa.Decision, hpa.History) {
	t.Helper()
	d, next, err := hpa.Decide(cfg, in, h)
	if err != nil {
		t.Fatal(err)
	}
	return d, next
}

const cpuHalf = `
metadata: {name: web, namespace: default}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 1
  maxReplicas: 10
  metrics:
  - type: Resource
    resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}
`

func external(target string) string {
	return `
metadata: {name: web, namespace: default}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 1
  maxReplicas: 100
  metrics:
  - type: External
    external: {metric: {name: queue}, target: ` + target + `}
`
}
