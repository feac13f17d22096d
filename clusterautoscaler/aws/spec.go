package aws

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// GroupSpec is a value of --nodes: a group and its bounds.
type GroupSpec struct {
	Min  int    // at least 0
	Max  int    // at least Min
	Name string // of the Auto Scaling group
}

// ParseGroupSpec reads min:max:name; the name may hold colons (A1).
func ParseGroupSpec(text string) (GroupSpec, error) {
	parts := strings.SplitN(text, ":", 3)
	if len(parts) != 3 {
		return GroupSpec{}, fmt.Errorf("%w: nodes: %q is not min:max:name", ErrInvalid, text)
	}
	low, err := strconv.Atoi(parts[0])
	if err != nil {
		return GroupSpec{}, fmt.Errorf("%w: nodes: %q: min: %q is no whole number", ErrInvalid, text, parts[0])
	}
	high, err := strconv.Atoi(parts[1])
	if err != nil {
		return GroupSpec{}, fmt.Errorf("%w: nodes: %q: max: %q is no whole number", ErrInvalid, text, parts[1])
	}
	switch {
	case low < 0:
		return GroupSpec{}, fmt.Errorf("%w: nodes: %q: min: %d is negative", ErrInvalid, text, low)
	case high < low:
		return GroupSpec{}, fmt.Errorf("%w: nodes: %q: max: %d is below min %d", ErrInvalid, text, high, low)
	case parts[2] == "":
		return GroupSpec{}, fmt.Errorf("%w: nodes: %q: name: is empty", ErrInvalid, text)
	}
	return GroupSpec{Min: low, Max: high, Name: parts[2]}, nil
}

// String is min:max:name.
func (s GroupSpec) String() string { return fmt.Sprintf("%d:%d:%s", s.Min, s.Max, s.Name) }

// Discovery is which groups are found by their tags: those that have every one of these, with the value where there is
// one.
type Discovery map[string]string

// ParseDiscovery reads the values of --node-group-auto-discovery, asg:tag=k1,k2=v2. Several of them make one condition
// that a group must fulfil whole, and of a key given twice the last value counts (A2).
func ParseDiscovery(specs ...string) (Discovery, error) {
	found := Discovery{}
	for _, spec := range specs {
		discoverer, rest, ok := strings.Cut(spec, ":")
		if !ok || discoverer != "asg" {
			return nil, fmt.Errorf("%w: node-group-auto-discovery: %q does not begin with asg:", ErrInvalid, spec)
		}
		key, tags, ok := strings.Cut(rest, "=")
		if !ok || key != "tag" {
			return nil, fmt.Errorf("%w: node-group-auto-discovery: %q: %q is not tag=", ErrInvalid, spec, rest)
		}
		for _, tag := range strings.Split(tags, ",") {
			name, value, _ := strings.Cut(tag, "=")
			if name == "" {
				return nil, fmt.Errorf("%w: node-group-auto-discovery: %q: a tag has no name", ErrInvalid, spec)
			}
			found[name] = value
		}
	}
	return found, nil
}

// Matches tells whether a group has all tags (A3). No tags match nothing.
func (d Discovery) Matches(tags []Tag) bool {
	for name, value := range d {
		has := slices.ContainsFunc(tags, func(t Tag) bool { return t.Key == name && (value == "" || t.Value == value) })
		if !has {
			return false
		}
	}
	return len(d) > 0
}

// String is the value of the flag, by name.
func (d Discovery) String() string {
	items := make([]string, 0, len(d))
	for _, name := range slices.Sorted(maps.Keys(d)) {
		if d[name] == "" {
			items = append(items, name)
		} else {
			items = append(items, name+"="+d[name])
		}
	}
	return "asg:tag=" + strings.Join(items, ",")
}

// Managed is a group that the autoscaler looks after.
type Managed struct {
	Group            // with the bounds that count
	Explicit    bool // named by --nodes, whose bounds win
	Unavailable bool // named, but the API does not know it
}

// Select says which groups are looked after: those named, in that order, then those found, in the order of the API. A group
// that is both is there once, with the bounds of its spec; one that was named stays although it vanished (A1, A4).
func Select(groups []Group, specs []GroupSpec, discovery Discovery) []Managed {
	out := make([]Managed, 0, len(groups))
	named := make(map[string]bool, len(specs))
	for _, s := range specs {
		if named[s.Name] {
			continue
		}
		named[s.Name] = true
		m := Managed{Explicit: true}
		if i := slices.IndexFunc(groups, func(g Group) bool { return g.AutoScalingGroupName == s.Name }); i >= 0 {
			m.Group = groups[i]
		} else {
			m.Unavailable, m.AutoScalingGroupName = true, s.Name
		}
		m.MinSize, m.MaxSize = s.Min, s.Max
		out = append(out, m)
	}
	for i := range groups {
		if !named[groups[i].AutoScalingGroupName] && discovery.Matches(groups[i].Tags) {
			named[groups[i].AutoScalingGroupName] = true
			out = append(out, Managed{Group: groups[i]})
		}
	}
	return out
}
