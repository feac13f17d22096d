package hpa

import (
	"hash/maphash"
	"math"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Pods is a list of pods compiled to what decisions read of them. It can be prepared once and used by many decisions,
// one after the other, for as long as the pods do not change.
type Pods struct {
	specs    []*corev1.Pod
	facts    []podFacts
	requests []requestColumn
	readyNow [2]int32 // pods running and ready: all of them, and those not being deleted

	// The table finds pods by name. Names in ascending order, as the API lists them, cannot occur twice and are mostly
	// asked for in that order, so that the table is made only where it is needed.
	seed   maphash.Seed
	hashed bool
	table  []int32 // open addressing: index into facts plus one, 0 is free
}

// podFacts is one pod without its maps and pointers. Instants are unix nanoseconds.
type podFacts struct {
	name       string
	start      int64 // of the pod; only with hasStart
	transition int64 // last one of its Ready condition; only with a condition
	life       life
	ready      readiness
	hasStart   bool
}

// life is how far a pod's phase decides about its group.
type life uint8

const (
	alive     life = iota
	pending        // counts as unready
	succeeded      // counts as alive, unless the profile ignores it
	ignored        // failed or being deleted
)

// readiness is the status of a pod's Ready condition.
type readiness uint8

const (
	noCondition readiness = iota
	ready
	notReady
	unknown
)

// CompilePods compiles a list of pods of one namespace. A nil pod or a name that occurs twice is an error.
func CompilePods(pods []*corev1.Pod) (*Pods, error) {
	p := &Pods{}
	return p, p.Reset(pods)
}

// Reset compiles another list into the same memory.
func (p *Pods) Reset(pods []*corev1.Pod) error {
	p.specs, p.hashed = pods, false
	p.facts = p.facts[:0]
	p.requests = p.requests[:0]
	p.readyNow = [2]int32{}
	for i, pod := range pods {
		if pod == nil {
			return invalid("pods["+itoa(i)+"]", "is nil")
		}
		if !p.hashed && i > 0 && pod.Name <= p.facts[i-1].name {
			p.hash()
		}
		if p.hashed {
			if other := p.enter(i, pod.Name); other >= 0 {
				return invalid("pods["+itoa(i)+"].metadata.name", "%q is already the name of pods[%d]", pod.Name, other)
			}
		}
		p.facts = append(p.facts, podFacts{name: pod.Name})
		f := &p.facts[i]
		f.read(pod)
		if pod.Status.Phase == corev1.PodRunning && f.ready == ready {
			p.readyNow[0]++
			if pod.DeletionTimestamp == nil {
				p.readyNow[1]++
			}
		}
	}
	return nil
}

// Len is the number of pods.
func (p *Pods) Len() int { return len(p.facts) }

func (f *podFacts) read(pod *corev1.Pod) {
	status := &pod.Status
	switch {
	case pod.DeletionTimestamp != nil || status.Phase == corev1.PodFailed: // G1
		f.life = ignored
	case status.Phase == corev1.PodPending: // G2
		f.life = pending
	case status.Phase == corev1.PodSucceeded:
		f.life = succeeded
	}
	if status.StartTime != nil {
		f.start, f.hasStart = nanos(status.StartTime.Time), true
	}
	for i := range status.Conditions {
		c := &status.Conditions[i]
		if c.Type != corev1.PodReady {
			continue
		}
		f.transition = nanos(c.LastTransitionTime.Time)
		switch c.Status {
		case corev1.ConditionTrue:
			f.ready = ready
		case corev1.ConditionFalse:
			f.ready = notReady
		default:
			f.ready = unknown
		}
		return
	}
}

// hash makes the table of the pods compiled so far, with room for all.
func (p *Pods) hash() {
	if p.seed == (maphash.Seed{}) {
		p.seed = maphash.MakeSeed()
	}
	size := 8
	for size < 2*len(p.specs) {
		size *= 2
	}
	if size > cap(p.table) {
		p.table = make([]int32, size)
	}
	p.table = p.table[:size]
	clear(p.table)
	p.hashed = true
	for i := range p.facts {
		p.enter(i, p.facts[i].name)
	}
}

// enter puts a name into the table, unless a pod has it already, whose index it returns; else -1.
func (p *Pods) enter(i int, name string) (other int) {
	slot := p.slot(name)
	if other := p.table[slot]; other != 0 {
		return int(other) - 1
	}
	p.table[slot] = int32(i + 1)
	return -1
}

// slot is where a name stands in the table, or would.
func (p *Pods) slot(name string) uint64 {
	mask := uint64(len(p.table) - 1)
	for s := maphash.String(p.seed, name) & mask; ; s = (s + 1) & mask {
		if i := p.table[s]; i == 0 || p.facts[i-1].name == name {
			return s
		}
	}
}

// index finds a pod by name; -1 if there is none.
func (p *Pods) index(name string) int {
	if !p.hashed {
		p.hash()
	}
	return int(p.table[p.slot(name)]) - 1
}

// nanos is an instant in unix nanoseconds; instants that do not fit become the nearest that does.
func nanos(t time.Time) int64 {
	const limit = math.MaxInt64 / int64(time.Second)
	switch s := t.Unix(); {
	case s >= limit:
		return math.MaxInt64
	case s <= -limit:
		return math.MinInt64
	}
	return t.UnixNano()
}

// later moves an instant by a duration, without wrapping.
func later(t int64, d time.Duration) int64 {
	switch sum := t + int64(d); {
	case d > 0 && sum < t:
		return math.MaxInt64
	case d < 0 && sum > t:
		return math.MinInt64
	default:
		return sum
	}
}
