package vpa_test

import (
	"errors"
	"io"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/vpa"
)

// admission is a hamster that requests 100m and 50Mi, and is to get 548m and 250Mi.
func admission() vpa.AdmitInput {
	return vpa.AdmitInput{Object: scene(vpa.UpdateModeRecreate, 0).Object, Pod: hamster("hamster-9")}
}

// given lists what a patch sets on the first container.
func given(d *vpa.Admission) string {
	var out []string
	for _, op := range d.Patch {
		if path, ok := strings.CutPrefix(op.Path, "/spec/containers/0/resources"); ok {
			if text, ok := op.Value.(string); ok {
				out = append(out, path[1:]+"="+text)
			} else {
				out = append(out, path+"{}")
			}
		}
	}
	return strings.Join(out, " ")
}

func TestWhatAPodIsGiven(t *testing.T) {
	boost := vpa.AdmitConfig{Gates: vpa.Gates{CPUStartupBoost: true}}
	small := resource.MustParse("600m")
	capped := boost
	capped.MaxAllowedCPUBoost = &small
	factor, seconds := int32(3), int32(30)
	quantity := resource.MustParse("100m")
	only := vpa.RequestsOnly
	off, mode := vpa.ScalingModeOff, vpa.UpdateModeOff
	container := func(p vpa.ContainerPolicy) *vpa.ResourcePolicy {
		p.ContainerName = "hamster"
		return &vpa.ResourcePolicy{ContainerPolicies: []vpa.ContainerPolicy{p}}
	}
	ranges := func(items ...corev1.LimitRangeItem) []corev1.LimitRange {
		return []corev1.LimitRange{{Spec: corev1.LimitRangeSpec{Limits: items}}}
	}
	for _, test := range []struct {
		name   string
		cfg    vpa.AdmitConfig
		change func(*vpa.AdmitInput)
		want   string
		notes  string
	}{
		{name: "W1: requests", want: "requests/cpu=548m requests/memory=250Mi"},
		{name: "L1: limits keep their proportion", change: func(in *vpa.AdmitInput) { in.Pod.Spec.Containers[0].Resources.Limits = quantities(250, 75<<20) },
			want: "requests/cpu=548m requests/memory=250Mi limits/cpu=1370m limits/memory=375Mi"},
		{name: "L1: equal stays equal", change: func(in *vpa.AdmitInput) { in.Pod.Spec.Containers[0].Resources.Limits = quantities(100, 50<<20) },
			want: "requests/cpu=548m requests/memory=250Mi limits/cpu=548m limits/memory=250Mi"},
		{name: "L1: without a request", change: func(in *vpa.AdmitInput) {
			in.Pod.Spec.Containers[0].Resources = corev1.ResourceRequirements{Limits: corev1.ResourceList{"cpu": quantity}}
		}, want: "/requests{} requests/cpu=548m requests/memory=250Mi limits/cpu=548m", notes: "memory: limit NOT set since originalLimit is nil or 0"},
		{name: "L2: too large", change: func(in *vpa.AdmitInput) {
			in.Pod.Spec.Containers[0].Resources = corev1.ResourceRequirements{
				Requests: corev1.ResourceList{"memory": resource.MustParse("1")}, Limits: corev1.ResourceList{"memory": resource.MustParse("9E")}}
		}, want: "requests/cpu=548m requests/memory=250Mi limits/memory=9223372036854775807",
			notes: "cpu: limit NOT set since originalLimit is nil or 0; memory: failed to keep limit to request ratio; capping limit to int64"},
		{name: "W1: requests only", change: func(in *vpa.AdmitInput) {
			in.Pod.Spec.Containers[0].Resources.Limits = quantities(300, 75<<20)
			in.Object.Spec.ResourcePolicy = container(vpa.ContainerPolicy{ControlledValues: &only})
		}, want: "requests/cpu=300m requests/memory=75Mi", notes: "cpu capped to container limit; memory capped to container limit"},
		{name: "K5: policy", change: func(in *vpa.AdmitInput) {
			in.Object.Spec.ResourcePolicy = container(vpa.ContainerPolicy{MinAllowed: quantities(600, 0), MaxAllowed: quantities(0, 100<<20)})
		}, want: "requests/cpu=600m requests/memory=100Mi", notes: "cpu capped to minAllowed; memory capped to maxAllowed"},
		{name: "K4: a container range", change: func(in *vpa.AdmitInput) {
			in.Pod.Spec.Containers[0].Resources.Limits = quantities(200, 100<<20)
			in.LimitRanges = ranges(corev1.LimitRangeItem{Type: corev1.LimitTypeContainer, Max: quantities(500, 1<<30), Min: quantities(0, 600<<20)})
		}, want: "requests/cpu=250m requests/memory=512Mi limits/cpu=500m limits/memory=1Gi",
			notes: "cpu capped to fit Max in container LimitRange; memory capped to fit Min in container LimitRange; memory capped to fit Max in container LimitRange"},
		{name: "K3: a pod range", change: func(in *vpa.AdmitInput) {
			in.Pod.Spec.Containers[0].Resources.Limits = quantities(200, 100<<20)
			in.LimitRanges = ranges(corev1.LimitRangeItem{Type: corev1.LimitTypePod, Max: quantities(500, 1<<30)})
		}, want: "requests/cpu=250m requests/memory=250Mi limits/cpu=500m limits/memory=500Mi"},
		{name: "W2: nothing there", change: func(in *vpa.AdmitInput) { in.Pod.Spec.Containers[0].Resources = corev1.ResourceRequirements{} },
			want: "{} /requests{} requests/cpu=548m requests/memory=250Mi"},
		{name: "W2: nothing to give", change: func(in *vpa.AdmitInput) {
			in.Pod.Spec.Containers[0].Resources = corev1.ResourceRequirements{}
			in.Object.Status.Recommendation = nil
		}, want: "{}"},
		{name: "W2: nothing to give, repaired", cfg: vpa.AdmitConfig{Profile: vpa.Fixed()}, change: func(in *vpa.AdmitInput) {
			in.Pod.Spec.Containers[0].Resources = corev1.ResourceRequirements{}
			in.Object.Status.Recommendation = nil
		}, want: ""},
		{name: "W1: mode Off", change: func(in *vpa.AdmitInput) { in.Object.Spec.UpdatePolicy.UpdateMode = &mode }, want: ""},
		{name: "W4: factor", cfg: boost, change: func(in *vpa.AdmitInput) {
			in.Pod.Spec.Containers[0].Resources.Limits = corev1.ResourceList{"cpu": resource.MustParse("200m")}
			in.Object.Spec.StartupBoost = &vpa.StartupBoost{CPU: &vpa.Boost{Factor: &factor, DurationSeconds: &seconds}}
		}, want: "requests/cpu=1644m requests/memory=250Mi limits/cpu=3288m", notes: "memory: limit NOT set since originalLimit is nil or 0"},
		{name: "W4: gate off", change: func(in *vpa.AdmitInput) {
			in.Object.Spec.StartupBoost = &vpa.StartupBoost{CPU: &vpa.Boost{Factor: &factor}}
		}, want: "requests/cpu=548m requests/memory=250Mi"},
		{name: "W4: quantity of the container", cfg: boost, change: func(in *vpa.AdmitInput) {
			in.Object.Spec.StartupBoost = &vpa.StartupBoost{CPU: &vpa.Boost{Factor: &factor}}
			in.Object.Spec.ResourcePolicy = container(vpa.ContainerPolicy{StartupBoost: &vpa.StartupBoost{CPU: &vpa.Boost{Type: vpa.BoostQuantity, Quantity: &quantity}}})
		}, want: "requests/cpu=648m requests/memory=250Mi"},
		{name: "W4: capped", cfg: capped, change: func(in *vpa.AdmitInput) {
			in.Object.Spec.StartupBoost = &vpa.StartupBoost{CPU: &vpa.Boost{Factor: &factor}}
		}, want: "requests/cpu=600m requests/memory=250Mi"},
		{name: "W4: below the limit", cfg: boost, change: func(in *vpa.AdmitInput) {
			in.Pod.Spec.Containers[0].Resources.Limits = quantities(600, 900<<20)
			in.Object.Spec.StartupBoost = &vpa.StartupBoost{CPU: &vpa.Boost{Factor: &factor}}
			in.Object.Spec.ResourcePolicy = container(vpa.ContainerPolicy{ControlledValues: &only})
		}, want: "requests/cpu=599m requests/memory=250Mi"},
		{name: "W4: mode Off boosts the request", cfg: boost, change: func(in *vpa.AdmitInput) {
			in.Object.Spec.UpdatePolicy.UpdateMode = &mode
			in.Object.Spec.StartupBoost = &vpa.StartupBoost{CPU: &vpa.Boost{Factor: &factor}}
		}, want: "requests/cpu=300m"},
		{name: "W4: container off", cfg: boost, change: func(in *vpa.AdmitInput) {
			in.Object.Spec.StartupBoost = &vpa.StartupBoost{CPU: &vpa.Boost{Factor: &factor}}
			in.Object.Spec.ResourcePolicy = container(vpa.ContainerPolicy{Mode: &off})
		}, want: ""},
		{name: "rule: keep the limit", cfg: vpa.AdmitConfig{Limits: []vpa.LimitRule{{Container: "*", Resource: "cpu", Keep: true}}},
			change: func(in *vpa.AdmitInput) { in.Pod.Spec.Containers[0].Resources.Limits = quantities(200, 100<<20) },
			want:   "requests/cpu=548m requests/memory=250Mi limits/memory=500Mi"},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := admission()
			if test.change != nil {
				test.change(&in)
			}
			before := asJSON(t, in)
			d, err := vpa.Admit(test.cfg, in)
			if err != nil {
				t.Fatal(err)
			}
			if d.Error != "" {
				t.Fatal(d.Error)
			}
			if got := given(&d); got != test.want {
				t.Errorf("given %s\nwant  %s", got, test.want)
			}
			if got := strings.Join(d.Containers[0].Notes, "; "); got != test.notes && d.Containers[0].Reason == "" {
				t.Errorf("notes %s\nwant  %s", got, test.notes)
			}
			if after := asJSON(t, in); after != before {
				t.Errorf("the input was changed from %s to %s", before, after)
			}
			if err := d.Explain(io.Discard); err != nil {
				t.Error(err)
			}
		})
	}
}

// What upstream answers with an error, or crashes on, leaves the pod as it is.
func TestAdmissionErrors(t *testing.T) {
	zero := int32(0)
	boost := vpa.AdmitConfig{Gates: vpa.Gates{CPUStartupBoost: true}}
	for name, test := range map[string]struct {
		boost *vpa.StartupBoost
		want  string
		crash bool
	}{
		"factor 0":     {&vpa.StartupBoost{CPU: &vpa.Boost{Factor: &zero}}, "boost factor must be >= 1", false},
		"no factor":    {&vpa.StartupBoost{CPU: &vpa.Boost{}}, "startupBoost.CPU.Factor is required when Type is Factor or not specified", false},
		"no quantity":  {&vpa.StartupBoost{CPU: &vpa.Boost{Type: vpa.BoostQuantity}}, "startupBoost.CPU.Quantity is required when Type is Quantity", false},
		"unknown type": {&vpa.StartupBoost{CPU: &vpa.Boost{Type: "Rocket"}}, "unsupported startup boost type: Rocket", false},
		"no cpu":       {&vpa.StartupBoost{}, "without cpu", true},
	} {
		in := admission()
		in.Object.Spec.StartupBoost = test.boost
		d, err := vpa.Admit(boost, in)
		if err != nil || !strings.Contains(d.Error, test.want) || d.UpstreamCrash != test.crash || len(d.Patch) != 0 {
			t.Errorf("%s: error %q, crash %v, %d operations, %v", name, d.Error, d.UpstreamCrash, len(d.Patch), err)
		}
	}
	fixed := boost
	fixed.Profile = vpa.Fixed()
	in := admission()
	in.Object.Spec.StartupBoost = &vpa.StartupBoost{}
	if d, err := vpa.Admit(fixed, in); err != nil || d.Error != "" {
		t.Errorf("repaired: %q, %v", d.Error, err)
	}
	for name, in := range map[string]vpa.AdmitInput{"no object": {Pod: hamster("a")}, "no pod": {Object: &vpa.VerticalPodAutoscaler{}}} {
		if _, err := vpa.Admit(boost, in); !errors.Is(err, vpa.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	for _, rule := range []vpa.LimitRule{{}, {Container: "*"}, {Container: "*", Resource: "cpu"}, {Container: "*", Resource: "cpu", Ratio: 0.5},
		{Container: "*", Resource: "cpu", Ratio: math.NaN()}, {Container: "*", Resource: "cpu", Ratio: 2, Keep: true}} {
		if _, err := vpa.Admit(vpa.AdmitConfig{Limits: []vpa.LimitRule{rule}}, admission()); !errors.Is(err, vpa.ErrInvalid) {
			t.Errorf("rule %v: %v, want ErrInvalid", rule, err)
		}
	}
}

// K3: a pod range scales a value of nothing to -1 byte upstream.
func TestMinusOneByte(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		in := admission()
		in.Object.Status.Recommendation.ContainerRecommendations[0].Target = corev1.ResourceList{"memory": resource.MustParse("1"), "cpu": resource.MustParse("1")}
		in.Pod.Spec.Containers[0].Resources.Limits = quantities(200, 100<<20)
		in.LimitRanges = []corev1.LimitRange{{Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{{
			Type: corev1.LimitTypePod, Max: corev1.ResourceList{"memory": resource.MustParse("1")},
		}}}}}
		in.Object.Status.Recommendation.ContainerRecommendations[0].LowerBound = corev1.ResourceList{}
		in.Object.Status.Recommendation.ContainerRecommendations[0].UpperBound = corev1.ResourceList{}
		got, err := vpa.Resources(vpa.AdmitConfig{Profile: vpa.Profile{PodLimits: fixed}}, in)
		if err != nil {
			t.Fatal(err)
		}
		want := map[bool]string{false: "-1", true: "0"}[fixed]
		if q := got[0].Requests[corev1.ResourceMemory]; q.String() != want {
			t.Errorf("repaired %v: memory %s, want %s", fixed, &q, want)
		}
	}
}

// W5: a boost runs out when its time is over after the pod became ready; then the container gets the recommendation, or
// without one its own values, and the annotation goes.
func TestBoostsRunOut(t *testing.T) {
	seconds := int32(60)
	object := scene(vpa.UpdateModeRecreate, 0).Object
	object.Spec.StartupBoost = &vpa.StartupBoost{CPU: &vpa.Boost{DurationSeconds: &seconds}}
	pod := hamster("hamster-0")
	pod.Annotations = map[string]string{"vpaCpuStartupBoost/hamster": `{"requests":{"cpu":"100m"},"limits":{"cpu":"200m"}}`}
	decide := func(now time.Time) vpa.ResizeDecision {
		d, err := vpa.Resize(vpa.AdmitDefaults(), vpa.ResizeInput{Now: now, Object: object, Pod: pod})
		if err != nil || d.Error != "" {
			t.Fatal(d.Error, err)
		}
		return d
	}
	if d := decide(start); len(d.Resources) != 0 || !d.Until.IsZero() || len(d.Boosted) != 1 {
		t.Errorf("not ready: %v", d)
	}
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(start)}}
	if d := decide(start.Add(time.Minute)); len(d.Resources) != 0 || !d.Until.Equal(start.Add(time.Minute)) {
		t.Errorf("still boosted: %v", d)
	}
	d := decide(start.Add(time.Minute + 1))
	if len(d.Unboosted) != 1 || len(d.Resources) != 2 || d.Annotations[len(d.Annotations)-1] != (vpa.PatchOp{Op: "remove", Path: "/metadata/annotations/vpaCpuStartupBoost~1hamster"}) {
		t.Errorf("over: %v", d)
	}
	object.Status.Recommendation = nil
	d = decide(start.Add(time.Hour))
	if len(d.Resources) != 3 || d.Resources[0].Value != "100m" || d.Resources[2].Value != "200m" {
		t.Errorf("over without a recommendation: %v", d.Resources)
	}
	cfg := vpa.UpdateDefaults()
	cfg.Gates.CPUStartupBoost = true
	in := scene(vpa.UpdateModeRecreate, 2)
	in.Object, in.Pods[0], in.Now = object, pod, start.Add(time.Hour)
	u, err := vpa.NewUpdater(cfg, in, vpa.UpdateState{})
	if err != nil {
		t.Fatal(err)
	}
	if ok, why := u.CanUnboost(0); !ok {
		t.Errorf("a boost that is over cannot be taken back: %s", why)
	}
	if ok, why := u.CanUnboost(1); ok || why != vpa.ReasonBoosted {
		t.Errorf("a pod without a boost: %v, %s", ok, why)
	}
	pod.Annotations["vpaCpuStartupBoost/hamster"] = "{"
	if d, err := vpa.Resize(vpa.AdmitDefaults(), vpa.ResizeInput{Now: start.Add(time.Hour), Object: object, Pod: pod}); err != nil || d.Error == "" {
		t.Errorf("a broken annotation: %v, %v; want an error in the decision", d, err)
	}
}

// L2: the proportion of 128 bits is that of big numbers.
func TestProportions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.OneOf(rapid.Int64Range(1, 1e6), rapid.Int64Range(1, math.MaxInt64))
		limit, request, target := amount.Draw(t, "limit"), amount.Draw(t, "request"), amount.Draw(t, "target")
		in := admission()
		bytes := func(n int64) corev1.ResourceList {
			return corev1.ResourceList{corev1.ResourceMemory: *resource.NewQuantity(n, resource.BinarySI)}
		}
		in.Pod.Spec.Containers[0].Resources = corev1.ResourceRequirements{Requests: bytes(request), Limits: bytes(limit)}
		in.Object.Status.Recommendation.ContainerRecommendations[0].Target = bytes(target)
		got, err := vpa.Resources(vpa.AdmitDefaults(), in)
		if err != nil {
			t.Fatal(err)
		}
		want := new(big.Int).Div(new(big.Int).Mul(big.NewInt(limit), big.NewInt(target)), big.NewInt(request))
		if l, r := resource.NewQuantity(limit, resource.BinarySI), resource.NewQuantity(request, resource.BinarySI); l.MilliValue() == r.MilliValue() {
			want = big.NewInt(target) // L4: large amounts compare equal
		}
		if !want.IsInt64() {
			want = big.NewInt(math.MaxInt64)
		}
		if q := got[0].Limits[corev1.ResourceMemory]; q.Value() != want.Int64() {
			t.Fatalf("limit %s, want %s", &q, want)
		}
	})
}

// K3: upstream divides by a sum that came to nothing because it does not fit 64 bits.
func TestSumsBeyond64Bits(t *testing.T) {
	huge := corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("9E")}
	in := admission()
	rec := in.Object.Status.Recommendation
	rec.ContainerRecommendations = nil
	in.Pod.Spec.Containers = nil
	for _, name := range []string{"a", "b"} {
		in.Pod.Spec.Containers = append(in.Pod.Spec.Containers, corev1.Container{Name: name, Resources: corev1.ResourceRequirements{Requests: huge, Limits: huge}})
		rec.ContainerRecommendations = append(rec.ContainerRecommendations, vpa.RecommendedContainerResources{ContainerName: name, Target: huge, LowerBound: huge, UpperBound: huge})
	}
	in.LimitRanges = []corev1.LimitRange{{Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{{
		Type: corev1.LimitTypePod, Max: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("1Gi")},
	}}}}}
	d, err := vpa.Admit(vpa.AdmitDefaults(), in)
	if err != nil || !d.UpstreamCrash {
		t.Errorf("%v, %v; want the crash named", &d, err)
	}
	if d, err = vpa.Admit(vpa.AdmitConfig{Profile: vpa.Fixed()}, in); err != nil || d.Error != "" {
		t.Errorf("repaired: %v, %v", &d, err)
	}
}
