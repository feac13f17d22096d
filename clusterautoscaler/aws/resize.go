package aws

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// RefreshInterval is how old the list of groups may get.
const RefreshInterval = time.Minute

// RefreshDue tells whether the groups must be read again: a minute after the last time, or at once after a deletion (A5).
func RefreshDue(last, now time.Time, deleted bool) bool {
	return deleted || !last.Add(RefreshInterval).After(now)
}

// Increase is the desired capacity after adding delta instances; it is refused beyond the maximum (A12).
func Increase(g *Group, delta int) (int, error) {
	switch size := g.DesiredCapacity + delta; {
	case delta <= 0:
		return g.DesiredCapacity, refuse(g, "an increase by %d is none", delta)
	case size > g.MaxSize:
		return g.DesiredCapacity, refuse(g, "desired %d and %d more are above its maximum %d", g.DesiredCapacity, delta, g.MaxSize)
	default:
		return size, nil
	}
}

// DecreaseTarget is the desired capacity after giving up -delta instances that are not there. It is refused where more
// machines are listed than would be left; listed is how many [Machines] gave when the group was last read, so that only
// what was asked for since can be given up (A13).
func DecreaseTarget(g *Group, listed, delta int) (int, error) {
	switch size := g.DesiredCapacity + delta; {
	case delta >= 0:
		return g.DesiredCapacity, refuse(g, "a decrease by %d is none", delta)
	case size < listed:
		return g.DesiredCapacity, refuse(g, "%d would be less than its %d machines", size, listed)
	default:
		return size, nil
	}
}

// Deletion are the steps that take nodes from a group.
type Deletion struct {
	// SetDesired is the desired capacity to set first, the number of real instances; nil where it is not set.
	SetDesired *int
	// Terminate are the instances to terminate, one by one, each lowering the desired capacity by one.
	Terminate []string
	// Skipped are instances that terminate already.
	Skipped []string
	// Desired is the desired capacity in the end.
	Desired int
}

// Delete says how nodes are taken from a group, given their ids. It is refused at the minimum, and where a node is not of
// the group (A14).
func Delete(g *Group, ids []string) (Deletion, error) {
	d := Deletion{Desired: g.DesiredCapacity}
	if g.DesiredCapacity <= g.MinSize {
		return d, refuse(g, "its desired capacity %d is at its minimum %d", g.DesiredCapacity, g.MinSize)
	}
	machines := Machines(g, History{})
	placeholders := false
	for _, id := range ids {
		at := slices.IndexFunc(machines, func(m Machine) bool { return m.ID == id })
		switch {
		case at < 0:
			return Deletion{Desired: g.DesiredCapacity}, refuse(g, "machine %q is not of the group", id)
		case machines[at].Placeholder:
			placeholders = true
		case strings.HasPrefix(g.Instances[at].LifecycleState, "Terminat"):
			d.Skipped = append(d.Skipped, g.Instances[at].InstanceId)
		default:
			d.Terminate = append(d.Terminate, g.Instances[at].InstanceId)
		}
	}
	if placeholders {
		real := len(g.Instances)
		d.SetDesired, d.Desired = &real, real
	}
	d.Desired -= len(d.Terminate)
	return d, nil
}

// refuse is an error that names the group.
func refuse(g *Group, format string, args ...any) error {
	return fmt.Errorf("%w: group %s: %w: %s", ErrInvalid, g.AutoScalingGroupName, ErrRefused, fmt.Sprintf(format, args...))
}
