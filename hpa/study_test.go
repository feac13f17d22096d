package hpa_test

import (
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/scalemath/scalemath/hpa"
	"github.com/scalemath/scalemath/metrics"
)

// The numbers of the workshop page that the library grew out of.

func TestStudyOneReplicaAt70Of50IsTwo(t *testing.T) {
	d, _ := decide(t, hpa.Defaults(), hpa.Input{
		Now: noon, HPA: object(cpuHalf), Scale: scale(1, 1), Pods: pods(1, "200m"), Metrics: []metrics.Observation{uses(noon, 140)},
	}, hpa.History{})
	if d.Replicas != 2 { // ceil(1 * 70/50)
		t.Errorf("%v; want 2 replicas", &d)
	}
}

// TestStudyPhpApache drives php-apache with a load of 5.2 cores for ten minutes and then with none. Its pods request
// 200m and the load spreads evenly.
func TestStudyPhpApache(t *testing.T) {
	const (
		sync   = 15 * time.Second
		loadOn = 10 * time.Minute
		demand = 5200 // millicores
	)
	object := object(cpuHalf)
	var history hpa.History
	replicas, peak := int32(1), int32(0)
	var backAt time.Duration
	for at := time.Duration(0); at <= loadOn+10*time.Minute; at += sync {
		var used int64
		if at < loadOn {
			used = min(demand/int64(replicas), 500) // a pod is limited to 500m
		}
		usage := make([]int64, replicas)
		for i := range usage {
			usage[i] = used
		}
		now := noon.Add(at)
		d, next := decide(t, hpa.Defaults(), hpa.Input{
			Now: now, HPA: object, Scale: scale(replicas, replicas), Pods: pods(int(replicas), "200m"), Metrics: []metrics.Observation{uses(now, usage...)},
		}, history)
		history = next
		if d.Replicas > 10 {
			t.Fatalf("at %v: %v; the maximum is 10", at, &d)
		}
		if d.Replicas < replicas && at < loadOn+5*time.Minute {
			t.Fatalf("at %v: %v; it must hold for five minutes after the load's end", at, &d)
		}
		if replicas = d.Replicas; replicas == 1 && at > loadOn && backAt == 0 {
			backAt = at
		}
		peak = max(peak, replicas)
	}
	if peak != 10 {
		t.Errorf("peak %d replicas; want 10", peak)
	}
	// The last reconcile under load is one period before its end, and an entry exactly five minutes old still counts.
	if want := loadOn + 5*time.Minute; backAt != want {
		t.Errorf("back to one replica at %v; want %v", backAt, want)
	}
}

// TestStudyThreeMetrics decides the page's manifest of three metrics by the largest proposal.
func TestStudyThreeMetrics(t *testing.T) {
	object := object(`
metadata: {name: php-apache, namespace: default}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: php-apache}
  minReplicas: 1
  maxReplicas: 10
  metrics:
  - type: Resource
    resource:
      name: cpu
      target: {type: Utilization, averageUtilization: 50}
  - type: Object
    object:
      metric: {name: requests-per-second}
      describedObject: {apiVersion: networking.k8s.io/v1, kind: Ingress, name: main-route}
      target: {type: Value, value: 10k}
  - type: External
    external:
      metric:
        name: queue_messages_ready
        selector: {matchLabels: {queue: worker_tasks}}
      target: {type: AverageValue, averageValue: "30"}
`)
	for _, c := range []struct {
		name            string
		cpu, rps, queue int64 // percent, requests a second, messages
		want            int32
		winner          int
	}{
		{"cpu asks for most", 90, 10_000, 60, 4, 0},
		{"the ingress asks for most", 50, 20_000, 60, 4, 1},
		{"the queue asks for most", 50, 10_000, 91, 4, 2},
		{"none asks for more", 50, 10_000, 60, 2, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, _ := decide(t, hpa.Defaults(), hpa.Input{
				Now: noon, HPA: object, Scale: scale(2, 2), Pods: pods(2, "100m"),
				Metrics: []metrics.Observation{uses(noon, c.cpu, c.cpu), total(c.rps * 1000), total(c.queue * 1000)},
			}, hpa.History{})
			if d.Replicas != c.want || d.Winner != c.winner {
				t.Errorf("%v, decided by metric %d; want %d, by metric %d", &d, d.Winner, c.want, c.winner)
			}
			largest := int32(0)
			for i := range d.Metrics {
				largest = max(largest, d.Metrics[i].Replicas)
			}
			if d.Desired != largest {
				t.Errorf("desired %d, but the largest proposal is %d", d.Desired, largest)
			}
		})
	}
	if object.Spec.Metrics[0].Type != autoscalingv2.ResourceMetricSourceType {
		t.Error("the input was modified")
	}
}
