package vpa

import (
	"fmt"
	"sort"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/vpa/histogram"
)

// CheckpointVersion is the format of checkpoints (C2).
const CheckpointVersion = "v3"

// CheckpointName is the name of the object that keeps a container's checkpoint (C5).
func CheckpointName(object, container string) string { return object + "-" + container }

// Checkpoint saves an aggregate. LastUpdateTime is left to who writes the object.
func (a *Aggregate) Checkpoint() CheckpointStatus {
	return CheckpointStatus{
		Version:           CheckpointVersion,
		CPUHistogram:      save(&a.cpu),
		MemoryHistogram:   save(&a.memory),
		FirstSampleStart:  metav1.Time{Time: a.first},
		LastSampleStart:   metav1.Time{Time: a.last},
		TotalSamplesCount: a.count,
	}
}

func save(h *histogram.Histogram) HistogramCheckpoint {
	c := h.Checkpoint()
	return HistogramCheckpoint{ReferenceTimestamp: metav1.Time{Time: c.Reference}, BucketWeights: c.Weights, TotalWeight: c.Total}
}

// RestoreAggregate loads a checkpoint (C3). One of another version, or with weights that no histogram has, is refused
// whole.
func RestoreAggregate(cfg Config, c CheckpointStatus) (*Aggregate, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return restore(&cfg, &c)
}

func restore(cfg *Config, c *CheckpointStatus) (*Aggregate, error) {
	if c.Version != CheckpointVersion {
		return nil, fmt.Errorf("%w: version: %q is not %q", ErrCheckpoint, c.Version, CheckpointVersion)
	}
	if c.TotalSamplesCount < 0 {
		return nil, fmt.Errorf("%w: totalSamplesCount: %d is negative", ErrCheckpoint, c.TotalSamplesCount)
	}
	a := newAggregate(cfg)
	for _, h := range []struct {
		field string
		from  *HistogramCheckpoint
		into  *histogram.Histogram
	}{{"memoryHistogram", &c.MemoryHistogram, &a.memory}, {"cpuHistogram", &c.CPUHistogram, &a.cpu}} {
		err := h.into.Restore(histogram.Checkpoint{
			Reference: h.from.ReferenceTimestamp.Time, Weights: h.from.BucketWeights, Total: h.from.TotalWeight,
		})
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrCheckpoint, h.field, err)
		}
	}
	a.first, a.last, a.count = c.FirstSampleStart.Time, c.LastSampleStart.Time, c.TotalSamplesCount
	return a, nil
}

// LoadCheckpoint takes in what an earlier recommender saved of a container. It replaces what was loaded before, and is
// merged into every estimate from then on (A3).
func (r *Recommender) LoadCheckpoint(container string, c CheckpointStatus) error {
	a, err := restore(&r.settings.cfg, &c)
	if err != nil {
		return fmt.Errorf("checkpoint of container %q: %w", container, err)
	}
	r.container(container).loaded = a
	return nil
}

// ContainerCheckpoint is the checkpoint of one container.
type ContainerCheckpoint struct {
	// Container is the container's name.
	Container string `json:"container"`
	// Status is the checkpoint, LastUpdateTime left out.
	Status CheckpointStatus `json:"status"`
}

// Checkpoints saves everything known of each container, sorted by name, but for the peaks of windows that are still
// open: after a restart their containers are heard of again (C1).
func (r *Recommender) Checkpoints(now time.Time) []ContainerCheckpoint {
	pods := make([]*pod, 0, len(r.pods))
	for _, p := range r.pods {
		pods = append(pods, p)
	}
	sort.Slice(pods, func(i, j int) bool { return pods[i].name < pods[j].name })
	var out []ContainerCheckpoint
	for _, c := range r.containers {
		if !c.known() {
			continue
		}
		merged := newAggregate(&r.settings.cfg)
		for _, a := range r.sourcesOf(c) {
			_ = merged.Merge(a) // all of one configuration
		}
		for _, p := range pods {
			if running := p.container(c.name); running != nil && now.Before(running.window.end) {
				_ = merged.memory.Subtract(float64(running.window.peak()), memoryPeakWeight, running.window.end)
			}
		}
		out = append(out, ContainerCheckpoint{c.name, merged.Checkpoint()})
	}
	return out
}
