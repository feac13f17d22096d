package vpa

import (
	"fmt"
	"sort"
	"time"

	"github.com/scalemath/scalemath/vpa/histogram"
)

// State is what the recommender remembers of one VerticalPodAutoscaler between decisions, to the last bit. The zero
// value remembers nothing. Checkpoints are what upstream keeps of it: smaller and coarser.
type State struct {
	// Pods are the running pods, sorted by name.
	Pods []PodState `json:"pods,omitempty"`
	// Aggregates are sorted by container name, then label key.
	Aggregates []AggregateState `json:"aggregates,omitempty"`
	// Loaded are what checkpoints brought, sorted by container name.
	Loaded []AggregateState `json:"loaded,omitempty"`
	// Dropped counts the samples that were not taken.
	Dropped Dropped `json:"dropped,omitzero"`
}

// PodState is a running pod.
type PodState struct {
	// Name is the pod's name.
	Name string `json:"name"`
	// LabelKey is its labels as they stand in the key of an aggregate.
	LabelKey string `json:"labelKey"`
	// Containers are its containers, in order of appearance.
	Containers []ContainerState `json:"containers,omitempty"`
}

// ContainerState is the window of a running container.
type ContainerState struct {
	// Name is the container's name.
	Name string `json:"name"`
	// MemoryRequest is what it requests, in bytes.
	MemoryRequest Amount `json:"memoryRequest,omitempty"`
	// LastCPU is the time of the latest CPU sample; zero without any.
	LastCPU time.Time `json:"lastCPU,omitzero"`
	// LastMemory is the time of the latest memory sample; zero without any.
	LastMemory time.Time `json:"lastMemory,omitzero"`
	// WindowEnd is when the window at hand ends; zero before the first.
	WindowEnd time.Time `json:"windowEnd,omitzero"`
	// UsagePeak is the highest usage of the window, in bytes.
	UsagePeak Amount `json:"usagePeak,omitempty"`
	// OOMPeak is the highest amount that a kill suggested in the window, in bytes.
	OOMPeak Amount `json:"oomPeak,omitempty"`
}

// AggregateState is an aggregate with its key.
type AggregateState struct {
	// Container is the container's name.
	Container string `json:"container"`
	// LabelKey is the label set; empty for what a checkpoint brought.
	LabelKey string `json:"labelKey,omitempty"`
	// Created is when the aggregate came to be.
	Created time.Time `json:"created,omitzero"`
	// CPU is the histogram of CPU usage.
	CPU histogram.State `json:"cpu"`
	// Memory is the histogram of memory peaks.
	Memory histogram.State `json:"memory"`
	// First is the time of the first CPU sample; zero without any.
	First time.Time `json:"first,omitzero"`
	// Last is the time of the last CPU sample.
	Last time.Time `json:"last,omitzero"`
	// Count is the number of CPU samples.
	Count int64 `json:"count,omitempty"`
}

func (a *Aggregate) state(container, labelKey string, created time.Time) AggregateState {
	return AggregateState{
		Container: container, LabelKey: labelKey, Created: created,
		CPU: a.cpu.State(), Memory: a.memory.State(), First: a.first, Last: a.last, Count: a.count,
	}
}

func (a *Aggregate) setState(s *AggregateState) error {
	if s.Count < 0 {
		return fmt.Errorf("%w: count: %d is negative", ErrInvalid, s.Count)
	}
	if err := a.cpu.SetState(s.CPU); err != nil {
		return fmt.Errorf("cpu: %w", err)
	}
	if err := a.memory.SetState(s.Memory); err != nil {
		return fmt.Errorf("memory: %w", err)
	}
	a.first, a.last, a.count = s.First, s.Last, s.Count
	return nil
}

// State is what the recommender remembers.
func (r *Recommender) State() State {
	st := State{Dropped: r.dropped}
	for _, p := range r.pods {
		ps := PodState{Name: p.name, LabelKey: r.labels[p.labels].key}
		for _, c := range p.containers {
			w := &c.window
			ps.Containers = append(ps.Containers, ContainerState{
				Name: c.container.name, MemoryRequest: c.request, LastCPU: w.lastCPU, LastMemory: w.lastMemory, WindowEnd: w.end,
				UsagePeak: w.usagePeak, OOMPeak: w.oomPeak,
			})
		}
		st.Pods = append(st.Pods, ps)
	}
	sort.Slice(st.Pods, func(i, j int) bool { return st.Pods[i].Name < st.Pods[j].Name })
	for _, c := range r.containers {
		for _, a := range c.aggregates {
			st.Aggregates = append(st.Aggregates, a.state(c.name, r.labels[a.labels].key, a.created))
		}
		if c.loaded != nil {
			st.Loaded = append(st.Loaded, c.loaded.state(c.name, "", time.Time{}))
		}
	}
	return st
}

// NewRecommenderFrom is [NewRecommender] with what an earlier one remembers. A state that no recommender can have is
// refused.
func NewRecommenderFrom(s *Settings, object *VerticalPodAutoscaler, st State) (*Recommender, error) {
	r, err := NewRecommender(s, object)
	if err != nil {
		return nil, err
	}
	r.dropped = st.Dropped
	for i := range st.Aggregates {
		a := &st.Aggregates[i]
		if err := r.aggregate(r.container(a.Container), r.intern(a.LabelKey), a.Created).setState(a); err != nil {
			return nil, fmt.Errorf("state.aggregates[%d]: %w", i, err)
		}
	}
	for i := range st.Loaded {
		a := newAggregate(&s.cfg)
		if err := a.setState(&st.Loaded[i]); err != nil {
			return nil, fmt.Errorf("state.loaded[%d]: %w", i, err)
		}
		r.container(st.Loaded[i].Container).loaded = a
	}
	for i := range st.Pods {
		ps := &st.Pods[i]
		if r.pods[ps.Name] != nil {
			return nil, invalid(fmt.Sprintf("state.pods[%d].name", i), ps.Name, "stands there twice")
		}
		p := &pod{name: ps.Name, labels: r.intern(ps.LabelKey)}
		r.labels[p.labels].pods++
		r.pods[ps.Name] = p
		for j := range ps.Containers {
			cs := &ps.Containers[j]
			if cs.UsagePeak < 0 || cs.OOMPeak < 0 {
				return nil, invalid(fmt.Sprintf("state.pods[%d].containers[%d].usagePeak", i, j), cs.UsagePeak, "or its oomPeak is negative")
			}
			of := r.container(cs.Name)
			p.containers = append(p.containers, &Container{
				of: r, container: of, into: r.aggregate(of, p.labels, cs.LastCPU), request: cs.MemoryRequest,
				window: Window{lastCPU: cs.LastCPU, lastMemory: cs.LastMemory, end: cs.WindowEnd, usagePeak: cs.UsagePeak, oomPeak: cs.OOMPeak},
			})
		}
	}
	return r, nil
}
