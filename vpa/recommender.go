package vpa

import (
	"fmt"
	"sort"
	"time"

	"github.com/scalemath/scalemath/vpa/histogram"
)

// Recommender is what the recommender knows of one VerticalPodAutoscaler: its pods, their containers' windows, and the
// aggregates that their samples went into. It is the prepared form of [State] for feeding many samples and deciding
// often; [Recommend] is the plain form. It is for one goroutine at a time.
type Recommender struct {
	settings *Settings
	policies *ResourcePolicy
	whole    map[string]string // the object's annotations, where whole CPUs may be asked for

	containers []*container // sorted by name
	labels     []labelSet   // in order of appearance
	aggregates int
	pods       map[string]*pod

	moment  histogram.Moment
	scratch scratch
	sources []*Aggregate
	dropped Dropped
}

// container is what is known of the containers of one name.
type container struct {
	name   string
	policy *policy
	// wholeCPU asks for whole cores (P4).
	wholeCPU bool
	// loaded is what a checkpoint brought; nil where there was none.
	loaded *Aggregate
	// aggregates are sorted by label set (D7).
	aggregates []aggregate
}

// aggregate is an aggregate with its key and its age.
type aggregate struct {
	*Aggregate
	created time.Time
	labels  int32
}

// labelSet is a pod's labels as they stand in the key of an aggregate, and how many live pods and aggregates have them.
type labelSet struct {
	key              string
	pods, aggregates int
}

type pod struct {
	name       string
	labels     int32
	containers []*Container
}

// Container is a running container that samples are added to.
type Container struct {
	window    Window
	request   Amount
	of        *Recommender
	container *container
	into      *Aggregate
}

// Dropped counts the samples that were not taken, by reason, and those that fell to an upstream defect.
type Dropped struct {
	// NegativeValue counts usages below 0.
	NegativeValue int64 `json:"negativeValue,omitempty"`
	// OutOfOrder counts samples that came behind a later one.
	OutOfOrder int64 `json:"outOfOrder,omitempty"`
	// LateOOM counts kills that came more than a window late.
	LateOOM int64 `json:"lateOOM,omitempty"`
	// UnknownContainer counts samples of containers that are not there.
	UnknownContainer int64 `json:"unknownContainer,omitempty"`
	// Silenced counts memory samples that were taken but cannot count, because 0 bytes opened their window (M5). They are
	// not among the dropped ones.
	Silenced int64 `json:"silenced,omitempty"`
	// ClockMovedBack counts kills that were taken and let older memory samples in again (M2). They are not among the
	// dropped ones.
	ClockMovedBack int64 `json:"clockMovedBack,omitempty"`
}

// Total is the number of samples that were not taken.
func (d Dropped) Total() int64 {
	return d.NegativeValue + d.OutOfOrder + d.LateOOM + d.UnknownContainer
}

func (d *Dropped) count(o Outcome) Outcome {
	switch o {
	case NegativeValue:
		d.NegativeValue++
	case OutOfOrder:
		d.OutOfOrder++
	case LateOOM:
		d.LateOOM++
	case UnknownContainer:
		d.UnknownContainer++
	case Silenced:
		d.Silenced++
	case ClockMovedBack:
		d.ClockMovedBack++
	}
	return o
}

// NewRecommender returns a recommender that knows nothing yet. Of the object it takes the resource policy and the
// annotations, which must not be changed afterwards.
func NewRecommender(s *Settings, object *VerticalPodAutoscaler) (*Recommender, error) {
	r := &Recommender{settings: s, pods: map[string]*pod{}}
	return r, r.SetObject(object)
}

// SetObject takes over the resource policy and the annotations of a changed object.
func (r *Recommender) SetObject(object *VerticalPodAutoscaler) error {
	if object == nil {
		object = &VerticalPodAutoscaler{}
	}
	if err := validateResourcePolicy(object.Spec.ResourcePolicy); err != nil {
		return err
	}
	r.policies, r.whole = object.Spec.ResourcePolicy, object.Annotations
	for _, c := range r.containers {
		r.apply(c)
	}
	return nil
}

// apply gives a container the policy that its name has now.
func (r *Recommender) apply(c *container) {
	_, configured := r.settings.cfg.Containers[c.name]
	if own := r.policies.PolicyFor(c.name); own != nil || configured {
		c.policy = r.settings.policyFor(own, c.name)
	} else {
		c.policy = r.settings.unrestricted
	}
	c.wholeCPU = r.settings.cfg.CPUIntegerPostProcessor && r.whole[wholeCPUPrefix+c.name+wholeCPUSuffix] == "true"
}

// container finds or makes what is known of a container's name.
func (r *Recommender) container(name string) *container {
	i := sort.Search(len(r.containers), func(i int) bool { return r.containers[i].name >= name })
	if i < len(r.containers) && r.containers[i].name == name {
		return r.containers[i]
	}
	c := &container{name: name}
	r.apply(c)
	r.containers = append(r.containers, nil)
	copy(r.containers[i+1:], r.containers[i:])
	r.containers[i] = c
	return c
}

// aggregate finds or makes the aggregate of a container's name and a label set (A1).
func (r *Recommender) aggregate(c *container, labels int32, now time.Time) *Aggregate {
	key := r.labels[labels].key
	i := sort.Search(len(c.aggregates), func(i int) bool { return r.labels[c.aggregates[i].labels].key >= key })
	if i < len(c.aggregates) && c.aggregates[i].labels == labels {
		return c.aggregates[i].Aggregate
	}
	a := aggregate{Aggregate: newAggregate(&r.settings.cfg), created: now, labels: labels}
	c.aggregates = append(c.aggregates, aggregate{})
	copy(c.aggregates[i+1:], c.aggregates[i:])
	c.aggregates[i] = a
	r.aggregates++
	r.labels[labels].aggregates++
	return a.Aggregate
}

// intern numbers a label set. The number of a label set that nothing uses any more is given again.
func (r *Recommender) intern(key string) int32 {
	free := -1
	for i := range r.labels {
		if r.labels[i].key == key {
			return int32(i)
		}
		if r.labels[i].pods == 0 && r.labels[i].aggregates == 0 {
			free = i
		}
	}
	if free >= 0 {
		r.labels[free].key = key
		return int32(free)
	}
	r.labels = append(r.labels, labelSet{key: key})
	return int32(len(r.labels) - 1)
}

// SetPod takes in a running pod, or changes of one: its labels choose the aggregates that further samples go into.
// Containers that are known keep their windows.
func (r *Recommender) SetPod(now time.Time, p Pod) {
	known := r.pods[p.Name]
	if known == nil {
		known = &pod{name: p.Name, labels: -1}
		r.pods[p.Name] = known
	}
	labels := r.intern(LabelKey(p.Labels))
	moved := labels != known.labels
	if moved {
		r.labels[labels].pods++
		if known.labels >= 0 {
			r.labels[known.labels].pods--
		}
		known.labels = labels
		for _, c := range known.containers {
			c.into = r.aggregate(c.container, labels, now)
		}
	}
	for i := range p.Containers {
		running := known.container(p.Containers[i].Name)
		if running == nil {
			of := r.container(p.Containers[i].Name)
			running = &Container{of: r, container: of, into: r.aggregate(of, labels, now)}
			known.containers = append(known.containers, running)
		}
		running.request = p.Containers[i].MemoryRequest
	}
}

// DeletePod forgets a pod and its containers' windows. Its samples stay in the aggregates.
func (r *Recommender) DeletePod(name string) {
	p := r.pods[name]
	if p == nil {
		return
	}
	delete(r.pods, name)
	r.labels[p.labels].pods--
	for _, c := range p.containers {
		c.into = nil
	}
}

// Container finds a running container; nil if it is not known. The value stays good until its pod is deleted, and
// drops samples from then on.
func (r *Recommender) Container(pod, name string) *Container {
	p := r.pods[pod]
	if p == nil {
		return nil
	}
	return p.container(name)
}

func (p *pod) container(name string) *Container {
	for _, c := range p.containers {
		if c.container.name == name {
			return c
		}
	}
	return nil
}

// AddCPU counts a sample of CPU.
func (c *Container) AddCPU(at time.Time, milli Amount) Outcome {
	if c == nil || c.into == nil {
		return c.drop(UnknownContainer)
	}
	if !c.of.moment.Is(at) {
		c.of.moment = histogram.At(at)
	}
	if o := c.window.addCPU(c.into, at, &c.of.moment, milli); o != Accepted {
		return c.drop(o)
	}
	return Accepted
}

// AddMemory looks at a sample of memory.
func (c *Container) AddMemory(at time.Time, bytes Amount) Outcome {
	if c == nil || c.into == nil {
		return c.drop(UnknownContainer)
	}
	if o := c.window.AddMemory(c.into, at, bytes, c.container.policy.interval, c.of.settings.profile); o != Accepted {
		return c.drop(o)
	}
	return Accepted
}

// RecordOOM counts an out-of-memory kill at a time at which that much memory was requested.
func (c *Container) RecordOOM(at time.Time, request Amount) Outcome {
	if c == nil || c.into == nil {
		return c.drop(UnknownContainer)
	}
	p := c.container.policy
	return c.drop(c.window.RecordOOM(c.into, at, request, p.oom, p.interval, c.of.settings.profile))
}

// MemoryRequest is what the container requested when its pod was last seen.
func (c *Container) MemoryRequest() Amount { return c.request }

func (c *Container) drop(o Outcome) Outcome {
	if c != nil {
		c.of.dropped.count(o)
	}
	return o
}

// Aggregates is how many aggregates there are.
func (r *Recommender) Aggregates() int { return r.aggregates }

// Dropped counts the samples that were not taken so far.
func (r *Recommender) Dropped() Dropped { return r.dropped }

// Usage is everything known of the containers of one name, merged; nil for an unknown name. It is good until the next
// call of the recommender.
func (r *Recommender) Usage(name string) *Aggregate {
	for _, c := range r.containers {
		if c.name == name && c.known() {
			a, err := r.scratch.merge(&r.settings.cfg, r.sourcesOf(c))
			if err != nil {
				return nil // all aggregates are of one configuration
			}
			return a
		}
	}
	return nil
}

// known tells whether a container's name counts (A4).
func (c *container) known() bool { return c.loaded != nil || len(c.aggregates) > 0 }

// sourcesOf lists what is merged for a container: its aggregates by label set, then the loaded checkpoint (A2, A3).
func (r *Recommender) sourcesOf(c *container) []*Aggregate {
	r.sources = r.sources[:0]
	for i := range c.aggregates {
		r.sources = append(r.sources, c.aggregates[i].Aggregate)
	}
	if c.loaded != nil {
		r.sources = append(r.sources, c.loaded)
	}
	return r.sources
}

// CollectGarbage forgets aggregates that nothing was counted in for long, and empty ones whose labels neither a live
// pod nor, if inUse says so, a controller has (G1). It returns how many.
func (r *Recommender) CollectGarbage(now time.Time, inUse func(labelKey string) bool) int {
	before := r.aggregates
	for _, c := range r.containers {
		kept := c.aggregates[:0]
		for _, a := range c.aggregates {
			set := &r.labels[a.labels]
			blank := a.count == 0 && !(r.settings.profile.MemoryCounts && !a.memory.Empty())
			orphan := blank && set.pods == 0 && (inUse == nil || !inUse(set.key))
			if orphan || a.Expired(now, a.created, c.policy.interval, c.policy.count) {
				r.aggregates--
				set.aggregates--
				r.detach(a.Aggregate, c)
				continue
			}
			kept = append(kept, a)
		}
		clear(c.aggregates[len(kept):])
		c.aggregates = kept
	}
	return before - r.aggregates
}

// detach gives running containers of a collected aggregate a new one when they are next heard of, which is when their
// pod is next set.
func (r *Recommender) detach(gone *Aggregate, of *container) {
	for _, p := range r.pods {
		for i, c := range p.containers {
			if c.container == of && c.into == gone {
				c.into = nil
				p.containers = append(p.containers[:i:i], p.containers[i+1:]...)
				break
			}
		}
	}
}

// String tells in one line what the recommender knows.
func (r *Recommender) String() string {
	return fmt.Sprintf("%s of %s, %s, %s dropped", plural(r.aggregates, "aggregate", "aggregates"),
		plural(len(r.containers), "container", "containers"), plural(len(r.pods), "pod", "pods"), plural(int(r.dropped.Total()), "sample", "samples"))
}
