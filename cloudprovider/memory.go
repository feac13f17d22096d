package cloudprovider

import (
	"container/heap"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Memory is a cloud in memory that lives in virtual time: what is asked of it happens at its present instant, and
// Advance moves that on. It is an [InstanceTypes], a [Launcher] and [NodeGroups]. The same calls always have the same
// outcome.
type Memory struct {
	mu      sync.Mutex
	cfg     MemoryConfig
	now     time.Time
	types   map[string]*InstanceType
	groups  []*memoryGroup
	byID    map[string]*Instance // machines that are not gone
	live    []*Instance          // the same, oldest first
	used    map[OfferingRef]int
	limit   map[OfferingRef]int
	serial  int
	timers  timers
	events  []Event
	changes uint64
	spent   float64 // on machines that are gone
}

type memoryGroup struct {
	NodeGroup
	offers   []OfferingRef
	members  []*Instance // oldest first
	retrying bool        // a retry is scheduled
}

// NewMemory starts a cloud. The machines that groups begin with have joined.
func NewMemory(cfg MemoryConfig) (*Memory, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.RetryDelay == 0 {
		cfg.RetryDelay = time.Minute
	}
	if cfg.Notice == 0 {
		cfg.Notice = 2 * time.Minute
	}
	m := &Memory{
		cfg: cfg, now: cfg.Start, types: map[string]*InstanceType{}, byID: map[string]*Instance{},
		used: map[OfferingRef]int{}, limit: map[OfferingRef]int{},
	}
	for _, t := range cfg.Types {
		m.types[t.Name] = t
		for i := range t.Offerings {
			if o := &t.Offerings[i]; o.ReservationID != "" {
				m.limit[OfferingRef{t.Name, o.Zone, o.CapacityType}] = o.ReservationCapacity
			}
		}
	}
	for _, l := range cfg.Capacity {
		m.limit[l.OfferingRef] = l.Count
	}
	for _, i := range cfg.Interruptions {
		m.timers.add(timer{at: i.At, do: interrupt, id: i.Instance})
	}
	for i := range cfg.Groups {
		g := &memoryGroup{NodeGroup: cfg.Groups[i]}
		g.offers = g.offerings()
		m.groups = append(m.groups, g)
		m.fill(g)
		for _, one := range g.members {
			one.State, one.Running, one.Joined = Joined, cfg.Start, cfg.Start
		}
	}
	m.events = nil
	return m, nil
}

// Now is the cloud's present instant.
func (m *Memory) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Next is the instant of the next thing that will happen by itself; false where nothing will.
func (m *Memory) Next() (time.Time, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.timers.list) == 0 {
		return time.Time{}, false
	}
	return m.timers.list[0].at, true
}

// Advance moves the cloud on to an instant and returns what happened since the last call, in order of time. An instant
// that has passed moves nothing.
func (m *Memory) Advance(to time.Time) []Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.timers.list) > 0 && !m.timers.list[0].at.After(to) {
		t := heap.Pop(&m.timers).(timer)
		if t.at.After(m.now) {
			m.now = t.at
		}
		m.fire(t)
	}
	if to.After(m.now) {
		m.now = to
	}
	events := m.events
	m.events = nil
	return events
}

// InstanceTypes implements [InstanceTypes]. The types must not be changed.
func (m *Memory) InstanceTypes(context.Context) ([]*InstanceType, error) { return m.cfg.Types, nil }

// Launch implements [Launcher].
func (m *Memory) Launch(_ context.Context, r LaunchRequest) (Instance, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(r.Offerings) == 0 {
		return Instance{}, invalid("offerings", "is empty")
	}
	for _, ref := range r.Offerings {
		t := m.types[ref.InstanceType]
		if t == nil {
			return Instance{}, notFound("instance type", ref.InstanceType)
		}
		if _, ok := t.Price(ref.Zone, ref.CapacityType); !ok {
			return Instance{}, notFound("offering", ref.String())
		}
	}
	for _, ref := range r.Offerings {
		if m.available(ref) {
			i := m.launch(ref, nil)
			i.Labels, i.Taints = r.Labels, r.Taints
			return *i, nil
		}
	}
	return Instance{}, &InsufficientCapacityError{Offerings: slices.Clone(r.Offerings)}
}

// Terminate implements [Launcher]. A group that loses a machine this way launches another one.
func (m *Memory) Terminate(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := m.byID[id]
	if i == nil {
		return notFound("instance", id)
	}
	m.terminate(i)
	if g := m.group(i.Group); g != nil {
		m.fill(g)
	}
	return nil
}

// Instances implements [Launcher].
func (m *Memory) Instances(context.Context) ([]Instance, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return values(m.live), nil
}

// Instance describes one machine that is not gone.
func (m *Memory) Instance(id string) (Instance, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := m.byID[id]; i != nil {
		return *i, nil
	}
	return Instance{}, notFound("instance", id)
}

// SetCapacity changes how many machines of an offering there are at a time; a negative count takes the limit away.
// Machines beyond it stay.
func (m *Memory) SetCapacity(ref OfferingRef, count int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if count < 0 {
		delete(m.limit, ref)
		return
	}
	m.limit[ref] = count
}

// Changes is a number that is another one when a machine or a group has changed.
func (m *Memory) Changes() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.changes
}

// Cost is what all machines have cost from their launch until now.
func (m *Memory) Cost() float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	sum := m.spent
	for _, i := range m.live {
		sum += i.Price * m.now.Sub(i.Launched).Hours()
	}
	return sum
}

// NodeOf makes the node of a machine: from its group's template, or from its type.
func (m *Memory) NodeOf(id string) (*corev1.Node, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := m.byID[id]
	if i == nil {
		return nil, notFound("instance", id)
	}
	t := m.types[i.Offering.InstanceType]
	if g := m.group(i.Group); g != nil {
		return g.NodeOf(t, i), nil
	}
	return t.Node(i), nil
}

func values(list []*Instance) []Instance {
	out := make([]Instance, len(list))
	for k, i := range list {
		out[k] = *i
	}
	return out
}

// available tells whether the cloud has a machine of an offering.
func (m *Memory) available(ref OfferingRef) bool {
	for i := range m.types[ref.InstanceType].Offerings {
		o := &m.types[ref.InstanceType].Offerings[i]
		if o.Zone == ref.Zone && o.CapacityType == ref.CapacityType && o.Unavailable {
			return false
		}
	}
	limit, limited := m.limit[ref]
	return !limited || m.used[ref] < limit
}

// launch makes a machine, whose node joins in time.
func (m *Memory) launch(ref OfferingRef, g *memoryGroup) *Instance {
	m.serial++
	price, _ := m.types[ref.InstanceType].Price(ref.Zone, ref.CapacityType)
	i := &Instance{ID: fmt.Sprintf("i-%06d", m.serial), Offering: ref, Price: price, State: Pending, Launched: m.now}
	if g != nil {
		i.Group = g.ID
		g.members = append(g.members, i)
	}
	m.byID[i.ID] = i
	m.live = append(m.live, i)
	m.used[ref]++
	m.note(InstanceLaunched, i)
	m.timers.add(timer{at: m.now.Add(m.cfg.StartDelay), do: run, id: i.ID})
	if ref.CapacityType == Spot && m.cfg.MeanSpotLife > 0 {
		life := lifetime(m.cfg.MeanSpotLife, m.cfg.Seed, uint64(m.serial))
		m.timers.add(timer{at: m.now.Add(life), do: interrupt, id: i.ID})
	}
	return i
}

func (m *Memory) terminate(i *Instance) {
	i.State, i.Terminated = Terminated, m.now
	m.spent += i.Price * m.now.Sub(i.Launched).Hours()
	m.used[i.Offering]--
	delete(m.byID, i.ID)
	m.live = without(m.live, i)
	if g := m.group(i.Group); g != nil {
		g.members = without(g.members, i)
	}
	m.note(InstanceTerminated, i)
}

func without(list []*Instance, i *Instance) []*Instance {
	at := slices.Index(list, i)
	return slices.Delete(list, at, at+1)
}

func (m *Memory) note(kind EventKind, i *Instance) {
	m.changes++
	m.events = append(m.events, Event{At: m.now, Kind: kind, Instance: i.ID, Group: i.Group, Offering: i.Offering})
}
