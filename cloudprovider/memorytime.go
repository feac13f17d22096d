package cloudprovider

import (
	"container/heap"
	"time"
)

// step is what happens by itself in a cloud.
type step uint8

const (
	run       step = iota // a machine comes to run
	join                  // its node joins
	interrupt             // a spot machine is given notice
	takeBack              // it is taken back
	retry                 // a group tries to launch again
)

type timer struct {
	at     time.Time
	serial int
	do     step
	id     string // of the machine or the group
}

// timers are ordered by time, and at one time by when they were set.
type timers struct {
	list   []timer
	serial int
}

func (t *timers) add(one timer) {
	t.serial++
	one.serial = t.serial
	heap.Push(t, one)
}

// Len implements heap.Interface.
func (t *timers) Len() int { return len(t.list) }

// Less implements heap.Interface.
func (t *timers) Less(i, j int) bool {
	a, b := &t.list[i], &t.list[j]
	if !a.at.Equal(b.at) {
		return a.at.Before(b.at)
	}
	return a.serial < b.serial
}

// Swap implements heap.Interface.
func (t *timers) Swap(i, j int) { t.list[i], t.list[j] = t.list[j], t.list[i] }

// Push implements heap.Interface.
func (t *timers) Push(x any) { t.list = append(t.list, x.(timer)) }

// Pop implements heap.Interface.
func (t *timers) Pop() any {
	last := t.list[len(t.list)-1]
	t.list = t.list[:len(t.list)-1]
	return last
}

// fire does what a timer is for; a machine that is gone by then is left alone.
func (m *Memory) fire(t timer) {
	if t.do == retry {
		g := m.group(t.id)
		g.retrying = false
		m.fill(g)
		return
	}
	i := m.byID[t.id]
	if i == nil && t.do == interrupt && t.id == "" {
		i = m.oldestSpot()
	}
	if i == nil {
		return
	}
	switch t.do {
	case run:
		if i.State == Pending {
			i.State, i.Running = Running, m.now
			m.note(InstanceRunning, i)
			m.timers.add(timer{at: m.now.Add(m.cfg.JoinDelay), do: join, id: i.ID})
		}
	case join:
		i.State, i.Joined = Joined, m.now
		m.note(InstanceJoined, i)
	case interrupt:
		if i.Noticed.IsZero() && i.Offering.CapacityType == Spot {
			i.Noticed, i.TakenBack = m.now, m.now.Add(m.cfg.Notice)
			m.note(InstanceInterrupted, i)
			m.events[len(m.events)-1].Until = i.TakenBack
			m.timers.add(timer{at: i.TakenBack, do: takeBack, id: i.ID})
		}
	case takeBack:
		m.terminate(i)
		if g := m.group(i.Group); g != nil {
			m.fill(g)
		}
	}
}

func (m *Memory) oldestSpot() *Instance {
	for _, i := range m.live {
		if i.Offering.CapacityType == Spot && i.Noticed.IsZero() {
			return i
		}
	}
	return nil
}
