package cloudprovider

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// MemoryState is what there is in a cloud at an instant, for people and for tests.
type MemoryState struct {
	Now       time.Time     `json:"now"`                 // the instant
	Groups    []NodeGroup   `json:"groups,omitempty"`    // with their machines
	Instances []Instance    `json:"instances,omitempty"` // machines outside groups, oldest first
	InUse     []OfferingUse `json:"inUse,omitempty"`     // by offering, in the order of their names
	Cost      float64       `json:"cost"`                // of all machines from the beginning
}

// OfferingUse is how many machines of an offering there are.
type OfferingUse struct {
	OfferingRef      // the offering
	Used        int  `json:"used"`            // how many there are
	Limit       *int `json:"limit,omitempty"` // how many there can be; nil: any number
}

// State describes the cloud.
func (m *Memory) State() MemoryState {
	cost := m.Cost()
	m.mu.Lock()
	defer m.mu.Unlock()
	s := MemoryState{Now: m.now, Cost: cost}
	for _, g := range m.groups {
		s.Groups = append(s.Groups, g.describe())
	}
	for _, i := range m.live {
		if i.Group == "" {
			s.Instances = append(s.Instances, *i)
		}
	}
	refs := maps.Clone(m.used)
	for ref := range m.limit {
		refs[ref] += 0
	}
	byName := func(a, b OfferingRef) int { return cmp.Compare(a.String(), b.String()) }
	for _, ref := range slices.SortedFunc(maps.Keys(refs), byName) {
		use := OfferingUse{OfferingRef: ref, Used: m.used[ref]}
		if limit, ok := m.limit[ref]; ok {
			use.Limit = &limit
		}
		if use.Used > 0 || use.Limit != nil {
			s.InUse = append(s.InUse, use)
		}
	}
	return s
}

// MarshalJSON writes the state.
func (m *Memory) MarshalJSON() ([]byte, error) { return json.Marshal(m.State()) }
