package clusterautoscaler_test

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	ca "github.com/scalemath/scalemath/clusterautoscaler"
)

func TestR13toR15Groups(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(p *corev1.Pod)
		same bool
	}{
		"nothing":           {func(*corev1.Pod) {}, true},
		"the same by value": {func(p *corev1.Pod) { p.Spec.Containers[0].Resources.Requests = list("cpu", "1000m") }, true},
		"more":              {func(p *corev1.Pod) { p.Spec.Containers[0].Resources.Requests = list("cpu", "1001m") }, false},
		"another resource":  {func(p *corev1.Pod) { p.Spec.Containers[0].Resources.Requests = list("memory", "1") }, false},
		"a limit":           {func(p *corev1.Pod) { p.Spec.Containers[0].Resources.Limits = list("cpu", "1") }, false},
		"a claim":           {func(p *corev1.Pod) { p.Spec.Containers[0].Resources.Claims = []corev1.ResourceClaim{{Name: "c"}} }, false},
		"an image":          {func(p *corev1.Pod) { p.Spec.Containers[0].Image = "other" }, false},
		"a label":           {func(p *corev1.Pod) { p.Labels = map[string]string{"app": "web", "shard": "2"} }, false},
		"no labels":         {func(p *corev1.Pod) { p.Labels = nil }, false},
		"annotations":       {func(p *corev1.Pod) { p.Annotations = map[string]string{"a": "b"} }, true},
		"host name":         {func(p *corev1.Pod) { p.Spec.Hostname = "web-7" }, true},
		"environment":       {func(p *corev1.Pod) { p.Spec.Containers[0].Env = []corev1.EnvVar{{Name: "A"}} }, true},
		"empty for nothing": {func(p *corev1.Pod) { p.Spec.Tolerations = []corev1.Toleration{} }, true},
		"an init container": {func(p *corev1.Pod) { p.Spec.InitContainers = []corev1.Container{{Name: "i"}} }, false},
		"a projected volume": {func(p *corev1.Pod) {
			p.Spec.Volumes = []corev1.Volume{{Name: "token", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{}}}}
			p.Spec.Containers[0].VolumeMounts = []corev1.VolumeMount{{Name: "token"}}
		}, true},
		"another controller": {func(p *corev1.Pod) { p.OwnerReferences[0].UID = "x" }, false},
		"no controller":      {func(p *corev1.Pod) { p.OwnerReferences = nil }, false},
	} {
		pods := replicas("web", 2, "cpu", "1")
		c.edit(pods[1])
		before := pods[1].DeepCopy()
		if got := len(ca.GroupPods(pods)) == 1; got != c.same {
			t.Errorf("%s: together %v", name, got)
		}
		if !equality.Semantic.DeepEqual(before, pods[1]) {
			t.Errorf("%s: the pod was modified", name)
		}
	}
	var pods []*corev1.Pod
	for range 2 {
		for i := range 12 {
			pods = append(pods, replicas("web", 1, "cpu", fmt.Sprint(i))...)
		}
	}
	if got := len(ca.GroupPods(pods)); got != 14 {
		t.Errorf("ten groups can be joined, two cannot, twice: %d", got)
	}
}

// Groups are those of a plain comparison of every pod with the first of every group.
func TestGroupsAreThePlainOnes(t *testing.T) {
	bare := func(p *corev1.Pod) corev1.PodSpec {
		s := p.DeepCopy().Spec
		s.Hostname = ""
		for i := range s.Containers {
			s.Containers[i].Env = nil
		}
		return s
	}
	rapid.Check(t, func(t *rapid.T) {
		var pods []*corev1.Pod
		for i := range rapid.IntRange(1, 40).Draw(t, "pods") {
			p := ownedBy("ReplicaSet", rapid.SampledFrom([]string{"a", "b"}).Draw(t, "owner"), pod(fmt.Sprint("p", i), "cpu", rapid.SampledFrom([]string{"1", "1000m", "2", "1500m"}).Draw(t, "cpu")))
			p.Spec.Containers[0].Image = rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "image")
			p.Spec.NodeSelector = rapid.SampledFrom([]map[string]string{nil, {}, {"a": "b"}}).Draw(t, "selector")
			p.Labels = rapid.SampledFrom([]map[string]string{nil, {}, {"a": "b"}}).Draw(t, "labels")
			pods = append(pods, p)
		}
		var want [][]*corev1.Pod
	next:
		for _, p := range pods {
			owner := metav1.GetControllerOf(p).Name
			joinable := 0
			for g, group := range want {
				if metav1.GetControllerOf(group[0]).Name != owner {
					continue
				}
				if joinable++; joinable > 10 {
					break
				}
				if equality.Semantic.DeepEqual(bare(p), bare(group[0])) && fmt.Sprintf("%#v", p.Labels) == fmt.Sprintf("%#v", group[0].Labels) {
					want[g] = append(want[g], p)
					continue next
				}
			}
			want = append(want, []*corev1.Pod{p})
		}
		got := ca.GroupPods(pods)
		for i := range got {
			if i >= len(want) || fmt.Sprint(names(got[i].Pods)) != fmt.Sprint(names(want[i])) {
				t.Fatalf("group %d: %v, want %v", i, names(got[i].Pods), want)
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%d groups, want %d", len(got), len(want))
		}
	})
}
