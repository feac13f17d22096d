package clusterautoscaler

import "time"

// BackoffOptions say how long a group rests that failed to grow.
type BackoffOptions struct {
	Initial time.Duration // initial-node-group-backoff-duration: after the first failure; default 5 min
	Max     time.Duration // max-node-group-backoff-duration: a doubled rest is never longer; default 30 min
	Reset   time.Duration // node-group-backoff-reset-timeout: a failure this old is forgotten; default 3 h
}

// DefaultBackoffOptions are upstream's defaults.
func DefaultBackoffOptions() BackoffOptions {
	return BackoffOptions{Initial: 5 * time.Minute, Max: 30 * time.Minute, Reset: 3 * time.Hour}
}

// Backoff is the rest of a group that failed to grow. The zero value is a group that never failed.
type Backoff struct {
	Until          time.Time     `json:"until"`                    // the end of the rest
	Duration       time.Duration `json:"duration"`                 // how long it was meant to be; the next one is twice that
	LastFailure    time.Time     `json:"lastFailure"`              // when it failed last
	Code           string        `json:"code,omitempty"`           // the cloud's code of the last error
	OutOfResources bool          `json:"outOfResources,omitempty"` // the last error was a lack of capacity or quota
}

// Fail notes a failure. A group that fails while it rests does not rest longer, but its rest begins again (R68, R69). The
// first rest is not held against the maximum.
func (b Backoff) Fail(now time.Time, code string, o BackoffOptions) Backoff {
	switch {
	case b.LastFailure.IsZero():
		b.Duration = o.Initial
	case b.Until.Before(now):
		b.Duration = min(2*b.Duration, o.Max)
	}
	b.Until, b.LastFailure, b.Code = now.Add(b.Duration), now, code
	return b
}

// Active tells whether the group rests; at the very end of its rest it still does (R70).
func (b Backoff) Active(now time.Time) bool {
	return !b.LastFailure.IsZero() && !b.Until.Before(now)
}

// Stale tells that the last failure is so old that it is to be forgotten (R71).
func (b Backoff) Stale(now time.Time, o BackoffOptions) bool {
	return b.LastFailure.Add(o.Reset).Before(now)
}
