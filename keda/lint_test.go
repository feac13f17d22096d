package keda_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/scalemath/scalemath/keda"
	"github.com/scalemath/scalemath/keda/formula"
)

// clean is a ScaledObject without a finding.
const clean = `
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: orders, namespace: shop}
spec:
  scaleTargetRef: {name: orders}
  triggers:
  - {type: prometheus, name: a, metadata: {query: up}}
  - {type: cron, name: b, metadata: {timezone: UTC}}
`

func TestLint(t *testing.T) {
	if found := keda.Lint(keda.Defaults(), decoded(clean), formula.Compile); len(found) > 0 {
		t.Errorf("a clean object: %v", found)
	}
	modify := func(m keda.ScalingModifiers) func(*keda.ScaledObject) {
		return func(so *keda.ScaledObject) { so.Spec.Advanced = &keda.AdvancedConfig{ScalingModifiers: m} }
	}
	annotate := func(name, value string) func(*keda.ScaledObject) {
		return func(so *keda.ScaledObject) { so.Annotations = map[string]string{name: value} }
	}
	for want, change := range map[string]func(*keda.ScaledObject){
		"refused: spec.scaleTargetRef: missing":           func(so *keda.ScaledObject) { so.Spec.ScaleTargetRef = nil },
		"refused: spec.scaleTargetRef.name: missing":      func(so *keda.ScaledObject) { so.Spec.ScaleTargetRef.Name = "" },
		"refused: spec.triggers: empty":                   func(so *keda.ScaledObject) { so.Spec.Triggers = nil },
		"refused: spec.minReplicaCount: 200 is above":     func(so *keda.ScaledObject) { so.Spec.MinReplicaCount = ptr[int32](200) },
		"refused: spec.idleReplicaCount: 0 must be below": func(so *keda.ScaledObject) { so.Spec.IdleReplicaCount = ptr[int32](0) },
		"refused: spec.maxReplicaCount: -1 is negative":   func(so *keda.ScaledObject) { so.Spec.MaxReplicaCount = ptr[int32](-1) },
		"refused: spec.pollingInterval: 0 is below":       func(so *keda.ScaledObject) { so.Spec.PollingInterval = ptr[int32](0) },
		"surprising: spec.pollingInterval: has no influence": func(so *keda.ScaledObject) {
			so.Spec.PollingInterval, so.Spec.MinReplicaCount = ptr[int32](9), ptr[int32](1)
		},
		"refused: spec.cooldownPeriod: -1":                      func(so *keda.ScaledObject) { so.Spec.CooldownPeriod = ptr[int32](-1) },
		"refused: metadata.name: 70 characters":                 func(so *keda.ScaledObject) { so.Name = strings.Repeat("x", 70) },
		"refused: metadata.name: the HorizontalPodAutoscaler's": func(so *keda.ScaledObject) { so.Name = strings.Repeat("x", 60) },
		"refused: spec.triggers[1].name: \"a\" is the name":     func(so *keda.ScaledObject) { so.Spec.Triggers[1].Name = "a" },
		"refused: spec.triggers[1].useCachedMetrics":            func(so *keda.ScaledObject) { so.Spec.Triggers[1].UseCachedMetrics = true },
		"refused: spec.triggers[0].metricType: Utilization":     func(so *keda.ScaledObject) { so.Spec.Triggers[0].MetricType = "Utilization" },
		"refused: spec.triggers[0].metricType: missing":         func(so *keda.ScaledObject) { so.Spec.Triggers[0].Type = "cpu" },
		"refused: spec.triggers[0].metricType: \"Value\"":       func(so *keda.ScaledObject) { so.Spec.Triggers[0].Type, so.Spec.Triggers[0].MetricType = "cpu", "Value" },
		"refused: spec.triggers[0].authenticationRef.kind": func(so *keda.ScaledObject) {
			so.Spec.Triggers[0].AuthenticationRef = &keda.AuthenticationRef{Name: "x", Kind: "Secret"}
		},
		"did you mean \"kafka\"": func(so *keda.ScaledObject) { so.Spec.Triggers[0].Type = "kafaka" },
		"refused: spec.minReplicaCount: must be above 0": func(so *keda.ScaledObject) {
			so.Spec.Triggers = []keda.ScaleTriggers{{Type: "cpu", MetricType: "Utilization"}}
		},
		"refused: spec.fallback.failureThreshold: -1": func(so *keda.ScaledObject) {
			so.Spec.Fallback = &keda.Fallback{FailureThreshold: -1, Replicas: 1, Behavior: "static"}
		},
		"surprising: spec.fallback.replicas: 0 does not hold": func(so *keda.ScaledObject) { so.Spec.Fallback = &keda.Fallback{Behavior: "static"} },
		"refused: spec.fallback.behavior: \"Static\"":         func(so *keda.ScaledObject) { so.Spec.Fallback = &keda.Fallback{Replicas: 1, Behavior: "Static"} },
		"refused: spec.fallback.behavior: scalingModifiers": func(so *keda.ScaledObject) {
			so.Spec.Fallback = &keda.Fallback{Replicas: 1, Behavior: "scalingModifiers"}
		},
		"scalingModifiers.formula: missing":                       modify(keda.ScalingModifiers{Target: "1"}),
		"scalingModifiers.target: missing":                        modify(keda.ScalingModifiers{Formula: "a"}),
		"scalingModifiers.target: \"x\" is not":                   modify(keda.ScalingModifiers{Formula: "a", Target: "x"}),
		"scalingModifiers.activationTarget: \"x\"":                modify(keda.ScalingModifiers{Formula: "a", Target: "1", ActivationTarget: "x"}),
		"scalingModifiers.metricType: Utilization":                modify(keda.ScalingModifiers{Formula: "a", Target: "1", MetricType: "Utilization"}),
		"surprising: spec.advanced.scalingModifiers.formula: beg": modify(keda.ScalingModifiers{Formula: "float(a) > 3 ? 1 : 2", Target: "1"}),
		"unknown name c": modify(keda.ScalingModifiers{Formula: "a + c", Target: "1"}),
		"surprising: metadata.annotations[autoscaling.keda.sh/paused]: \"yes\"": annotate(keda.AnnotationPaused, "yes"),
		"refused: metadata.annotations[autoscaling.keda.sh/paused-replicas]":    annotate(keda.AnnotationPausedReplicas, "two"),
	} {
		so := decoded(clean)
		change(so)
		var text strings.Builder
		for _, f := range keda.Lint(keda.Defaults(), so, formula.Compile) {
			text.WriteString(f.String() + "\n")
		}
		if !strings.Contains(text.String(), want) {
			t.Errorf("%s is not among\n%s", want, text.String())
		}
	}
}

func TestDecodeIsStrict(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"misspelt field":  {"scaleTargetRef", "scaleTargetref", "scaleTargetref"},
		"number as text":  {"query: up", "query: 5", "metadata"},
		"another kind":    {"kind: ScaledObject", "kind: ScaledJob", "ScaledJob"},
		"another version": {"keda.sh/v1alpha1", "keda.sh/v1", "keda.sh/v1"},
		"double field":    {"metadata: {name: orders, namespace: shop}", "metadata: {name: orders}\nmetadata: {name: two}", "metadata"},
	} {
		manifest := strings.Replace(clean, c.old, c.new, 1)
		if _, err := keda.DecodeScaledObject([]byte(manifest)); !errors.Is(err, keda.ErrInvalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := keda.DecodeScaledJob([]byte("apiVersion: keda.sh/v1alpha1\nkind: ScaledJob\nspec:\n  jobTargetRef: {}\n  triggers: []\n")); err != nil {
		t.Error(err)
	}
}

func TestDecodeReadsWhatKubectlPrints(t *testing.T) {
	const job = "{apiVersion: keda.sh/v1alpha1, kind: ScaledJob, metadata: {name: import}, spec: {jobTargetRef: {}, triggers: []}}"
	list := "apiVersion: v1\nkind: List\nitems:\n- " + job + "\n- {apiVersion: v1, kind: Service, spec: {anything: goes}}\n"
	typed := "apiVersion: keda.sh/v1alpha1\nkind: ScaledJobList\nitems:\n- {metadata: {name: untyped}, spec: {jobTargetRef: {}, triggers: []}}\n"
	got, err := keda.Decode([]byte(clean + "---\n# nothing\n---\n" + list + "---\n" + typed))
	if err != nil || len(got.ScaledObjects) != 1 || len(got.ScaledJobs) != 2 || got.ScaledJobs[1].Name != "untyped" || got.ScaledJobs[1].Kind != "ScaledJob" {
		t.Errorf("%+v, %v", got, err)
	}
	for text, want := range map[string]string{
		clean + "---\n" + strings.Replace(list, "jobTargetRef", "jobTarget", 1): "document 2: items[0]",
		strings.Replace(clean, "v1alpha1", "v2", 1):                             "keda.sh/v2",
		"a: [":  "document 1",
		"- 1\n": "document 1",
	} {
		if _, err := keda.Decode([]byte(text)); !errors.Is(err, keda.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}
