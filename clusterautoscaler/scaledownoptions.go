package clusterautoscaler

import "time"

// ScaleDownOptions are the flags of scale-down.
type ScaleDownOptions struct {
	Disabled bool // scale-down-enabled=false

	DelayAfterAdd     time.Duration // scale-down-delay-after-add: after a scale-up; default 10 min
	DelayAfterDelete  time.Duration // scale-down-delay-after-delete: after a deletion began; default 0
	DelayAfterFailure time.Duration // scale-down-delay-after-failure: after a deletion could not begin; default 3 min
	DelayLocal        bool          // scale-down-delay-type-local: the three delays hold for each group on its own (D4)

	UtilizationThreshold    float64 // scale-down-utilization-threshold: a node at or below it is underutilized; default 0.5
	GPUUtilizationThreshold float64 // scale-down-gpu-utilization-threshold: the same for nodes with GPUs; default 0.5
	IgnoreDaemonSets        bool    // ignore-daemonsets-utilization: their pods do not count, nor what they take
	IgnoreMirrorPods        bool    // ignore-mirror-pods-utilization: the same for static pods

	UnneededTime   time.Duration // scale-down-unneeded-time: how long a ready node must be unneeded; default 10 min
	UnreadyTime    time.Duration // scale-down-unready-time: how long one that is not ready must be; default 20 min
	KeepUnready    bool          // scale-down-unready-enabled=false: nodes that are not ready stay
	RecheckTimeout time.Duration // unremovable-node-recheck-timeout: how long a node that cannot go is not looked at; default 5 min

	CandidateTTL time.Duration // node-deletion-candidate-ttl: timers go on over a restart from taints no older; 0: they do not

	MaxParallelism      int   // max-scale-down-parallelism: deletions at a time; default 10
	MaxDrainParallelism int   // max-drain-parallelism: of nodes that have to be drained; default 1
	MinCores            int64 // cores-total, its minimum: the cluster keeps so many
	MinMemory           int64 // memory-total, its minimum, in bytes

	Drain    DrainOptions    // which pods hold a node
	Eviction EvictionOptions // how pods are evicted
	Seed     uint64          // draws where upstream's order is chance; 0: the order of candidates
}

// DefaultScaleDownOptions are upstream's defaults.
func DefaultScaleDownOptions() ScaleDownOptions {
	return ScaleDownOptions{
		DelayAfterAdd: 10 * time.Minute, DelayAfterFailure: 3 * time.Minute,
		UtilizationThreshold: 0.5, GPUUtilizationThreshold: 0.5,
		UnneededTime: 10 * time.Minute, UnreadyTime: 20 * time.Minute, RecheckTimeout: 5 * time.Minute,
		MaxParallelism: 10, MaxDrainParallelism: 1,
		Drain: DefaultDrainOptions(), Eviction: DefaultEvictionOptions(),
	}
}
