package clusterautoscaler

import (
	"maps"
	"time"
)

// GroupTimes is when a group last changed, for delays that hold for each group on its own (D4).
type GroupTimes struct {
	ScaleUp  time.Time `json:"scaleUp,omitzero"`  // it grew
	Deletion time.Time `json:"deletion,omitzero"` // a deletion of a node of it began
	Failure  time.Time `json:"failure,omitzero"`  // one could not begin; the caller sets it
}

// note changes a group's times in a copy of the map, as a state is a value.
func (s *ScaleDownState) note(group string, change func(*GroupTimes)) {
	groups := maps.Clone(s.Groups)
	if groups == nil {
		groups = map[string]GroupTimes{}
	}
	t := groups[group]
	change(&t)
	groups[group] = t
	s.Groups = groups
}

// cooling is until when delays hold, and which one (D2, D4).
func (s *ScaleDownOptions) cooling(t GroupTimes, now time.Time) (until time.Time, what string) {
	for _, c := range []struct {
		what  string
		began time.Time
		delay time.Duration
	}{
		{"a scale-up", t.ScaleUp, s.DelayAfterAdd},
		{"a failed deletion", t.Failure, s.DelayAfterFailure},
		{"a deletion", t.Deletion, s.DelayAfterDelete},
	} {
		if end := c.began.Add(c.delay); !c.began.IsZero() && end.After(now) && end.After(until) {
			until, what = end, c.what
		}
	}
	return until, what
}
