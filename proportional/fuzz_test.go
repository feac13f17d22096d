package proportional_test

import (
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/proportional"
)

// checkOutcome holds what is true of every answer.
func checkOutcome(t *testing.T, policy *proportional.Policy, size proportional.ClusterSize) {
	t.Helper()
	o, err := policy.Replicas(size)
	if err != nil {
		if !errors.Is(err, proportional.ErrOutOfRange) && !errors.Is(err, proportional.ErrInvalid) {
			t.Fatalf("an error without a sentinel: %v", err)
		}
		if policy.Profile() == proportional.Upstream() {
			t.Fatalf("upstream answers everything: %v", err)
		}
		return
	}
	if o.Defect != proportional.DefectOverflow && (o.Replicas < 0 || int64(o.Replicas) != max(o.Nodes.Replicas, o.Cores.Replicas)) {
		t.Fatalf("%v", o)
	}
	if policy.Profile().RefuseOverflow && o.Defect == proportional.DefectOverflow {
		t.Fatalf("%v was to be refused", o)
	}
	_ = o.String()
	for _, c := range []*proportional.Change{policy.Changes(size).MoreNodes, policy.Changes(size).FewerCores} {
		if c != nil && !c.OutOfRange && o.Defect == proportional.DefectNone && c.Replicas == o.Replicas {
			t.Fatalf("%v does not change at %+v", o, c)
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	for _, text := range []string{
		linearJSON, ladderJSON, "", "null", "[]", "{} {}", `{"min":-1,"nodesPerReplica":2}`, `{"nodesPerReplica":1e-300,"preventSinglePointFailure":true}`,
		`{"coresPerReplica":1e400}`, `{"nodesPerReplica":1,"max":9223372036854775807,"min":9223372036854775807}`,
		`{"nodesToReplicas":[[5],null,[1,2,3],[9223372036854775807,9223372036854775807]]}`, `{"nodesToReplicas":[[1,2]],"nodesToReplicas":[null]}`,
	} {
		f.Add("linear", text, int32(5), int32(40))
		f.Add("ladder", text, int32(-1), int32(1<<31-1))
	}
	f.Fuzz(func(t *testing.T, key, text string, nodes, cores int32) {
		for _, profile := range []proportional.Profile{proportional.Upstream(), proportional.Fixed()} {
			policy, err := proportional.ParseConfig(map[string]string{key: text}, profile)
			if err != nil {
				if !errors.Is(err, proportional.ErrInvalid) || policy != nil {
					t.Fatalf("%v beside %v", policy, err)
				}
				continue
			}
			checkOutcome(t, policy, size(nodes, cores))
		}
	})
}

func FuzzLinear(f *testing.F) {
	f.Add(0.7, 0.0, int64(0), int64(0), true, int32(21), int32(3))
	f.Add(1e-300, 1e300, int64(8), int64(0), false, int32(1), int32(12276))
	f.Fuzz(func(t *testing.T, perNode, perCore float64, least, most int64, spread bool, nodes, cores int32) {
		config := proportional.Linear{NodesPerReplica: perNode, CoresPerReplica: perCore, Min: least, Max: most, PreventSinglePointFailure: spread}
		for _, profile := range []proportional.Profile{proportional.Upstream(), proportional.Fixed()} {
			if policy, err := proportional.NewLinear(config, profile); err == nil {
				checkOutcome(t, policy, size(nodes, cores))
			} else if !errors.Is(err, proportional.ErrInvalid) {
				t.Fatal(err)
			}
		}
	})
}

func FuzzDecide(f *testing.F) {
	f.Add("1", "linear", linearJSON, "2", "ladder", ladderJSON, "", int32(3), int32(4))
	f.Add("1", "linear", linearJSON, "2", "linear", "{", `{"linear":{}}`, int32(3), int32(-4))
	f.Fuzz(func(t *testing.T, version1, key1, text1, version2, key2, text2, params string, nodes, cores int32) {
		for _, profile := range []proportional.Profile{proportional.Upstream(), proportional.Fixed()} {
			var st proportional.State
			for _, in := range []*corev1.ConfigMap{configMap(version1, key1, text1), configMap(version2, key2, text2), nil, configMap(version1, key1, text1)} {
				d, next, err := proportional.Decide(proportional.Config{Profile: profile, DefaultParams: params}, proportional.Input{Size: size(nodes, cores), ConfigMap: in}, st)
				if err != nil && !errors.Is(err, proportional.ErrInvalid) {
					t.Fatal(err)
				}
				if d.Scale && next.Policy(profile) == nil {
					t.Fatalf("%v without a config in force", d)
				}
				if profile.KeepLastGood && st.Data != nil && next.Data == nil {
					t.Fatal("the last good config was lost")
				}
				if _, err := d.MarshalJSON(); err != nil {
					t.Fatal(err)
				}
				_ = d.String()
				st = next
			}
		}
	})
}

func FuzzParseDefaultParams(f *testing.F) {
	f.Add(`{"linear":{"min":1e2}}`)
	f.Add(`{"ladder":[1e400]}`)
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := proportional.ParseDefaultParams(text); err != nil && !errors.Is(err, proportional.ErrInvalid) {
			t.Fatal(err)
		}
	})
}

func FuzzParseValues(f *testing.F) {
	f.Add([]byte("config:\n  ladder:\n    nodesToReplicas:\n      - [1, 1]\noptions:\n  target: deployment/a\n"))
	f.Add([]byte("config: {linear: &a {min: 1}, ladder: *a}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		values, err := proportional.ParseValues(text)
		if err != nil {
			if !errors.Is(err, proportional.ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		if data, err := values.Data(); err == nil {
			_, _ = proportional.ParseConfig(data, proportional.Fixed())
		}
		_, _ = values.Options.Selector()
	})
}

func FuzzParseTargets(f *testing.F) {
	f.Add("deployment/a, ReplicaSets/b")
	f.Fuzz(func(t *testing.T, text string) {
		targets, err := proportional.Fixed().ParseTargets(text)
		if err != nil && !errors.Is(err, proportional.ErrInvalid) || err == nil && len(targets) == 0 {
			t.Fatalf("%v, %v", targets, err)
		}
		for _, target := range targets {
			if again, err := proportional.Fixed().ParseTargets(target.String()); err != nil || len(again) != 1 || again[0] != target {
				t.Fatalf("%v reads back as %v, %v", target, again, err)
			}
		}
	})
}

func FuzzDecideVertical(f *testing.F) {
	f.Add(`{"a":{"requests":{"cpu":{"base":"1","step":"10m","coresPerStep":2}}}}`, `{"a":{"limits":{"memory":{"base":"9Ei"}}}}`, int64(3), int64(40))
	f.Add(`{"a":{"requests":{"cpu":{"base":"-9Ei","step":"8P","nodesPerStep":-9223372036854775808}}}}`, `null`, int64(1<<62), int64(1<<63-1))
	f.Fuzz(func(t *testing.T, base, file string, nodes, cores int64) {
		containers, err := proportional.ParseContainers([]byte(base))
		if err != nil {
			if !errors.Is(err, proportional.ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		for _, profile := range []proportional.VerticalProfile{proportional.UpstreamVertical(), proportional.FixedVertical()} {
			var st proportional.VerticalState
			for range 2 {
				d, next, err := proportional.DecideVertical(proportional.VerticalConfig{Profile: profile, Default: containers}, proportional.VerticalInput{
					Size: proportional.VerticalSize{Nodes: nodes, Cores: cores}, File: &proportional.VerticalFile{ID: "1", Text: file},
				}, st)
				if err != nil {
					if !errors.Is(err, proportional.ErrInvalid) || nodes >= 0 && cores >= 0 {
						t.Fatal(err)
					}
					return
				}
				if _, err := d.MarshalJSON(); err != nil {
					t.Fatal(err)
				}
				_ = d.String()
				st = next
				st.Applied = d.Resources
			}
		}
	})
}
