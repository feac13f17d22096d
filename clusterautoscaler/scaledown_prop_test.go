package clusterautoscaler_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"

	ca "github.com/scalemath/scalemath/clusterautoscaler"
)

// anyCluster draws up to two groups of nodes with pods of all kinds.
func anyCluster(t *rapid.T) ca.Input {
	var in ca.Input
	for g := range rapid.IntRange(1, 2).Draw(t, "groups") {
		var nodes []*corev1.Node
		for k := range rapid.IntRange(0, 8).Draw(t, "nodes") {
			n := readyNode(fmt.Sprintf("g%d-n%d", g, k), "cpu", "2", "memory", "4Gi", "pods", "6")
			switch rapid.IntRange(0, 12).Draw(t, "node") {
			case 0:
				unready(n)
			case 1:
				n.Annotations = map[string]string{ca.AnnotationScaleDownDisabled: "true"}
			}
			nodes = append(nodes, n)
			for p := range rapid.IntRange(0, 4).Draw(t, "pods") {
				in.Cluster.Pods = append(in.Cluster.Pods, anyPod(t, n.Name, p))
			}
		}
		least := rapid.IntRange(0, len(nodes)).Draw(t, "min")
		group := groupOf(fmt.Sprintf("g%d", g), least, 20, nodes...)
		group.Options.ZeroOrMax = rapid.IntRange(0, 9).Draw(t, "whole") == 0
		if len(nodes) > 0 && rapid.IntRange(0, 5).Draw(t, "leaving") == 0 {
			group.Instances[0].State = ca.InstanceDeleting
		}
		in.Cluster.Nodes, in.Groups = append(in.Cluster.Nodes, nodes...), append(in.Groups, group)
	}
	if rapid.Bool().Draw(t, "budget") {
		in.Cluster.PDBs = []*policyv1.PodDisruptionBudget{budget("default", int32(rapid.IntRange(0, 5).Draw(t, "disruptions")))}
	}
	return in
}

func anyPod(t *rapid.T, node string, k int) *corev1.Pod {
	p := pod(fmt.Sprintf("%s-p%d", node, k), "cpu", fmt.Sprintf("%dm", rapid.IntRange(0, 12).Draw(t, "cpu")*100), "memory", "100Mi")
	p.UID = types.UID(p.Name)
	switch rapid.IntRange(0, 14).Draw(t, "kind") {
	case 0:
		return on(node, p)
	case 1, 2:
		return on(node, ownedBy("DaemonSet", "agent", p))
	case 3:
		return on(node, with(p, annotated(ca.AnnotationSafeToEvict, "on-completion")))
	case 4:
		p.Spec.Priority = new(int32)
		*p.Spec.Priority = 7
	}
	return on(node, ownedBy("ReplicaSet", fmt.Sprintf("web-%d", k), p))
}

// scaleDownLaws runs loops over a cluster and does what they decide. At each step: groups keep their minimum, the limits on
// deletions hold, every node that stays has a reason, pods that move have room, the input is left alone, and the same
// question has the same answer.
func scaleDownLaws(t *rapid.T) {
	in, st := anyCluster(t), ca.ScaleDownState{}
	o := ca.DefaultOptions()
	o.ScaleDown.UnneededTime = time.Duration(rapid.IntRange(0, 2).Draw(t, "timer")) * time.Minute
	o.ScaleDown.MaxParallelism, o.ScaleDown.MaxDrainParallelism = rapid.IntRange(0, 5).Draw(t, "parallel"), rapid.IntRange(0, 3).Draw(t, "drains")
	for loop := range 3 {
		in.Now = now.Add(time.Duration(loop) * 61 * time.Second)
		before, _ := json.Marshal(in.Cluster.Nodes)
		pods, _ := json.Marshal(in.Cluster.Pods)
		d, next, err := ca.DecideScaleDown(o, in, st)
		if err != nil {
			t.Fatal(err)
		}
		again, nextAgain, _ := ca.DecideScaleDown(o, in, st)
		if !reflect.DeepEqual(d, again) || !reflect.DeepEqual(next, nextAgain) {
			t.Fatalf("the same question has two answers: %s and %s", d.String(), again.String())
		}
		after, _ := json.Marshal(in.Cluster.Nodes)
		podsAfter, _ := json.Marshal(in.Cluster.Pods)
		if !bytes.Equal(before, after) || !bytes.Equal(pods, podsAfter) {
			t.Fatal("the input was changed")
		}
		checkScaleDown(t, o, in, d)
		text, err := json.Marshal(next)
		if err != nil {
			t.Fatal(err)
		}
		st = ca.ScaleDownState{}
		if err := json.Unmarshal(text, &st); err != nil {
			t.Fatalf("%s does not read back: %v", text, err)
		}
	}
}

func checkScaleDown(t *rapid.T, o ca.Options, in ca.Input, d ca.ScaleDown) {
	goes := map[string]bool{}
	left := map[string]int{}
	for _, g := range in.Groups {
		left[g.ID] = g.Target
	}
	whole := false
	for _, r := range slices.Concat(d.Empty, d.Drain) {
		goes[r.Node] = true
		left[r.Group]--
	}
	for _, g := range in.Groups {
		for _, m := range g.Instances {
			if m.State == ca.InstanceDeleting {
				left[g.ID]--
			}
		}
		if left[g.ID] < g.Min && left[g.ID] < g.Target-1 {
			t.Fatalf("%s would have %d nodes, minimum %d: %s", g.ID, left[g.ID], g.Min, d.String())
		}
		whole = whole || g.Options.ZeroOrMax
	}
	if !whole && (len(goes) > o.ScaleDown.MaxParallelism || len(d.Drain) > o.ScaleDown.MaxDrainParallelism) {
		t.Fatalf("too many at a time: %s", d.String())
	}
	if len(d.Nodes) != len(in.Cluster.Nodes) {
		t.Fatalf("%d of %d nodes are spoken of", len(d.Nodes), len(in.Cluster.Nodes))
	}
	where := map[string]string{}
	for i := range d.Nodes {
		n := &d.Nodes[i]
		if goes[n.Name] != (n.Reason == ca.NodeRemovable) {
			t.Fatalf("%s: goes is %v, but %s", n.Name, goes[n.Name], n)
		}
		if (n.Reason == ca.BlockedByPod || n.Reason == ca.NoPlaceToMovePods || n.Reason == ca.BlockedByOnCompletionPod) && n.Pod == "" {
			t.Fatalf("%s does not name the pod: %s", n.Name, n)
		}
		for _, r := range d.Drain { // in the order of the simulation
			for _, m := range r.Moves {
				if r.Node == n.Name {
					where[m.Name()] = m.To
				}
			}
		}
	}
	checkRoom(t, in, goes, where)
}

// checkRoom adds up what every node would have to carry.
func checkRoom(t *rapid.T, in ca.Input, goes map[string]bool, where map[string]string) {
	type load struct{ cpu, pods int64 }
	loads, moved, asked := map[string]load{}, map[string]bool{}, map[string]bool{}
	for _, p := range in.Cluster.Pods {
		node := p.Spec.NodeName
		if to, ok := where[p.Namespace+"/"+p.Name]; ok {
			node = to
			moved[to] = true
		}
		l, cpu := loads[node], p.Spec.Containers[0].Resources.Requests.Cpu().MilliValue()
		l.pods, l.cpu = l.pods+1, l.cpu+cpu
		if moved[node] && cpu > 0 && node != p.Spec.NodeName {
			asked[node] = true // a pod that asks for nothing fits on a node that is too full
		}
		loads[node] = l
	}
	for node := range moved {
		if goes[node] {
			t.Fatalf("pods end on %s, which goes", node)
		}
		if l := loads[node]; asked[node] && l.cpu > 2000 || l.pods > 6 {
			t.Fatalf("%s would carry %+v", node, l)
		}
	}
}

func TestScaleDownLaws(t *testing.T) { rapid.Check(t, scaleDownLaws) }

func FuzzScaleDown(f *testing.F) { f.Fuzz(rapid.MakeFuzz(scaleDownLaws)) }

// FuzzDrain judges pods read from JSON: no panic, a reason just where a pod holds its node, and a plan that agrees.
func FuzzDrain(f *testing.F) {
	first, _ := json.Marshal([]*corev1.Pod{with(on("n", pod("a")), annotated(ca.AnnotationSafeToEvictLocalVolumes, "x,,y"))})
	f.Add(first, true, 3)
	f.Add([]byte(`[{"metadata":{"namespace":"kube-system","ownerReferences":[{"kind":"Job","controller":true}]}}]`), false, 0)
	f.Add([]byte(`[{"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"},"spec":{"terminationGracePeriodSeconds":-9223372036854775808}}]`), true, 0)
	f.Fuzz(func(t *testing.T, text []byte, known bool, least int) {
		var pods []*corev1.Pod
		if json.Unmarshal(text, &pods) != nil || slices.Contains(pods, nil) {
			return
		}
		o := ca.DefaultDrainOptions()
		o.SkipCustomControllerPods, o.MinReplicaCount = known, least
		cluster := &ca.Cluster{PDBs: []*policyv1.PodDisruptionBudget{budget("default", 0)}}
		if known {
			cluster.Controllers = map[ca.Controller]int32{{Kind: "Job"}: 1}
		}
		d, err := ca.NewDrainer(cluster, now, o)
		if err != nil {
			t.Fatal(err)
		}
		plan, judged := d.Plan(pods), 0
		for _, p := range pods {
			v := d.Judge(p)
			if (v.Outcome == ca.DrainBlock) != (v.Reason != "") || (v.Detail != "") != (v.Reason != "") {
				t.Fatalf("%+v", v)
			}
			if v.Outcome == ca.DrainBlock {
				if plan.Blocking != p {
					t.Fatalf("the plan does not end at %s", p.Name)
				}
				break
			}
			if v.Outcome != ca.DrainSkip {
				judged++
			}
		}
		if judged != len(plan.Move)+len(plan.DaemonSet)+len(plan.OnCompletion) {
			t.Fatalf("%d pods, but %+v", judged, plan)
		}
		ca.PlanEviction(plan, ca.DefaultEvictionOptions())
	})
}
