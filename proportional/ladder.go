package proportional

import (
	"math"
	"slices"
	"sort"
)

// NewLadder checks and compiles a ladder. The config is not modified.
func NewLadder(config Ladder, profile Profile) (*Policy, error) {
	if err := config.check(profile); err != nil {
		return nil, err
	}
	return &Policy{
		mode: ModeLadder, profile: profile, everything: config.IncludeUnschedulableNodes,
		nodes: newLadder(config.NodesToReplicas), cores: newLadder(config.CoresToReplicas),
	}, nil
}

// climb sorts steps by threshold. Which of two steps with one threshold comes last decides, and beyond twelve steps that
// is up to the sorting: upstream uses sort.Sort, which a stable sort or slices.Sort would not reproduce (C20).
func climb(steps []Step) []Step {
	sorted := slices.Clone(steps)
	sort.Sort(byThreshold(sorted))
	return sorted
}

type byThreshold []Step

func (s byThreshold) Len() int           { return len(s) }
func (s byThreshold) Less(i, j int) bool { return s[i][0] < s[j][0] }
func (s byThreshold) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }

// ladder is a list of steps, compiled: sorted, and the thresholds once more by themselves, so that a lookup walks through
// little memory. Thresholds beyond 32 bits are never reached and left out there.
type ladder struct {
	steps      []Step
	thresholds []int32
}

func newLadder(steps []Step) ladder {
	l := ladder{steps: climb(steps)}
	for _, s := range l.steps {
		if s.Threshold() <= math.MaxInt32 {
			l.thresholds = append(l.thresholds, int32(s.Threshold()))
		}
	}
	return l
}

// share is that of ladder mode: the last step whose threshold is not above the count, or the first step where every
// threshold is (C21). So many steps were reached.
func (l *ladder) share(s *Share, count int32, reached int) {
	bound := BoundNone
	if reached == 0 {
		reached, bound = 1, BoundFirstStep
	}
	s.Count, s.Per = count, 0
	if reached > len(l.steps) { // there are none
		s.Threshold, s.Replicas, s.Bound = 0, 0, BoundUnset
		return
	}
	step := &l.steps[reached-1]
	s.Threshold, s.Replicas, s.Bound = step[0], step[1], bound
}

// climbed counts the thresholds that are not above the count: by halving, until the rest is short enough to try one after
// the other.
func climbed(thresholds []int32, count int32) int {
	low := 0
	for len(thresholds)-low > 8 {
		middle := int(uint(low+len(thresholds)) / 2)
		if thresholds[middle] <= count {
			low = middle
		} else {
			thresholds = thresholds[:middle]
		}
	}
	n := len(thresholds)
	for n > 0 && thresholds[n-1] > count {
		n--
	}
	return n
}
