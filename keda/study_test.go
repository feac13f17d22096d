package keda_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/scalemath/scalemath/keda"
	"github.com/scalemath/scalemath/keda/trigger"
)

// cronScaled is the manifest of a published study of cron scaling: five minutes out of every fifteen.
const cronScaled = `
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: php-apache-cron-scaled
  namespace: default
  creationTimestamp: "2026-04-30T00:00:00Z"
spec:
  scaleTargetRef: {name: php-apache}
  minReplicaCount: 0
  maxReplicaCount: 2
  triggers:
  - type: cron
    metadata:
      timezone: Asia/Seoul
      start: 00,15,30,45 * * * *
      end: 05,20,35,50 * * * *
      desiredReplicas: "1"
`

// The metric's name in the study, whose KEDA left commas alone, and since release 2.20.
const (
	studyMetric   = "s0-cron-Asia-Seoul-00,15,30,45xxxx-05,20,35,50xxxx"
	currentMetric = "s0-cron-Asia-Seoul-00Cm15Cm30Cm45xxxx-05Cm20Cm35Cm50xxxx"
)

func cronTrigger(t *testing.T, so *keda.ScaledObject, commas bool) *trigger.Cron {
	t.Helper()
	tr := so.Spec.Triggers[0]
	built, err := trigger.New(trigger.Config{Type: tr.Type, Metadata: tr.Metadata, MetricType: tr.MetricType, Namespace: so.Namespace, CommasInNames: commas})
	if err != nil {
		t.Fatal(err)
	}
	return built.(*trigger.Cron)
}

func TestStudyHPA(t *testing.T) {
	so := decoded(cronScaled)
	if found := keda.Lint(keda.Defaults(), so, nil); len(found) > 0 {
		t.Errorf("findings: %v", found)
	}
	for metric, commas := range map[string]bool{studyMetric: true, currentMetric: false} {
		d, err := keda.BuildHPA(keda.Defaults(), so, cronTrigger(t, so, commas).MetricSpecs())
		if err != nil || d.Err != nil {
			t.Fatal(err, d.Err)
		}
		if d.Object.Name != "keda-hpa-php-apache-cron-scaled" {
			t.Errorf("name %s", d.Object.Name)
		}
		got, err := json.Marshal(d.Object.Spec)
		if err != nil {
			t.Fatal(err)
		}
		want := `{"scaleTargetRef":{"kind":"Deployment","name":"php-apache","apiVersion":"apps/v1"},"minReplicas":1,"maxReplicas":2,` +
			`"metrics":[{"type":"External","external":{"metric":{"name":"` + metric + `","selector":{"matchLabels":` +
			`{"scaledobject.keda.sh/name":"php-apache-cron-scaled"}}},"target":{"type":"AverageValue","averageValue":"1"}}}]}`
		if string(got) != want {
			t.Errorf("%s\nwant\n%s", got, want)
		}
	}
}

// TestStudyHour follows the workload through an hour with a tick every 30 seconds. It starts with a window and stops five
// minutes after the last tick that saw the window open, which the default cooldown makes half a minute past its end.
func TestStudyHour(t *testing.T) {
	so := decoded(cronScaled)
	cron := cronTrigger(t, so, false)
	d, err := keda.BuildHPA(keda.Defaults(), so, cron.MetricSpecs())
	if err != nil || d.Err != nil {
		t.Fatal(err, d.Err)
	}
	so.Status.ExternalMetricNames, so.Status.ScaleTargetKind = d.ExternalMetricNames, "apps/v1.Deployment"
	from := time.Date(2026, 5, 1, 9, 0, 0, 0, time.FixedZone("KST", 9*60*60))
	var st keda.State
	var hour strings.Builder
	replicas := int32(0)
	for at := from; at.Before(from.Add(time.Hour)); at = at.Add(30 * time.Second) {
		r, err := cron.Read(at)
		if err != nil {
			t.Fatal(err)
		}
		tick, next, err := keda.Tick(keda.Defaults(), keda.TickInput{
			Now: at, Object: so, Workload: keda.Workload{Replicas: replicas, ReadyPods: replicas},
			Readings: []keda.Reading{{
				Metric: r.Metric, Target: r.Target, Active: r.Active, Values: []keda.MetricValue{{Name: r.Metric, Value: r.Quantity()}},
			}},
		}, st)
		if err != nil {
			t.Fatal(err)
		}
		replicas, st = tick.Scale.To, next
		replicas = averageValue(d.Object, replicas, r.Value)
		if at.Second() == 0 {
			fmt.Fprint(&hour, replicas)
		}
	}
	const quarter = "111111111100000" // start, minutes 0 to 9, and nothing from 10 to 14
	if want := strings.Repeat(quarter, 4); hour.String() != want {
		t.Errorf("replicas by minute\n%s, want\n%s", hour.String(), want)
	}
}

// averageValue is all that the HorizontalPodAutoscaler has to do here: nothing at zero, else value by target within bounds.
func averageValue(h *autoscalingv2.HorizontalPodAutoscaler, replicas int32, value float64) int32 {
	if replicas == 0 {
		return 0
	}
	target := h.Spec.Metrics[0].External.Target.AverageValue.AsApproximateFloat64()
	return min(max(int32(value/target), *h.Spec.MinReplicas), h.Spec.MaxReplicas)
}
