package vpa_test

import (
	"math/rand/v2"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/vpa"
)

// TestHamster is the example of the documentation: two replicas that request 100m and 50Mi, use a bit under half a core
// and next to no memory. The page shows a target of 548m and 262144k, and pods that are evicted for it.
func TestHamster(t *testing.T) {
	labels := map[string]string{"app": "hamster"}
	random := rand.New(rand.NewPCG(1, 2))
	in := vpa.RecommendInput{Now: start.Add(time.Hour)}
	for _, pod := range []string{"hamster-0", "hamster-1"} {
		in.Events = append(in.Events, vpa.Event{At: start, Kind: vpa.PodSet, Pod: vpa.Pod{
			Name: pod, Labels: labels, Containers: []vpa.PodContainer{{Name: "hamster", MemoryRequest: 50 << 20}},
		}})
		for m := range 60 {
			at := start.Add(time.Duration(m) * time.Minute)
			in.Events = append(in.Events,
				vpa.Event{At: at, Kind: vpa.CPUSample, Pod: vpa.Pod{Name: pod}, Container: "hamster", Value: 446 + vpa.Amount(random.IntN(31))},
				vpa.Event{At: at, Kind: vpa.MemorySample, Pod: vpa.Pod{Name: pod}, Container: "hamster", Value: vpa.Amount(random.IntN(1 << 20))})
		}
	}
	d, _, err := vpa.Recommend(vpa.Defaults(), in, vpa.State{})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Containers) != 1 || d.Containers[0].Name != "hamster" {
		t.Fatalf("recommendation %v, want one for the container hamster", &d)
	}
	target := d.Containers[0].Target
	if got := target.CPU.String(); got != "548m" {
		t.Errorf("CPU target %s, want 548m", got)
	}
	if page := resource.MustParse("262144k"); target.Memory.Cmp(page) != 0 {
		t.Errorf("memory target %s, want 262144k", &target.Memory)
	}
	// The page was written when memory was shown in decimal units; 1.8.1 shows the same amount as 250Mi.
	if got := target.Memory.String(); got != "250Mi" {
		t.Errorf("memory target reads %s, want 250Mi", got)
	}
	if decimal := resource.NewQuantity(target.Memory.Value(), resource.DecimalSI); decimal.String() != "262144k" {
		t.Errorf("memory target reads %s in decimal units, want 262144k", decimal)
	}

	for _, test := range []struct {
		mode    vpa.UpdateMode
		evicted int
		reason  vpa.UpdateReason
		newPods bool
	}{
		{vpa.UpdateModeRecreate, 1, vpa.ReasonOutsideRange, true},
		{vpa.UpdateModeAuto, 1, vpa.ReasonOutsideRange, true},
		{vpa.UpdateModeInitial, 0, vpa.ReasonModeInitial, true},
		{vpa.UpdateModeOff, 0, vpa.ReasonModeOff, false},
	} {
		t.Run(string(test.mode), func(t *testing.T) {
			object := &vpa.VerticalPodAutoscaler{
				ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "hamster-vpa"},
				Spec:       vpa.Spec{UpdatePolicy: &vpa.UpdatePolicy{UpdateMode: &test.mode}},
				Status:     vpa.Status{Recommendation: d.Status()},
			}
			pods := []*corev1.Pod{hamster("hamster-0"), hamster("hamster-1")}
			u, _, err := vpa.Update(vpa.UpdateDefaults(), vpa.UpdateInput{
				Now: in.Now, Object: object, Pods: pods, Owners: []vpa.Owner{{Kind: "ReplicaSet", Name: "hamster", Replicas: 2}},
			}, vpa.UpdateState{})
			if err != nil {
				t.Fatal(err)
			}
			if len(u.Evict) != test.evicted || len(u.Resize) != 0 {
				t.Errorf("%v; want %d evicted", &u, test.evicted)
			}
			for i, p := range u.Pods {
				switch {
				case i >= test.evicted:
					if p.Action != vpa.ActionNone || p.EventReason != "" {
						t.Errorf("%s: %s, want it left alone", p.Name, p.Action)
					}
				case p.Action != vpa.ActionEvict || p.EventReason != "EvictedByVPA":
					t.Errorf("%s: %s with event %q, want it evicted with EvictedByVPA", p.Name, p.Action, p.EventReason)
				}
				if i == 0 && p.Reason != test.reason {
					t.Errorf("%s: reason %s, want %s", p.Name, p.Reason, test.reason)
				}
			}
			a, err := vpa.Admit(vpa.AdmitDefaults(), vpa.AdmitInput{Object: object, Pod: hamster("hamster-2")})
			if err != nil {
				t.Fatal(err)
			}
			given := map[string]any{}
			for _, op := range a.Patch {
				given[op.Path] = op.Value
			}
			cpu, memory := given["/spec/containers/0/resources/requests/cpu"], given["/spec/containers/0/resources/requests/memory"]
			if test.newPods && (cpu != "548m" || memory != "250Mi") || !test.newPods && (cpu != nil || memory != nil) {
				t.Errorf("a new pod gets %v and %v", cpu, memory)
			}
		})
	}
}

func hamster(name string) *corev1.Pod {
	yes := true
	started := metav1.NewTime(start)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Labels: map[string]string{"app": "hamster"},
			OwnerReferences: []metav1.OwnerReference{{Kind: "ReplicaSet", Name: "hamster", Controller: &yes}}},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "hamster",
			Resources: corev1.ResourceRequirements{Requests: quantities(100, 50<<20)}}}},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, StartTime: &started},
	}
}
