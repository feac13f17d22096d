package kubelet

import (
	"math"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/metrics"
)

// Config holds the flags that matter.
type Config struct {
	// Resolution is the time between two scrapes (--metric-resolution); default 1 minute, while the manifest that most
	// people install says 15 seconds. A container that is younger is measured since its start.
	Resolution time.Duration `json:"resolution"`
	// Youngest is the age below which a container is not measured since its start, for the result would be too rough;
	// default 10 seconds.
	Youngest time.Duration `json:"youngest"`
	// Profile says which defects of metrics-server 0.8.0 are left out; default none.
	Profile Profile `json:"profile,omitzero"`
}

// Profile says which defects of metrics-server 0.8.0 are left out, one switch each. The zero value leaves none out.
type Profile struct {
	// NeedEarlierReading leaves a container out that has no earlier reading when the kubelet tells the latest one again.
	// Without it, where another container of the pod has one, its cpu is counted from the year 1 and shown as 0.
	NeedEarlierReading bool `json:"needEarlierReading,omitempty"`
}

// Fixed is the profile without the known defects.
func Fixed() Profile { return Profile{NeedEarlierReading: true} }

// Defaults are upstream's.
func Defaults() Config { return Config{Resolution: time.Minute, Youngest: 10 * time.Second} }

// State is what must live between scrapes of one kubelet. Its zero value has seen nothing.
type State struct {
	// Last is the latest scrape.
	Last Scrape `json:"last"`
	// Before holds, for each container of Last and for the node, the earlier reading that its usage is counted from; those
	// that have none are in its Skipped.
	Before Scrape `json:"before"`
}

// Reason says why something has no usage.
type Reason string

// Why something has no usage.
const (
	NoCPU          Reason = "NoCPU"          // the reading has no cpu, or 0
	NoMemory       Reason = "NoMemory"       // the reading has no memory, or 0
	OtherContainer Reason = "OtherContainer" // another container of the pod lacks a reading
	FirstReading   Reason = "FirstReading"   // there is no earlier reading to count from
	Restarted      Reason = "Restarted"      // the container was started again since the earlier reading
	NotNewer       Reason = "NotNewer"       // the reading is not newer than the earlier one
	WentBack       Reason = "WentBack"       // the counter is lower than before
)

// Skip is something without usage. A container without a name means its whole pod, and one without a pod the node.
type Skip struct {
	Container        // what
	Why       Reason `json:"why"` // why
}

// NodeUsage is what a node used, as the resource metrics API shows it.
type NodeUsage struct {
	Name      string              `json:"name"`      // of the node
	Timestamp metav1.Time         `json:"timestamp"` // end of the window
	Window    metav1.Duration     `json:"window"`    // in which cpu was measured
	Usage     corev1.ResourceList `json:"usage"`     // cpu and memory
}

// Usage is what a kubelet's node and pods used.
type Usage struct {
	Nodes   []NodeUsage          `json:"nodes,omitempty"`   // the node, or nothing
	Pods    []metrics.PodMetrics `json:"pods,omitempty"`    // sorted by namespace and name
	Skipped []Skip               `json:"skipped,omitempty"` // what has no usage, in the order of names
}

// Between is the usage between two scrapes of one kubelet.
func Between(cfg Config, first, second Scrape) Usage {
	return Measure(Next(cfg, State{Last: first}, second))
}

// Next takes another scrape in: it chooses the reading that each usage is counted from. Neither argument is modified.
func Next(cfg Config, st State, s Scrape) State {
	next := State{Last: s, Before: Scrape{Node: s.Node}}
	if s.Point != nil {
		var why Reason
		if next.Before.Point, why = earlier(s.Point, st.Last.Point, st.Before.Point); why != "" {
			next.Before.Skipped = append(next.Before.Skipped, Skip{Why: why})
		}
	}
	for i := range s.Containers {
		c := &s.Containers[i]
		from, why := born(cfg, &c.Point), Reason("")
		if from == nil {
			before := st.Before.find(c.Container)
			if before == nil && !cfg.Profile.NeedEarlierReading && st.Before.hasPod(c.Container) {
				before = &Point{}
			}
			from, why = since(&c.Point, st.Last.find(c.Container), before)
		}
		if from == nil {
			next.Before.Skipped = append(next.Before.Skipped, Skip{Container: c.Container, Why: why})
			continue
		}
		next.Before.Containers = append(next.Before.Containers, ContainerPoint{c.Container, *from})
	}
	return next
}

// born is the start of a young container, when it had used nothing; nil for others.
func born(cfg Config, p *Point) *Point {
	if p.Started.IsZero() {
		return nil
	}
	if age := p.At.Sub(p.Started); age > 0 && age >= cfg.Youngest && age < cfg.Resolution {
		return &Point{Started: p.Started, At: p.Started}
	}
	return nil
}

// since is the earlier reading of a container, unless it was started again after the last one.
func since(p, last, before *Point) (*Point, Reason) {
	if last != nil && !p.Started.Before(last.At) {
		return nil, Restarted
	}
	return earlier(p, last, before)
}

// earlier is the last reading, or the one before where the kubelet told the same reading again.
func earlier(p, last, before *Point) (*Point, Reason) {
	switch {
	case last == nil:
		return nil, FirstReading
	case p.At.After(last.At):
		return last, ""
	case before != nil && before.At.Before(p.At):
		return before, ""
	}
	return nil, NotNewer
}

// find finds a container's reading; nil without one.
func (s *Scrape) find(c Container) *Point {
	i, ok := slices.BinarySearchFunc(s.Containers, c, func(p ContainerPoint, c Container) int { return p.compare(c) })
	if !ok {
		return nil
	}
	return &s.Containers[i].Point
}

// hasPod tells whether there is a reading of any container of a container's pod.
func (s *Scrape) hasPod(c Container) bool {
	i, _ := slices.BinarySearchFunc(s.Containers, Container{Namespace: c.Namespace, Pod: c.Pod}, func(p ContainerPoint, c Container) int { return p.compare(c) })
	return i < len(s.Containers) && s.Containers[i].Namespace == c.Namespace && s.Containers[i].Pod == c.Pod
}

// Measure is the usage by the latest scrape. As upstream has it, a pod is left out as long as one of its containers has no
// earlier reading, but a container whose counter went back is left out alone. Time and window of a pod are those of the container that was
// read first; of several read at once, where upstream takes any, those of the first name.
func Measure(st State) Usage {
	u := Usage{Skipped: slices.Concat(st.Last.Skipped, st.Before.Skipped)}
	if p := st.Last.Point; p != nil {
		u.node(st.Last.Node, p, st.Before.Point)
	}
	for rest := st.Last.Containers; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].Namespace == rest[0].Namespace && rest[n].Pod == rest[0].Pod {
			n++
		}
		u.pod(st, rest[:n])
		rest = rest[n:]
	}
	slices.SortStableFunc(u.Skipped, func(a, b Skip) int { return a.compare(b.Container) })
	return u
}

func (u *Usage) node(name string, p, from *Point) {
	if from == nil {
		return
	}
	list, why := used(p, from)
	if why != "" {
		u.Skipped = append(u.Skipped, Skip{Why: why})
		return
	}
	window := metav1.Duration{Duration: p.At.Sub(from.At)}
	u.Nodes = append(u.Nodes, NodeUsage{Name: name, Timestamp: metav1.NewTime(p.At), Window: window, Usage: list})
}

func (u *Usage) pod(st State, containers []ContainerPoint) {
	pod := metrics.PodMetrics{}
	pod.Namespace, pod.Name = containers[0].Namespace, containers[0].Pod
	lacking := 0
	for i := range containers {
		c := &containers[i]
		from := st.Before.find(c.Container)
		if from == nil {
			lacking++
			continue
		}
		list, why := used(&c.Point, from)
		if why != "" {
			u.Skipped = append(u.Skipped, Skip{Container: c.Container, Why: why})
			continue
		}
		pod.Containers = append(pod.Containers, metrics.ContainerMetrics{Name: c.Name, Usage: list})
		if pod.Timestamp.IsZero() || c.At.Before(pod.Timestamp.Time) {
			pod.Timestamp, pod.Window = metav1.NewTime(c.At), metav1.Duration{Duration: c.At.Sub(from.At)}
		}
	}
	switch {
	case lacking == 0:
		u.Pods = append(u.Pods, pod)
	case lacking < len(containers):
		u.Skipped = append(u.Skipped, Skip{Container: Container{Namespace: pod.Namespace, Pod: pod.Name}, Why: OtherContainer})
	}
}

// used is what was used from one reading to the next.
func used(p, from *Point) (corev1.ResourceList, Reason) {
	window := p.At.Sub(from.At)
	switch {
	case window <= 0:
		return nil, NotNewer
	case p.CPU < from.CPU || p.Started.Before(from.Started):
		return nil, WentBack
	}
	rate := whole(float64(p.CPU-from.CPU) / window.Seconds())
	return corev1.ResourceList{
		corev1.ResourceCPU:    *resource.NewScaledQuantity(int64(min(rate, math.MaxInt64)), resource.Nano),
		corev1.ResourceMemory: *resource.NewQuantity(int64(min(p.Memory, math.MaxInt64)), resource.BinarySI),
	}, ""
}
