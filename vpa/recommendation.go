package vpa

import (
	"time"
)

// Recommendation is what the recommender decided for one VerticalPodAutoscaler, and why.
type Recommendation struct {
	// Containers are the recommendations, sorted by container name.
	Containers []ContainerRecommendation `json:"containers"`
	// Off names the containers that are known but left alone by their policy.
	Off []string `json:"off,omitempty"`
	// Conditions are those of the object's status.
	Conditions []Condition `json:"conditions,omitempty"`
	// Dropped counts the samples that were not taken, since the beginning.
	Dropped Dropped `json:"dropped,omitzero"`
	// Refused are checkpoints that could not be loaded; the decision was made without them.
	Refused []string `json:"refused,omitempty"`
	// Checkpoints are what to save, where that was asked for.
	Checkpoints []ContainerCheckpoint `json:"checkpoints,omitempty"`
}

// ContainerRecommendation is the recommendation for one container, and why.
type ContainerRecommendation struct {
	// Name is the container's name.
	Name string `json:"name"`
	// Target is what the container should request.
	Target Values `json:"target"`
	// LowerBound is below what a request is too small.
	LowerBound Values `json:"lowerBound"`
	// UpperBound is above what a request is too large.
	UpperBound Values `json:"upperBound"`
	// UncappedTarget is the target before bounds.
	UncappedTarget Values `json:"uncappedTarget"`
	// Estimate is what all of them were made of, by rounding and capping.
	Estimate Estimate `json:"estimate"`
	// TargetCaps says which bounds replaced the target.
	TargetCaps Caps `json:"targetCaps,omitzero"`
	// LowerCaps says which bounds replaced the lower bound.
	LowerCaps Caps `json:"lowerCaps,omitzero"`
	// UpperCaps says which bounds replaced the upper bound.
	UpperCaps Caps `json:"upperCaps,omitzero"`
	// WholeCPU tells that CPU was rounded up to whole cores, as an annotation asks.
	WholeCPU bool `json:"wholeCPU,omitempty"`
	// GlobalMaximumOff tells that a maximum of 0 in the policy switched the global one off (an upstream defect, P6).
	GlobalMaximumOff bool `json:"globalMaximumOff,omitempty"`
}

// Status is the recommendation as it is written to the object's status.
func (r *Recommendation) Status() *RecommendedPodResources {
	out := &RecommendedPodResources{}
	for i := range r.Containers {
		c := &r.Containers[i]
		out.ContainerRecommendations = append(out.ContainerRecommendations, RecommendedContainerResources{
			ContainerName: c.Name,
			Target:        c.Target.List(), LowerBound: c.LowerBound.List(), UpperBound: c.UpperBound.List(), UncappedTarget: c.UncappedTarget.List(),
		})
	}
	return out
}

// Recommend decides. Into is overwritten and its memory used again; conditions and checkpoints are left out of it.
func (r *Recommender) Recommend(into *Recommendation) {
	into.Containers, into.Off = into.Containers[:0], into.Off[:0]
	into.Conditions, into.Checkpoints, into.Refused, into.Dropped = nil, nil, nil, r.dropped
	n := 0
	for _, c := range r.containers {
		switch {
		case !c.known():
		case c.policy.off:
			into.Off = append(into.Off, c.name)
		default:
			n++
		}
	}
	for _, c := range r.containers {
		if !c.known() || c.policy.off {
			continue
		}
		if len(into.Containers) < cap(into.Containers) {
			into.Containers = into.Containers[:len(into.Containers)+1]
		} else {
			into.Containers = append(into.Containers, ContainerRecommendation{})
		}
		r.recommend(c, n, &into.Containers[len(into.Containers)-1])
	}
}

func (r *Recommender) recommend(c *container, n int, into *ContainerRecommendation) {
	s, p, e := r.settings, c.policy, &into.Estimate
	into.Name, into.WholeCPU, into.GlobalMaximumOff = c.name, c.wholeCPU, p.globalMaxOff
	if err := s.estimate(p, r.sourcesOf(c), &r.scratch, n, e); err != nil {
		*e = Estimate{} // all aggregates are of one configuration
	}
	s.values(e.Target, p, c.wholeCPU, &into.Target)
	into.UncappedTarget = into.Target // F4
	s.values(e.Lower, p, c.wholeCPU, &into.LowerBound)
	s.values(e.Upper, p, c.wholeCPU, &into.UpperBound)
	into.TargetCaps, into.LowerCaps, into.UpperCaps = p.clamp(&into.Target), p.clamp(&into.LowerBound), p.clamp(&into.UpperBound)
}

// EventKind is what happened.
type EventKind string

// What happens to pods and containers.
const (
	// PodSet is a running pod that is new or has changed.
	PodSet EventKind = "podSet"
	// PodDeleted is a pod that is gone.
	PodDeleted EventKind = "podDeleted"
	// CPUSample is a usage of CPU in millicores.
	CPUSample EventKind = "cpu"
	// MemorySample is a usage of memory in bytes.
	MemorySample EventKind = "memory"
	// OOMKill is an out-of-memory kill; its value is the memory requested then, in bytes.
	OOMKill EventKind = "oom"
)

// Event is one thing that happened.
type Event struct {
	// At is when; for a sample the end of the measured interval (S4).
	At time.Time `json:"at"`
	// Kind is what.
	Kind EventKind `json:"kind"`
	// Pod is the pod of PodSet, and of the others the pod's name alone.
	Pod Pod `json:"pod"`
	// Container is the container of a sample or a kill.
	Container string `json:"container,omitempty"`
	// Value is the amount of a sample or a kill.
	Value Amount `json:"value,omitempty"`
}

// RecommendInput is what a recommendation depends on, besides flags and state.
type RecommendInput struct {
	// Now is the time of the decision. Only conditions, checkpoints and garbage depend on it.
	Now time.Time `json:"now"`
	// Object is the VerticalPodAutoscaler. Of it count the resource policy, the annotations and the old conditions.
	Object VerticalPodAutoscaler `json:"object"`
	// Unsupported says why the target cannot be used; empty where it can (T2).
	Unsupported string `json:"unsupported,omitempty"`
	// Load are checkpoints of an earlier recommender, taken in before the events.
	Load []ContainerCheckpoint `json:"load,omitempty"`
	// Events are what happened since the last decision, in the order in which it became known.
	Events []Event `json:"events,omitempty"`
	// Save asks for checkpoints.
	Save bool `json:"save,omitempty"`
	// CollectGarbage forgets aggregates that expired, which upstream does every hour.
	CollectGarbage bool `json:"collectGarbage,omitempty"`
}

// Recommend takes in what happened and decides what the containers of a VerticalPodAutoscaler should request. State is
// what the last call returned; its zero value is a recommender that was just started. Neither input nor state is
// modified. A checkpoint that cannot be loaded is part of the decision, not an error.
func Recommend(cfg Config, in RecommendInput, st State) (Recommendation, State, error) {
	s, err := cfg.Compile()
	if err != nil {
		return Recommendation{}, st, err
	}
	r, err := NewRecommenderFrom(s, &in.Object, st)
	if err != nil {
		return Recommendation{}, st, err
	}
	var refused []string
	for _, c := range in.Load {
		if err := r.LoadCheckpoint(c.Container, c.Status); err != nil {
			refused = append(refused, err.Error())
		}
	}
	for i := range in.Events {
		if err := r.event(i, &in.Events[i]); err != nil {
			return Recommendation{}, st, err
		}
	}
	if in.CollectGarbage {
		r.CollectGarbage(in.Now, nil)
	}
	var d Recommendation
	r.Recommend(&d)
	d.Refused = refused
	d.Conditions = conditions(in.Now, in.Object.Status.Conditions, len(d.Containers) > 0, len(r.pods) > 0, in.Unsupported)
	if in.Save {
		d.Checkpoints = r.Checkpoints(in.Now)
	}
	return d, r.State(), nil
}
