package cloudprovider

import (
	"context"
	"fmt"
	"slices"
)

// NodeGroups implements [NodeGroups].
func (m *Memory) NodeGroups(context.Context) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ids := make([]string, len(m.groups))
	for i, g := range m.groups {
		ids[i] = g.ID
	}
	return ids, nil
}

// NodeGroup implements [NodeGroups].
func (m *Memory) NodeGroup(_ context.Context, id string) (NodeGroup, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.group(id)
	if g == nil {
		return NodeGroup{}, notFound("node group", id)
	}
	return g.describe(), nil
}

// Size is how many machines a group wants and how many it has, without describing them.
func (m *Memory) Size(id string) (target, launched int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.group(id)
	if g == nil {
		return 0, 0, notFound("node group", id)
	}
	return g.Target, len(g.members), nil
}

// SetTarget implements [NodeGroups]. Beyond the new size the machines that have not joined go first, then the newest.
func (m *Memory) SetTarget(_ context.Context, id string, target int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.group(id)
	switch {
	case g == nil:
		return notFound("node group", id)
	case target < g.Min || target > g.Max:
		return fmt.Errorf("node group %q: size %d: %w %d to %d", id, target, ErrOutOfBounds, g.Min, g.Max)
	}
	g.Target = target
	m.changes++
	for len(g.members) > target {
		m.terminate(g.expendable())
	}
	m.fill(g)
	return nil
}

// TerminateIn implements [NodeGroups].
func (m *Memory) TerminateIn(_ context.Context, id, instance string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	g, i := m.group(id), m.byID[instance]
	switch {
	case g == nil:
		return notFound("node group", id)
	case i == nil || i.Group != id:
		return notFound("instance of "+id, instance)
	case g.Target <= g.Min:
		return fmt.Errorf("node group %q: size %d: %w %d to %d", id, g.Target-1, ErrOutOfBounds, g.Min, g.Max)
	}
	g.Target--
	m.changes++
	m.terminate(i)
	return nil
}

func (m *Memory) group(id string) *memoryGroup {
	for _, g := range m.groups {
		if g.ID == id {
			return g
		}
	}
	return nil
}

func (g *memoryGroup) describe() NodeGroup {
	out := g.NodeGroup
	out.Zones = slices.Clone(g.Zones)
	out.Instances = values(g.members)
	return out
}

// expendable is the machine that goes first when a group shrinks.
func (g *memoryGroup) expendable() *Instance {
	for _, i := range slices.Backward(g.members) {
		if i.State != Joined {
			return i
		}
	}
	return g.members[len(g.members)-1]
}

// fill launches what a group lacks, and tries again later where the cloud has run out.
func (m *Memory) fill(g *memoryGroup) {
	for len(g.members) < g.Target {
		ref, ok := m.pick(g)
		if !ok {
			m.changes++
			g.Failure = &InsufficientCapacityError{Offerings: slices.Clone(g.offers)}
			m.events = append(m.events, Event{At: m.now, Kind: CapacityExhausted, Group: g.ID, Offering: g.offers[0]})
			if !g.retrying {
				g.retrying = true
				m.timers.add(timer{at: m.now.Add(m.cfg.RetryDelay), do: retry, id: g.ID})
			}
			return
		}
		m.launch(ref, g)
	}
	g.Failure = nil
}

// pick is the offering of which a group has fewest machines, among those to be had.
func (m *Memory) pick(g *memoryGroup) (best OfferingRef, ok bool) {
	least := 0
	for _, ref := range g.offers {
		if !m.available(ref) {
			continue
		}
		n := 0
		for _, i := range g.members {
			if i.Offering == ref {
				n++
			}
		}
		if !ok || n < least {
			best, least, ok = ref, n, true
		}
	}
	return best, ok
}
