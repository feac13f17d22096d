package kubelet

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// ErrInvalid is what every error of this package wraps: a text that is not of Prometheus's text format.
var ErrInvalid = errors.New("invalid input")

// Point is one reading of a container or a node.
type Point struct {
	Started time.Time `json:"started,omitzero"` // when the container was started; zero for nodes
	At      time.Time `json:"at"`               // when it was read
	CPU     uint64    `json:"cpu"`              // used since the start, in nanoseconds of one core
	Memory  uint64    `json:"memory"`           // working set, in bytes
}

// Container names a container of a pod.
type Container struct {
	Namespace string `json:"namespace"` // of the pod
	Pod       string `json:"pod"`       // its name
	Name      string `json:"name"`      // of the container
}

// ContainerPoint is one reading of one container.
type ContainerPoint struct {
	Container // whose it is
	Point     // what it is
}

// Scrape is what one kubelet told at one time.
type Scrape struct {
	Node string `json:"node"` // whose kubelet it is
	// Point is the reading of the node; nil where cpu or memory is missing.
	Point *Point `json:"point,omitempty"`
	// Containers are sorted by namespace, pod and name. A pod that lacks a reading of one container is not in it at all.
	Containers []ContainerPoint `json:"containers,omitempty"`
	Skipped    []Skip           `json:"skipped,omitempty"` // what is left out, and why
}

// Parse reads the text of /metrics/resource. Series without a timestamp are of the time given. The error is for a text
// that does not parse; what is missing in it is named in Skipped.
func Parse(text []byte, node string, at time.Time) (Scrape, error) {
	all, err := series(text, at)
	if err != nil {
		return Scrape{}, fmt.Errorf("%w: metrics of %s: %w", ErrInvalid, node, err)
	}
	s := Scrape{Node: node}
	var of Point
	read(all["node_cpu_usage_seconds_total"], func(_ Container, v float64, t time.Time) { of.CPU, of.At = nanos(v), t })
	read(all["node_memory_working_set_bytes"], func(_ Container, v float64, t time.Time) { of.Memory, of.At = whole(v), t })
	if why, ok := of.complete(); ok {
		s.Point = &of
	} else {
		s.Skipped = append(s.Skipped, Skip{Why: why})
	}
	s.collect(containers(all))
	return s, nil
}

// containers gathers the readings of each container.
func containers(all map[string]model.Vector) map[Container]*Point {
	points := map[Container]*Point{}
	point := func(c Container) *Point {
		if points[c] == nil {
			points[c] = &Point{}
		}
		return points[c]
	}
	read(all["container_cpu_usage_seconds_total"], func(c Container, v float64, t time.Time) {
		p := point(c)
		p.CPU, p.At = nanos(v), t
	})
	// The timestamp that comes last counts for the whole reading. A kubelet gives cpu and memory the same one.
	read(all["container_memory_working_set_bytes"], func(c Container, v float64, t time.Time) {
		p := point(c)
		p.Memory, p.At = whole(v), t
	})
	read(all["container_start_time_seconds"], func(c Container, v float64, _ time.Time) {
		if n := v * 1e9; n > math.MinInt64 && n < math.MaxInt64 {
			point(c).Started = time.Unix(0, int64(n)).UTC()
		}
	})
	return points
}

// collect keeps the pods all of whose containers are complete.
func (s *Scrape) collect(points map[Container]*Point) {
	broken := map[Container]bool{} // pods, without a container's name
	for c, p := range points {
		if _, ok := p.complete(); !ok {
			broken[Container{Namespace: c.Namespace, Pod: c.Pod}] = true
		}
	}
	for c, p := range points {
		if why, ok := p.complete(); !ok {
			s.Skipped = append(s.Skipped, Skip{Container: c, Why: why})
		} else if broken[Container{Namespace: c.Namespace, Pod: c.Pod}] {
			s.Skipped = append(s.Skipped, Skip{Container: c, Why: OtherContainer})
		} else {
			s.Containers = append(s.Containers, ContainerPoint{c, *p})
		}
	}
	slices.SortFunc(s.Containers, func(a, b ContainerPoint) int { return a.compare(b.Container) })
	slices.SortFunc(s.Skipped, func(a, b Skip) int { return a.compare(b.Container) })
}

// complete tells whether there are cpu and memory; 0 is taken for missing, as upstream does.
func (p *Point) complete() (Reason, bool) {
	switch {
	case p.CPU == 0:
		return NoCPU, false
	case p.Memory == 0:
		return NoMemory, false
	}
	return "", true
}

func (c *Container) compare(o Container) int {
	return cmp.Or(cmp.Compare(c.Namespace, o.Namespace), cmp.Compare(c.Pod, o.Pod), cmp.Compare(c.Name, o.Name))
}

// series are the samples of a text by the name of their metric, in the text's order.
func series(text []byte, at time.Time) (map[string]model.Vector, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	all := make(map[string]model.Vector, len(families))
	for name, f := range families {
		if all[name], err = expfmt.ExtractSamples(&expfmt.DecodeOptions{Timestamp: model.TimeFromUnixNano(at.UnixNano())}, f); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// read hands out the samples of a metric.
func read(samples model.Vector, to func(Container, float64, time.Time)) {
	for _, s := range samples {
		c := Container{
			Namespace: string(s.Metric["namespace"]), Pod: string(s.Metric["pod"]), Name: string(s.Metric["container"]),
		}
		to(c, float64(s.Value), s.Timestamp.Time().UTC())
	}
}

// nanos is a number of seconds in nanoseconds; 0 where it is no such number.
func nanos(seconds float64) uint64 { return whole(seconds * 1e9) }

// whole is a number without its fraction; 0 where it is negative, not a number, or too large.
func whole(v float64) uint64 {
	if !(v > 0 && v < math.MaxUint64) {
		return 0
	}
	return uint64(v)
}
