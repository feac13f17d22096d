package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestStories runs the command lines of testdata/stories; rewrite the answers with go test -rewrite.
func TestStories(t *testing.T) {
	datadriven.RunTest(t, "testdata/stories", func(t *testing.T, d *datadriven.TestData) string {
		if d.Cmd != "karpenter" {
			d.Fatalf(t, "unknown command %s", d.Cmd)
		}
		return command(t, strings.Fields(d.Input))
	})
}

// command runs a command line, manifests being those of testdata.
func command(t *testing.T, args []string) string {
	t.Helper()
	for i, a := range args {
		if strings.HasSuffix(a, ".yaml") {
			args[i] = filepath.Join("testdata", a)
		}
	}
	var stdout, stderr bytes.Buffer
	status := run(append([]string{"-now", "2026-01-01T00:00:00Z"}, args...), strings.NewReader(""), &stdout, &stderr)
	out := stdout.String() + stderr.String()
	if status != 0 {
		out += "exit status " + string(rune('0'+status)) + "\n"
	}
	return out
}

func TestJSON(t *testing.T) {
	var a provisioned
	if err := json.Unmarshal([]byte(command(t, []string{"-o", "json", "spot.yaml", "five.yaml"})), &a); err != nil {
		t.Fatal(err)
	}
	if len(a.Launches) != 1 || len(a.Launches[0].Pods) != 5 || a.Launches[0].Cheapest.CapacityType != "spot" || a.Price != a.Launches[0].Cheapest.Price {
		t.Errorf("%+v", a)
	}
}

// A table of facts gives what the built-in catalogue says of the same types, in other zones.
func TestFacts(t *testing.T) {
	table := filepath.Join(t.TempDir(), "facts.csv")
	const text = "name,vcpu,memory_mib,arch,enis,ips_per_eni,spot,usd_ap_northeast_2\nc4.2xlarge,8,15360,amd64,4,15,1,0.454\nunknown.large,2,4096,amd64,,,1,0.1\n"
	if err := os.WriteFile(table, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got := command(t, []string{"-facts", table, "-region", "ap-northeast-2", "-zones", "d", "spot.yaml", "five.yaml"})
	if !strings.HasPrefix(got, "launch c4.2xlarge spot in ap-northeast-2d for NodePool default at 0.4540/h\n") {
		t.Error(got)
	}
}

func TestBuiltInCatalogue(t *testing.T) {
	types, err := readCatalogue("built-in", builtIn)
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range types {
		if it.Name == "c4.2xlarge" && (it.Capacity.Cpu().String() != "8" || it.Capacity.Memory().String() != "14208Mi" || it.Capacity.Pods().String() != "58") {
			t.Errorf("%+v", it.Capacity)
		}
	}
	if len(types) < 10 {
		t.Errorf("%d types", len(types))
	}
}
