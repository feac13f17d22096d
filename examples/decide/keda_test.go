package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const kedaManifests = `
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: orders, namespace: shop}
spec:
  scaleTargetRef: {name: orders}
  maxReplicaCount: 20
  triggers:
  - {type: prometheus, metadata: {serverAddress: "http://p:9090", query: up, threshold: "100", activationThreshold: "5"}}
  - {type: cron, metadata: {timezone: UTC, start: "0 8 * * *", end: "0 18 * * *", desiredReplicas: "4"}}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledJob
metadata: {name: import, namespace: shop}
spec:
  jobTargetRef: {template: {spec: {containers: [{name: a, image: b}]}}}
  triggers:
  - {type: prometheus, metadata: {serverAddress: "http://p:9090", query: up, threshold: "10"}}
`

func TestKEDAExplain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keda.yaml")
	if err := os.WriteFile(file, []byte(kedaManifests), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs strings.Builder
	args := []string{"keda", "explain", "-f", file, "-now", "2026-05-01T20:00:00Z", "-reading", "0=37", "-running", "3", "-pending", "1"}
	if status := run(args, strings.NewReader(""), &out, &errs); status != 0 {
		t.Fatalf("status %d: %s", status, errs.String())
	}
	want := `ScaledObject shop/orders at 2026-05-01T20:00:00Z
trigger 0, metric s0-prometheus: 37, active
trigger 1, metric s1-cron-UTC-08xxx-018xxx: 0, not active
apps/v1.Deployment shop/orders: start, from 0 to 1 replica
  - active: s0-prometheus
  - nothing runs yet
  The number comes from the minimum alone; the HorizontalPodAutoscaler takes over from there.
HorizontalPodAutoscaler keda-hpa-orders for Deployment orders: 1 to 20 replicas, metrics: 2
  - s0-prometheus, 100 for each replica
  - s1-cron-UTC-08xxx-018xxx, 1 for each replica
ScaledJob shop/import at 2026-05-01T20:00:00Z
ScaledJob import: start 1 job
  - queue of 37, good for 4 jobs at once
  - under way: 3 jobs, 1 of them pending
  - kept in any case: 0 jobs; at most 100 on top of that
  - strategy default: 4 less 3 under way, so 1 may start
`
	if out.String() != want {
		t.Errorf("%s\nwant\n%s", out.String(), want)
	}
}

func TestKEDAExplainRefuses(t *testing.T) {
	for want, args := range map[string][]string{
		"-reading 0=NUMBER":                {},
		"-now":                             {"-now", "noon"},
		"an index from 0 to 1":             {"-reading", "7=3"},
		"\"much\" is neither a number nor": {"-reading", "0=much"},
		"-pending: 3 of 2":                 {"-reading", "0=1", "-running", "2", "-pending", "3"},
	} {
		var out, errs strings.Builder
		status := run(append([]string{"keda", "explain", "-f", "-"}, args...), strings.NewReader(kedaManifests), &out, &errs)
		if status != exitBad || !strings.Contains(errs.String(), want) {
			t.Errorf("%v: status %d, %s; want %s", args, status, errs.String(), want)
		}
	}
}
