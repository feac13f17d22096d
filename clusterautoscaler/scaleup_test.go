package clusterautoscaler_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	ca "github.com/scalemath/scalemath/clusterautoscaler"
)

func plan(t *testing.T, o ca.Options, in ca.Input, st ca.State) (ca.Loop, ca.State) {
	t.Helper()
	in.Now = now
	l, next, err := ca.Plan(o, in, st)
	if err != nil {
		t.Fatal(err)
	}
	return l, next
}

func skips(u ca.ScaleUp) string {
	var out []string
	for _, s := range u.Skipped {
		out = append(out, s.ID+": "+strings.Join(s.Reasons, "; "))
	}
	return strings.Join(out, ", ")
}

func TestR16toR18Skips(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(o *ca.Options, in *ca.Input, st *ca.State)
		want string
	}{
		"backoff at its very end": {func(_ *ca.Options, _ *ca.Input, st *ca.State) {
			st.Backoffs = map[string]ca.Backoff{"g": {Until: now, LastFailure: now.Add(-time.Minute), Duration: time.Minute}}
		}, "g: in backoff after failed scale-up"},
		"unhealthy":      {func(_ *ca.Options, in *ca.Input, _ *ca.State) { in.Groups[0].Target = 9 }, "g: not ready for scale-up"},
		"at its maximum": {func(_ *ca.Options, in *ca.Input, _ *ca.State) { in.Groups[0].Max = 1 }, "g: max node group size reached"},
		"no template":    {func(_ *ca.Options, in *ca.Input, _ *ca.State) { in.Groups[0] = ca.NodeGroup{ID: "g", Max: 9} }, "g: not ready for scale-up"},
		"a step too large": {func(o *ca.Options, in *ca.Input, _ *ca.State) {
			o.MaxNodesTotal, in.Groups[0].Options.ZeroOrMax = 5, true
		}, "g: max cluster limit nodes reached"},
		"quota": {func(o *ca.Options, _ *ca.Input, _ *ca.State) { o.Quotas = []ca.Quota{ca.ClusterWide(15, 1<<50)} },
			`g: exceeded quota: "cluster-wide", resources: cpu`},
		"quota for the whole step": {func(o *ca.Options, in *ca.Input, _ *ca.State) {
			o.Quotas, in.Groups[0].Options.ZeroOrMax = []ca.Quota{ca.ClusterWide(79, 1<<50)}, true
		}, `g: exceeded quota: "cluster-wide", resources: cpu`},
	} {
		o, in, st := ca.DefaultOptions(), withFull(nil, large("n0")), ca.State{}
		in.Cluster.Pods = append(in.Cluster.Pods, pod("p", "cpu", "5"))
		c.edit(&o, &in, &st)
		l, _ := plan(t, o, in, st)
		if u := l.ScaleUps[0]; u.Result != ca.ScaleUpNoOptions || skips(u) != c.want {
			t.Errorf("%s: %s, skipped %q", name, u.Result, skips(u))
		}
	}
}

func TestR36ZeroOrMax(t *testing.T) {
	in := withFull(nil, large("n0"))
	in.Groups[0].Options.ZeroOrMax = true
	in.Cluster.Pods = append(in.Cluster.Pods, pod("p", "cpu", "5"))
	if l, _ := plan(t, ca.DefaultOptions(), in, ca.State{}); grownTo(l) != 10 || l.ScaleUps[0].Options[0].Nodes != 10 {
		t.Errorf("%s", l.String())
	}
}

func TestR41R51AllOrNothing(t *testing.T) {
	in := withFull(nil, large("n0"))
	in.Cluster.Pods = append(in.Cluster.Pods, pod("p", "cpu", "5"), pod("q", "cpu", "5"))
	o := ca.DefaultOptions()
	o.AllOrNothing = true
	if l, _ := plan(t, o, in, ca.State{}); grownTo(l) != 3 {
		t.Errorf("%s", l.String())
	}
	in.Groups[0].Max = 2
	if l, _ := plan(t, o, in, ca.State{}); l.ScaleUps[0].Result != ca.ScaleUpNoOptions || len(l.ScaleUps[0].Options) != 0 {
		t.Errorf("%s", l.String())
	}
	in.Groups[0].Max, o.MaxNodesTotal = 10, 2
	if l, _ := plan(t, o, in, ca.State{}); l.ScaleUps[0].Result == ca.ScaleUpSuccessful {
		t.Errorf("%s", l.String())
	}
}

func TestR50R63MaxNodesTotal(t *testing.T) {
	in := withFull(nil, large("n0"))
	for i := range 5 {
		in.Cluster.Pods = append(in.Cluster.Pods, pod(fmt.Sprint("p", i), "cpu", "5"))
	}
	o := ca.DefaultOptions()
	o.MaxNodesTotal = 4
	l, _ := plan(t, o, in, ca.State{})
	if u := l.ScaleUps[0]; grownTo(l) != 4 || u.Options[0].Estimate.Limit != ca.ClusterMaximum {
		t.Errorf("%s: %+v", l.String(), u.Options)
	}
}

func TestR58QuotaCutsAreNotGivenToOthers(t *testing.T) {
	a, b := large("a0"), large("b0")
	a.Labels["topology.kubernetes.io/zone"], b.Labels["topology.kubernetes.io/zone"] = "a", "b"
	in := ca.Input{Cluster: ca.Cluster{Nodes: []*corev1.Node{a, b}}, Groups: []ca.NodeGroup{groupOf("b", 0, 9, b), groupOf("a", 0, 9, a)}}
	for i := range 6 {
		in.Cluster.Pods = append(in.Cluster.Pods, pod(fmt.Sprint("p", i), "cpu", "5"))
	}
	o := ca.DefaultOptions()
	o.BalanceSimilar = true
	l, _ := plan(t, o, in, ca.State{})
	if got := fmt.Sprint(l.ScaleUps[0].Increases); got != "[{a 1 3} {b 1 3}]" {
		t.Errorf("balanced: %s", got)
	}
	o.Quotas = []ca.Quota{{ID: "zone-a", Limits: map[string]int64{ca.QuotaNodes: 2}, Applies: func(l map[string]string) bool { return l["topology.kubernetes.io/zone"] == "a" }}}
	l, _ = plan(t, o, in, ca.State{})
	if got := fmt.Sprint(l.ScaleUps[0].Increases); got != "[{a 1 2} {b 1 3}]" || len(l.ScaleUps[0].Cut) != 1 {
		t.Errorf("cut by a quota: %s, %v", got, l.ScaleUps[0].Cut)
	}
}

func TestR59R60Quotas(t *testing.T) {
	virtual := large("virtual")
	virtual.Labels["type"] = "virtual-kubelet"
	uneven := readyNode("n0", "cpu", "7500m", "memory", "8Gi", "pods", "110")
	for cores, want := range map[int64]int{16: 2, 23: 2, 24: 3, 100: 4} { // 7.5 cores count for 8
		in := withFull(nil, uneven)
		in.Cluster.Nodes = append(in.Cluster.Nodes, virtual)
		in.Cluster.Pods = append(in.Cluster.Pods, on("virtual", pod("full-virtual", "cpu", "8")))
		for i := range 3 {
			in.Cluster.Pods = append(in.Cluster.Pods, pod(fmt.Sprint("p", i), "cpu", "5"))
		}
		o := ca.DefaultOptions()
		o.Quotas = []ca.Quota{ca.ClusterWide(cores, 1<<50)}
		if l, _ := plan(t, o, in, ca.State{}); grownTo(l) != want {
			t.Errorf("%d cores: %s", cores, l.String())
		}
	}
	gpu := readyNode("n0", "cpu", "8", "memory", "8Gi", "pods", "110", "nvidia.com/gpu", "4")
	gpu.Labels["accelerator"] = "a100"
	in := withFull(nil, gpu)
	in.Cluster.Pods = append(in.Cluster.Pods, pod("p", "cpu", "5"))
	o := ca.DefaultOptions()
	o.GPULabel, o.Quotas = "accelerator", []ca.Quota{{ID: "gpus", Limits: map[string]int64{"a100": 7}}}
	if l, _ := plan(t, o, in, ca.State{}); skips(l.ScaleUps[0]) != `g: exceeded quota: "gpus", resources: a100` {
		t.Errorf("%s", skips(l.ScaleUps[0]))
	}
}

func TestR65Salvo(t *testing.T) {
	small, big := readyNode("s0"), large("l0")
	in := withFull(nil, small, big)
	in.Groups = []ca.NodeGroup{groupOf("small", 0, 10, small), groupOf("large", 0, 10, big)}
	small.Labels["pool"], big.Labels["pool"] = "small", "large"
	for i, pool := range []string{"small", "large", "large"} {
		p := pod(fmt.Sprint("p", i), "cpu", "3")
		p.Spec.NodeSelector = map[string]string{"pool": pool}
		in.Cluster.Pods = append(in.Cluster.Pods, p)
	}
	l, _ := plan(t, ca.DefaultOptions(), in, ca.State{})
	if len(l.ScaleUps) != 1 || len(l.ScaleUps[0].Increases) != 1 {
		t.Errorf("one by default: %s", l.String())
	}
	o := ca.DefaultOptions()
	o.SalvoScaleUps = 5
	l, st := plan(t, o, in, ca.State{})
	if len(l.ScaleUps) != 2 || len(st.Requests) != 2 || st.Requests["small"].Increase != 1 || st.Requests["large"].Increase != 1 {
		t.Errorf("%s, %+v", l.String(), st.Requests)
	}
}

func TestR66Minimum(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(o *ca.Options, in *ca.Input, st *ca.State)
		want string
	}{
		"off": {func(o *ca.Options, _ *ca.Input, _ *ca.State) { o.EnforceGroupsMin = false }, "[]"},
		"on":  {func(*ca.Options, *ca.Input, *ca.State) {}, "[{g 2 6}]"},
		"resting": {func(_ *ca.Options, _ *ca.Input, st *ca.State) {
			st.Backoffs = map[string]ca.Backoff{"g": {Until: now.Add(1), LastFailure: now}}
		}, "[]"},
		"missing": {func(_ *ca.Options, in *ca.Input, _ *ca.State) { in.Groups[0].Missing = true }, "[]"},
		"quota":   {func(o *ca.Options, _ *ca.Input, _ *ca.State) { o.Quotas = []ca.Quota{ca.ClusterWide(8*5+1, 1<<50)} }, "[{g 2 4}]"},
		"max-nodes-total against the group alone": {func(o *ca.Options, _ *ca.Input, _ *ca.State) { o.MaxNodesTotal = 5 }, "[{g 2 5}]"},
		"max-nodes-total of the cluster": {func(o *ca.Options, _ *ca.Input, _ *ca.State) {
			o.MaxNodesTotal, o.Profile.CapMinSizeByCluster = 5, true
		}, "[{g 2 4}]"},
	} {
		g0, g1, other := large("g0"), large("g1"), large("other")
		in := ca.Input{Cluster: ca.Cluster{Nodes: []*corev1.Node{g0, g1, other}}, Groups: []ca.NodeGroup{groupOf("g", 6, 9, g0, g1)}}
		o, st := ca.DefaultOptions(), ca.State{}
		o.EnforceGroupsMin = true
		c.edit(&o, &in, &st)
		l, next := plan(t, o, in, st)
		if got := fmt.Sprint(l.Minimums); got != c.want || (len(l.Minimums) > 0) != next.LastScaleUp.Equal(now) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// The answer does not depend on the order in which groups are given.
func TestGroupsAreWalkedByID(t *testing.T) {
	a, b := large("a0"), large("b0")
	in := ca.Input{Cluster: ca.Cluster{Nodes: []*corev1.Node{b, a}, Pods: []*corev1.Pod{on("a0", pod("f", "cpu", "8")), on("b0", pod("g", "cpu", "8")), pod("p", "cpu", "5")}}}
	in.Groups = []ca.NodeGroup{groupOf("b", 0, 9, b), groupOf("a", 0, 9, a)}
	first, _ := plan(t, ca.DefaultOptions(), in, ca.State{})
	slices.Reverse(in.Groups)
	second, _ := plan(t, ca.DefaultOptions(), in, ca.State{})
	if first.String() != second.String() || first.ScaleUps[0].Chosen != "a" {
		t.Errorf("%s, %s", first.String(), second.String())
	}
	drawn := map[string]bool{}
	for seed := range uint64(50) {
		o := ca.DefaultOptions()
		o.Seed = seed
		l, _ := plan(t, o, in, ca.State{})
		drawn[l.ScaleUps[0].Chosen] = true
	}
	if len(drawn) != 2 {
		t.Errorf("fifty seeds chose %v", drawn)
	}
}
