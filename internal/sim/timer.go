package sim

import (
	"container/heap"
	"time"
)

// rank orders what happens at one instant: what pods do, then measurements, then autoscalers.
type rank uint8

const (
	forWorkload rank = iota // a workload is created
	forPod                  // a pod's next step
	forMeasure              // usage is measured
	forPublish              // a measurement can be read
	forStep                 // an autoscaler steps
)

// timer is something that will happen.
type timer struct {
	at     time.Duration
	rank   rank
	serial uint64
	pod    *pod
	index  int // of the workload or autoscaler, or the pod's life when it was set
}

type timers struct {
	list   []timer
	serial uint64
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
	switch {
	case a.at != b.at:
		return a.at < b.at
	case a.rank != b.rank:
		return a.rank < b.rank
	case a.rank == forStep && a.index != b.index:
		return a.index < b.index
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

// take removes the next one.
func (t *timers) take() timer { return heap.Pop(t).(timer) }
