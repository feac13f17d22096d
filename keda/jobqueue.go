package keda

import (
	"math"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

// JobMetric is what one metric of a ScaledJob's trigger asks for.
type JobMetric struct {
	// Queue is the queue's length.
	Queue float64 `json:"queue"`
	// Max is how many jobs at once the queue is good for, at most [JobBounds.Max]; not rounded yet.
	Max float64 `json:"max"`
	// Target is how many items of the queue one job stands for; 0 if unknown.
	Target float64 `json:"target"`
	// Active tells whether the trigger is active.
	Active bool `json:"active"`
}

// JobBounds are the bounds that a ScaledJob's decisions go by.
type JobBounds struct {
	// Min is the number of jobs kept running whatever the queue.
	Min int64 `json:"min"`
	// Max is the number of jobs at most on top of Min.
	Max int64 `json:"max"`
}

// BoundsOf are the bounds of a ScaledJob: the maximum counts on top of the minimum, is 100 on top of it when unset, and
// is not reduced by a minimum above it (J1).
func BoundsOf(sj *ScaledJob) JobBounds {
	low, high := sj.Spec.MinReplicaCount, sj.Spec.MaxReplicaCount
	switch {
	case high == nil:
		return JobBounds{int64(or(low, 0)), 100}
	case low != nil && *low > *high:
		return JobBounds{int64(*high), int64(*high)}
	}
	return JobBounds{int64(or(low, 0)), int64(*high) - int64(or(low, 0))}
}

// MeasureQueue says what a trigger's metric asks for: values are the readings, name is the trigger's first metric, and
// targets are those of all its metrics (J2). Readings under other names do not count, and a target of type Value counts as
// 0 in the mean.
func MeasureQueue(name string, values []MetricValue, targets []autoscalingv2.MetricTarget, bound int64) JobMetric {
	var m JobMetric
	for i := range values {
		if values[i].Name == name {
			m.Queue += values[i].Value.AsApproximateFloat64()
		}
	}
	for i := range targets {
		if targets[i].AverageValue != nil {
			m.Target += targets[i].AverageValue.AsApproximateFloat64()
		}
	}
	if len(targets) > 0 {
		m.Target /= float64(len(targets))
	}
	if m.Target != 0 {
		m.Max = min(m.Queue/m.Target, float64(bound))
	}
	return m
}

// JobQueue is what all triggers of a ScaledJob ask for together.
type JobQueue struct {
	// Active tells whether there is anything to do.
	Active bool `json:"active"`
	// ScaleTo is the queue's length, rounded up.
	ScaleTo int64 `json:"scaleTo"`
	// MaxScale is how many jobs at once the queue is good for, rounded up.
	MaxScale int64 `json:"maxScale"`
	// Max is MaxScale before it was rounded.
	Max float64 `json:"max"`
	// From is the trigger that decided, by its place among the metrics; -1 where several or none did.
	From int `json:"from"`
	// Empty counts active metrics with an empty queue that the calculation max left out (J4).
	Empty int `json:"empty,omitempty"`
}

// CombineQueues makes one queue of several by the calculation max (also for anything unknown), min, avg or sum (J4). Only
// active metrics count. Under max an active metric with an empty queue leaves the object inactive; a minimum of jobs keeps
// it active in any case.
func CombineQueues(cfg Config, metrics []JobMetric, calculation string, bounds JobBounds) JobQueue {
	q := JobQueue{From: -1}
	length, count := 0.0, 0
	for i := range metrics {
		m := &metrics[i]
		if !m.Active {
			continue
		}
		count++
		switch calculation {
		case "min":
			if length == 0 || m.Queue < length {
				length, q.Max, q.Active, q.From = m.Queue, m.Max, true, i
			}
		case "avg", "sum":
			length, q.Max, q.Active = length+m.Queue, q.Max+m.Max, true
		default:
			if m.Queue > length {
				length, q.Max, q.Active, q.From = m.Queue, m.Max, true, i
			}
			if m.Queue <= 0 && cfg.fixes().ActiveWithEmptyQueue {
				q.Active = true
			} else if m.Queue <= 0 {
				q.Empty++
			}
		}
	}
	if calculation == "avg" && count > 0 {
		length, q.Max = length/float64(count), q.Max/float64(count)
	}
	q.Active = q.Active || bounds.Min > 0
	q.Max = min(q.Max, float64(bounds.Max))
	q.ScaleTo, q.MaxScale = truncated(math.Ceil(length)), truncated(math.Ceil(q.Max))
	return q
}

// ReadJobs takes the readings of a ScaledJob's triggers in, by rising trigger index (J2, J3). Failed tells whether any of
// them failed; those are skipped.
func ReadJobs(sj *ScaledJob, readings []Reading) (metrics []JobMetric, active []string, failed bool) {
	bound := BoundsOf(sj).Max
	for first := 0; first < len(readings); {
		end := first
		var targets []autoscalingv2.MetricTarget
		for ; end < len(readings) && readings[end].Trigger == readings[first].Trigger; end++ {
			targets = append(targets, readings[end].Target)
		}
		on := false
		for _, r := range readings[first:end] {
			if r.Err != nil {
				failed = true
				continue
			}
			if r.Active {
				// J3: stays for later metrics of the same trigger.
				on = true
				active = append(active, r.Metric)
			}
			m := MeasureQueue(readings[first].Metric, r.Values, targets, bound)
			m.Active = on
			metrics = append(metrics, m)
		}
		first = end
	}
	return metrics, active, failed
}
