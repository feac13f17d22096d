package vpa

import "fmt"

// event takes in one event; i is its place, for messages.
func (r *Recommender) event(i int, e *Event) error {
	if e.Pod.Name == "" {
		return invalid(fmt.Sprintf("events[%d].pod.name", i), `""`, "must be given")
	}
	switch e.Kind {
	case PodSet:
		r.SetPod(e.At, e.Pod)
	case PodDeleted:
		r.DeletePod(e.Pod.Name)
	case CPUSample, MemorySample, OOMKill:
		c := r.Container(e.Pod.Name, e.Container)
		switch {
		case c == nil:
			r.dropped.count(UnknownContainer)
		case e.Kind == CPUSample:
			c.AddCPU(e.At, e.Value)
		case e.Kind == MemorySample:
			c.AddMemory(e.At, e.Value)
		default:
			c.RecordOOM(e.At, e.Value)
		}
	default:
		return invalid(fmt.Sprintf("events[%d].kind", i), fmt.Sprintf("%q", e.Kind), "is not known")
	}
	return nil
}
