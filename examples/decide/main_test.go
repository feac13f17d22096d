package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func decide(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = run(args, strings.NewReader(stdin), &out, &errs)
	return status, out.String(), errs.String()
}

func TestStreamAnswersEachLine(t *testing.T) {
	good, err := os.ReadFile("testdata/hpa.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(good)), "\n")
	stream := lines[0] + "\n\nnot json\n" + lines[1] + "\n{\"kind\":\"calc\"}\n" + lines[2] // no newline at the end
	status, stdout, stderr := decide(t, stream, "hpa", "scenario")
	if status != exitBad || !strings.Contains(stderr, "2 questions made no sense") {
		t.Errorf("status %d, %q", status, stderr)
	}
	answers := strings.Split(strings.TrimSpace(stdout), "\n")
	if len(answers) != 5 {
		t.Fatalf("%d answers to 5 questions:\n%s", len(answers), stdout)
	}
	for i, refused := range []bool{false, true, false, true, false} {
		if got := strings.HasPrefix(answers[i], `{"error":"`); got != refused {
			t.Errorf("answer %d: %.80s", i, answers[i])
		}
	}
}

func TestExplainTellsOnStandardError(t *testing.T) {
	question, err := os.ReadFile("testdata/hpa.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"-explain", "hpa", "scenario"}, {"hpa", "scenario", "-explain"}} {
		status, stdout, stderr := decide(t, string(question), args...)
		if status != 0 || !strings.Contains(stderr, "step 0, 0s: test-namespace/web (Deployment/web): ") || strings.Contains(stdout, "step 0") {
			t.Errorf("%v: status %d\n%.300s", args, status, stderr)
		}
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{nil, {"hpa"}, {"hpa", "guess"}, {"guess", "scenario"}, {"hpa", "calc", "surplus"}, {"-guess"}} {
		if status, stdout, stderr := decide(t, "", args...); status != exitUsage || stdout != "" || !strings.Contains(stderr, "hpa scenario") {
			t.Errorf("%v: status %d, %q", args, status, stderr)
		}
	}
}

func TestExplainFromManifests(t *testing.T) {
	status, stdout, stderr := decide(t, "", "hpa", "explain", "-f", "testdata/hpa.yaml")
	if status != 0 {
		t.Fatal(stderr)
	}
	for _, want := range []string{
		"default/php-apache (Deployment/php-apache): 1 -> 2 replicas",
		"70% of the requests (141m a pod), target 50%",
		"45 a pod, target 30",
		"turning points of metric 0",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is missing in\n%s", want, stdout)
		}
	}
}

func TestExplainComplainsClearly(t *testing.T) {
	manifest, err := os.ReadFile("testdata/hpa.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for want, text := range map[string]string{
		"no HorizontalPodAutoscaler among the manifests": "kind: Pod\napiVersion: v1\n",
		`unknown field "spec.maxReplica"`:                strings.Replace(string(manifest), "maxReplicas: 10", "maxReplica: 10", 1),
		"only autoscaling/v2 is read":                    strings.Replace(string(manifest), "autoscaling/v2", "autoscaling/v1", 1),
		"standard input: document 1: no kind":            "spec: {}\n",
	} {
		status, _, stderr := decide(t, text, "hpa", "explain", "-f", "-")
		if status != exitBad || !strings.Contains(stderr, want) {
			t.Errorf("status %d, %q; want %q", status, stderr, want)
		}
	}
}
