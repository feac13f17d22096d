package vpa_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/vpa"
)

// scene is two or more hamsters with a recommendation of more than they request.
func scene(mode vpa.UpdateMode, pods int) vpa.UpdateInput {
	object := &vpa.VerticalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "hamster-vpa"}}
	object.Spec.UpdatePolicy = &vpa.UpdatePolicy{UpdateMode: &mode}
	object.Status.Recommendation = &vpa.RecommendedPodResources{ContainerRecommendations: []vpa.RecommendedContainerResources{{
		ContainerName: "hamster", Target: quantities(548, 250<<20), LowerBound: quantities(500, 250<<20), UpperBound: quantities(900, 500<<20),
	}}}
	in := vpa.UpdateInput{Now: start.Add(time.Hour), Object: object, Owners: []vpa.Owner{{Kind: "ReplicaSet", Name: "hamster", Replicas: int32(pods)}}}
	for i := range pods {
		p := hamster(fmt.Sprintf("hamster-%d", i))
		p.UID = types.UID(p.Name)
		in.Pods = append(in.Pods, p)
	}
	return in
}

func request(p *corev1.Pod, cpu, memory int64) {
	p.Spec.Containers[0].Resources.Requests = quantities(cpu, memory)
}

// resize gives a pod a condition about a resize.
func resize(p *corev1.Pod, of corev1.PodConditionType, reason, message string) {
	p.Status.Conditions = append(p.Status.Conditions, corev1.PodCondition{Type: of, Status: corev1.ConditionTrue, Reason: reason, Message: message})
}

func killed(p *corev1.Pod, ran, ago time.Duration) {
	end := start.Add(time.Hour - ago)
	p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "hamster", LastTerminationState: corev1.ContainerState{
		Terminated: &corev1.ContainerStateTerminated{Reason: "OOMKilled", StartedAt: metav1.NewTime(end.Add(-ran)), FinishedAt: metav1.NewTime(end)},
	}}}
}

// Each rule about one pod: what is done to the first of two, and why. The second stays within its range.
func TestWhyAPodIsTouched(t *testing.T) {
	gate := vpa.UpdateDefaults()
	gate.Gates.InPlace = true
	skip := gate
	skip.InPlaceSkipDisruptionBudget = true
	fixed := gate
	fixed.Profile = vpa.Fixed()
	for _, test := range []struct {
		name   string
		cfg    vpa.UpdateConfig
		mode   vpa.UpdateMode
		change func(*vpa.UpdateInput, *corev1.Pod)
		action vpa.UpdateAction
		reason vpa.UpdateReason
		detail vpa.UpdateReason
	}{
		{name: "U5: outside the range", action: vpa.ActionEvict, reason: vpa.ReasonOutsideRange},
		{name: "U2: a missing request", change: func(_ *vpa.UpdateInput, p *corev1.Pod) { p.Spec.Containers[0].Resources.Requests = nil },
			action: vpa.ActionEvict, reason: vpa.ReasonOutsideRange},
		{name: "U7: young", change: func(_ *vpa.UpdateInput, p *corev1.Pod) { request(p, 700, 300<<20) }, reason: vpa.ReasonTooYoung},
		{name: "U7: old and different", change: func(in *vpa.UpdateInput, p *corev1.Pod) { in.Now = start.Add(12 * time.Hour); request(p, 700, 300<<20) },
			action: vpa.ActionEvict, reason: vpa.ReasonDifference},
		{name: "U7: old and the same", change: func(in *vpa.UpdateInput, p *corev1.Pod) { in.Now = start.Add(12 * time.Hour); request(p, 560, 250<<20) },
			reason: vpa.ReasonSmallDifference},
		{name: "U7: no start time", change: func(_ *vpa.UpdateInput, p *corev1.Pod) { request(p, 700, 300<<20); p.Status.StartTime = nil },
			reason: vpa.ReasonNoStartTime},
		{name: "U6: quick OOM", change: func(_ *vpa.UpdateInput, p *corev1.Pod) { request(p, 560, 250<<20); killed(p, time.Minute, time.Minute) },
			action: vpa.ActionEvict, reason: vpa.ReasonQuickOOM},
		{name: "U6: long ago", change: func(_ *vpa.UpdateInput, p *corev1.Pod) {
			request(p, 560, 250<<20)
			killed(p, time.Minute, 10*time.Minute)
		},
			reason: vpa.ReasonTooYoung},
		{name: "U6: ran long", change: func(_ *vpa.UpdateInput, p *corev1.Pod) {
			request(p, 560, 250<<20)
			killed(p, 10*time.Minute, time.Minute)
		},
			reason: vpa.ReasonTooYoung},
		{name: "U6: not observed", change: func(_ *vpa.UpdateInput, p *corev1.Pod) {
			request(p, 560, 250<<20)
			killed(p, time.Minute, time.Minute)
			p.Annotations = map[string]string{"vpaObservedContainers": "other"}
		}, reason: vpa.ReasonTooYoung},
		{name: "U8: quick OOM without change", change: func(_ *vpa.UpdateInput, p *corev1.Pod) { request(p, 548, 250<<20); killed(p, time.Minute, time.Minute) },
			reason: vpa.ReasonOOMNoChange},
		{name: "U10: requirement not met", change: func(in *vpa.UpdateInput, _ *corev1.Pod) {
			in.Object.Spec.UpdatePolicy.EvictionRequirements = []vpa.EvictionRequirement{
				{Resources: []corev1.ResourceName{"cpu", "memory"}, ChangeRequirement: vpa.TargetLowerThanRequests}}
		}, reason: vpa.ReasonRequirements},
		{name: "U10: one resource suffices", change: func(in *vpa.UpdateInput, p *corev1.Pod) {
			request(p, 100, 900<<20)
			in.Object.Spec.UpdatePolicy.EvictionRequirements = []vpa.EvictionRequirement{
				{Resources: []corev1.ResourceName{"cpu", "memory"}, ChangeRequirement: vpa.TargetLowerThanRequests}}
		}, action: vpa.ActionEvict, reason: vpa.ReasonOutsideRange},
		{name: "being deleted", change: func(_ *vpa.UpdateInput, p *corev1.Pod) { now := metav1.NewTime(start); p.DeletionTimestamp = &now },
			reason: vpa.ReasonTerminating},
		{name: "B2: too few", change: func(in *vpa.UpdateInput, _ *corev1.Pod) { n := int32(3); in.Object.Spec.UpdatePolicy.MinReplicas = &n },
			reason: vpa.ReasonTooFewReplicas},
		{name: "B3: nobody knows how many", change: func(in *vpa.UpdateInput, _ *corev1.Pod) { in.Owners = nil }, reason: vpa.ReasonNoReplicaCount},
		{name: "B5: budget", change: func(in *vpa.UpdateInput, _ *corev1.Pod) { in.Owners[0].Replicas = 4 }, reason: vpa.ReasonBudget},
		{name: "B6: pending pods always", change: func(in *vpa.UpdateInput, p *corev1.Pod) {
			in.Owners[0].Replicas = 4
			p.Status.Phase = corev1.PodPending
		},
			action: vpa.ActionEvict, reason: vpa.ReasonOutsideRange},
		{name: "B6: resizing", change: func(_ *vpa.UpdateInput, p *corev1.Pod) { resize(p, corev1.PodResizeInProgress, "", "") }, reason: vpa.ReasonResizing},
		{name: "boosted", cfg: func() vpa.UpdateConfig { c := vpa.UpdateDefaults(); c.Gates.CPUStartupBoost = true; return c }(),
			change: func(in *vpa.UpdateInput, p *corev1.Pod) {
				in.Object.Spec.StartupBoost = &vpa.StartupBoost{CPU: &vpa.Boost{}}
				p.Annotations = map[string]string{"vpaCpuStartupBoost/hamster": "{}"}
			}, reason: vpa.ReasonBoosted},

		{name: "N6: approved", mode: vpa.UpdateModeInPlaceOrRecreate, action: vpa.ActionResize, reason: vpa.ReasonOutsideRange},
		{name: "N1: pending", mode: vpa.UpdateModeInPlaceOrRecreate, change: func(_ *vpa.UpdateInput, p *corev1.Pod) { p.Status.Phase = corev1.PodPending },
			reason: vpa.ReasonPending},
		{name: "N5: just deferred", mode: vpa.UpdateModeInPlaceOrRecreate, change: func(_ *vpa.UpdateInput, p *corev1.Pod) { resize(p, corev1.PodResizePending, "Deferred", "") },
			reason: vpa.ReasonResizing},
		{name: "N5: infeasible", mode: vpa.UpdateModeInPlaceOrRecreate, change: func(_ *vpa.UpdateInput, p *corev1.Pod) { resize(p, corev1.PodResizePending, "Infeasible", "") },
			action: vpa.ActionEvict, reason: vpa.ReasonOutsideRange, detail: vpa.ReasonInfeasible},
		{name: "N5: error", mode: vpa.UpdateModeInPlaceOrRecreate, change: func(_ *vpa.UpdateInput, p *corev1.Pod) { resize(p, corev1.PodResizeInProgress, "Error", "m") },
			action: vpa.ActionEvict, reason: vpa.ReasonOutsideRange, detail: vpa.ReasonResizeError},
		{name: "N5: unknown", mode: vpa.UpdateModeInPlaceOrRecreate, change: func(_ *vpa.UpdateInput, p *corev1.Pod) { resize(p, corev1.PodResizePending, "Other", "m") },
			action: vpa.ActionEvict, reason: vpa.ReasonOutsideRange, detail: vpa.ReasonResizeUnknown},
		{name: "N1: gate off", mode: vpa.UpdateModeInPlace, reason: vpa.ReasonGate},
		{name: "N4: in place", cfg: gate, mode: vpa.UpdateModeInPlace, action: vpa.ActionResize, reason: vpa.ReasonOutsideRange},
		{name: "N4: deferral ignored", cfg: gate, mode: vpa.UpdateModeInPlace, change: func(in *vpa.UpdateInput, _ *corev1.Pod) { in.Owners[0].Replicas = 4 },
			action: vpa.ActionResize, reason: vpa.ReasonOutsideRange, detail: vpa.ReasonDeferralIgnored},
		{name: "N4: repaired", cfg: fixed, mode: vpa.UpdateModeInPlace, change: func(in *vpa.UpdateInput, _ *corev1.Pod) { in.Owners[0].Replicas = 4 },
			reason: vpa.ReasonBudget},
		{name: "N4: infeasible is repeated", cfg: gate, mode: vpa.UpdateModeInPlace, change: func(_ *vpa.UpdateInput, p *corev1.Pod) { resize(p, corev1.PodResizePending, "Infeasible", "") },
			action: vpa.ActionResize, reason: vpa.ReasonOutsideRange, detail: vpa.ReasonInfeasible},
		{name: "N7: without restart", cfg: skip, mode: vpa.UpdateModeInPlaceOrRecreate, change: func(in *vpa.UpdateInput, _ *corev1.Pod) { in.Owners[0].Replicas = 4 },
			action: vpa.ActionResize, reason: vpa.ReasonOutsideRange, detail: vpa.ReasonNoRestart},
		{name: "N7: with restart", cfg: skip, mode: vpa.UpdateModeInPlaceOrRecreate, change: func(in *vpa.UpdateInput, p *corev1.Pod) {
			in.Owners[0].Replicas = 4
			p.Spec.Containers[0].ResizePolicy = []corev1.ContainerResizePolicy{{ResourceName: "cpu", RestartPolicy: corev1.RestartContainer}}
		}, reason: vpa.ReasonBudget},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.mode == "" {
				test.mode = vpa.UpdateModeRecreate
			}
			if test.cfg == (vpa.UpdateConfig{}) {
				test.cfg = vpa.UpdateDefaults()
			}
			if test.action == "" {
				test.action = vpa.ActionNone
			}
			in := scene(test.mode, 2)
			request(in.Pods[1], 548, 250<<20)
			if test.change != nil {
				test.change(&in, in.Pods[0])
			}
			d, _, err := vpa.Update(test.cfg, in, vpa.UpdateState{})
			if err != nil {
				t.Fatal(err)
			}
			p := d.Pods[0]
			if p.Action != test.action || p.Reason != test.reason || p.Detail != test.detail {
				t.Errorf("%s because of %s %s, want %s because of %s %s", p.Action, p.Reason, p.Detail, test.action, test.reason, test.detail)
			}
			if err := d.Explain(io.Discard); err != nil {
				t.Error(err)
			}
		})
	}
}

// B7: pods of an owner whose replicas nobody counts are all evicted in one pass; the repair gives them a budget.
func TestUnknownOwners(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		in := scene(vpa.UpdateModeRecreate, 10)
		for _, p := range in.Pods {
			p.OwnerReferences[0].Kind = "Rollout"
		}
		cfg := vpa.UpdateDefaults()
		cfg.Profile.UnknownOwners = fixed
		d, _, err := vpa.Update(cfg, in, vpa.UpdateState{})
		if err != nil {
			t.Fatal(err)
		}
		if want := map[bool]int{false: 10, true: 5}[fixed]; len(d.Evict) != want {
			t.Errorf("repaired %v: %d evicted, want %d", fixed, len(d.Evict), want)
		}
		if named := d.Groups[0].Defect != ""; named == fixed {
			t.Errorf("repaired %v: the defect is named: %v", fixed, named)
		}
	}
}

// B2: a boosted pod lifts the least number of replicas for its siblings.
func TestBoostedSiblings(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		in := scene(vpa.UpdateModeRecreate, 2)
		in.Pods[1].Annotations = map[string]string{"vpaCpuStartupBoost/hamster": "{}"}
		cfg := vpa.UpdateDefaults()
		cfg.MinReplicas, cfg.Profile.BoostedSiblings = 3, fixed
		d, _, err := vpa.Update(cfg, in, vpa.UpdateState{})
		if err != nil {
			t.Fatal(err)
		}
		if touched := len(d.Evict) > 0; touched == fixed {
			t.Errorf("repaired %v: evicted %d", fixed, len(d.Evict))
		}
	}
}

// N5: a deferral of more than 5 minutes ends in an eviction, and the first resize is never forgotten, so that the second
// one ends in an eviction at once. The repair forgets.
func TestSecondResize(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		cfg := vpa.UpdateDefaults()
		cfg.Profile.ResizeClock = fixed
		var st vpa.UpdateState
		pass := func(after time.Duration, deferred bool) vpa.PodUpdate {
			in := scene(vpa.UpdateModeInPlaceOrRecreate, 2)
			in.Now = start.Add(after)
			request(in.Pods[1], 548, 250<<20)
			if deferred {
				resize(in.Pods[0], corev1.PodResizePending, "Deferred", "")
			} else {
				request(in.Pods[0], 548, 250<<20)
			}
			d, next, err := vpa.Update(cfg, in, st)
			if err != nil {
				t.Fatal(err)
			}
			st = next
			return d.Pods[0]
		}
		if p := pass(0, true); p.Action != vpa.ActionNone || !p.Until.Equal(start.Add(5*time.Minute)) {
			t.Errorf("just deferred: %s until %v", p.Action, p.Until)
		}
		if p := pass(5*time.Minute, true); p.Action != vpa.ActionNone {
			t.Errorf("deferred for 5 minutes: %s", p.Action)
		}
		if p := pass(6*time.Minute, true); p.Action != vpa.ActionEvict || p.Detail != vpa.ReasonDeferredTooLong {
			t.Errorf("deferred for 6 minutes: %s, %s", p.Action, p.Detail)
		}
		pass(time.Hour, false)
		want := map[bool]vpa.UpdateAction{false: vpa.ActionEvict, true: vpa.ActionNone}[fixed]
		if p := pass(5*time.Hour, true); p.Action != want {
			t.Errorf("repaired %v: second deferral: %s, want %s", fixed, p.Action, want)
		}
	}
}

// N2, U5: after an infeasible attempt a pod is left alone until something less is recommended.
func TestInfeasibleAttempts(t *testing.T) {
	cfg := vpa.UpdateDefaults()
	cfg.Gates.InPlace = true
	in := scene(vpa.UpdateModeInPlace, 2)
	resize(in.Pods[0], corev1.PodResizePending, "Infeasible", "")
	d, st, err := vpa.Update(cfg, in, vpa.UpdateState{})
	if err != nil || d.Pods[0].Action != vpa.ActionResize || st.Infeasible["hamster-0"] == nil {
		t.Fatalf("first attempt: %v, %v; want it made and recorded", &d, err)
	}
	d, st, err = vpa.Update(cfg, in, st)
	if err != nil || d.Pods[0].Reason != vpa.ReasonInfeasibleBefore {
		t.Errorf("again: %s, %v; want it left alone", d.Pods[0].Reason, err)
	}
	less := scene(vpa.UpdateModeInPlace, 2)
	less.Object.Status.Recommendation.ContainerRecommendations[0].Target = quantities(540, 250<<20)
	d, _, err = vpa.Update(cfg, less, st)
	if err != nil || d.Pods[0].Action != vpa.ActionResize {
		t.Errorf("less is recommended: %s, %v; want a resize", d.Pods[0].Reason, err)
	}
	gone := less
	gone.Pods = gone.Pods[1:]
	if _, st, err = vpa.Update(cfg, gone, st); err != nil || len(st.Infeasible) != 0 {
		t.Errorf("the pod is gone: %d attempts remembered, %v", len(st.Infeasible), err)
	}
}

// Where upstream crashes no pod is touched, and the decision says so.
func TestUpdaterCrashes(t *testing.T) {
	nothing := scene(vpa.UpdateModeRecreate, 2)
	nothing.Object.Status.Recommendation = nil
	nothing.Now = start.Add(24 * time.Hour)
	limits := scene(vpa.UpdateModeRecreate, 2)
	limits.Pods[0].Spec.Containers = append(limits.Pods[0].Spec.Containers, corev1.Container{Name: "sidecar"})
	limits.Pods[0].Spec.Containers[0].Resources.Limits = quantities(200, 100<<20)
	limits.LimitRanges = []corev1.LimitRange{{Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{{
		Type: corev1.LimitTypePod, Max: quantities(300, 1<<30),
	}}}}}
	for name, in := range map[string]vpa.UpdateInput{"threshold 0 without recommendation": nothing, "pod LimitRange": limits} {
		cfg := vpa.UpdateDefaults()
		cfg.PodUpdateThreshold = 0
		d, _, err := vpa.Update(cfg, in, vpa.UpdateState{})
		if err != nil || d.UpstreamCrash == "" || len(d.Evict) != 0 || d.Pods[0].Reason != vpa.ReasonUpstreamCrash {
			t.Errorf("%s: %v, %v; want nothing done and the crash named", name, &d, err)
		}
		cfg.Profile = vpa.Fixed()
		if d, _, err = vpa.Update(cfg, in, vpa.UpdateState{}); err != nil || d.UpstreamCrash != "" {
			t.Errorf("%s, repaired: %v, %v", name, &d, err)
		}
	}
}

// However the pods are: no group loses more running pods than its budget allows, and order follows priority.
func TestBudgetsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 20).Draw(t, "pods")
		in := scene(rapid.SampledFrom([]vpa.UpdateMode{vpa.UpdateModeRecreate, vpa.UpdateModeInPlaceOrRecreate}).Draw(t, "mode"), n)
		in.Owners[0].Replicas = int32(rapid.IntRange(0, 25).Draw(t, "configured"))
		pending := 0
		for _, p := range in.Pods {
			request(p, rapid.Int64Range(0, 1500).Draw(t, "cpu"), rapid.Int64Range(0, 1<<30).Draw(t, "memory"))
			switch rapid.IntRange(0, 6).Draw(t, "state") {
			case 0:
				p.Status.Phase = corev1.PodPending
				pending++
			case 1:
				resize(p, corev1.PodResizePending, rapid.SampledFrom([]string{"Infeasible", "Deferred", "x"}).Draw(t, "reason"), "")
			}
		}
		cfg := vpa.UpdateDefaults()
		cfg.EvictionTolerance = rapid.Float64Range(0, 1).Draw(t, "tolerance")
		d, _, err := vpa.Update(cfg, in, vpa.UpdateState{})
		if err != nil {
			t.Fatal(err)
		}
		disrupted := len(d.Resize)
		for _, i := range d.Evict {
			if in.Pods[i].Status.Phase != corev1.PodPending {
				disrupted++
			}
		}
		configured := int(in.Owners[0].Replicas)
		tolerance := int(float64(configured) * cfg.EvictionTolerance)
		if alive := n - pending - disrupted; disrupted > 0 && alive < configured-tolerance && !(tolerance == 0 && disrupted == 1) {
			t.Fatalf("%d of %d left, %d configured, %d may be missing", alive, n, configured, tolerance)
		}
		rank := 0
		var last vpa.Priority
		for _, i := range d.Evict {
			p := d.Pods[i]
			if d.Mode == vpa.UpdateModeRecreate && rank > 0 && (p.Rank <= rank || p.Priority.ScaleUp && !last.ScaleUp ||
				p.Priority.ScaleUp == last.ScaleUp && p.Priority.ResourceDiff > last.ResourceDiff) {
				t.Fatalf("%s with %v comes after %v", p.Name, p.Priority, last)
			}
			rank, last = p.Rank, p.Priority
		}
	})
}

// Preparing targets once for all pods must give what capping for each pod gives.
func TestSharedTargetsAreThoseOfEachPod(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := scene(vpa.UpdateModeRecreate, 3)
		min := *resource.NewMilliQuantity(rapid.Int64Range(0, 2000).Draw(t, "min"), resource.DecimalSI)
		in.Object.Spec.ResourcePolicy = &vpa.ResourcePolicy{ContainerPolicies: []vpa.ContainerPolicy{{
			ContainerName: "*", MinAllowed: corev1.ResourceList{"cpu": min},
		}}}
		for _, p := range in.Pods {
			request(p, rapid.Int64Range(0, 1500).Draw(t, "cpu"), rapid.Int64Range(0, 1<<30).Draw(t, "memory"))
		}
		u, err := vpa.NewUpdater(vpa.UpdateDefaults(), in, vpa.UpdateState{})
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range in.Pods {
			capped, _, err := vpa.CapForPod(in.Object.Status.Recommendation, in.Object.Spec.ResourcePolicy, p, nil, vpa.Profile{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := u.Priority(i)
			if want := vpa.PodPriority(p, capped); err != nil || got != want {
				t.Fatalf("priority %v, %v; want %v", got, err, want)
			}
		}
	})
}

func TestUpdateInputThatMakesNoSense(t *testing.T) {
	unknown := vpa.UpdateMode("Sometimes")
	bad := scene(vpa.UpdateModeRecreate, 1)
	bad.Object.Spec.UpdatePolicy.EvictionRequirements = []vpa.EvictionRequirement{{ChangeRequirement: "Sideways"}}
	for name, test := range map[string]struct {
		cfg vpa.UpdateConfig
		in  vpa.UpdateInput
	}{
		"no object":   {vpa.UpdateDefaults(), vpa.UpdateInput{}},
		"no pod":      {vpa.UpdateDefaults(), vpa.UpdateInput{Object: &vpa.VerticalPodAutoscaler{}, Pods: []*corev1.Pod{nil}}},
		"mode":        {vpa.UpdateDefaults(), scene(unknown, 1)},
		"requirement": {vpa.UpdateDefaults(), bad},
		"tolerance":   {vpa.UpdateConfig{EvictionTolerance: math.NaN()}, scene(vpa.UpdateModeOff, 1)},
		"threshold":   {vpa.UpdateConfig{PodUpdateThreshold: math.NaN()}, scene(vpa.UpdateModeOff, 1)},
	} {
		if _, _, err := vpa.Update(test.cfg, test.in, vpa.UpdateState{}); !errors.Is(err, vpa.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
}
