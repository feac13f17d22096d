package sim_test

import (
	"bytes"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/internal/sim"
)

// chaos does what a script of bytes says, one action a minute.
type chaos struct{ script []byte }

func (*chaos) Name() string          { return "chaos" }
func (*chaos) Period() time.Duration { return time.Minute }

func (c *chaos) Step(_ time.Time, v *sim.View) []sim.Action {
	if len(c.script) < 2 {
		return nil
	}
	what, n := c.script[0], int(c.script[1])
	c.script = c.script[2:]
	key := []string{"default/app", "default/big", "default/batch", "default/none"}[n%4]
	pods, nodes := v.Pods(key), v.Nodes()
	pod, node := "none", "none"
	if len(pods) > 0 {
		pod = pods[n%len(pods)].Name
	}
	if len(nodes) > 0 {
		node = nodes[n%len(nodes)].Object.Name
	}
	switch what % 7 {
	case 0:
		return []sim.Action{sim.Scale{Workload: key, Replicas: int32(n%40) - 1}}
	case 1:
		return []sim.Action{sim.Evict{Namespace: "default", Pod: pod}, sim.Evict{Namespace: "default", Pod: pod}}
	case 2:
		return []sim.Action{sim.RemoveNode{Node: node}, sim.RemoveNode{Node: node}}
	case 3:
		return []sim.Action{sim.ResizeGroup{Group: "workers", Size: n % 6}}
	case 4:
		return []sim.Action{sim.TaintNode{Node: node, Cordoned: n%2 == 0, Taints: []corev1.Taint{{Key: "x", Effect: corev1.TaintEffectNoSchedule}}[:n/2%2]}}
	case 5:
		more := template("600m", "", "").Spec.Containers[0].Resources
		return []sim.Action{sim.Resize{Namespace: "default", Pod: pod, Containers: map[string]corev1.ResourceRequirements{"app": more}}}
	}
	return nil
}

// FuzzCluster plays any actions and holds the cluster against what must always be so.
func FuzzCluster(f *testing.F) {
	f.Add([]byte{3, 4, 0, 36, 2, 1, 1, 0, 5, 0, 4, 7, 2, 9, 0, 0, 3, 2, 0, 36}, true)
	f.Fuzz(func(t *testing.T, script []byte, pack bool) {
		if len(script) > 60 {
			return
		}
		play := func() (*sim.Cluster, string) {
			c := cluster(t, sim.Config{
				Cloud: workers(1, 4, 2), Pack: pack,
				Workloads: []sim.Workload{
					{Name: "app", Replicas: 8, Template: template("500m", "", ""), StartDelay: 10 * time.Second, ReadyDelay: 20 * time.Second},
					{Name: "big", Replicas: 1, Template: template("3", "", ""), StartDelay: time.Minute},
					{Kind: sim.Job, Name: "batch", Replicas: 5, Template: template("1", "", ""), RunFor: 7 * time.Minute, From: 2 * time.Minute},
					{Kind: sim.DaemonSet, Name: "agent", Template: template("100m", "", "")},
				},
				Autoscalers: []sim.Autoscaler{&chaos{script}},
			})
			run(t, c, time.Duration(len(script)/2+3)*time.Minute)
			var text bytes.Buffer
			if err := c.History().Write(&text); err != nil {
				t.Fatal(err)
			}
			return c, text.String()
		}
		c, first := play()
		if _, second := play(); second != first {
			t.Fatal("the same actions have two histories")
		}
		check(t, c)
	})
}

// check holds a cluster against what must always be so.
func check(t *testing.T, c *sim.Cluster) {
	t.Helper()
	v := c.View()
	place := map[string]string{}
	for _, n := range v.NodesWithPods() {
		var used int64
		for _, p := range n.Pods {
			if place[p.Name] != "" || p.Spec.NodeName != n.Object.Name {
				t.Fatalf("%s is on %s, on %q, and says %s", p.Name, n.Object.Name, place[p.Name], p.Spec.NodeName)
			}
			place[p.Name] = n.Object.Name
			used += p.Spec.Containers[0].Resources.Requests.Cpu().MilliValue()
		}
		// Resizing in place may book a node beyond what it has, since nobody asks the node.
		if have := n.Object.Status.Allocatable.Cpu().MilliValue(); used > have && len(c.History().Of(sim.PodResized)) == 0 {
			t.Fatalf("%s has %dm and is asked for %dm", n.Object.Name, have, used)
		}
	}
	for _, key := range v.Workloads() {
		w, _ := v.Workload(key)
		pods, ready := v.Pods(key), 0
		for _, p := range pods {
			if (place[p.Name] == "") != (p.Spec.NodeName == "") {
				t.Fatalf("%s says it is on %q and is on %q", p.Name, p.Spec.NodeName, place[p.Name])
			}
			delete(place, p.Name)
			for _, condition := range p.Status.Conditions {
				if condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue {
					ready++
				}
			}
		}
		want := int(w.Replicas) - w.Done
		if w.Kind == sim.DaemonSet {
			want = len(pods)
		}
		if len(pods) != want || w.Pods != want || w.Ready != ready {
			t.Fatalf("%s: %d pods, %d in the status, %d wanted; %d ready, %d in the status", key, len(pods), w.Pods, want, ready, w.Ready)
		}
	}
	if len(place) > 0 {
		t.Fatalf("pods on nodes that no workload has: %v", place)
	}
}
