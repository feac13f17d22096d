package main

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/internal/sim"
)

// nine is nine in the morning in Seoul, on the first day of May.
var nine = time.Date(2023, 5, 1, 9, 0, 0, 0, time.FixedZone("KST", 9*60*60))

// machine is a node outside any cloud: of the size that the workshop's nodes had, for daemons take a part of its two cores.
func machine(name string) *corev1.Node {
	n := &corev1.Node{}
	n.Name = name
	n.Labels = map[string]string{corev1.LabelHostname: name}
	n.Status.Allocatable = corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("1930m"), corev1.ResourceMemory: resource.MustParse("3388360Ki"), corev1.ResourcePods: resource.MustParse("50"),
	}
	n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	return n
}

func machines(n int) []*corev1.Node {
	var out []*corev1.Node
	for i := range n {
		out = append(out, machine(fmt.Sprintf("node-%d", i+1)))
	}
	return out
}

// play lets a cluster go on and looks at it every so often.
func play(c *sim.Cluster, every, until time.Duration, look func(at time.Duration)) error {
	for at := c.Now().Sub(nine)/every*every + every; at <= until; at += every {
		if err := c.Run(at); err != nil {
			return err
		}
		look(at)
	}
	return nil
}

// person does things by hand, each at its time.
type person struct {
	todo []task
	next int
}

type task struct {
	at time.Duration
	do func(v *sim.View) []sim.Action
}

func (p *person) Name() string { return "person" }

func (p *person) Period() time.Duration { return 5 * time.Second }

func (p *person) Step(now time.Time, v *sim.View) []sim.Action {
	var out []sim.Action
	for p.next < len(p.todo) && now.Sub(v.Start()) >= p.todo[p.next].at {
		out = append(out, p.todo[p.next].do(v)...)
		p.next++
	}
	return out
}

// scaleTo is kubectl scale; of 0 replicas, kubectl delete.
func scaleTo(workload string, replicas int32) func(*sim.View) []sim.Action {
	return func(*sim.View) []sim.Action {
		return []sim.Action{sim.Scale{Workload: workload, Replicas: replicas, Why: "by hand"}}
	}
}

// witness looks on before the autoscalers behind it act.
type witness struct {
	every time.Duration
	look  func(v *sim.View)
}

func (w *witness) Name() string { return "witness" }

func (w *witness) Period() time.Duration { return w.every }

func (w *witness) Step(_ time.Time, v *sim.View) []sim.Action {
	w.look(v)
	return nil
}
