package clusterautoscaler

import "time"

// EvictionOptions say how pods are evicted from a node that goes.
type EvictionOptions struct {
	MaxGracefulTermination time.Duration      // max-graceful-termination-sec: no pod gets more; 0: its own; default 10 min
	MaxPodEvictionTime     time.Duration      // max-pod-eviction-time: how long an eviction is tried; default 2 min
	Priorities             []EvictionPriority // drain-priority-config; default none: all at once
	DaemonSetsOfEmpty      bool               // daemonset-eviction-for-empty-nodes; default false
	DaemonSetsOfOccupied   bool               // daemonset-eviction-for-occupied-nodes; default true
}

// EvictionPriority is the grace of pods from a priority on.
type EvictionPriority struct {
	Priority int32         // from which priority on
	Grace    time.Duration // the most that they get
}

// DefaultEvictionOptions are upstream's defaults.
func DefaultEvictionOptions() EvictionOptions {
	return EvictionOptions{MaxGracefulTermination: 10 * time.Minute, MaxPodEvictionTime: 2 * time.Minute, DaemonSetsOfOccupied: true}
}
