package vpa_test

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/vpa"
)

// events draws what happens to a few pods of two containers.
func events(t *rapid.T) []vpa.Event {
	pods := []string{"p0", "p1", "p2"}
	containers := []string{"app", "sidecar"}
	n := rapid.IntRange(0, 60).Draw(t, "events")
	out := make([]vpa.Event, 0, n)
	for range n {
		e := vpa.Event{
			At:        start.Add(time.Duration(rapid.IntRange(-100, 5000).Draw(t, "minute")) * time.Minute),
			Kind:      rapid.SampledFrom([]vpa.EventKind{vpa.PodSet, vpa.PodSet, vpa.PodDeleted, vpa.CPUSample, vpa.CPUSample, vpa.MemorySample, vpa.MemorySample, vpa.OOMKill}).Draw(t, "kind"),
			Pod:       vpa.Pod{Name: rapid.SampledFrom(pods).Draw(t, "pod")},
			Container: rapid.SampledFrom(containers).Draw(t, "container"),
			Value:     vpa.Amount(rapid.OneOf(rapid.Int64Range(-1, 4000), rapid.Int64Range(0, 4<<30), rapid.Int64()).Draw(t, "value")),
		}
		if e.Kind == vpa.PodSet {
			e.Pod.Labels = map[string]string{"app": "x", "rev": rapid.SampledFrom([]string{"1", "2"}).Draw(t, "rev")}
			for _, c := range containers {
				e.Pod.Containers = append(e.Pod.Containers, vpa.PodContainer{Name: c})
			}
		}
		out = append(out, e)
	}
	return out
}

func asJSON(t interface{ Fatal(...any) }, v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Events in one call or in two, with the state passed through JSON between them, lead to the same decision and state, and
// nothing that was passed in changes.
func TestStateLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := events(t)
		cut := rapid.IntRange(0, len(all)).Draw(t, "cut")
		now := start.Add(100 * time.Hour)
		whole, wholeState, err := vpa.Recommend(vpa.Defaults(), vpa.RecommendInput{Now: now, Events: all, Save: true}, vpa.State{})
		if err != nil {
			t.Fatal(err)
		}
		_, first, err := vpa.Recommend(vpa.Defaults(), vpa.RecommendInput{Now: now, Events: all[:cut]}, vpa.State{})
		if err != nil {
			t.Fatal(err)
		}
		var read vpa.State
		before := asJSON(t, first)
		if err := json.Unmarshal([]byte(before), &read); err != nil {
			t.Fatal(err)
		}
		parts, partsState, err := vpa.Recommend(vpa.Defaults(), vpa.RecommendInput{Now: now, Events: all[cut:], Save: true}, read)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := asJSON(t, whole), asJSON(t, parts); a != b {
			t.Fatalf("at once %s\nin parts %s", a, b)
		}
		if a, b := asJSON(t, wholeState), asJSON(t, partsState); a != b {
			t.Fatalf("state at once %s\nin parts %s", a, b)
		}
		if after := asJSON(t, read); after != before {
			t.Fatalf("the state was changed from %s to %s", before, after)
		}
	})
}

// Whatever happened: lower ≤ target ≤ upper hold before caps, each is at least the minimum, caps hold, and a checkpoint
// loads again.
func TestRecommendationsAreInOrder(t *testing.T) {
	least, most := resource.MustParse("100m"), resource.MustParse("2Gi")
	object := vpa.VerticalPodAutoscaler{Spec: vpa.Spec{ResourcePolicy: &vpa.ResourcePolicy{ContainerPolicies: []vpa.ContainerPolicy{{
		ContainerName: "*", MinAllowed: corev1.ResourceList{"cpu": least}, MaxAllowed: corev1.ResourceList{"memory": most},
	}}}}}
	rapid.Check(t, func(t *rapid.T) {
		d, _, err := vpa.Recommend(vpa.Defaults(), vpa.RecommendInput{Now: start, Object: object, Events: events(t), Save: true}, vpa.State{})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range d.Containers {
			e := c.Estimate
			if e.Lower.CPU > e.Target.CPU || e.Target.CPU > e.Upper.CPU || e.Lower.Memory > e.Target.Memory || e.Target.Memory > e.Upper.Memory {
				t.Fatalf("%s: %v, %v, %v are not in order", c.Name, e.Lower, e.Target, e.Upper)
			}
			if n := vpa.Amount(len(d.Containers)); e.Lower.CPU < 25/n || e.Lower.Memory < 250<<20/n {
				t.Fatalf("%s: %v is below the minimum", c.Name, e.Lower)
			}
			for _, v := range []vpa.Values{c.Target, c.LowerBound, c.UpperBound} {
				if v.CPU.Cmp(least) < 0 || v.Memory.Cmp(most) > 0 {
					t.Fatalf("%s: %v is out of bounds", c.Name, v.List())
				}
			}
		}
		for _, c := range d.Checkpoints {
			if _, err := vpa.RestoreAggregate(vpa.Defaults(), c.Status); err != nil {
				t.Fatalf("checkpoint of %s: %v", c.Container, err)
			}
		}
	})
}

// object returns a VerticalPodAutoscaler with one policy.
func object(p vpa.ContainerPolicy) vpa.VerticalPodAutoscaler {
	return vpa.VerticalPodAutoscaler{Spec: vpa.Spec{ResourcePolicy: &vpa.ResourcePolicy{ContainerPolicies: []vpa.ContainerPolicy{p}}}}
}

func recommend(t *testing.T, cfg vpa.Config, in vpa.RecommendInput) *vpa.Recommendation {
	t.Helper()
	if in.Events == nil {
		in.Events = history()
	}
	d, _, err := vpa.Recommend(cfg, in, vpa.State{})
	if err != nil {
		t.Fatal(err)
	}
	return &d
}

// F1, F2, P1 to P6.
func TestRoundingAndPolicies(t *testing.T) {
	off, two, none := vpa.ScalingModeOff, resource.MustParse("2"), []corev1.ResourceName{}
	onlyCPU := []corev1.ResourceName{corev1.ResourceCPU}
	list := func(cpu, memory string) corev1.ResourceList {
		return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse(memory)}
	}
	for _, test := range []struct {
		name   string
		change func(*vpa.Config)
		object vpa.VerticalPodAutoscaler
		want   string
	}{
		{"as it is", nil, vpa.VerticalPodAutoscaler{}, "app: cpu 296m, memory 511772986"},
		{"F1: rounded up", func(c *vpa.Config) { c.RoundCPUMillicores, c.RoundMemoryBytes = 50, 1<<20 }, vpa.VerticalPodAutoscaler{}, "app: cpu 300m, memory 489Mi"},
		{"F2: humanized", func(c *vpa.Config) { c.HumanizeMemory = true }, vpa.VerticalPodAutoscaler{}, "app: cpu 296m, memory 511768002560m"},
		{"P2: off", nil, object(vpa.ContainerPolicy{ContainerName: "app", Mode: &off}), "no recommendation"},
		{"P1: named before *", nil, object(vpa.ContainerPolicy{ContainerName: "other", Mode: &off}), "app: cpu 296m, memory 511772986"},
		{"P3: only cpu", nil, object(vpa.ContainerPolicy{ContainerName: "*", ControlledResources: &onlyCPU}), "app: cpu 296m"},
		{"P3: none", nil, object(vpa.ContainerPolicy{ContainerName: "*", ControlledResources: &none}), "app: nothing"},
		{"P5: minimum", nil, object(vpa.ContainerPolicy{ContainerName: "app", MinAllowed: list("0.5", "1Gi")}), "app: cpu 500m, memory 1Gi"},
		{"P5: maximum", nil, object(vpa.ContainerPolicy{ContainerName: "app", MaxAllowed: list("0.1", "100M")}), "app: cpu 100m, memory 100M"},
		{"P5: minimum above maximum", nil, object(vpa.ContainerPolicy{ContainerName: "app", MinAllowed: list("1", "1Gi"), MaxAllowed: list("0.1", "100M")}), "app: cpu 100m, memory 100M"},
		{"P6: global maximum", func(c *vpa.Config) { q := resource.MustParse("0.2"); c.MaxAllowedCPU = &q }, vpa.VerticalPodAutoscaler{}, "app: cpu 200m, memory 511772986"},
		{"P6: switched off by 0", func(c *vpa.Config) { q := resource.MustParse("0.2"); c.MaxAllowedCPU = &q },
			object(vpa.ContainerPolicy{ContainerName: "app", MaxAllowed: list("0", "0")}), "app: cpu 296m, memory 511772986"},
		{"P6: repaired", func(c *vpa.Config) { q := resource.MustParse("0.2"); c.MaxAllowedCPU, c.Profile = &q, vpa.Fixed() },
			object(vpa.ContainerPolicy{ContainerName: "app", MaxAllowed: list("0", "0")}), "app: cpu 200m, memory 511772986"},
		{"P4: whole cores", func(c *vpa.Config) { c.CPUIntegerPostProcessor = true; c.MaxAllowedCPU = &two },
			vpa.VerticalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{"vpa-post-processor.kubernetes.io/app_integerCPU": "true"}}},
			"app: cpu 1, memory 511772986"},
	} {
		cfg := vpa.Defaults()
		if test.change != nil {
			test.change(&cfg)
		}
		d := recommend(t, cfg, vpa.RecommendInput{Now: start, Object: test.object})
		if got := d.String(); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
		if err := d.Explain(&strings.Builder{}); err != nil {
			t.Errorf("%s: Explain: %v", test.name, err)
		}
	}
}

// O5, M7: the settings of a container's policy count behind their gate only.
func TestSettingsOfOneObject(t *testing.T) {
	ratio := resource.MustParse("3")
	o := object(vpa.ContainerPolicy{ContainerName: "app", OOMBumpUpRatio: &ratio})
	for gate, want := range map[bool]string{false: "511772986", true: "1102117711"} {
		cfg := vpa.Defaults()
		cfg.PerVPAConfig = gate
		d := recommend(t, cfg, vpa.RecommendInput{Now: start, Object: o})
		if got := d.Containers[0].Target.Memory.String(); got != want {
			t.Errorf("gate %v: %s, want %s", gate, got, want)
		}
	}
}

// E3 to E5: without samples everything is the minimum, and the upper bound of a sample without history the most there is.
func TestNoConfidence(t *testing.T) {
	set := history()[:1]
	d := recommend(t, vpa.Defaults(), vpa.RecommendInput{Now: start, Events: set})
	if e := d.Containers[0].Estimate; e.Target != (vpa.Amounts{CPU: 25, Memory: 262144000}) || e.Lower != e.Target || e.Upper != e.Target {
		t.Errorf("without samples: %v, want the minimum", e)
	}
	d = recommend(t, vpa.Defaults(), vpa.RecommendInput{Now: start, Events: history()[:2]})
	if got := d.Containers[0].UpperBound.CPU.String(); got != "100G" {
		t.Errorf("upper bound after one sample: %s, want 100G", got)
	}
}

// A container that is gone still divides the minimum (A4).
func TestGoneContainersCount(t *testing.T) {
	set := []vpa.Event{
		{At: start, Kind: vpa.PodSet, Pod: vpa.Pod{Name: "a", Containers: []vpa.PodContainer{{Name: "old"}}}},
		{At: start, Kind: vpa.PodDeleted, Pod: vpa.Pod{Name: "a"}},
		{At: start, Kind: vpa.PodSet, Pod: vpa.Pod{Name: "b", Containers: []vpa.PodContainer{{Name: "x"}, {Name: "y"}}}},
	}
	d := recommend(t, vpa.Defaults(), vpa.RecommendInput{Now: start, Events: set})
	if len(d.Containers) != 3 || d.Containers[0].Estimate.Target != (vpa.Amounts{CPU: 8, Memory: 87381333}) {
		t.Errorf("%v, want three containers of 8m and 87381333", d)
	}
}

// G1.
func TestGarbage(t *testing.T) {
	for _, test := range []struct {
		name    string
		after   time.Duration
		profile vpa.Profile
		gone    bool
		memory  bool
	}{
		{"fresh", time.Hour, vpa.Profile{}, false, false},
		{"eight days without samples", 8*24*time.Hour + time.Hour, vpa.Profile{}, true, false},
		{"memory only", time.Hour, vpa.Profile{}, true, true},
		{"memory only, repaired", time.Hour, vpa.Profile{MemoryCounts: true}, false, true},
	} {
		cfg := vpa.Defaults()
		cfg.Profile = test.profile
		all := append(history(), vpa.Event{At: start.Add(time.Hour), Kind: vpa.PodDeleted, Pod: vpa.Pod{Name: "web-0"}})
		if test.memory {
			kept := all[:0:0]
			for _, e := range all {
				if e.Kind != vpa.CPUSample {
					kept = append(kept, e)
				}
			}
			all = kept
		}
		d := recommend(t, cfg, vpa.RecommendInput{Now: start.Add(test.after), Events: all, CollectGarbage: true})
		if gone := len(d.Containers) == 0; gone != test.gone {
			t.Errorf("%s: collected %v, want %v", test.name, gone, test.gone)
		}
	}
}

// T5.
func TestConditions(t *testing.T) {
	earlier := metav1.NewTime(start.Add(-time.Hour))
	in := vpa.RecommendInput{Now: start}
	in.Object.Status.Conditions = []vpa.Condition{
		{Type: "Custom", Status: corev1.ConditionTrue, LastTransitionTime: earlier},
		{Type: vpa.RecommendationProvided, Status: corev1.ConditionTrue, LastTransitionTime: earlier},
	}
	d := recommend(t, vpa.Defaults(), in)
	want := []vpa.Condition{
		{Type: "Custom", Status: corev1.ConditionTrue, LastTransitionTime: earlier},
		{Type: vpa.RecommendationProvided, Status: corev1.ConditionTrue, LastTransitionTime: earlier},
	}
	if !reflect.DeepEqual(d.Conditions, want) {
		t.Errorf("with a recommendation: %v, want %v", d.Conditions, want)
	}
	in.Events = []vpa.Event{}
	in.Unsupported = "not the topmost owner"
	d = recommend(t, vpa.Defaults(), in)
	var got []string
	for _, c := range d.Conditions {
		got = append(got, string(c.Type)+"="+string(c.Status)+" "+c.Reason+" "+c.Message)
	}
	if text := strings.Join(got, "; "); text != "ConfigUnsupported=True  not the topmost owner; Custom=True  ; "+
		"NoPodsMatched=True NoPodsMatched No pods match this VPA object; RecommendationProvided=False NoPodsMatched No pods match this VPA object" {
		t.Errorf("without pods: %s", text)
	}
	if !d.Conditions[3].LastTransitionTime.Time.Equal(start) {
		t.Errorf("a changed status keeps the time %v", d.Conditions[3].LastTransitionTime)
	}
}

// Percentiles and estimator by workload are beyond upstream.
func TestOneContainerOtherwise(t *testing.T) {
	var all []vpa.Event
	// Eleven small replicas, and a large one with labels of its own.
	for pod := range 12 {
		name, rev := string(rune('a'+pod)), "small"
		if pod == 11 {
			rev = "large"
		}
		all = append(all, vpa.Event{At: start, Kind: vpa.PodSet, Pod: vpa.Pod{Name: name, Labels: map[string]string{"rev": rev}, Containers: []vpa.PodContainer{{Name: "app"}}}})
		for m := range 100 {
			cpu, memory := vpa.Amount(100), vpa.Amount(300e6)
			if pod == 11 {
				cpu, memory = 2000, 4e9
			}
			all = append(all, vpa.Event{At: at(m), Kind: vpa.CPUSample, Pod: vpa.Pod{Name: name}, Container: "app", Value: cpu},
				vpa.Event{At: at(m), Kind: vpa.MemorySample, Pod: vpa.Pod{Name: name}, Container: "app", Value: memory})
		}
	}
	shared := recommend(t, vpa.Defaults(), vpa.RecommendInput{Now: at(100), Events: all})
	cfg := vpa.Defaults()
	cfg.Containers = map[string]vpa.ContainerConfig{"app": {Estimator: vpa.Peak}}
	peak := recommend(t, cfg, vpa.RecommendInput{Now: at(100), Events: all})
	if s, p := shared.Containers[0].Estimate.Target, peak.Containers[0].Estimate.Target; s.CPU > 200 || p.CPU < 2000 || s.Memory > 1e9 || p.Memory < 4e9 {
		t.Errorf("shared %v, peak %v; want the large replica to count for the second only", s, p)
	}
	high := vpa.Defaults().Percentiles
	high.TargetCPU = 0.99
	cfg = vpa.Defaults()
	cfg.Containers = map[string]vpa.ContainerConfig{"app": {Percentiles: &high}}
	if got := recommend(t, cfg, vpa.RecommendInput{Now: at(100), Events: all}).Containers[0].Estimate.Target.CPU; got < 2000 {
		t.Errorf("99th percentile: %d, want that of the large replica", got)
	}
}

// C3: what cannot be loaded is refused whole, and the decision is made without it.
func TestCorruptCheckpoints(t *testing.T) {
	good := recommend(t, vpa.Defaults(), vpa.RecommendInput{Now: start.Add(48 * time.Hour), Save: true}).Checkpoints[0].Status
	for name, change := range map[string]func(*vpa.CheckpointStatus){
		"version":        func(c *vpa.CheckpointStatus) { c.Version = "v2" },
		"total":          func(c *vpa.CheckpointStatus) { c.CPUHistogram.TotalWeight = -1 },
		"not a number":   func(c *vpa.CheckpointStatus) { c.MemoryHistogram.TotalWeight = math.NaN() },
		"bucket":         func(c *vpa.CheckpointStatus) { c.CPUHistogram.BucketWeights = map[int]uint32{176: 1} },
		"negative count": func(c *vpa.CheckpointStatus) { c.TotalSamplesCount = -1 },
	} {
		bad := good
		change(&bad)
		if _, err := vpa.RestoreAggregate(vpa.Defaults(), bad); !errors.Is(err, vpa.ErrCheckpoint) {
			t.Errorf("%s: %v, want ErrCheckpoint", name, err)
		}
		d := recommend(t, vpa.Defaults(), vpa.RecommendInput{Now: start, Events: []vpa.Event{}, Load: []vpa.ContainerCheckpoint{{Container: "app", Status: bad}}})
		if len(d.Refused) != 1 || len(d.Containers) != 0 {
			t.Errorf("%s: %v, refused %v; want it refused", name, d, d.Refused)
		}
	}
	d := recommend(t, vpa.Defaults(), vpa.RecommendInput{Now: start, Events: []vpa.Event{}, Load: []vpa.ContainerCheckpoint{{Container: "app", Status: good}}})
	if got := d.String(); got != "app: cpu 296m, memory 511772986" {
		t.Errorf("loaded: %s", got)
	}
}

func TestInputThatMakesNoSense(t *testing.T) {
	unknown := vpa.ScalingMode("Sometimes")
	for name, test := range map[string]struct {
		change func(*vpa.Config)
		in     vpa.RecommendInput
		want   string
	}{
		"margin":     {func(c *vpa.Config) { c.SafetyMarginFraction = math.NaN() }, vpa.RecommendInput{}, "safetyMarginFraction: NaN"},
		"half-life":  {func(c *vpa.Config) { c.CPUHistogramHalfLife = 0 }, vpa.RecommendInput{}, "cpuHistogramHalfLife: 0s"},
		"percentile": {func(c *vpa.Config) { c.Percentiles.TargetCPU = math.NaN() }, vpa.RecommendInput{}, "percentiles.targetCPU: NaN"},
		"estimator":  {func(c *vpa.Config) { c.Estimator = "guess" }, vpa.RecommendInput{}, "estimator: guess"},
		"mode":       {nil, vpa.RecommendInput{Object: object(vpa.ContainerPolicy{Mode: &unknown})}, `containerPolicies[0].mode: "Sometimes"`},
		"kind":       {nil, vpa.RecommendInput{Events: []vpa.Event{{Kind: "gpu", Pod: vpa.Pod{Name: "a"}}}}, `events[0].kind: "gpu"`},
		"pod":        {nil, vpa.RecommendInput{Events: []vpa.Event{{Kind: vpa.CPUSample}}}, `events[0].pod.name: ""`},
	} {
		cfg := vpa.Defaults()
		if test.change != nil {
			test.change(&cfg)
		}
		_, _, err := vpa.Recommend(cfg, test.in, vpa.State{})
		if !errors.Is(err, vpa.ErrInvalid) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want ErrInvalid about %s", name, err, test.want)
		}
	}
}

func TestHotPathAllocatesNothing(t *testing.T) {
	r := fed(t, settings(t, vpa.Defaults()), 2)
	c := r.Container("pod", "c0")
	var d vpa.Recommendation
	r.Recommend(&d)
	m := 100 * 24 * 60
	if n := testing.AllocsPerRun(200, func() {
		m++
		c.AddCPU(at(m), 50)
		c.AddMemory(at(m), 2e8)
		r.Recommend(&d)
	}); n != 0 {
		t.Errorf("%v allocations for two samples and a recommendation, want none", n)
	}
}
