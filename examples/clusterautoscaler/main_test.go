package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scalemath/scalemath/clusterautoscaler"
)

var rewrite = flag.Bool("rewrite", false, "write the recorded output anew")

func output(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	err := run(args, strings.NewReader(""), &stdout, &stderr)
	return stdout.String(), err
}

func TestGolden(t *testing.T) {
	golden(t, "cluster", "-f", "testdata/cluster.yaml", "-now", "2026-11-01T12:00:00Z")
}

// TestQuiet is two loops over a cluster whose pods went, eleven minutes apart: first every node says why it stays, then the
// timers of those that could go have run out. Its last part asks for single nodes.
func TestQuiet(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state.json")
	golden(t, "quiet-first", "-f", "testdata/quiet.yaml", "-now", "2026-11-01T12:00:00Z", "-state", state)
	golden(t, "quiet-later", "-f", "testdata/quiet.yaml", "-now", "2026-11-01T12:11:00Z", "-state", state)
	for node, want := range map[string]string{
		"node-1": "node-1 cannot go: BlockedByPod", "node-2": "node-2 could go; 1 pods would move\n  default/app-2 to node-",
	} {
		if got, err := output(t, "-f", "testdata/quiet.yaml", "-remove", node); err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("%v: %s", err, got)
		}
	}
	if text, err := output(t, "-f", "testdata/quiet.yaml", "-remove", "node-9"); err == nil || !strings.Contains(err.Error(), `"node-9"`) {
		t.Errorf("%v: %s", err, text)
	}
}

// golden compares an output with the recorded one.
func golden(t *testing.T, name string, args ...string) {
	t.Helper()
	got, err := output(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", name+".txt")
	if *rewrite {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestExpanderAndState(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state.json")
	text, err := output(t, "-f", "testdata/cluster.yaml", "-now", "2026-11-01T12:00:00Z", "-expander", "least-nodes", "-state", state, "-o", "json")
	if err != nil {
		t.Fatal(err)
	}
	var l struct {
		ScaleUps []struct{ Chosen string }
	}
	if err := json.Unmarshal([]byte(text), &l); err != nil || len(l.ScaleUps) != 1 || l.ScaleUps[0].Chosen != "large" {
		t.Errorf("%v: %s", err, text)
	}
	st, err := loadState(state)
	if err != nil || st.Requests["large"].Increase != 1 {
		t.Errorf("%v: %+v", err, st.Requests)
	}
}

func TestBadInput(t *testing.T) {
	write := func(text string) string {
		file := filepath.Join(t.TempDir(), "x.yaml")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	group := func(spec string) string {
		return write("apiVersion: scalemath/v1\nkind: NodeGroup\nmetadata: {name: g}\nspec: {" + spec + "}\n")
	}
	for want, args := range map[string][]string{
		"no manifests":                         {},
		`"x" is no flag`:                       {"x"},
		`-o "yaml"`:                            {"-f", "-", "-o", "yaml"},
		`"cheapest" is none of`:                {"-f", "-", "-expander", "cheapest"},
		"random must be last":                  {"-f", "-", "-expander", "random,most-pods"},
		"-now":                                 {"-f", "-", "-now", "today"},
		"max: 1 is below min 2":                {"-f", group("min: 2, max: 1")},
		`unknown field "spec.maximum"`:         {"-f", group("maximum: 2")},
		"target: -1 is negative":               {"-f", group("max: 2, target: -1")},
		"spec.nodeSelector":                    {"-f", group("max: 2, nodeSelector: {matchExpressions: [{key: a, operator: Near}]}")},
		"template.node.status.allocatable":     {"-f", group("max: 2, template: {metadata: {name: t}}")},
		`spec.nodeName: there is no node "n1"`: {"-f", write("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {nodeName: n1}\n")},
		"maxNodesTotal: -1 is negative":        {"-f", "-", "-max-nodes-total", "-1"},
	} {
		if _, err := output(t, args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %s", args, err, want)
		}
	}
}

func TestAssumeUnschedulable(t *testing.T) {
	in := strings.NewReader("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c}]}\n")
	var stdout bytes.Buffer
	if err := run([]string{"-f", "-", "-assume-unschedulable"}, in, &stdout, &stdout); err != nil || !strings.Contains(stdout.String(), string(clusterautoscaler.ScaleUpNoOptions)) {
		t.Errorf("%v: %s", err, stdout.String())
	}
}
