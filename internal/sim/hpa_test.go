package sim_test

import (
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/hpa"
	"github.com/scalemath/scalemath/internal/sim"
)

var start = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// template is a pod of one container; an empty quantity is left out.
func template(cpu, memory, limit string) corev1.PodTemplateSpec {
	c := corev1.Container{Name: "app", Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{}}}
	if cpu != "" {
		c.Resources.Requests[corev1.ResourceCPU] = resource.MustParse(cpu)
	}
	if memory != "" {
		c.Resources.Requests[corev1.ResourceMemory] = resource.MustParse(memory)
	}
	if limit != "" {
		c.Resources.Limits = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(limit)}
	}
	return corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{c}}}
}

func machine(name, cpu string) *corev1.Node {
	n := &corev1.Node{}
	n.Name = name
	n.Labels = map[string]string{corev1.LabelHostname: name}
	n.Status.Allocatable = corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse("64Gi"), corev1.ResourcePods: resource.MustParse("110"),
	}
	n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	return n
}

func object(target string, min, max, percent int32) *autoscalingv2.HorizontalPodAutoscaler {
	o := &autoscalingv2.HorizontalPodAutoscaler{}
	o.Namespace, o.Name = "default", target
	o.Spec.ScaleTargetRef = autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: target}
	o.Spec.MinReplicas, o.Spec.MaxReplicas = &min, max
	o.Spec.Metrics = []autoscalingv2.MetricSpec{{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricSource{
		Name: corev1.ResourceCPU, Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: &percent},
	}}}
	return o
}

func newHPA(t testing.TB) *sim.HPA {
	t.Helper()
	h, err := sim.NewHPA(hpa.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func cluster(t testing.TB, cfg sim.Config) *sim.Cluster {
	t.Helper()
	if cfg.Start.IsZero() {
		cfg.Start = start
	}
	c, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func run(t testing.TB, c *sim.Cluster, until time.Duration) {
	t.Helper()
	if err := c.Run(until); err != nil {
		t.Fatal(err)
	}
}

func phpApache(rate sim.Curve) sim.Workload {
	return sim.Workload{
		Name: "php-apache", Replicas: 1, Template: template("200m", "", "500m"), StartDelay: 2 * time.Second, ReadyDelay: time.Second,
		Load: sim.Requests{Rate: rate, Cost: 4, Idle: 1, Memory: 20 << 20},
	}
}

func TestPHPApacheGoesUpUnderLoadAndIsBackFiveMinutesAfterIt(t *testing.T) {
	const from, to = 5 * time.Minute, 15 * time.Minute
	c := cluster(t, sim.Config{
		Nodes:       []*corev1.Node{machine("a", "4"), machine("b", "4")},
		Workloads:   []sim.Workload{phpApache(sim.Steps(sim.Step{From: from, Value: 150}, sim.Step{From: to}))},
		HPAs:        []*autoscalingv2.HorizontalPodAutoscaler{object("php-apache", 1, 10, 50)},
		Autoscalers: []sim.Autoscaler{newHPA(t)},
	})
	replicas := func() int32 { w, _ := c.View().Workload("default/php-apache"); return w.Replicas }
	run(t, c, from)
	if replicas() != 1 {
		t.Fatalf("%d replicas before the load", replicas())
	}
	run(t, c, to)
	// 150 requests of 4 millicore-seconds are 600 millicores: at 100m a pod 6 pods, and with the idle millicore of each
	// within tolerance.
	if replicas() != 6 {
		t.Fatalf("%d replicas under load", replicas())
	}
	run(t, c, to+4*time.Minute+30*time.Second)
	if replicas() != 6 {
		t.Fatalf("%d replicas within the stabilization window", replicas())
	}
	run(t, c, to+5*time.Minute+30*time.Second)
	if replicas() != 1 {
		t.Fatalf("%d replicas five minutes after the load", replicas())
	}
	for _, r := range c.History().Of(sim.Scaled) {
		t.Log(r.String())
	}
}

func external(target, metric, value string) *autoscalingv2.HorizontalPodAutoscaler {
	o, q := object(target, 1, 10, 50), resource.MustParse(value)
	o.Spec.Metrics = []autoscalingv2.MetricSpec{{Type: autoscalingv2.ExternalMetricSourceType, External: &autoscalingv2.ExternalMetricSource{
		Metric: autoscalingv2.MetricIdentifier{Name: metric}, Target: autoscalingv2.MetricTarget{Type: autoscalingv2.AverageValueMetricType, AverageValue: &q},
	}}}
	return o
}

func TestExternalMetricsOfTheScenarioCount(t *testing.T) {
	h := newHPA(t)
	c := cluster(t, sim.Config{
		Nodes:       []*corev1.Node{machine("a", "4")},
		Workloads:   []sim.Workload{{Name: "web", Replicas: 1, Template: template("100m", "", "")}, {Name: "lost", Replicas: 3, Template: template("100m", "", "")}},
		HPAs:        []*autoscalingv2.HorizontalPodAutoscaler{external("web", "requests", "10"), external("lost", "unknown", "10")},
		External:    []sim.External{{Namespace: "default", Name: "requests", Value: sim.Steps(sim.Step{From: time.Minute, Value: 38})}},
		Autoscalers: []sim.Autoscaler{h},
	})
	run(t, c, 5*time.Minute)
	for key, want := range map[string]int32{"default/web": 4, "default/lost": 3} {
		if w, _ := c.View().Workload(key); w.Replicas != want {
			t.Errorf("%s: %d replicas, want %d", key, w.Replicas, want)
		}
	}
	if d := h.Decision(c.View(), "default", "web"); d == nil || d.Replicas != 4 {
		t.Errorf("%v", d)
	}
	if d := h.Decision(c.View(), "default", "lost"); d == nil || d.Course != hpa.CannotDecide {
		t.Errorf("%v", d)
	}
}
