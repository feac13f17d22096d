package clusterautoscaler

import "time"

// Options are the flags of the Cluster Autoscaler that touch decisions. [DefaultOptions] has upstream's values; the zero
// value differs from them.
type Options struct {
	// Which pods count.
	ExpendablePodsPriorityCutoff int32         // expendable-pods-priority-cutoff: pods below it do not count; default -10
	BypassedSchedulers           []string      // bypassed-scheduler-names: their pods count before the scheduler has seen them
	AllowedSchedulers            []string      // allowed-scheduler-names: pods of others do not exist; default all
	NewPodScaleUpDelay           time.Duration // new-pod-scale-up-delay: how old a pod must be; default 0

	// Templates.
	NodeInfoCacheExpireTime time.Duration // node-info-cache-expire-time; default 10 years
	ForceDaemonSets         bool          // force-ds: every DaemonSet that should run on a node counts on its template
	StartupTaints           []string      // startup-taint and ignore-taint: keys that a node bears until it is ready
	StartupTaintPrefixes    []string      // startup-taint-prefix
	StatusTaints            []string      // status-taint: keys that come and go

	// Estimating.
	MaxNodesPerScaleUp int  // max-nodes-per-scaleup; default 1000, 0: no limit
	MaxNodesTotal      int  // max-nodes-total; 0: no limit
	FastPath           bool // fastpath-binpacking-enabled: extrapolate the group that saves most
	// MaxEstimates is how many node groups are looked at in one loop; 0: all. It stands for max-binpacking-time, which is
	// a time and therefore no input of a function.
	MaxEstimates int

	// Choosing and spreading.
	Expander         Expander       // expander: which option is taken; default least-waste
	AllOrNothing     bool           // a scale-up must place every pending pod or is not made
	BalanceSimilar   bool           // balance-similar-node-groups
	Similar          SimilarOptions // what makes two groups similar
	Seed             uint64         // draws where upstream draws; 0: the smallest ID
	SalvoScaleUps    int            // salvo-scale-up: how many scale-ups a loop may make; 0 and 1: one
	EnforceGroupsMin bool           // enforce-node-group-min-size: groups below their minimum grow to it
	Quotas           []Quota        // limits of the whole cluster; see ClusterWide
	GPULabel         string         // the provider's label of nodes with GPUs; its value is the GPU's type
	ScaleUpFromZero  bool           // scale-up-from-zero: also where no node is ready; default true

	// Groups that fail, and the health of the cluster.
	Backoff                   BackoffOptions
	MaxNodeProvisionTime      time.Duration // max-node-provision-time: until an instance must be a node; default 15 min
	MaxNodeStartupTime        time.Duration // max-node-startup-time: until a node must be ready; default 15 min
	ForceDeleteUnregistered   bool          // force-delete-unregistered-nodes: even below the group's minimum
	MaxTotalUnreadyPercentage float64       // max-total-unready-percentage; default 45
	OKTotalUnreadyCount       int           // ok-total-unready-count; default 3

	ScaleDown ScaleDownOptions // taking nodes away
	Profile   Profile          // which defects of upstream are left out
}

// DefaultOptions are upstream's defaults.
func DefaultOptions() Options {
	return Options{
		ExpendablePodsPriorityCutoff: -10,
		NodeInfoCacheExpireTime:      10 * 365 * 24 * time.Hour,
		MaxNodesPerScaleUp:           1000,
		Expander:                     LeastWaste(),
		Similar:                      DefaultSimilarOptions(),
		ScaleUpFromZero:              true,
		Backoff:                      DefaultBackoffOptions(),
		MaxNodeProvisionTime:         15 * time.Minute,
		MaxNodeStartupTime:           15 * time.Minute,
		MaxTotalUnreadyPercentage:    45,
		OKTotalUnreadyCount:          3,
		Quotas:                       []Quota{ClusterWide(320000, 6400000<<30)},
		ScaleDown:                    DefaultScaleDownOptions(),
	}
}
