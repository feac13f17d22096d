package proportional_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/scalemath/scalemath/proportional"
)

// TestConfigs holds what is accepted and refused against rules C5, C6, C11 and C19, and against the strict profile.
func TestConfigs(t *testing.T) {
	const fine = ""
	for _, c := range []struct {
		rule, mode, text string
		upstream, fixed  string // what the error must say, or fine
	}{
		{"C5", "Linear", `{}`, `"Linear" is not a mode`, `"Linear" is not a mode`},
		{"C5", "", `{}`, `"" is not a mode`, `"" is not a mode`},
		{"C6 unknown field", "linear", `{"nodesPerReplica":2,"a":1}`, fine, "linear.a: no such field"},
		{"C6 letters", "linear", `{"NODESperReplica":2}`, fine, "linear.NODESperReplica: no such field"},
		{"C6 twice", "linear", `{"min":-1,"nodesPerReplica":2,"min":3}`, fine, "linear.min: is given twice"},
		{"C6 null field", "linear", `{"nodesPerReplica":2,"min":null}`, fine, "linear.min: is null"},
		{"C6 trailing", "linear", `{"nodesPerReplica":2} {}`, "after top-level value", "after top-level value"},
		{"C6 empty", "linear", ``, "linear: is empty", "linear: is empty"},
		{"C6 null", "ladder", `null`, fine, "ladder: is null"},
		{"C6 not an object", "linear", `[]`, "linear", "linear"},
		{"C11 null", "linear", `null`, "linear.coresPerReplica: neither", "linear: is null"},
		{"C11 fraction", "linear", `{"nodesPerReplica":2,"min":1.5}`, "linear.min: a number 1.5 does not fit an integer", "linear.min"},
		{"C11 exponent", "linear", `{"nodesPerReplica":2,"min":1e2}`, "linear.min: a number 1e2", "linear.min"},
		{"C11 string", "linear", `{"nodesPerReplica":"4"}`, "linear.nodesPerReplica: a string does not fit a number", "linear.nodesPerReplica"},
		{"C11 not a boolean", "linear", `{"nodesPerReplica":4,"preventSinglePointFailure":1}`, "linear.preventSinglePointFailure: a number does not fit true or false", "linear.preventSinglePointFailure"},
		{"C11 min", "linear", `{"nodesPerReplica":2,"min":-1}`, "linear.min: -1 is negative", "linear.min: -1"},
		{"C11 max below min", "linear", `{"nodesPerReplica":2,"min":3,"max":2}`, "linear.max: 2 is less than min 3", "linear.max: 2"},
		{"C11 negative max", "linear", `{"nodesPerReplica":2,"max":-3}`, "linear.max: -3 is less than min 1", "linear.max: -3"},
		{"C11 no ratio", "linear", `{"max":3}`, "linear.coresPerReplica: neither", "linear.coresPerReplica: neither"},
		{"C11 negative cores", "linear", `{"coresPerReplica":-2}`, "linear.coresPerReplica: -2 is negative", "linear.coresPerReplica: -2"},
		{"C11 negative nodes", "linear", `{"nodesPerReplica":-0.5}`, "linear.nodesPerReplica: -0.5 is negative", "linear.nodesPerReplica: -0.5"},
		{"C11 huge ratio", "linear", `{"nodesPerReplica":1e400}`, "linear.nodesPerReplica: a number 1e400", "linear.nodesPerReplica"},
		{"C17 huge min", "linear", `{"nodesPerReplica":2,"min":3000000000}`, fine, "linear.min: 3000000000 is out of range"},
		{"C17 huge max", "linear", `{"nodesPerReplica":2,"max":2147483648}`, fine, "linear.max: 2147483648 is out of range"},
		{"C19 short", "ladder", `{"nodesToReplicas":[[1,1],[5]]}`, fine, "ladder.nodesToReplicas[1]: has 1 numbers"},
		{"C19 long", "ladder", `{"coresToReplicas":[[1,2,3]]}`, fine, "ladder.coresToReplicas[0]: has 3 numbers"},
		{"C19 null", "ladder", `{"nodesToReplicas":[null]}`, fine, "ladder.nodesToReplicas[0]: has 0 numbers"},
		{"C19 null number", "ladder", `{"nodesToReplicas":[[1,null]]}`, fine, "ladder.nodesToReplicas[0][1]: is null"},
		{"C19 fraction", "ladder", `{"nodesToReplicas":[[1.5,2]]}`, "ladder.nodesToReplicas: a number 1.5", "ladder.nodesToReplicas"},
		{"C19 string", "ladder", `{"nodesToReplicas":[["1",2]]}`, "ladder.nodesToReplicas: a string", "ladder.nodesToReplicas"},
		{"C19 no list", "ladder", `{"nodesToReplicas":[7]}`, "ladder.nodesToReplicas: a number does not fit a step", "ladder.nodesToReplicas"},
		{"C19 negative threshold", "ladder", `{"nodesToReplicas":[[-1,3]]}`, "ladder.nodesToReplicas[0]: threshold -1 is negative", "threshold -1"},
		{"C19 negative replicas", "ladder", `{"coresToReplicas":[[1,1],[3,-1]]}`, "ladder.coresToReplicas[1]: replicas -1 is negative", "replicas -1"},
		{"C20 equal thresholds", "ladder", `{"coresToReplicas":[[3,1],[3,2]]}`, fine, "ladder.coresToReplicas[1]: threshold 3 is there already"},
		{"C22 empty", "ladder", `{}`, fine, "ladder: neither coresToReplicas nor nodesToReplicas"},
		{"fine", "ladder", `{"coresToReplicas":[[3,1],[4,0]],"nodesToReplicas":[],"includeUnschedulableNodes":true}`, fine, fine},
	} {
		for _, p := range []struct {
			profile proportional.Profile
			want    string
		}{{proportional.Upstream(), c.upstream}, {proportional.Fixed(), c.fixed}} {
			policy, err := proportional.ParseConfig(map[string]string{c.mode: c.text}, p.profile)
			switch {
			case p.want == fine && err != nil:
				t.Errorf("%s: %s: %v", c.rule, c.text, err)
			case p.want != fine && (err == nil || !errors.Is(err, proportional.ErrInvalid) || !strings.Contains(err.Error(), p.want)):
				t.Errorf("%s: %s: error %v does not say %q", c.rule, c.text, err, p.want)
			case (err == nil) != (policy != nil):
				t.Errorf("%s: %s: policy %v beside error %v", c.rule, c.text, policy, err)
			}
		}
	}
}

// TestC5OneEntry refuses none and two.
func TestC5OneEntry(t *testing.T) {
	for _, data := range []map[string]string{nil, {}, {"linear": linearJSON, "ladder": ladderJSON}} {
		if _, err := proportional.ParseConfig(data, proportional.Upstream()); !errors.Is(err, proportional.ErrInvalid) {
			t.Errorf("%v: %v", data, err)
		}
	}
}

// TestC19OddSteps takes steps as JSON fills an array of two.
func TestC19OddSteps(t *testing.T) {
	config, err := proportional.ParseLadder([]byte(`{"nodesToReplicas":[[5],[1,2,3],null,[],[7,8]]}`), proportional.Upstream())
	if err != nil {
		t.Fatal(err)
	}
	want := []proportional.Step{{5, 0}, {1, 2}, {0, 0}, {0, 0}, {7, 8}}
	if len(config.NodesToReplicas) != len(want) {
		t.Fatalf("%v", config.NodesToReplicas)
	}
	for i, s := range config.NodesToReplicas {
		if s != want[i] {
			t.Errorf("step %d is %v, not %v", i, s, want[i])
		}
	}
}

// TestNumbersThatJSONCannotHold reach a config written in Go.
func TestNumbersThatJSONCannotHold(t *testing.T) {
	for _, ratio := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for _, config := range []proportional.Linear{{NodesPerReplica: ratio, CoresPerReplica: 1}, {CoresPerReplica: ratio, NodesPerReplica: 1}} {
			if _, err := proportional.NewLinear(config, proportional.Upstream()); !errors.Is(err, proportional.ErrInvalid) {
				t.Errorf("%+v: %v", config, err)
			}
		}
	}
}

func TestC10DefaultParams(t *testing.T) {
	data, err := proportional.ParseDefaultParams(`{"linear": {"nodesPerReplica": 2, "min": 1e2, "a": "<"}}`)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"a":"\u003c","min":100,"nodesPerReplica":2}`; data["linear"] != want || len(data) != 1 {
		t.Errorf("%v, not %s", data, want)
	}
	for _, text := range []string{"", "[]", "{", `{"linear":1} x`} {
		if _, err := proportional.ParseDefaultParams(text); !errors.Is(err, proportional.ErrInvalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTargets(t *testing.T) {
	for text, want := range map[string]string{
		"deployment/dns":                "[deployment/dns]",
		"Deployment/DNS, replicasets/a": "[deployment/dns replicaset/a]",
		"replicationcontroller/a":       "[replicationcontroller/a]",
		"deployment":                    `invalid target: "deployment": must be kind/name`,
		"deployment/":                   `invalid target: "deployment/": must be kind/name`,
		"deployment/a/b":                `invalid target: "deployment/a/b": must be kind/name`,
		"daemonset/a":                   `invalid target: "daemonset/a": must be a deployment, replicaset or replicationcontroller`,
		"deployment/a,statefulset/b":    `invalid target: "statefulset/b": upstream's flag refuses stateful sets`,
		"":                              `invalid target: "": must be kind/name`,
		"deployment/a,":                 `invalid target: "": must be kind/name`,
	} {
		targets, err := proportional.Upstream().ParseTargets(text)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = sprint(targets)
		}
		if got != want {
			t.Errorf("%q: %s, not %s", text, got, want)
		}
	}
	if targets, err := proportional.Fixed().ParseTargets("statefulsets/b"); err != nil || sprint(targets) != "[statefulset/b]" {
		t.Errorf("%v, %v", targets, err)
	}
}

// TestStudyLadder is the ladder of the study: five steps, one of them flat.
func TestStudyLadder(t *testing.T) {
	policy := parse(t, "ladder", `{"nodesToReplicas":[[1,1],[2,2],[3,3],[4,3],[5,5]]}`, proportional.Upstream())
	for nodes, want := range map[int32]int32{0: 1, 1: 1, 2: 2, 3: 3, 4: 3, 5: 5, 6: 5, 100: 5} {
		if o, err := policy.Replicas(size(nodes, 8*nodes)); err != nil || o.Replicas != want {
			t.Errorf("%d nodes: %v, %v", nodes, o, err)
		}
	}
}

func TestValues(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"config: {}\n", "neither linear nor ladder"},
		{"config: {ladders: {}, image: x}\n", "(image, ladders)"},
		{"config: {linear: {min: 1}, ladder: {nodesToReplicas: [[1, 1]]}}\n", "both linear and ladder"},
		{"config: {linear: {min: 1}}\noptions: {nodelabels: {a: b}}\n", `options.nodelabels: no such option`},
		{"config: {linear: {min: 1}}\noptions: {nodeLabels: {a: b c}}\n", "options.nodeLabels"},
		{"config: [", "values"},
		{"config: {linear: {nodesPerReplica: 2, min: 1}}\nimage: {tag: x}\noptions:\n  nodeLabels: {a: b}\n  logDir:\n  logToStdErr: true\n", ""},
	} {
		values, err := proportional.ParseValues([]byte(c.text))
		var data map[string]string
		if err == nil {
			data, err = values.Data()
		}
		if err == nil {
			_, err = values.Options.Selector()
		}
		if c.want == "" && (err != nil || data["linear"] != `{"min":1,"nodesPerReplica":2}`) {
			t.Errorf("%s: %v, %v", c.text, data, err)
		}
		if c.want != "" && (!errors.Is(err, proportional.ErrInvalid) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: error %v does not say %q", c.text, err, c.want)
		}
	}
}
