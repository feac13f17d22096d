package main

import (
	"fmt"
	"math"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/internal/sim"
)

var togetherChapter = Chapter{
	Name:  "together",
	Title: "a morning with all of them",
	Tell: func(t *Teller) error {
		t.Say("One cluster and all autoscalers, from nine to half past eleven. The load on php-apache rises until ten and is gone " +
			"at half past ten; the hamsters burn; report runs by the clock of Seoul; nginx follows the number of nodes; from a " +
			"quarter to ten to a quarter past somebody runs five pods of a batch, for which only Karpenter makes machines.")
		t.Say("One thing leads to the next: what the load asks for needs a node, that is the fifth, and on five nodes the ladder " +
			"gives nginx five replicas.")
		m, err := newMorning(t.Seed)
		if err != nil {
			return err
		}
		if err := m.tell(t); err != nil {
			return err
		}
		m.check(t)
		return nil
	},
}

const (
	every     = 30 * time.Second
	batchFrom = 45 * time.Minute
	batchTo   = 75 * time.Minute
	loadGone  = 90 * time.Minute
	closing   = 150*time.Minute - every
	ladder    = "default/nginx-deployment"
	report    = "default/report"
)

// load is the requests a second on php-apache: from 20 at five past nine to 260 at ten, and none from half past ten on.
func load(since time.Duration) float64 {
	const from, top = 5 * time.Minute, 60 * time.Minute
	switch {
	case since < from || since >= loadGone:
		return 0
	case since >= top:
		return 260
	}
	return 20 + 240*float64(since-from)/float64(top-from)
}

// courses are the numbers that the chapter follows.
type courses struct{ nodes, phpApache, nginx, price []int }

// look takes them down.
func (c *courses) look(v *sim.View) {
	replicas := func(key string) int { w, _ := v.Workload(key); return int(w.Replicas) }
	c.nodes = append(c.nodes, v.NodeCount())
	c.phpApache = append(c.phpApache, replicas(phpApacheKey))
	c.nginx = append(c.nginx, replicas(ladder))
	c.price = append(c.price, int(math.Round(1000*price(v))))
}

// price is what all machines cost an hour.
func price(v *sim.View) float64 {
	sum := 0.0
	state := v.Cloud().State()
	for _, g := range state.Groups {
		for i := range g.Instances {
			sum += g.Instances[i].Price
		}
	}
	for i := range state.Instances {
		sum += state.Instances[i].Price
	}
	return sum
}

// tell plays the morning and tells what changed.
func (m *morningPlay) tell(t *Teller) error {
	bars := func(at time.Duration, title string) {
		requested, _ := nodeBars(m.c.View())
		t.At(at).Bars(fmt.Sprintf("%s: %s, $%.4g an hour", title, count(len(requested), "node"), price(m.c.View())), requested...)
	}
	told := 0
	err := play(m.c, every, closing, func(at time.Duration) {
		m.courses.look(m.c.View())
		told = m.tellRecords(t, told)
		switch at {
		case 5 * time.Minute:
			bars(at, "before the load")
		case batchTo - every:
			bars(at, "at its height")
		case closing:
			bars(at, "afterwards")
		}
	})
	if err != nil {
		return err
	}
	t.Untimed().Course("nodes", every, m.courses.nodes)
	t.Course("php-apache, by load", every, m.courses.phpApache)
	t.Course("nginx, by nodes", every, m.courses.nginx)
	t.Course("price an hour in tenths of a cent", every, m.courses.price)
	return nil
}

// tellRecords tells of what was decided since the last look, but of the clock's decisions only the first two.
func (m *morningPlay) tellRecords(t *Teller, from int) int {
	history := m.c.History()
	for i := range history[from:] {
		r := &history[from+i]
		what := m.words(r)
		if what == "" {
			continue
		}
		t.At(r.At.Sub(nine).Round(time.Second))
		if r.By == "person" || r.By == "cloud" {
			t.Saw("%-18s %s", r.By, what)
			continue
		}
		if r.Why != "" && r.By != "keda" && r.What != sim.GroupResized { // their reasons are the same words again
			what += ": " + plainly.Replace(r.Why)
		}
		t.Decided("%-18s %s", r.By, what)
	}
	return len(history)
}

// plainly shortens reasons.
var plainly = strings.NewReplacer(" resource utilization (percentage of request)", "", " (emptiness)", "")

// words are what a record tells; none where the chapter passes it over.
func (m *morningPlay) words(r *sim.Record) string {
	switch {
	case r.What == sim.Scaled && r.Object == report:
		if m.byClock++; m.byClock > 2 {
			return ""
		}
		fallthrough
	case r.What == sim.Scaled, r.What == sim.GroupResized && r.By != "cloud":
		return fmt.Sprintf("%s %d -> %d", r.Object[strings.IndexByte(r.Object, '/')+1:], r.From, r.To)
	case r.What == sim.PodEvicted && r.By == "vpa":
		return "evicts " + r.Object
	case r.What == sim.NodeJoined && r.At.After(nine):
		for _, n := range m.c.View().Nodes() {
			if n.Object.Name == r.Object {
				return r.Object + " joins, a " + n.Object.Labels[corev1.LabelInstanceTypeStable]
			}
		}
	case r.What == sim.NodeLeft:
		return r.Object + " goes"
	case r.What == sim.Refused:
		return "refused: " + r.Object
	}
	return ""
}

func (m *morningPlay) check(t *Teller) {
	v := m.c.View()
	first, last := m.courses.price[0], m.courses.price[len(m.courses.price)-1]
	t.Check("php-apache: at first, at most, in the end", "1, 10, 1", span(m.courses.phpApache))
	t.Check("nodes: at first, at most, in the end", "3, 5, 3", span(m.courses.nodes))
	t.Check("hamsters that request what is recommended", 2, occurrences(requests(v), recommended))
	t.Check("nginx: at first, at most, in the end", "3, 5, 3", span(m.courses.nginx))
	t.Check("times that the clock started report", 10, (m.byClock+1)/2)
	t.Check("machines that Karpenter launched", 1, len(m.spot()))
	t.Check("pods without a place in the end", 0, len(v.Pending()))
	t.Check("price an hour before and after, in tenths of a cent", "156, 156", fmt.Sprintf("%d, %d", first, last))
	t.Say(fmt.Sprintf("The machines of the morning cost $%.2f together.", v.Cloud().Cost()))
}

func span(values []int) string {
	return fmt.Sprintf("%d, %d, %d", values[0], peak(values), values[len(values)-1])
}

// spot are the nodes outside groups that ever joined.
func (m *morningPlay) spot() []string {
	var out []string
	for _, r := range m.c.History().Of(sim.NodeJoined) {
		if r.Why == "" {
			out = append(out, r.Object)
		}
	}
	return out
}
