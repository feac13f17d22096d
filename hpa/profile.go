package hpa

import "fmt"

// Profile names the release whose decisions are reproduced.
type Profile int

const (
	// V1_37 decides as Kubernetes 1.37 does on amd64, defects included.
	V1_37 Profile = iota
	// Fixed decides as V1_37 does with every switch of [Fixes] on.
	Fixed
)

// String gives the release's name.
func (p Profile) String() string {
	switch p {
	case V1_37:
		return "1.37"
	case Fixed:
		return "fixed"
	}
	return fmt.Sprintf("Profile(%d)", int(p))
}

// MarshalText gives the release's name.
func (p Profile) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads a release's name.
func (p *Profile) UnmarshalText(text []byte) error {
	for _, known := range []Profile{V1_37, Fixed} {
		if known.String() == string(text) {
			*p = known
			return nil
		}
	}
	return invalid("profile", "%q is not a known release", text)
}

// Fixes are the known defects of release 1.37, one switch each; a switch that is on leaves its defect out. The first four
// are merged upstream, or proposed there, for a later release.
type Fixes struct {
	// SaturateConversions turns a replica count beyond int32 into the nearest int32 and NaN into 0. Without it such a
	// count becomes -2147483648 (kubernetes/kubernetes#141397).
	SaturateConversions bool `json:"saturateConversions,omitempty"`
	// IgnoreSucceededPods leaves finished pods out like failed ones. Without it a finished pod counts as a pod whose
	// reading is missing (kubernetes/kubernetes#141302).
	IgnoreSucceededPods bool `json:"ignoreSucceededPods,omitempty"`
	// TotalAtZeroReplicas shows the whole metric as its average while no replica runs. Without it the average shown is
	// -9223372036854775808m (kubernetes/kubernetes#140958).
	TotalAtZeroReplicas bool `json:"totalAtZeroReplicas,omitempty"`
	// KeepSpecWithinTolerance keeps scale.spec.replicas when a per-pod average is within tolerance. Without it
	// scale.status.replicas is written back, and a surge of a rolling update becomes the new size
	// (kubernetes/kubernetes#141134).
	KeepSpecWithinTolerance bool `json:"keepSpecWithinTolerance,omitempty"`

	// SaturateSums keeps sums and products of readings at the largest int64. Without it they wrap, and more than about
	// 84 TiB of memory read as negative utilization (rules N3, N5, U3, V4).
	SaturateSums bool `json:"saturateSums,omitempty"`
	// SaturateQuantities keeps a quantity whose thousandths exceed int64 at the largest one. Without it 10E reads as 0
	// (rule N2).
	SaturateQuantities bool `json:"saturateQuantities,omitempty"`
	// SaturatePolicies keeps a scaling policy's bound at the largest int32. Without it a Pods policy of 2147483647
	// blocks every scale-up (rule B11).
	SaturatePolicies bool `json:"saturatePolicies,omitempty"`
	// NegativeSeries lets a negative series reduce the sum of an External metric with a per-pod target. Without it a
	// negative first series asks for every replica there may be (rule P4).
	NegativeSeries bool `json:"negativeSeries,omitempty"`
	// SkipDeletingPods does not count a pod under deletion as ready for a metric with a Value target (rule V3).
	SkipDeletingPods bool `json:"skipDeletingPods,omitempty"`
	// SkipGoneSamples drops readings of pods that no longer exist. Without it they count in the average and in the
	// number of pods (rules U8, A1).
	SkipGoneSamples bool `json:"skipGoneSamples,omitempty"`
	// SkipIgnoredRequests does not ask deleted and failed pods for a request. Without it one such pod without a request
	// fails the whole metric (rule Q1).
	SkipIgnoredRequests bool `json:"skipIgnoredRequests,omitempty"`
	// UnknownIsUnready takes a pod whose Ready condition is Unknown for unready (rule G6).
	UnknownIsUnready bool `json:"unknownIsUnready,omitempty"`
	// NoScaleUpFromHistory lets an old recommendation hold a scale-down back but never cause a scale-up. Without it a
	// manual scale-down of an object without behavior is undone within the window (rule L4).
	NoScaleUpFromHistory bool `json:"noScaleUpFromHistory,omitempty"`
	// ExpireHistory forgets recommendations that are older than the windows. Without it they come back when a window is
	// enlarged (rule H3).
	ExpireHistory bool `json:"expireHistory,omitempty"`
	// NameEveryReason gives a rescale that only stabilization or a bound forced a reason. Without it the event ends in
	// "reason: " and nothing (rule C9).
	NameEveryReason bool `json:"nameEveryReason,omitempty"`
	// NameObjectMetric names an Object metric with a per-pod target as such. Without it it is called external (rule M5).
	NameObjectMetric bool `json:"nameObjectMetric,omitempty"`
	// NameFailedMetric gives the entry of a failed metric in status.currentMetrics its type. Without it the entry is
	// empty (rule M3).
	NameFailedMetric bool `json:"nameFailedMetric,omitempty"`
}

// AllFixes returns the switches of the Fixed profile.
func AllFixes() Fixes {
	return Fixes{
		SaturateConversions: true, IgnoreSucceededPods: true, TotalAtZeroReplicas: true, KeepSpecWithinTolerance: true,
		SaturateSums: true, SaturateQuantities: true, SaturatePolicies: true, NegativeSeries: true, SkipDeletingPods: true,
		SkipGoneSamples: true, SkipIgnoredRequests: true, UnknownIsUnready: true, NoScaleUpFromHistory: true,
		ExpireHistory: true, NameEveryReason: true, NameObjectMetric: true, NameFailedMetric: true,
	}
}

func (c *Config) fixes() Fixes {
	if c.Profile == Fixed {
		return AllFixes()
	}
	return c.Fixes
}
