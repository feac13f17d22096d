package vpa_test

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
	"time"

	"github.com/scalemath/scalemath/vpa"
)

// FuzzRecommend decides on whatever decodes and wants neither a panic nor a state that cannot go on.
func FuzzRecommend(f *testing.F) {
	in, err := json.Marshal(vpa.RecommendInput{Now: start, Events: history()[:5], Save: true, CollectGarbage: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(in, []byte("{}"))
	f.Add([]byte(`{"load":[{"container":"app","status":{"version":"v3","cpuHistogram":{"referenceTimestamp":"2026-03-01T00:00:00Z","bucketWeights":{"3":10000},"totalWeight":1e299}}}]}`), []byte("{}"))
	f.Add([]byte(`{"object":{"spec":{"resourcePolicy":{"containerPolicies":[{"containerName":"*","minAllowed":{"cpu":"1"},"maxAllowed":{"cpu":"0"}}]}}}}`),
		[]byte(`{"aggregates":[{"container":"app","cpu":{"reference":"2026-03-01T00:00:00Z","first":3,"weights":[1],"total":1,"lowest":3,"highest":3},"memory":{"reference":"0001-01-01T00:00:00Z","total":0,"lowest":175,"highest":0},"count":1}]}`))
	f.Fuzz(func(t *testing.T, question, state []byte) {
		var in vpa.RecommendInput
		var st vpa.State
		if json.Unmarshal(question, &in) != nil || json.Unmarshal(state, &st) != nil {
			t.Skip()
		}
		d, next, err := vpa.Recommend(vpa.Defaults(), in, st)
		if err != nil {
			return
		}
		if err := d.Explain(io.Discard); err != nil {
			t.Fatal(err)
		}
		for _, c := range d.Containers {
			if c.Estimate.Target.CPU < 0 || c.Estimate.Target.Memory < 0 {
				t.Fatalf("%s: negative target %v", c.Name, c.Estimate.Target)
			}
		}
		if _, err := json.Marshal(&d); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(next)
		if err != nil {
			t.Skip(err) // times beyond year 9999 have no JSON form
		}
		var again vpa.State
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatalf("the state does not decode: %v", err)
		}
		if _, _, err := vpa.Recommend(vpa.Defaults(), vpa.RecommendInput{Now: in.Now}, again); err != nil {
			t.Fatalf("the state cannot go on: %v", err)
		}
	})
}

// FuzzUpdate decides on whatever decodes.
func FuzzUpdate(f *testing.F) {
	for _, mode := range []vpa.UpdateMode{vpa.UpdateModeRecreate, vpa.UpdateModeInPlace, vpa.UpdateModeInPlaceOrRecreate} {
		text, err := json.Marshal(scene(mode, 2))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, []byte("{}"), false)
	}
	f.Add([]byte(`{"object":{"spec":{"resourcePolicy":{}}},"pods":[{"metadata":{"name":"a","ownerReferences":[{"kind":"Job"}]}}],"limitRanges":[{"spec":{"limits":[{"type":"Pod","min":{"cpu":"1"}}]}}]}`), []byte("{}"), true)
	f.Fuzz(func(t *testing.T, question, state []byte, fixed bool) {
		var in vpa.UpdateInput
		var st vpa.UpdateState
		if json.Unmarshal(question, &in) != nil || json.Unmarshal(state, &st) != nil {
			t.Skip()
		}
		cfg := vpa.UpdateDefaults()
		cfg.Gates = vpa.Gates{PerVPAConfig: true, InPlace: true, CPUStartupBoost: true}
		cfg.PodUpdateThreshold = 0
		if fixed {
			cfg.Profile = vpa.Fixed()
		}
		d, _, err := vpa.Update(cfg, in, st)
		if err != nil {
			return
		}
		if fixed && d.UpstreamCrash != "" {
			t.Fatalf("the repaired profile crashes: %s", d.UpstreamCrash)
		}
		if len(d.Pods) != len(in.Pods) {
			t.Fatalf("%d decisions about %d pods", len(d.Pods), len(in.Pods))
		}
		for _, p := range d.Pods {
			if p.Reason == "" {
				t.Fatalf("pod %q: no reason", p.Name)
			}
		}
		if err := d.Explain(io.Discard); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzAdmit admits whatever decodes, and resizes it.
func FuzzAdmit(f *testing.F) {
	text, err := json.Marshal(admission())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text, false)
	f.Add([]byte(`{"object":{"spec":{"startupBoost":{"cpu":{"factor":2}}},"status":{"recommendation":{"containerRecommendations":[{"containerName":"a","target":{"cpu":"-1","memory":"1e18"}}]}}},
		"pod":{"metadata":{"annotations":{"vpaCpuStartupBoost/a":"{}"}},"spec":{"containers":[{"name":"a","resources":{"limits":{"memory":"-9E","cpu":"1n"},"requests":{"memory":"1"}}}]}},
		"limitRanges":[{"spec":{"limits":[{"type":"Pod","max":{"cpu":"1"},"min":{"memory":"1Gi"}},{"type":"Container","default":{"cpu":"1"}}]}}]}`), true)
	f.Fuzz(func(t *testing.T, question []byte, fixed bool) {
		var in vpa.AdmitInput
		if json.Unmarshal(question, &in) != nil {
			t.Skip()
		}
		cfg := vpa.AdmitConfig{Gates: vpa.Gates{CPUStartupBoost: true}}
		if fixed {
			cfg.Profile = vpa.Fixed()
		}
		d, err := vpa.Admit(cfg, in)
		if err != nil {
			return
		}
		if fixed && d.UpstreamCrash {
			t.Fatalf("the repaired profile crashes: %s", d.Error)
		}
		if (d.Error == "") != (len(d.Patch) > 0) {
			t.Fatalf("error %q with %d operations", d.Error, len(d.Patch))
		}
		if err := d.Explain(io.Discard); err != nil {
			t.Fatal(err)
		}
		for _, op := range d.Operations() {
			_ = op.String()
		}
		if _, err := vpa.Resize(cfg, vpa.ResizeInput{Now: start, Object: in.Object, Pod: in.Pod, LimitRanges: in.LimitRanges}); err != nil {
			t.Fatalf("what can be admitted can be resized: %v", err)
		}
	})
}

// FuzzReadHistory reads whatever there is, and feeds it.
func FuzzReadHistory(f *testing.F) {
	f.Add([]byte("time,pod,container,cpu,memory\n2026-03-01T12:00:00Z,a,b,250m,1Gi\n1,a,b,,1\n"))
	f.Add([]byte(`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"cpu","container":"a"},"values":[[1,"1"],[0,"-1"]]}]}}`))
	s, err := vpa.Defaults().Compile()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		series, err := vpa.ReadHistory(bytes.NewReader(text), "")
		if err != nil {
			return
		}
		r, err := vpa.NewRecommender(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Replay(series)
		var d vpa.Recommendation
		r.Recommend(&d)
		for _, c := range d.Containers {
			if c.Estimate.Target.CPU < 25/vpa.Amount(len(d.Containers)) {
				t.Fatalf("%s: %v is below the minimum", c.Name, c.Estimate.Target)
			}
		}
	})
}

// FuzzValidate takes whatever decodes.
func FuzzValidate(f *testing.F) {
	f.Add([]byte(`{"spec":{"targetRef":{"kind":"Deployment","name":"x"},"updatePolicy":{"updateMode":"Auto"},"resourcePolicy":{"containerPolicies":[{"containerName":"a","minAllowed":{"cpu":"1"}}]}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var o vpa.VerticalPodAutoscaler
		if json.Unmarshal(text, &o) != nil {
			t.Skip()
		}
		if vpa.Validate(&o, nil, vpa.Gates{}) == nil && vpa.Validate(&o, &o, vpa.Gates{}) != nil {
			t.Fatal("an object that may be created may not stay as it is")
		}
		if _, _, err := vpa.Update(vpa.UpdateDefaults(), vpa.UpdateInput{Now: time.Unix(0, 0), Object: &o}, vpa.UpdateState{}); err != nil && vpa.Validate(&o, nil, vpa.Gates{PerVPAConfig: true, InPlace: true, CPUStartupBoost: true}) == nil {
			t.Fatalf("a valid object cannot be decided on: %v", err)
		}
	})
}
