package main

import (
	"bytes"
	"strings"
	"testing"
)

const cluster3 = `
apiVersion: v1
kind: ConfigMap
metadata: {name: dns-autoscaler}
data:
  linear: '{"coresPerReplica":4,"nodesPerReplica":16,"preventSinglePointFailure":true}'
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Node, metadata: {name: a, labels: {pool: x}}, status: {capacity: {cpu: "4"}, allocatable: {cpu: 3920m}, conditions: [{type: Ready, status: "True"}]}}
- {apiVersion: v1, kind: Node, metadata: {name: b}, spec: {unschedulable: true}, status: {capacity: {cpu: "4"}, allocatable: {cpu: 3920m}, conditions: [{type: Ready, status: "True"}]}}
- {apiVersion: v1, kind: Node, metadata: {name: c}, status: {capacity: {cpu: "4"}, allocatable: {cpu: 3920m}, conditions: [{type: Ready, status: "True"}]}}
`

func TestProportionalVerbs(t *testing.T) {
	const values = "../../proportional/testdata/values.yaml"
	for _, c := range []struct {
		args, stdin string
		status      int
		out, err    string // what must be said
	}{
		{"proportional explain -f -", cluster3, 0, `2 of 3 nodes schedulable, 8 of 12 cores
2 replicas, decided by nodes and cores alike (linear mode; schedulable ones count)
  2 nodes / 16 per replica = 0.125, raised to 2 to avoid a single point of failure
  8 cores / 4 per replica = 2, rounded up to 2
  next: 3 replicas at nodes >= 33, with the cores as they are
  next: 3 replicas at cores >= 9, with the nodes as they are
`, ""},
		{"proportional explain -f - -nodelabels pool=x", cluster3, 0, "1 of 1 nodes schedulable, 4 of 4 cores\n1 replica, decided", ""},
		{"proportional explain -f - -o json", cluster3, 0, `"bound": "singlePointOfFailure"`, ""},
		{"proportional explain -f " + values + " -nodes 4 -cores 8", "", 0, "3 replicas, decided by nodes (ladder mode; schedulable ones count)", ""},
		{"proportional explain -f " + values + " -nodes 6 -cores 12 -table 9", "", 0, "5           10     5         5 nodes, at or above step [5, 5], ask for 5", ""},
		{"proportional explain -f " + values, "", 1, "", "no Node in the manifests"},
		{"proportional explain -f - -f " + values, cluster3, 1, "", "there is a config already"},
		{"proportional explain -nodes 3", "", 0, "nothing is scaled: the ConfigMap could not be read", ""},
		{"proportional explain -nodes 3000000000", "", 1, "", "do not fit 32 bits"},
		{"proportional explain -nodes 3 -nodelabels a,,b=", "", 1, "", "-nodelabels"},
		{"proportional explain -f /nowhere", "", 1, "", "/nowhere"},
		{"proportional explain -f - -nodes 1", "config: {linear: {min: 2}}\noptions: {nodelabel: a}\n", 1, "", "options.nodelabel: no such option"},
		{"proportional vertical -config - -nodes 3 -cores 12", "a: {requests: {cpu: {base: 100m, step: 10m, coresPerStep: 1}}}\n", 0,
			"3 nodes, 12 cores: to be written\n  a requests.cpu 220m: 220m, by 12 steps of cores\n", ""},
		{"proportional vertical -config - -nodes 3", "a: {requests: {cpu: {base: x}}}\n", 1, "", "quantities must match"},
		{"proportional vertical -nodes 3", "", 1, "", "-config"},
	} {
		var out, errs bytes.Buffer
		if got := run(strings.Fields(c.args), strings.NewReader(c.stdin), &out, &errs); got != c.status {
			t.Errorf("%s: status %d, %s", c.args, got, errs.String())
		}
		if !strings.Contains(out.String(), c.out) || !strings.Contains(errs.String(), c.err) {
			t.Errorf("%s: says\n%s%s", c.args, out.String(), errs.String())
		}
	}
}
