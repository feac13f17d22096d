package sim

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/metrics"
)

// youngest is how long a container must have run for its usage to be known.
const youngest = 10 * time.Second

// measurement is what the pods of a workload used when it was measured: one amount for each shape, since pods of one
// shape are alike; what tells them apart is drawn when it is read.
type measurement struct {
	at     time.Duration
	window time.Duration
	number uint64     // of the measurement, which chance is drawn by
	usage  [][2]Usage // by shape: of pods that are not ready, and of ready ones
}

// measure takes the usage of all workloads, as it was in the middle of the window that ends now.
func (c *Cluster) measure() {
	c.measurements++
	window := c.cfg.MetricsResolution
	for _, w := range c.workloads {
		if !w.created {
			continue
		}
		m := measurement{at: c.now, window: window, number: c.measurements}
		if c.cfg.MetricsDelay == 0 {
			m.usage = w.measured.usage[:0] // nobody reads the last one any more
		}
		for _, s := range w.shapes {
			var one [2]Usage
			if w.Load != nil {
				serving := Serving{ReadyPods: w.ready, CPULimit: s.cpuLimit}
				one[0] = w.Load.Usage(c.now-window/2, serving)
				serving.Ready = true
				one[1] = w.Load.Usage(c.now-window/2, serving)
			}
			m.usage = append(m.usage, one)
		}
		if c.cfg.MetricsDelay == 0 {
			w.measured = m
		} else {
			w.coming = append(w.coming, m)
		}
	}
	if c.cfg.MetricsDelay > 0 {
		c.timers.add(timer{at: c.now + c.cfg.MetricsDelay, rank: forPublish})
	}
}

// publish makes the oldest measurement readable.
func (c *Cluster) publish() {
	for _, w := range c.workloads {
		if len(w.coming) > 0 && w.coming[0].at+c.cfg.MetricsDelay <= c.now {
			w.measured = w.coming[0]
			w.coming = append(w.coming[:0], w.coming[1:]...)
		}
	}
}

// usage is what a pod used by the latest measurement; false where it was too young.
func (c *Cluster) usage(p *pod) (Usage, bool) {
	m := &p.of.measured
	if p.stage < running || p.started+youngest > m.at || p.shape.index >= len(m.usage) {
		return Usage{}, false
	}
	up := 0
	if p.stage == ready && p.readyAt <= m.at {
		up = 1
	}
	u := m.usage[p.shape.index][up]
	if varied, ok := p.of.Load.(Varied); ok {
		u = varied.Vary(u, c.chance(p.serial, m.number)).capped(p.shape.cpuLimit)
	}
	return u, true
}

// chance draws a number from 0 to below 1 for a pod and a measurement. The same scenario draws the same.
func (c *Cluster) chance(serial, number uint64) float64 {
	z := c.cfg.Seed + serial*0x9e3779b97f4a7c15 + number*0xd1b54a32d192ed03
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return float64((z^z>>31)>>11) / (1 << 53)
}

// Samples is the memory of a question about the readings of one workload's pods. Its zero value is ready for use.
type Samples struct {
	list       []metrics.PodSample
	generation uint64 // of the workload's pods when the list was made
	alike      bool   // all of them are ready, of one shape, and older than any measurement to come: only amounts change
	shape      int    // that one
}

// samples are the readings of a workload's pods, in their order.
func (c *Cluster) samples(w *workload, resource corev1.ResourceName, container string, s *Samples) []metrics.PodSample {
	if container != "" && !hasContainer(w, container) {
		return nil
	}
	at := c.cfg.Start.Add(w.measured.at)
	if s.alike && s.generation == w.generation && s.shape < len(w.measured.usage) {
		value := w.reading(w.measured.usage[s.shape][1], resource, container)
		for i := range s.list {
			s.list[i].Value, s.list[i].Time = value, at
		}
		return s.list
	}
	_, varied := w.Load.(Varied)
	s.list, s.generation, s.alike = s.list[:0], w.generation, !varied
	for i, p := range w.pods {
		u, ok := c.usage(p)
		if i == 0 {
			s.shape = p.shape.index
		}
		s.alike = s.alike && ok && p.stage == ready && p.readyAt <= w.measured.at && p.shape.index == s.shape
		if ok {
			value := w.reading(u, resource, container)
			s.list = append(s.list, metrics.PodSample{Pod: p.object.Name, Value: value, Time: at, Window: w.measured.window})
		}
	}
	return s.list
}

// reading is what the metrics API shows of a usage, in thousandths: all of it belongs to the first container.
func (w *workload) reading(u Usage, resource corev1.ResourceName, container string) int64 {
	switch {
	case container != "" && container != w.Template.Spec.Containers[0].Name:
		return 0
	case resource == corev1.ResourceMemory:
		return u.Memory * 1000
	}
	return u.CPU
}

func hasContainer(w *workload, name string) bool {
	for i := range w.Template.Spec.Containers {
		if w.Template.Spec.Containers[i].Name == name {
			return true
		}
	}
	return false
}
