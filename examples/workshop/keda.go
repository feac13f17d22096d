package main

import (
	"fmt"
	"io"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"sigs.k8s.io/yaml"

	"github.com/scalemath/scalemath/hpa"
	"github.com/scalemath/scalemath/internal/sim"
	"github.com/scalemath/scalemath/keda"
)

var kedaChapter = Chapter{
	Name:  "keda",
	Title: "php-apache runs by the clock of Seoul",
	Tell: func(t *Teller) error {
		t.Say("KEDA moves a workload between zero and one, and leaves the rest to a HorizontalPodAutoscaler that it makes and " +
			"serves with metrics. This ScaledObject opens at minute 0, 15, 30 and 45 and closes five minutes later; once it is " +
			"closed, the workload stays for the cooldown of 300 seconds.")
		c, operator, err := clockwork(t.Seed)
		if err != nil {
			return err
		}
		const tick = 30 * time.Second
		var course []int
		told := kedaTeller{t: t}
		err = play(c, tick, time.Hour-tick, func(at time.Duration) {
			w, _ := c.View().Workload(phpApacheKey)
			course = append(course, int(w.Replicas))
			if at <= 15*time.Minute {
				told.look(at, c.View(), operator.Tick(phpApacheKey))
			}
		})
		if err != nil {
			return err
		}
		t.Say("And so it goes on.")
		t.Course("replicas from nine to ten", tick, course)
		return checkClockwork(t, c)
	},
}

const phpApacheKey = "default/php-apache"

// clockwork is a cluster with KEDA and the ScaledObject from nine o'clock in Seoul on.
func clockwork(seed uint64) (*sim.Cluster, *sim.KEDA, error) {
	object, err := decode[keda.ScaledObject]("cron.yaml", "ScaledObject")
	if err != nil {
		return nil, nil, err
	}
	w, err := deployment("php-apache.yaml")
	if err != nil {
		return nil, nil, err
	}
	w.Replicas = 0
	operator, err := sim.NewKEDA(keda.Defaults(), nil, object)
	if err != nil {
		return nil, nil, err
	}
	controller, err := sim.NewHPA(hpa.Defaults())
	if err != nil {
		return nil, nil, err
	}
	c, err := sim.New(sim.Config{
		Start: nine, Seed: seed, Nodes: machines(3), Workloads: []sim.Workload{w}, Autoscalers: []sim.Autoscaler{operator, controller},
	})
	return c, operator, err
}

// kedaTeller tells of the ticks that change something.
type kedaTeller struct {
	t       *Teller
	applied bool
	rule    keda.Rule
}

func (k *kedaTeller) look(at time.Duration, v *sim.View, d *keda.TickDecision) {
	k.t.At(at)
	if objects := v.HPAs(); len(objects) > 0 && !k.applied {
		k.applied = true
		k.t.Decided("makes the HorizontalPodAutoscaler %s", objects[0].Name)
		k.t.Why(func(w io.Writer) error { return writeYAML(w, objects[0].Spec.Metrics) })
	}
	if d == nil || d.Scale == nil || d.Scale.Rule == k.rule {
		return
	}
	if k.rule = d.Scale.Rule; k.rule == keda.RuleActive || k.rule == keda.RuleInactive {
		return // it stays as it is
	}
	state := "closed"
	if d.Active {
		state = "open"
	}
	k.t.Saw("%s in Seoul, which is %s", v.Start().Add(at).In(nine.Location()).Format(time.TimeOnly), state)
	k.t.Decided("%s", clock(d.Scale.String()))
	k.t.Why(without(d.Scale.Explain, "apps/v1.Deployment", "no trigger is active", "- active: ", "The number comes", "the cooldown lasts"))
}

func checkClockwork(t *Teller, c *sim.Cluster) error {
	var ups, downs, most int
	for _, r := range c.History().Of(sim.Scaled) {
		most = max(most, int(r.To))
		if r.To > r.From {
			ups++
		} else {
			downs++
		}
	}
	t.Check("times that it went from zero to one within the hour", 4, ups)
	t.Check("times that it went back to zero", 4, downs)
	t.Check("most replicas", 1, most)
	objects := c.View().HPAs()
	if len(objects) != 1 {
		return fmt.Errorf("there are %d HorizontalPodAutoscalers", len(objects))
	}
	t.Check("its HPA", "keda-hpa-php-apache-cron-scaled", objects[0].Name)
	t.Check("its bounds and target", "1 to 2, AverageValue 1", bounds(objects[0])+", "+target(objects[0]))
	return nil
}

func bounds(h *autoscalingv2.HorizontalPodAutoscaler) string {
	return fmt.Sprintf("%d to %d", *h.Spec.MinReplicas, h.Spec.MaxReplicas)
}

func target(h *autoscalingv2.HorizontalPodAutoscaler) string {
	if len(h.Spec.Metrics) != 1 || h.Spec.Metrics[0].External == nil {
		return "something else"
	}
	m := h.Spec.Metrics[0].External.Target
	return fmt.Sprintf("%s %s", m.Type, m.AverageValue)
}

func writeYAML(w io.Writer, v any) error {
	text, err := yaml.Marshal(v)
	if err == nil {
		_, err = w.Write(text)
	}
	return err
}
