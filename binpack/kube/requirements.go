package kube

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Requirements are requirements under distinct keys, all of which must hold: what a NodePool, a claim, an instance type
// or a pod says about labels. The zero value requires nothing. A copy shares memory but is never changed by
// [Requirements.With].
type Requirements struct {
	list []Requirement // sorted by key
}

// NewRequirements intersects what is given under the same key.
func NewRequirements(list ...Requirement) Requirements {
	return Requirements{}.With(list...)
}

// LabelRequirements are the requirements that a node's labels stand for.
func LabelRequirements(labels map[string]string) Requirements {
	out := Requirements{list: make([]Requirement, 0, len(labels))}
	for k, v := range labels {
		out.list = append(out.list, LabelRequirement(k, v))
	}
	slices.SortFunc(out.list, func(a, b Requirement) int { return strings.Compare(a.key, b.key) })
	return out
}

// TermRequirements are the requirements of one term of node affinity or of one StorageClass topology. A term that asks
// for fields (matchFields) cannot be expressed in labels and is an error.
func TermRequirements(term corev1.NodeSelectorTerm) (Requirements, error) {
	if len(term.MatchFields) > 0 {
		return Requirements{}, fmt.Errorf("%w: matchFields: %q is no label", ErrInvalid, term.MatchFields[0].Key)
	}
	var out Requirements
	for i, e := range term.MatchExpressions {
		r, err := NewRequirement(NormalizeKey(e.Key), e.Operator, e.Values...)
		if err != nil {
			return Requirements{}, fmt.Errorf("matchExpressions[%d]: %w", i, err)
		}
		out = out.With(r)
	}
	return out, nil
}

// NormalizeKey maps the legacy beta labels (zone, region, arch, os, instance-type) to the stable ones, under which node
// provisioning keeps all requirements. The scheduler does not: to it they are different labels.
func NormalizeKey(key string) string {
	switch key {
	case corev1.LabelFailureDomainBetaZone:
		return corev1.LabelTopologyZone
	case corev1.LabelFailureDomainBetaRegion:
		return corev1.LabelTopologyRegion
	case corev1.LabelInstanceType:
		return corev1.LabelInstanceTypeStable
	case "beta.kubernetes.io/arch":
		return corev1.LabelArchStable
	case "beta.kubernetes.io/os":
		return corev1.LabelOSStable
	}
	return key
}

// All returns the requirements in the order of their keys; not to be modified.
func (r Requirements) All() []Requirement { return r.list }

// Len is the number of keys.
func (r Requirements) Len() int { return len(r.list) }

// Get returns the requirement of a key, if there is one.
func (r Requirements) Get(key string) (Requirement, bool) {
	if i, ok := r.find(key); ok {
		return r.list[i], true
	}
	return Requirement{}, false
}

func (r Requirements) find(key string) (int, bool) {
	return slices.BinarySearchFunc(r.list, key, func(a Requirement, key string) int { return strings.Compare(a.key, key) })
}

// With returns the requirements and those given, intersected key by key. The receiver stays as it is.
func (r Requirements) With(more ...Requirement) Requirements {
	if len(more) == 0 {
		return r
	}
	out := Requirements{list: slices.Grow(slices.Clone(r.list), len(more))}
	for _, m := range more {
		if i, ok := out.find(m.key); ok {
			out.list[i] = out.list[i].Intersect(m)
		} else {
			out.list = slices.Insert(out.list, i, m)
		}
	}
	return out
}

// Without returns the requirements but those of a key.
func (r Requirements) Without(key string) Requirements {
	i, ok := r.find(key)
	if !ok {
		return r
	}
	return Requirements{list: slices.Delete(slices.Clone(r.list), i, i+1)}
}

// Conflict is why two sets of requirements do not go together: the first key, in the order of keys, that stands in the
// way. The zero value means that nothing does.
type Conflict struct {
	Key       string      // the label; empty where there is no conflict
	Undefined bool        // the offering side does not know the label at all
	Have      Requirement // what the offering side allows, unless Undefined
	Want      Requirement // what is demanded
}

// OK tells that there is no conflict.
func (c Conflict) OK() bool { return c.Key == "" }

// String says what is in the way, such as "zone: [c] demanded, [a b] offered" in the words of the requirements.
func (c Conflict) String() string {
	switch {
	case c.OK():
		return ""
	case c.Undefined:
		return fmt.Sprintf("%s demanded, but the label is undefined", c.Want)
	}
	return fmt.Sprintf("%s demanded, %s offered", c.Want, c.Have)
}

// Intersects looks for a key that both have and whose requirements do not meet. A key that only one side has is fine. An
// empty intersection is forgiven where both sides read NotIn or DoesNotExist, for then the label may be absent.
func (r Requirements) Intersects(o Requirements) Conflict {
	a, b := r.list, o.list
	for len(a) > 0 && len(b) > 0 {
		switch strings.Compare(a[0].key, b[0].key) {
		case -1:
			a = a[1:]
		case 1:
			b = b[1:]
		default:
			if !a[0].Intersects(b[0]) && !(a[0].AllowsAbsent() && b[0].AllowsAbsent()) {
				return Conflict{Key: a[0].key, Have: a[0], Want: b[0]}
			}
			a, b = a[1:], b[1:]
		}
	}
	return Conflict{}
}

// Compatible tells whether a node side (the receiver) can serve a demand: each key demanded must be defined on the node
// side, or be one that may be undefined, or be demanded in a way that an absent label meets (NotIn, DoesNotExist); and
// the two must intersect. For nodes that exist nothing may be undefined (nil); for nodes yet to be made, the well-known
// labels may.
func (r Requirements) Compatible(demand Requirements, mayBeUndefined func(key string) bool) Conflict {
	for _, d := range demand.list {
		if _, ok := r.find(d.key); ok || d.AllowsAbsent() || mayBeUndefined != nil && mayBeUndefined(d.key) {
			continue
		}
		return Conflict{Key: d.key, Undefined: true, Want: d}
	}
	return r.Intersects(demand)
}

// HasMinValues tells whether a requirement limits how many values must stay possible.
func (r Requirements) HasMinValues() bool {
	return slices.ContainsFunc(r.list, func(r Requirement) bool { return r.minValues > 0 })
}

// MinValues walks n candidates (instance types) in their order and collects the distinct values that each offers under
// the keys with minValues. It returns how many candidates it took until every count was reached, and ok; or, where the
// candidates do not suffice, n, false, and the requirements that fall short with minValues lowered to what there is.
func (r Requirements) MinValues(n int, values func(candidate int, key string) []string) (needed int, ok bool, short []Requirement) {
	type want struct {
		r    Requirement
		seen map[string]struct{}
	}
	var open []want
	for _, r := range r.list {
		if r.minValues > 0 {
			open = append(open, want{r, map[string]struct{}{}})
		}
	}
	for i := 0; i < n && len(open) > 0; i++ {
		for _, w := range open {
			for _, v := range values(i, w.r.key) {
				w.seen[v] = struct{}{}
			}
		}
		open = slices.DeleteFunc(open, func(w want) bool { return len(w.seen) >= w.r.minValues })
		needed = i + 1
	}
	for _, w := range open {
		short = append(short, w.r.WithMinValues(len(w.seen)))
	}
	return needed, len(open) == 0, short
}

// Equal tells whether both require the same.
func (r Requirements) Equal(o Requirements) bool {
	return slices.EqualFunc(r.list, o.list, Requirement.Equal)
}

// String lists the requirements in the order of keys.
func (r Requirements) String() string {
	parts := make([]string, len(r.list))
	for i := range r.list {
		parts[i] = r.list[i].String()
	}
	return strings.Join(parts, ", ")
}
