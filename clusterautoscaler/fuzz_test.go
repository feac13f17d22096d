package clusterautoscaler_test

import (
	"encoding/json"
	"errors"
	"io"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	ca "github.com/scalemath/scalemath/clusterautoscaler"
)

// FuzzPlan reads a cluster with its groups and a state from JSON and runs two loops. It never panics, and what it decides
// stays within the bounds of every group.
func FuzzPlan(f *testing.F) {
	in := withFull(large("cloud"), large("n0"), unready(large("n1")))
	in.Cluster.Pods = append(in.Cluster.Pods, pod("p", "cpu", "5"), ownedBy("DaemonSet", "log", pod("log")))
	cluster, _ := json.Marshal(in.Cluster.Nodes)
	pods, _ := json.Marshal(in.Cluster.Pods)
	groups, _ := json.Marshal(in.Groups)
	f.Add(cluster, pods, groups, []byte(`{"requests":{"g":{"increase":1}}}`), 7, true)
	f.Add([]byte(`[]`), []byte(`[null]`), []byte(`[{"ID":"g","Max":2,"Target":9223372036854775807}]`), []byte(`{"hints":{"a":"b"}}`), 0, false)
	f.Add([]byte(`[{}]`), []byte(`[{"status":{"nominatedNodeName":"x"}}]`), []byte(`[{"ID":"g","Min":3,"Max":5,"Template":{"Node":{"status":{"allocatable":{"cpu":"1","memory":"1"}}}}}]`), []byte(`{}`), 1, true)
	f.Fuzz(func(t *testing.T, nodes, pods, groups, state []byte, total int, balance bool) {
		in, st := ca.Input{Now: now}, ca.State{}
		if json.Unmarshal(nodes, &in.Cluster.Nodes) != nil || json.Unmarshal(pods, &in.Cluster.Pods) != nil || json.Unmarshal(groups, &in.Groups) != nil || json.Unmarshal(state, &st) != nil {
			return
		}
		o := ca.DefaultOptions()
		o.MaxNodesTotal, o.BalanceSimilar, o.SalvoScaleUps, o.EnforceGroupsMin, o.MaxNodesPerScaleUp = total, balance, 2, balance, 50
		most := map[string]int{}
		for _, g := range in.Groups {
			if most[g.ID] = g.Max; g.Max > 1000 || g.Target > 1000 {
				return
			}
		}
		for range 2 {
			l, next, err := ca.Plan(o, in, st)
			if err != nil {
				if !errors.Is(err, ca.ErrInvalid) {
					t.Fatal(err)
				}
				return
			}
			for _, u := range l.ScaleUps {
				for _, i := range u.Increases {
					if i.To > most[i.ID] || i.To <= i.From {
						t.Fatalf("%+v with a maximum of %d", i, most[i.ID])
					}
				}
			}
			if err := l.Explain(io.Discard); err != nil {
				t.Fatal(err)
			}
			if _, err := json.Marshal(l); err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(next)
			if err != nil {
				t.Fatal(err)
			}
			if st = (ca.State{}); json.Unmarshal(text, &st) != nil {
				t.Fatalf("%s does not read back", text)
			}
			in.Now = in.Now.Add(20 * time.Minute)
		}
	})
}

func FuzzParsePriorities(f *testing.F) {
	f.Add("10:\n- .*spot.*\n-1: [a]\n", "spot-a")
	f.Add("a: b", "")
	f.Add("5: ['(']", "x")
	f.Fuzz(func(t *testing.T, text, id string) {
		p, err := ca.ParsePriorities(text)
		if err != nil {
			if !errors.Is(err, ca.ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		options := []ca.Option{{ID: id}, {ID: "other"}}
		if best, _ := ca.Priority(p, ca.Profile{}).Choose(options, 0); best < 0 {
			t.Fatal("priorities never leave nothing")
		}
	})
}

// FuzzEstimate asks for nodes for two kinds of pods.
func FuzzEstimate(f *testing.F) {
	f.Add(int64(250), int64(1<<20), int64(4000), int64(8<<30), int64(110), 100, 7, false)
	f.Add(int64(0), int64(0), int64(1), int64(0), int64(3), 9, 1, true)
	f.Add(int64(1)<<62, int64(1)<<62, int64(1)<<62, int64(1)<<62, int64(1)<<62, 40, 3, true)
	f.Fuzz(func(t *testing.T, cpu, memory, haveCPU, haveMemory, havePods int64, count, other int, fast bool) {
		if count < 1 || other < 1 || count > 300 || other > 300 {
			return
		}
		quantity := func(milli, bytes int64) corev1.ResourceList {
			return corev1.ResourceList{corev1.ResourceCPU: milliQuantity(milli), corev1.ResourceMemory: wholeQuantity(bytes)}
		}
		p, template := pod("p"), readyNode("t")
		p.Spec.Containers[0].Resources.Requests = quantity(cpu, memory)
		template.Status.Allocatable = quantity(haveCPU, haveMemory)
		template.Status.Allocatable[corev1.ResourcePods] = wholeQuantity(havePods)
		template.Status.Capacity = template.Status.Allocatable
		s, err := kube.NewSnapshot(kube.Options{AllLabels: true})
		if err != nil {
			t.Fatal(err)
		}
		in := ca.EstimateInput{
			Snapshot: s, Template: &ca.Template{Node: template}, Groups: []ca.PodGroup{alike(p, count), alike(pod("q", "cpu", "1"), other)}, FastPath: fast,
			Limits: ca.Limits{MaxNodesPerScaleUp: 50, GroupRoom: -1},
		}
		e, err := ca.Estimate(in)
		if err != nil {
			if !errors.Is(err, ca.ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		if e.Nodes > 50 || e.Placed[0] > count || e.Placed[1] > other || s.Len() != 0 || (e.Nodes == 0) != (e.Pods() == 0) {
			t.Fatalf("%+v", e)
		}
	})
}
