package clusterautoscaler_test

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ca "github.com/scalemath/scalemath/clusterautoscaler"
)

func edited(p *corev1.Pod, edit func(p *corev1.Pod)) *corev1.Pod {
	edit(p)
	return p
}

func TestR1toR3Classes(t *testing.T) {
	condition := func(reason string) []corev1.PodCondition {
		return []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: reason}}
	}
	for name, c := range map[string]struct {
		edit func(p *corev1.Pod)
		want ca.PodClass
	}{
		"finished, whatever else":         {func(p *corev1.Pod) { p.Spec.NodeName, p.Status.Phase = "n", corev1.PodSucceeded }, ca.PodFinished},
		"failed":                          {func(p *corev1.Pod) { p.Status.Phase = corev1.PodFailed }, ca.PodFinished},
		"of a scheduler not allowed":      {func(p *corev1.Pod) { p.Spec.SchedulerName, p.Spec.NodeName = "other", "n" }, ca.PodForeign},
		"scheduled, even if it goes":      {func(p *corev1.Pod) { p.Spec.NodeName, p.DeletionTimestamp = "n", &metav1.Time{Time: now} }, ca.PodScheduled},
		"going":                           {func(p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{Time: now} }, ca.PodIgnored},
		"nominated, though unschedulable": {func(p *corev1.Pod) { p.Status.NominatedNodeName = "n" }, ca.PodNominated},
		"unschedulable":                   {func(*corev1.Pod) {}, ca.PodUnschedulable},
		"gated":                           {func(p *corev1.Pod) { p.Status.Conditions = condition(corev1.PodReasonSchedulingGated) }, ca.PodIgnored},
		"too new for the scheduler":       {func(p *corev1.Pod) { p.Status.Conditions = nil }, ca.PodIgnored},
		"bypassed, no condition":          {func(p *corev1.Pod) { p.Spec.SchedulerName, p.Status.Conditions = "slow", nil }, ca.PodUnprocessed},
		"bypassed, no reason":             {func(p *corev1.Pod) { p.Spec.SchedulerName, p.Status.Conditions = "slow", condition("") }, ca.PodUnprocessed},
		"bypassed, gated": {func(p *corev1.Pod) {
			p.Spec.SchedulerName, p.Status.Conditions = "slow", condition(corev1.PodReasonSchedulingGated)
		}, ca.PodIgnored},
	} {
		o := ca.DefaultOptions()
		o.BypassedSchedulers, o.AllowedSchedulers = []string{"slow"}, []string{"", "slow"}
		if got := ca.ClassOf(edited(pod("p"), c.edit), &o); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestR4R5Selection(t *testing.T) {
	low, cutoff := int32(-11), int32(-10)
	o := ca.DefaultOptions()
	o.BypassedSchedulers = []string{"slow"}
	got := ca.SelectPods([]*corev1.Pod{
		edited(pod("unprocessed"), func(p *corev1.Pod) { p.Spec.SchedulerName, p.Status.Conditions = "slow", nil }),
		edited(pod("expendable"), func(p *corev1.Pod) { p.Spec.Priority = &low }),
		on("n", edited(pod("expendable too"), func(p *corev1.Pod) { p.Spec.Priority = &low })),
		edited(pod("at the cutoff"), func(p *corev1.Pod) { p.Spec.Priority = &cutoff }),
		on("n", pod("running")),
	}, &o)
	if len(got.Pending) != 2 || got.Pending[0].Name != "at the cutoff" || got.Pending[1].Name != "unprocessed" {
		t.Errorf("pending: %v", names(got.Pending))
	}
	if len(got.Occupying) != 1 || got.Occupying[0].Name != "running" {
		t.Errorf("occupying: %v", names(got.Occupying))
	}
}

func names(pods []*corev1.Pod) []string {
	var out []string
	for _, p := range pods {
		out = append(out, p.Name)
	}
	return out
}

// one is a loop over a group of one node with 4 CPU, which may grow to ten, with pods.
func one(o ca.Options, st ca.State, pods ...*corev1.Pod) (ca.Loop, ca.State, error) {
	n := readyNode("n0")
	return ca.Plan(o, ca.Input{Now: now, Cluster: ca.Cluster{Nodes: []*corev1.Node{n}, Pods: pods}, Groups: []ca.NodeGroup{groupOf("g", 0, 10, n)}}, st)
}

func mustOne(t *testing.T, o ca.Options, pods ...*corev1.Pod) ca.Loop {
	t.Helper()
	l, _, err := one(o, ca.State{}, pods...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func grownTo(l ca.Loop) int {
	for _, u := range l.ScaleUps {
		for _, i := range u.Increases {
			return i.To
		}
	}
	return 0
}

func TestR6TPUsDoNotCount(t *testing.T) {
	p := pod("tpu", "cpu", "3", "cloud-tpus.google.com/v3", "8")
	if l := mustOne(t, ca.DefaultOptions(), on("n0", pod("full", "cpu", "4")), p); grownTo(l) != 2 {
		t.Error(l.String())
	}
	if _, there := p.Spec.Containers[0].Resources.Requests["cloud-tpus.google.com/v3"]; !there {
		t.Error("the input was modified")
	}
}

func TestR6PodsOfNodesThatGo(t *testing.T) {
	n := readyNode("n0")
	n.Spec.Taints = []corev1.Taint{{Key: ca.TaintToBeDeleted, Value: "0", Effect: corev1.TaintEffectNoSchedule}}
	stays := readyNode("n1")
	pods := []*corev1.Pod{
		on("n0", ownedBy("ReplicaSet", "web", pod("web", "cpu", "3"))), on("n0", ownedBy("DaemonSet", "log", pod("log", "cpu", "500m"))), on("n1", pod("full", "cpu", "3")),
	}
	l, _, err := ca.Plan(ca.DefaultOptions(), ca.Input{
		Now: now, Cluster: ca.Cluster{Nodes: []*corev1.Node{n, stays}, Pods: pods}, Groups: []ca.NodeGroup{groupOf("g", 0, 10, n, stays)},
	}, ca.State{})
	if err != nil || grownTo(l) != 3 {
		t.Error(l.String(), err)
	}
	if len(l.ScaleUps[0].Groups) != 1 {
		t.Error("only the pod that comes back counts")
	}
}

// The important pod takes the room, and then the one that was found that node before.
func TestR7OrderAndHints(t *testing.T) {
	high := int32(5)
	important := edited(pod("important", "cpu", "3"), func(p *corev1.Pod) { p.Spec.Priority = &high })
	l := mustOne(t, ca.DefaultOptions(), pod("first", "cpu", "3"), important)
	if l.Fitting != 1 || l.ScaleUps[0].Groups[0].Pods[0].Name != "first" {
		t.Error(l.String())
	}
	l, next, err := one(ca.DefaultOptions(), ca.State{Hints: map[string]string{"default/second": "n0"}}, pod("first", "cpu", "3"), pod("second", "cpu", "3"))
	if err != nil || l.ScaleUps[0].Groups[0].Pods[0].Name != "first" || next.Hints["default/second"] != "n0" || len(next.Hints) != 1 {
		t.Error(l.String(), next.Hints, err)
	}
}

// Pods that a new node does not help still take room that is there.
func TestR10R11TakeRoomFirst(t *testing.T) {
	o := ca.DefaultOptions()
	o.NewPodScaleUpDelay = 2 * time.Minute
	old := edited(pod("old", "cpu", "3"), func(p *corev1.Pod) { p.CreationTimestamp.Time = now.Add(-time.Hour) })
	l := mustOne(t, o, pod("young", "cpu", "3"), old, pod("young too", "cpu", "3"), ownedBy("DaemonSet", "log", pod("log", "cpu", "3")))
	if l.Fitting != 1 || l.Young != 1 || l.DaemonSet != 1 || grownTo(l) != 2 || l.ScaleUps[0].Groups[0].Pods[0].Name != "old" {
		t.Errorf("%+v", l)
	}
}

func TestR11Delay(t *testing.T) {
	for text, grows := range map[string]bool{"": false, "59s": false, "1m": false, "2m": false, "soon": false} {
		o := ca.DefaultOptions()
		o.NewPodScaleUpDelay = time.Minute // exactly the age of the pod, which is not enough
		p := edited(pod("p", "cpu", "5"), func(p *corev1.Pod) { p.Annotations = map[string]string{ca.AnnotationScaleUpDelay: text} })
		if l := mustOne(t, o, p); (l.Young == 0) != grows {
			t.Errorf("%q: %s", text, l.String())
		}
		o.NewPodScaleUpDelay = time.Minute - time.Second
		if l := mustOne(t, o, p); (l.Young == 0) != (text != "2m" && text != "1m") {
			t.Errorf("%q, flag below the age: %s", text, l.String())
		}
	}
}

func TestR12Gate(t *testing.T) {
	aged := func(age time.Duration, requests ...string) *corev1.Pod {
		return edited(pod("p", append(requests, "cpu", "3900m")...), func(p *corev1.Pod) { p.CreationTimestamp.Time = now.Add(-age) })
	}
	full := on("n0", pod("full", "cpu", "4"))
	for name, c := range map[string]struct {
		pods     []*corev1.Pod
		total    int
		bypass   []string
		want     ca.ScaleUpResult
		wantDown bool
	}{
		"nothing waits":                 {[]*corev1.Pod{full}, 0, nil, ca.ScaleUpNotNeeded, true},
		"too new":                       {[]*corev1.Pod{full, aged(time.Second)}, 0, nil, ca.ScaleUpInCooldown, false},
		"old enough at two seconds":     {[]*corev1.Pod{full, aged(2 * time.Second)}, 0, nil, ca.ScaleUpSuccessful, true},
		"the oldest counts":             {[]*corev1.Pod{full, aged(time.Second), aged(time.Minute)}, 0, nil, ca.ScaleUpSuccessful, true},
		"a GPU takes 30 s, even none":   {[]*corev1.Pod{full, aged(time.Hour), aged(29*time.Second, "nvidia.com/gpu", "0")}, 0, nil, ca.ScaleUpInCooldown, false},
		"a GPU after 30 s":              {[]*corev1.Pod{full, aged(30*time.Second, "nvidia.com/gpu", "0")}, 0, nil, ca.ScaleUpSuccessful, true},
		"bypassed schedulers: no grace": {[]*corev1.Pod{full, aged(time.Second)}, 0, []string{"slow"}, ca.ScaleUpSuccessful, true},
		"as many ready nodes as may be": {[]*corev1.Pod{full, aged(time.Second)}, 1, nil, ca.ScaleUpLimited, true},
	} {
		o := ca.DefaultOptions()
		o.MaxNodesTotal, o.BypassedSchedulers = c.total, c.bypass
		l := mustOne(t, o, c.pods...)
		if l.ScaleUps[0].Result != c.want || (l.ScaleDown != nil) != c.wantDown {
			t.Errorf("%s: %s, scale-down %v", name, l.String(), l.ScaleDown != nil)
		}
	}
}
