package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVPAWhatIf(t *testing.T) {
	var csv strings.Builder
	csv.WriteString("time,pod,container,cpu,memory\n")
	for _, row := range []string{"12:00", "12:01", "12:02", "12:03"} {
		csv.WriteString("2026-03-01T" + row + ":00Z,hamster-0,hamster,460m,1Mi\n")
	}
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	samples := write("samples.csv", csv.String())
	matrix := write("range.json", `{"status":"success","data":{"resultType":"matrix","result":[
		{"metric":{"pod":"hamster-0","container":"hamster"},"values":[[1772366400,"0.46"],[1772366460,"0.46"]]}]}}`)
	object := write("vpa.yaml", `apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata:
  name: hamster-vpa
spec:
  resourcePolicy:
    containerPolicies:
    - containerName: "*"
      maxAllowed:
        cpu: 500m
`)
	for _, test := range []struct {
		name  string
		args  []string
		stdin string
		want  []string
		bad   string
	}{
		{name: "CSV", args: []string{"-f", samples}, want: []string{"hamster", "548m", "250Mi", "460m", "0.0 %", "percentile 0.9 ends bucket 24 at 477m"}},
		{name: "standard input", args: []string{"-f", "-"}, stdin: csv.String(), want: []string{"548m"}},
		{name: "Prometheus", args: []string{"-f", matrix, "-resource", "cpu"}, want: []string{"548m"}},
		{name: "policy", args: []string{"-f", samples, "-vpa", object}, want: []string{"500m", "capped to maxAllowed"}},
		{name: "flags", args: []string{"-f", samples, "-margin", "0"}, want: []string{"477m"}},
		{name: "no recording", bad: "-f samples.csv"},
		{name: "no such file", args: []string{"-f", filepath.Join(dir, "none")}, bad: "no such file"},
		{name: "bad resource", args: []string{"-f", matrix, "-resource", "gpu"}, bad: "neither cpu nor memory"},
		{name: "bad flag", args: []string{"-f", samples, "-margin", "-1"}, bad: "safetyMarginFraction"},
		{name: "bad estimator", args: []string{"-f", samples, "-estimator", "guess"}, bad: "estimator"},
		{name: "bad recording", args: []string{"-f", object}, bad: "unreadable history"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			status := run(append([]string{"vpa", "whatif"}, test.args...), strings.NewReader(test.stdin), &stdout, &stderr)
			if test.bad != "" {
				if status == 0 || !strings.Contains(stderr.String(), test.bad) {
					t.Errorf("status %d, %s; want an error about %q", status, &stderr, test.bad)
				}
				return
			}
			for _, want := range test.want {
				if status != 0 || !strings.Contains(stdout.String(), want) {
					t.Errorf("status %d, %s\n%s\nwant %q in it", status, &stderr, &stdout, want)
				}
			}
		})
	}
}
