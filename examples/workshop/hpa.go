package main

import (
	"errors"
	"fmt"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/scalemath/scalemath/hpa"
	"github.com/scalemath/scalemath/internal/sim"
)

var hpaChapter = Chapter{
	Name:  "hpa",
	Title: "php-apache follows its load",
	Tell: func(t *Teller) error {
		t.Say("The HorizontalPodAutoscaler wants ceil(replicas x usage / target). A pod of php-apache requests 200m, and the " +
			"target is 50 % of that. Let one pod use 70 %.")
		if err := tellSeventyPercent(t); err != nil {
			return err
		}
		t.Say("Now with a load that comes and goes: a pod may use 500m, and there may be 1 to 10 of them. A minute after the " +
			"beginning clients ask for 1300 pages a second, together 5.2 cores; ten minutes later they leave.")
		return tellLoad(t)
	},
}

const hpaSync = 15 * time.Second

// phpApache is a cluster with php-apache under a load of so many requests a second.
func phpApache(seed uint64, rate sim.Curve) (*sim.Cluster, *sim.HPA, error) {
	object, err := decode[autoscalingv2.HorizontalPodAutoscaler]("php-apache.yaml", "HorizontalPodAutoscaler")
	if err != nil {
		return nil, nil, err
	}
	w, err := deployment("php-apache.yaml")
	if err != nil {
		return nil, nil, err
	}
	w.Load = sim.Requests{Rate: rate, Cost: 4, Memory: 20 << 20}
	autoscaler, err := sim.NewHPA(hpa.Defaults())
	if err != nil {
		return nil, nil, err
	}
	c, err := sim.New(sim.Config{
		Start: nine, Seed: seed, Nodes: machines(3), Workloads: []sim.Workload{w},
		HPAs: []*autoscalingv2.HorizontalPodAutoscaler{object}, Autoscalers: []sim.Autoscaler{autoscaler},
	})
	return c, autoscaler, err
}

func tellSeventyPercent(t *Teller) error {
	c, autoscaler, err := phpApache(t.Seed, sim.Constant(35))
	if err != nil {
		return err
	}
	told := hpaTeller{t: t}
	var first *hpa.Decision
	err = play(c, hpaSync, time.Minute, func(at time.Duration) {
		d := autoscaler.Decision(c.View(), "default", "php-apache")
		if d != nil && d.Rescale && first == nil {
			told.look(at, d)
			kept := *d
			first = &kept
		}
	})
	if err != nil {
		return err
	}
	if first == nil {
		return errors.New("one pod at 70 % was not scaled")
	}
	t.Untimed().Check("replicas for one pod at 70 %, ceil(1 x 70 / 50)", 2, first.Replicas)
	return nil
}

func tellLoad(t *Teller) error {
	const from, until = time.Minute, 11 * time.Minute
	c, autoscaler, err := phpApache(t.Seed, sim.Steps(sim.Step{From: from, Value: 1300}, sim.Step{From: until}))
	if err != nil {
		return err
	}
	told := hpaTeller{t: t}
	var course []int
	least, backAt := int32(10), time.Duration(0)
	err = play(c, hpaSync, until+6*time.Minute, func(at time.Duration) {
		told.look(at, autoscaler.Decision(c.View(), "default", "php-apache"))
		w, _ := c.View().Workload(phpApacheKey)
		course = append(course, int(w.Replicas))
		switch {
		case w.Replicas == 1 && at >= until && backAt == 0:
			backAt = at - until
		case at >= until && backAt == 0:
			least = min(least, w.Replicas)
		}
	})
	if err != nil {
		return err
	}
	t.Untimed().Course("replicas", hpaSync, course)
	t.Check("replicas at first", 1, course[0])
	t.Check("replicas under load, of at most 10", 10, peak(course))
	t.Check("fewest replicas in the five minutes after the load", 10, least)
	t.Check("minutes from the end of the load to one replica", 5, int(backAt.Minutes()))
	return nil
}

// hpaTeller tells the decisions that change something, and when holding begins.
type hpaTeller struct {
	t       *Teller
	holding bool
	since   time.Duration
}

func (h *hpaTeller) look(at time.Duration, d *hpa.Decision) {
	if d == nil || len(d.Metrics) == 0 || d.Metrics[0].Err != nil {
		return
	}
	m := &d.Metrics[0]
	saw := fmt.Sprintf("%d %% of the requests in use, target %d %%, ratio %.3g; pods: %s", m.Utilization, m.Target, m.Exact, m.Groups)
	n := &d.Normalized
	switch {
	case d.Rescale:
		h.t.At(at).Saw("%s", saw)
		held := ""
		if h.holding {
			held = fmt.Sprintf(" after holding for %s", short(at-h.since))
		}
		h.t.Decided("%d -> %d replicas%s: %s", d.Current, d.Replicas, held, d.ReasonText())
		h.t.Why(without(d.Explain, "php-apache (", "which decides", "% of the requests", "pods: "))
		h.holding = false
	case n.Stabilization != hpa.NotStabilized && d.Desired < d.Current && d.Current > 1 && !h.holding:
		h.t.At(at).Saw("%s", saw)
		h.t.Decided("%s kept: the metric asks for %d now, but asked for %d a moment ago and holds for %s",
			count(int(d.Current), "replica"), d.Desired, n.HeldBy.Replicas, short(hpa.Defaults().DownscaleStabilization))
		h.holding, h.since = true, at
	}
}

func peak(values []int) int {
	out := 0
	for _, v := range values {
		out = max(out, v)
	}
	return out
}
