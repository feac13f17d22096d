package hpa

import (
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/metrics"
)

// Groups counts the pods of a selector by what their reading is worth (rules G1 to G7).
type Groups struct {
	// Ready pods have a reading that counts.
	Ready int `json:"ready"`
	// Unready pods are pending, or initializing or unready where the metric is cpu; their readings are left out.
	Unready int `json:"unready,omitempty"`
	// Missing pods have no reading.
	Missing int `json:"missing,omitempty"`
	// Ignored pods failed or are being deleted.
	Ignored int `json:"ignored,omitempty"`
	// Gone counts readings of pods that the selector does not match, or no longer.
	Gone int `json:"gone,omitempty"`
}

// Readings is what the arithmetic of a per-pod metric needs: the groups, and sums over them in thousandths.
type Readings struct {
	Groups
	// Usage is the sum of the ready pods' readings.
	Usage int64
	// GoneUsage is the sum of the gone pods' readings.
	GoneUsage int64
	// Requests, MissingRequests and UnreadyRequests are what the pods of a group request together; only a utilization
	// has them.
	Requests, MissingRequests, UnreadyRequests int64
	// MissingFill is what the missing pods would use together if each used its full request, or the target where that is
	// more than the request (U5); only a utilization has it.
	MissingFill int64
}

// Samples is the number of readings that count: those of ready pods and of gone ones.
func (r *Readings) Samples() int { return r.Ready + r.Gone }

// itoa spares the call sites that build a field path a longer name.
func itoa(i int) string { return strconv.Itoa(i) }

// grouping joins pods with samples and sums both up by group. Its memory is reused.
type grouping struct {
	sampleOf []int32        // by pod: index of its sample, -1 for none
	gone     []int32        // samples of pods that are not in the list, one a name
	goneAt   map[string]int // by name: position in gone
}

// group sorts the pods into groups. Requests come from column, which is nil unless a utilization is computed against
// target (percent).
func (g *grouping) group(now int64, cfg *Config, fixes *Fixes, pods *Pods, samples []metrics.PodSample, res corev1.ResourceName, column *requestColumn, target int32) Readings {
	g.join(pods, samples)
	var r Readings
	for i := range pods.facts {
		var request int64
		if column != nil {
			request = column.milli[i]
		}
		switch sample := g.sampleOf[i]; pods.facts[i].group(now, cfg, fixes, samples, sample, res) {
		case isIgnored:
			r.Ignored++
		case isUnready:
			r.Unready++
			r.UnreadyRequests = fixes.add(r.UnreadyRequests, request)
		case isMissing:
			r.Missing++
			r.MissingRequests = fixes.add(r.MissingRequests, request)
			if column != nil {
				r.MissingFill = fixes.add(r.MissingFill, fixes.mulDiv(request, int64(max(100, target)), 100))
			}
		default:
			r.Ready++
			r.Usage = fixes.add(r.Usage, samples[sample].Value)
			r.Requests = fixes.add(r.Requests, request)
		}
	}
	if !fixes.SkipGoneSamples {
		r.Gone = len(g.gone)
		for _, i := range g.gone {
			r.GoneUsage = fixes.add(r.GoneUsage, samples[i].Value)
		}
	}
	return r
}

// join finds each pod's sample. Lists that name the pods in the same order, as informers and metrics APIs tend to, are
// walked side by side; only where they part is a name looked up.
func (g *grouping) join(pods *Pods, samples []metrics.PodSample) {
	if n := len(pods.facts); cap(g.sampleOf) < n {
		g.sampleOf = make([]int32, n)
	} else {
		g.sampleOf = g.sampleOf[:n]
	}
	for i := range g.sampleOf {
		g.sampleOf[i] = -1
	}
	g.gone = g.gone[:0]
	clear(g.goneAt)
	next := 0
	for i := range samples {
		name := samples[i].Pod
		if next >= len(pods.facts) || pods.facts[next].name != name {
			pod := pods.index(name)
			if pod < 0 {
				g.addGone(name, int32(i))
				continue
			}
			next = pod
		}
		g.sampleOf[next] = int32(i) // X3: the last reading of a pod wins
		next++
	}
}

func (g *grouping) addGone(name string, sample int32) {
	if at, seen := g.goneAt[name]; seen {
		g.gone[at] = sample
		return
	}
	if g.goneAt == nil {
		g.goneAt = map[string]int{}
	}
	g.goneAt[name] = len(g.gone)
	g.gone = append(g.gone, sample)
}

type podGroup uint8

const (
	isReady podGroup = iota
	isUnready
	isMissing
	isIgnored
)

// group applies the rules G1 to G7 in order; sample is -1 for none.
func (f *podFacts) group(now int64, cfg *Config, fixes *Fixes, samples []metrics.PodSample, sample int32, res corev1.ResourceName) podGroup {
	switch {
	case f.life == ignored || f.life == succeeded && fixes.IgnoreSucceededPods:
		return isIgnored
	case f.life == pending:
		return isUnready
	case sample < 0:
		return isMissing // G3: also where it is unready
	case res == corev1.ResourceCPU && f.initializing(now, cfg, fixes, &samples[sample]):
		return isUnready
	}
	return isReady
}

// initializing tells whether a pod's cpu reading says nothing about its load yet (G5).
func (f *podFacts) initializing(now int64, cfg *Config, fixes *Fixes, sample *metrics.PodSample) bool {
	if f.ready == noCondition || !f.hasStart {
		return true
	}
	if f.ready == unknown && fixes.UnknownIsUnready {
		return true
	}
	if later(f.start, cfg.CPUInitializationPeriod) > now {
		return f.ready == notReady || nanos(sample.Time) < later(f.transition, sample.Window)
	}
	return f.ready == notReady && later(f.start, cfg.InitialReadinessDelay) > f.transition
}

// Group sorts pods into groups by their samples of one resource, and sums their readings up. The resource decides
// whether readiness counts: only cpu asks for it (G5). Use [Utilization] with readings made by [GroupRequests].
func Group(cfg Config, now time.Time, pods *Pods, samples []metrics.PodSample, resource corev1.ResourceName) Readings {
	var g grouping
	fixes := cfg.fixes()
	return g.group(nanos(now), &cfg, &fixes, pods, samples, resource, nil, 0)
}

// GroupRequests is [Group] with the pods' requests of the resource summed up too, against a target utilization in
// percent; container narrows them to one container. The error is the [MissingRequest] of the first pod without one.
func GroupRequests(cfg Config, now time.Time, pods *Pods, samples []metrics.PodSample, resource corev1.ResourceName, container string, target int32) (Readings, error) {
	var g grouping
	fixes := cfg.fixes()
	column := pods.column(resource, container, cfg.Gates.PodLevelResources, &fixes)
	r := g.group(nanos(now), &cfg, &fixes, pods, samples, resource, column, target)
	return r, pods.missing(column, &fixes)
}

// missing is the failure of a column as an error: the first pod in the list's order without the request.
func (p *Pods) missing(c *requestColumn, fixes *Fixes) error {
	i := c.failed[0]
	if fixes.SkipIgnoredRequests {
		i = c.failed[1]
	}
	if i < 0 {
		return nil
	}
	_, err := Request(Config{Gates: Gates{PodLevelResources: c.podLevel}, Fixes: *fixes}, p.specs[i], c.resource, c.container)
	return err
}
