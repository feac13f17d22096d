package cloudprovider

import (
	"math"
	"time"
)

// MemoryConfig describes a cloud in memory.
type MemoryConfig struct {
	Start  time.Time       `json:"start"`            // its first instant
	Types  []*InstanceType `json:"types"`            // what can be launched
	Groups []NodeGroup     `json:"groups,omitempty"` // groups; their targets are launched and have joined at the start
	// StartDelay is how long a machine takes to run after its launch, and JoinDelay how long its node takes from there to
	// join the cluster. Default 0.
	StartDelay time.Duration `json:"startDelay,omitempty"`
	JoinDelay  time.Duration `json:"joinDelay,omitempty"` // see StartDelay
	// Capacity limits how many machines of an offering there are at a time; one that is not listed has no limit, and one
	// with a reservation that of the reservation.
	Capacity []CapacityLimit `json:"capacity,omitempty"`
	// RetryDelay is how long a group waits after a failed launch before it tries again; default 1 minute.
	RetryDelay time.Duration `json:"retryDelay,omitempty"`
	// Interruptions are spot instances that are taken back on a schedule.
	Interruptions []Interruption `json:"interruptions,omitempty"`
	// MeanSpotLife is how long a spot instance lives on average before it is taken back, drawn by Seed from an
	// exponential distribution; 0, the default, means for ever.
	MeanSpotLife time.Duration `json:"meanSpotLife,omitempty"`
	Seed         uint64        `json:"seed,omitempty"` // see MeanSpotLife
	// Notice is how long before a spot instance is taken back that is announced; default 2 minutes.
	Notice time.Duration `json:"notice,omitempty"`
}

// CapacityLimit is how many machines of an offering there are at a time.
type CapacityLimit struct {
	OfferingRef     // the offering
	Count       int `json:"count"` // running or on the way at a time; from 0 on
}

// Interruption takes a spot instance back.
type Interruption struct {
	At time.Time `json:"at"` // of the notice
	// Instance is its id. Empty, the oldest spot instance that has not been given notice goes.
	Instance string `json:"instance,omitempty"`
}

// Validate tells what makes no sense.
func (c *MemoryConfig) Validate() error {
	types := map[string]*InstanceType{}
	for i, t := range c.Types {
		if t == nil {
			return invalid("types", "[%d] is nil", i)
		}
		if err := t.Validate(); err != nil {
			return err
		}
		if types[t.Name] != nil {
			return invalid("types", "[%d].name: %q is there twice", i, t.Name)
		}
		types[t.Name] = t
	}
	groups := map[string]bool{}
	for i := range c.Groups {
		g := &c.Groups[i]
		if err := g.Validate(); err != nil {
			return err
		}
		switch {
		case groups[g.ID]:
			return invalid("groups", "[%d].id: %q is there twice", i, g.ID)
		case g.Target > g.Max:
			return invalid("group "+g.ID+": target", "%d is more than max, %d", g.Target, g.Max)
		case len(g.Instances) > 0:
			return invalid("group "+g.ID+": instances", "%d given; the cloud launches them itself", len(g.Instances))
		}
		groups[g.ID] = true
		for _, ref := range g.offerings() {
			if types[ref.InstanceType] == nil {
				return invalid("group "+g.ID+": instanceType", "%q is unknown", ref.InstanceType)
			}
			if _, ok := types[ref.InstanceType].Price(ref.Zone, ref.CapacityType); !ok {
				return invalid("group "+g.ID, "there is no offering %s", ref)
			}
		}
	}
	for i, l := range c.Capacity {
		if l.Count < 0 {
			return invalid("capacity", "[%d].count: %d is negative", i, l.Count)
		}
	}
	for _, d := range []struct {
		field string
		value time.Duration
	}{{"startDelay", c.StartDelay}, {"joinDelay", c.JoinDelay}, {"retryDelay", c.RetryDelay}, {"meanSpotLife", c.MeanSpotLife}, {"notice", c.Notice}} {
		if d.value < 0 {
			return invalid(d.field, "%s is negative", d.value)
		}
	}
	return nil
}

func (g *NodeGroup) capacityType() string {
	if g.CapacityType == "" {
		return OnDemand
	}
	return g.CapacityType
}

func (g *NodeGroup) offerings() []OfferingRef {
	out := make([]OfferingRef, len(g.Zones))
	for i, z := range g.Zones {
		out[i] = OfferingRef{g.InstanceType, z, g.capacityType()}
	}
	return out
}

// draw gives the nth number of a seed, above 0 and at most 1: splitmix64, which needs no state between the numbers.
func draw(seed, n uint64) float64 {
	z := seed + (n+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	return float64(z>>11+1) / (1 << 53)
}

// lifetime is how long the nth instance lives until its notice.
func lifetime(mean time.Duration, seed, n uint64) time.Duration {
	life := -math.Log(draw(seed, n)) * float64(mean)
	return time.Duration(min(life, float64(math.MaxInt64/4)))
}
