package proportional_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/proportional"
)

// TestC7ReadAgainOnlyOnAnotherVersion gives other data under the version held.
func TestC7ReadAgainOnlyOnAnotherVersion(t *testing.T) {
	cfg := proportional.Defaults()
	in := proportional.Input{Size: size(10, 0), ConfigMap: configMap("1", "linear", `{"nodesPerReplica":5}`)}
	_, st, _ := proportional.Decide(cfg, in, proportional.State{})
	in.ConfigMap = configMap("1", "linear", `{"nodesPerReplica":1}`)
	d, st, err := proportional.Decide(cfg, in, st)
	if err != nil || d.Source != proportional.SourceHeld || d.Outcome.Replicas != 2 {
		t.Errorf("%v, %v", d, err)
	}
	in.ConfigMap = configMap("2", "ladder", `{"nodesToReplicas":[[1,7]]}`)
	d, st, err = proportional.Decide(cfg, in, st)
	if err != nil || d.Source != proportional.SourceRead || d.Outcome.Replicas != 7 || st.Policy(cfg.Profile).Mode() != proportional.ModeLadder {
		t.Errorf("%v, %v", d, err)
	}
}

// TestC8BadConfigs follows good and bad versions, as upstream and with the last good one kept.
func TestC8BadConfigs(t *testing.T) {
	versions := []*corev1.ConfigMap{
		configMap("1", "linear", `{`), configMap("2", "linear", `{"nodesPerReplica":5}`), configMap("3", "linear", `{`),
		configMap("3", "linear", `{`), {Data: map[string]string{}}, configMap("2", "linear", `{"nodesPerReplica":5}`),
	}
	for _, c := range []struct {
		profile proportional.Profile
		want    string
	}{
		{proportional.Upstream(), "dropped read dropped dropped dropped read"},
		{proportional.Profile{KeepLastGood: true}, "dropped read kept kept kept held"},
	} {
		var st proportional.State
		var got []string
		for _, v := range versions {
			d, next, err := proportional.Decide(proportional.Config{Profile: c.profile}, proportional.Input{Size: size(10, 0), ConfigMap: v}, st)
			if err != nil {
				t.Fatal(err)
			}
			if d.Scale != (d.Source == proportional.SourceRead || d.Source == proportional.SourceHeld || d.Source == proportional.SourceKept) {
				t.Errorf("%v scales: %v", d.Source, d.Scale)
			}
			if (d.Err != nil) != (d.Source == proportional.SourceDropped || d.Source == proportional.SourceKept) || d.Err != nil && !errors.Is(d.Err, proportional.ErrInvalid) {
				t.Errorf("%v has error %v", d.Source, d.Err)
			}
			if d.Scale && d.Outcome.Replicas != 2 {
				t.Errorf("%v", d)
			}
			got = append(got, d.Source.String())
			st = next
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v: %v, not %s", c.profile, got, c.want)
		}
	}
}

// TestC9NoConfigMap creates one if there are default params, and otherwise leaves everything as it is.
func TestC9NoConfigMap(t *testing.T) {
	_, st, _ := proportional.Decide(proportional.Defaults(), proportional.Input{Size: size(4, 4), ConfigMap: configMap("1", "linear", linearJSON)}, proportional.State{})
	d, after, err := proportional.Decide(proportional.Defaults(), proportional.Input{Size: size(4, 4)}, st)
	if err != nil || d.Scale || d.Create != nil || d.Source != proportional.SourceUnreadable || after.Version != "1" {
		t.Errorf("%v, %v, %v", d, after, err)
	}
	d, _, err = proportional.Decide(proportional.Config{DefaultParams: `{"linear":{"nodesPerReplica":2}}`}, proportional.Input{Size: size(4, 4)}, st)
	if err != nil || d.Scale || d.Create["linear"] != `{"nodesPerReplica":2}` {
		t.Errorf("%v, %v", d, err)
	}
	if _, _, err = proportional.Decide(proportional.Config{DefaultParams: `x`}, proportional.Input{}, st); !errors.Is(err, proportional.ErrInvalid) {
		t.Error(err)
	}
}

// TestStateSurvivesJSON decides the same after a restart.
func TestStateSurvivesJSON(t *testing.T) {
	in := proportional.Input{Size: size(100, 800), ConfigMap: configMap("7", "ladder", ladderJSON)}
	first, st, err := proportional.Decide(proportional.Defaults(), in, proportional.State{})
	if err != nil {
		t.Fatal(err)
	}
	in.ConfigMap.Data["ladder"] = "spoilt, but under the same version"
	text, err := json.Marshal(st)
	if err != nil {
		t.Fatal(err)
	}
	var again proportional.State
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	d, _, err := proportional.Decide(proportional.Defaults(), in, again)
	if err != nil || d.Source != proportional.SourceHeld || d.Outcome != first.Outcome {
		t.Errorf("%v, %v; before %v", d, err, first)
	}
}

// TestWrites names the targets that differ, in order.
func TestWrites(t *testing.T) {
	target := func(name string, replicas int32) proportional.TargetReplicas {
		return proportional.TargetReplicas{Target: proportional.Target{Kind: "deployment", Name: name}, Replicas: replicas}
	}
	in := proportional.Input{
		Size: size(10, 0), ConfigMap: configMap("1", "linear", `{"nodesPerReplica":5}`),
		Targets: []proportional.TargetReplicas{target("a", 1), target("b", 2), target("c", 3)},
	}
	d, _, err := proportional.Decide(proportional.Defaults(), in, proportional.State{})
	if err != nil || sprint(d.Writes) != "[deployment/a deployment/c]" {
		t.Errorf("%v, %v", d.Writes, err)
	}
}

// TestOverflowHolds keeps the config but scales nothing where the profile refuses the answer.
func TestOverflowHolds(t *testing.T) {
	cfg := proportional.Config{Profile: proportional.Fixed()}
	in := proportional.Input{Size: size(10, 0), ConfigMap: configMap("1", "linear", `{"nodesPerReplica":1e-9}`)}
	d, st, err := proportional.Decide(cfg, in, proportional.State{})
	if err != nil || d.Scale || !errors.Is(d.Err, proportional.ErrOutOfRange) || st.Version != "1" {
		t.Errorf("%v, %v, %v", d, st, err)
	}
	in.Size.Nodes = -1
	if _, _, err = proportional.Decide(cfg, in, st); !errors.Is(err, proportional.ErrInvalid) || !strings.Contains(err.Error(), "totalNodes: -1") {
		t.Error(err)
	}
}

// TestExplainAndJSON fixes both forms of a decision to the letter.
func TestExplainAndJSON(t *testing.T) {
	in := proportional.Input{
		Size:      proportional.ClusterSize{SchedulableNodes: 9, Nodes: 10, SchedulableCores: 70, Cores: 80},
		ConfigMap: configMap("1", "linear", `{"nodesPerReplica":4,"coresPerReplica":64,"max":1,"preventSinglePointFailure":true,"includeUnschedulableNodes":true}`),
		Targets:   []proportional.TargetReplicas{{Target: proportional.Target{Kind: "deployment", Name: "dns"}, Replicas: 1}},
	}
	d, _, err := proportional.Decide(proportional.Defaults(), in, proportional.State{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := d.Explain(&out); err != nil {
		t.Fatal(err)
	}
	if want := `2 replicas, decided by nodes (linear mode; unschedulable ones count too)
  10 nodes / 4 per replica = 2.5, raised to 2 to avoid a single point of failure
  80 cores / 64 per replica = 1.25, cut to max 1
  beware: protection against a single point of failure goes above max
  write: deployment/dns
  next: 1 replica at nodes <= 1, with the cores as they are
`; out.String() != want {
		t.Errorf("explained as\n%s", out.String())
	}
	text, err := json.Marshal(d)
	if want := `{"scale":true,"source":"read","outcome":{"nodes":{"replicas":2,"per":4,"count":10,"bound":"singlePointOfFailure"},` +
		`"cores":{"replicas":1,"per":64,"count":80,"bound":"max"},"size":{"schedulableNodes":9,"totalNodes":10,"schedulableCores":70,"totalCores":80},` +
		`"replicas":2,"mode":"linear","decider":"nodes","everything":true,"defect":"pastMax"},` +
		`"changes":{"fewerNodes":{"count":1,"replicas":1}},"writes":[{"kind":"deployment","name":"dns"}]}`; err != nil || string(text) != want {
		t.Errorf("%s, %v", text, err)
	}
	text, err = json.Marshal(proportional.Decision{Source: proportional.SourceUnreadable})
	if want := `{"scale":false,"source":"unreadable"}`; err != nil || string(text) != want {
		t.Errorf("%s, %v", text, err)
	}
}

// TestInputIsNotModified decides twice over a deep copy.
func TestInputIsNotModified(t *testing.T) {
	in := proportional.Input{Size: size(3, 4), ConfigMap: configMap("1", "ladder", ladderJSON)}
	before := proportional.Input{Size: in.Size, ConfigMap: in.ConfigMap.DeepCopy()}
	_, _, _ = proportional.Decide(proportional.Defaults(), in, proportional.State{})
	if !reflect.DeepEqual(in, before) {
		t.Errorf("%v became %v", before, in)
	}
}
