package trigger

import (
	"fmt"
	"maps"
	"slices"
)

// Builder makes a trigger from its words. Its error should wrap [ErrInvalid] and name the field; [Registry.New] adds the
// trigger's index and type.
type Builder func(Config) (Trigger, error)

// Registry knows how to build triggers. The zero value knows the types of this package, [Registry.With] adds more. It is a
// value: adding to one leaves others alone.
type Registry struct {
	own map[string]Builder
}

// With returns a registry that also knows this type, or that builds it in this way from now on.
func (r Registry) With(name string, build Builder) Registry {
	own := maps.Clone(r.own)
	if own == nil {
		own = map[string]Builder{}
	}
	own[name] = build
	return Registry{own}
}

// Types lists the types that the registry knows, in alphabetical order.
func (r Registry) Types() []string {
	names := slices.Collect(maps.Keys(builders))
	for name := range r.own {
		if _, both := builders[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// New builds a trigger. The error wraps [ErrInvalid] and names the trigger's index and the field.
func (r Registry) New(cfg Config) (Trigger, error) {
	build, ok := r.own[cfg.Type]
	if !ok {
		build, ok = builders[cfg.Type]
	}
	if !ok || build == nil {
		return nil, fmt.Errorf("triggers[%d]: type %q: %w", cfg.Index, cfg.Type, ErrUnknownType)
	}
	t, err := build(cfg)
	if err != nil {
		return nil, fmt.Errorf("triggers[%d] (%s): %w", cfg.Index, cfg.Type, err)
	}
	return t, nil
}

// New builds a trigger of one of this package's types.
func New(cfg Config) (Trigger, error) { return Registry{}.New(cfg) }
