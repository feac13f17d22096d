package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/internal/sim"
	"github.com/scalemath/scalemath/vpa"
)

var vpaChapter = Chapter{
	Name:  "vpa",
	Title: "the hamster asks for too little",
	Tell: func(t *Teller) error {
		t.Say("Two hamsters request 100m and 50Mi and burn close to half a core each. The VerticalPodAutoscaler samples them, " +
			"recommends what they should request, evicts those that are far off, one at a time, and the webhook gives the pods " +
			"that replace them what is recommended.")
		if err := tellHamster(t); err != nil {
			return err
		}
		t.Say("The mode says how far it goes. Four clusters, alike but for the mode; after eight minutes somebody deletes a pod " +
			"by hand.")
		return tellModes(t)
	},
}

const (
	hamster     = "default/hamster"
	recommended = "548m 262144k" // on the page
)

// hamsters is a cluster whose hamsters are looked after in a mode.
func hamsters(seed uint64, mode vpa.UpdateMode, others ...sim.Autoscaler) (*sim.Cluster, *sim.VPA, error) {
	object, err := decode[vpa.VerticalPodAutoscaler]("hamster.yaml", "VerticalPodAutoscaler")
	if err != nil {
		return nil, nil, err
	}
	object.Spec.UpdatePolicy = &vpa.UpdatePolicy{UpdateMode: &mode}
	w, err := deployment("hamster.yaml")
	if err != nil {
		return nil, nil, err
	}
	w.Load = burning
	autoscaler, err := sim.NewVPA(sim.VPADefaults(), object)
	if err != nil {
		return nil, nil, err
	}
	c, err := sim.New(sim.Config{
		Start: nine, Seed: seed, Nodes: machines(3), Workloads: []sim.Workload{w}, Autoscalers: append(others, autoscaler),
	})
	return c, autoscaler, err
}

func tellHamster(t *Teller) error {
	var seen []string // by the autoscaler, before it evicts
	c, autoscaler, err := hamsters(t.Seed, vpa.UpdateModeAuto, &witness{every: time.Minute, look: func(v *sim.View) { seen = used(v) }})
	if err != nil {
		return err
	}
	evicted := map[string]int{} // by the reason of the event
	told := ""
	err = play(c, time.Minute, 5*time.Minute, func(at time.Duration) {
		t.At(at)
		if r := autoscaler.Recommendation(hamster); r != nil && r.String() != told {
			told = r.String()
			t.Saw("%s of CPU in use where 100m are requested", strings.Join(seen, " and "))
			t.Decided("recommends %s", told)
			t.Why(without(r.Explain, "Container ", "samples of", "confidence"))
		}
		d := autoscaler.Update(hamster)
		for _, i := range d.Evict {
			evicted[d.Pods[i].EventReason]++
			t.Decided("evicts %s (%s)", d.Pods[i].Name, d.Pods[i].EventReason)
		}
		if len(d.Evict) > 0 {
			t.Why(without(d.Explain, "mode Auto", "ReplicaSet", "left alone: within"))
		}
	})
	if err != nil {
		return err
	}
	r := autoscaler.Recommendation(hamster)
	if r == nil {
		return errors.New("nothing is recommended for the hamster")
	}
	got := r.Status().ContainerRecommendations[0].Target
	t.Untimed().Check("recommended CPU", "548m", got.Cpu())
	t.Check("recommended memory, which release 1.8 writes as "+got.Memory().String(), "262144k", written(*got.Memory()))
	t.Check("pods evicted with the event EvictedByVPA", 2, evicted["EvictedByVPA"])
	t.Check("pods that request what is recommended in the end", 2, occurrences(requests(c.View()), recommended))
	return nil
}

func tellModes(t *Teller) error {
	rows := []string{"mode      evicted by it  what the two pods request in the end"}
	var checks []func()
	for _, page := range []struct {
		mode           vpa.UpdateMode
		evicted, grown int
	}{{vpa.UpdateModeOff, 0, 0}, {vpa.UpdateModeInitial, 0, 1}, {vpa.UpdateModeRecreate, 2, 2}, {vpa.UpdateModeAuto, 2, 2}} {
		c, _, err := hamsters(t.Seed, page.mode, &person{todo: []task{{at: 8 * time.Minute, do: deleteOne}}})
		if err == nil {
			err = c.Run(10 * time.Minute)
		}
		if err != nil {
			return err
		}
		evicted, pods := 0, requests(c.View())
		for _, r := range c.History().Of(sim.PodEvicted) {
			if r.By == "vpa" {
				evicted++
			}
		}
		rows = append(rows, fmt.Sprintf("%-8s  %13d  %s", page.mode, evicted, strings.Join(pods, ", ")))
		checks = append(checks, func() {
			t.Check(string(page.mode)+": evicted, and pods with what is recommended",
				fmt.Sprintf("%d and %d", page.evicted, page.grown), fmt.Sprintf("%d and %d", evicted, occurrences(pods, recommended)))
		})
	}
	t.Table("after ten minutes", lines(rows...))
	for _, check := range checks {
		check()
	}
	return nil
}

func occurrences(all []string, one string) int {
	n := 0
	for _, s := range all {
		if s == one {
			n++
		}
	}
	return n
}

// deleteOne deletes the oldest hamster.
func deleteOne(v *sim.View) []sim.Action {
	for _, p := range v.Pods(hamster) {
		return []sim.Action{sim.Evict{Namespace: p.Namespace, Pod: p.Name, Why: "by hand"}}
	}
	return nil
}

// used are the latest readings of what the hamsters use.
func used(v *sim.View) []string {
	var all []string
	for _, s := range v.Samples(hamster, corev1.ResourceCPU, "hamster", &sim.Samples{}) {
		all = append(all, resource.NewMilliQuantity(s.Value, resource.DecimalSI).String())
	}
	return all
}

// requests are what the hamsters request, oldest first.
func requests(v *sim.View) []string {
	var all []string
	for _, p := range v.Pods(hamster) {
		r := p.Spec.Containers[0].Resources.Requests
		all = append(all, r.Cpu().String()+" "+written(*r.Memory()))
	}
	return all
}

// written is an amount of memory as the workshop saw it: releases of 2023 wrote what is recommended in decimal units, which
// 1.8 writes in binary ones.
func written(q resource.Quantity) string {
	if q.Value()%1000 == 0 {
		q.Format = resource.DecimalSI
	}
	return q.String()
}
