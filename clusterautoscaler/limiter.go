package clusterautoscaler

import "fmt"

// Limits bound how many nodes an estimate may add (R33).
type Limits struct {
	MaxNodesPerScaleUp int // max-nodes-per-scaleup; 0: no limit
	GroupRoom          int // what the group and those similar to it can still grow by; 0 allows nothing, negative: no limit
	MaxNodesTotal      int // max-nodes-total; 0: no limit
	CurrentNodes       int // of the cluster now, upcoming ones included
}

// Limit is which limit ended an estimate.
type Limit string

// The limits.
const (
	NoLimit        Limit = ""                   // none did
	PerScaleUp     Limit = "MaxNodesPerScaleUp" // max-nodes-per-scaleup
	GroupCapacity  Limit = "GroupCapacity"      // the group and those similar to it are full
	ClusterMaximum Limit = "MaxNodesTotal"      // max-nodes-total
)

// limiter grants nodes one by one. Once it refuses it always refuses (R32).
type limiter struct {
	most    int // 0: no limit
	which   Limit
	granted int
	refused Limit
}

func newLimiter(l Limits) limiter {
	var out limiter
	bound := func(most int, which Limit) {
		if most <= 0 {
			if out.refused == NoLimit {
				out.refused = which
			}
			return
		}
		if out.most == 0 || most < out.most {
			out.most, out.which = most, which
		}
	}
	if l.MaxNodesPerScaleUp > 0 {
		bound(l.MaxNodesPerScaleUp, PerScaleUp)
	}
	if l.GroupRoom >= 0 {
		bound(l.GroupRoom, GroupCapacity)
	}
	if l.MaxNodesTotal > 0 {
		bound(l.MaxNodesTotal-l.CurrentNodes, ClusterMaximum)
	}
	return out
}

func (l *limiter) grant() bool {
	if l.refused == NoLimit && l.most > 0 && l.granted >= l.most {
		l.refused = l.which
	}
	if l.refused != NoLimit {
		return false
	}
	l.granted++
	return true
}

func (l Limits) validate() error {
	switch {
	case l.MaxNodesPerScaleUp < 0:
		return fmt.Errorf("%w: maxNodesPerScaleUp: %d is negative", ErrInvalid, l.MaxNodesPerScaleUp)
	case l.MaxNodesTotal < 0:
		return fmt.Errorf("%w: maxNodesTotal: %d is negative", ErrInvalid, l.MaxNodesTotal)
	case l.CurrentNodes < 0:
		return fmt.Errorf("%w: currentNodes: %d is negative", ErrInvalid, l.CurrentNodes)
	}
	return nil
}
