package vpa

import "sort"

// Settings is a validated configuration with what follows from it. It never changes and may be shared by everybody.
type Settings struct {
	cfg               Config
	profile           Profile
	minCPU, minMemory Amount
	// unrestricted is the policy of containers without one.
	unrestricted *policy
}

// Compile validates the configuration and prepares it for [NewRecommender].
func (c Config) Compile() (*Settings, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	s := &Settings{
		cfg: c, profile: c.Profile,
		minCPU:    ofCores(c.PodMinCPUMillicores * 0.001), // E5
		minMemory: amountOf(c.PodMinMemoryMb * 1024 * 1024),
	}
	s.unrestricted = s.policyFor(nil, EveryContainer)
	return s, nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
