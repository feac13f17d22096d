package karpenter

import (
	"math"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/cloudprovider"
)

// small is the cluster as if there were only instance types with so many cores. The scheduler fills a node up to the
// largest type there is; with smaller ones it makes several nodes, which are often cheaper.
type small struct {
	cores   int64
	cluster *Cluster // compiled when first asked; nil before
	failed  bool
}

// mostCaps is how many limits on cores are tried.
const mostCaps = 8

// thrifty looks for something cheaper than Karpenter's command, where Thrift allows for several replacements. What it
// returns saves more than that command even if the dearest offerings are launched, or is that command.
func (d *Disruptor) thrifty(c Command, ok bool) (Command, bool) {
	most := d.options.Thrift.MostReplacements
	if most < 2 {
		return c, ok
	}
	saved := 0.0
	if ok {
		saved = max(0, c.Savings)
	}
	best, found := c, ok
	floor := saved
	for _, list := range d.moves(c, ok) {
		if total(list)-floor <= savingsDust { // not even for nothing would new nodes save more
			continue
		}
		// From large to small, so that of equal prices the fewest nodes win.
		for i := len(d.smaller()) - 1; i >= 0; i-- {
			if o, good := d.split(list, &d.smalls[i], most, floor); good {
				o.Thrift.Instead = saved
				best, found = o, true
				floor = o.Savings
			}
		}
	}
	return best, found
}

// savingsDust is below what counts as a saving, so that rounding moves nothing.
const savingsDust = 1e-9

// moves are the sets of candidates that are tried: those of Karpenter's command, each alone, and the first few together.
func (d *Disruptor) moves(c Command, ok bool) [][]*Candidate {
	var sets [][]*Candidate
	if ok {
		if list, lost := d.stillCandidates(c); len(lost) == 0 {
			sets = append(sets, list)
		}
	}
	list := d.candidates(SingleNode)
	d.rank(list)
	list = d.affordable(list, SingleNode)
	for _, n := range [...]int{2, 3, 5, 9, 17, 33, 65, multiNodes + 1} {
		if n <= len(list) {
			sets = append(sets, list[:n])
		}
	}
	for i := range list {
		sets = append(sets, list[i:i+1])
	}
	return sets
}

func total(list []*Candidate) float64 {
	sum := 0.0
	for _, c := range list {
		sum += c.Price
	}
	return sum
}

// smaller are the limits on cores, from the smallest to all but the largest type.
func (d *Disruptor) smaller() []small {
	if d.smalls != nil {
		return d.smalls
	}
	var cores []int64
	for _, types := range d.snapshot.InstanceTypes {
		for _, it := range types {
			cores = append(cores, coresOf(it))
		}
	}
	slices.Sort(cores)
	cores = slices.Compact(cores)
	d.smalls = []small{}
	n := len(cores)
	for i := range min(n, mostCaps) {
		d.smalls = append(d.smalls, small{cores: cores[i*n/min(n, mostCaps)]})
	}
	return d.smalls
}

func coresOf(it *cloudprovider.InstanceType) int64 {
	q := it.Capacity[corev1.ResourceCPU]
	return q.Value()
}

// cap compiles the cluster with small types only.
func (d *Disruptor) cap(s *small) *Cluster {
	if s.cluster != nil || s.failed {
		return s.cluster
	}
	view := *d.snapshot
	view.InstanceTypes = make(map[string][]*cloudprovider.InstanceType, len(d.snapshot.InstanceTypes))
	for pool, types := range d.snapshot.InstanceTypes {
		kept := make([]*cloudprovider.InstanceType, 0, len(types))
		for _, it := range types {
			if coresOf(it) <= s.cores {
				kept = append(kept, it)
			}
		}
		view.InstanceTypes[pool] = kept
	}
	cluster, err := Compile(&view, d.options)
	if err != nil {
		s.failed = true
		return nil
	}
	s.cluster = cluster
	return cluster
}

// split tries to replace some nodes by up to so many, packed onto small types, saving more than a floor for sure.
func (d *Disruptor) split(list []*Candidate, s *small, most int, floor float64) (Command, bool) {
	cluster := d.cap(s)
	if cluster == nil {
		return Command{}, false
	}
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = c.Node
	}
	plan, err := cluster.Simulate(names...)
	if err != nil || misplaced(&plan) != nil || len(plan.Claims) == 0 || len(plan.Claims) > most {
		return Command{}, false
	}
	price := total(list)
	claims := slices.Clone(plan.Claims)
	worst, ok := d.affordTypes(claims, list, price-floor)
	if !ok {
		return Command{}, false
	}
	method := SingleNode
	if len(list) > 1 {
		method = MultiNode
	}
	c := d.newCommand(method, list, &plan, claims)
	for i := range c.Replacements {
		d.settle(&c.Replacements[i])
	}
	c.Thrift = &ThriftNote{Cores: s.cores, Worst: worst}
	c, obstacle := d.approved(c, list)
	if obstacle != nil || c.Savings-floor <= savingsDust {
		return Command{}, false
	}
	c.Thrift.Bound = d.bound(c.Replacements)
	return c, true
}

// affordTypes narrows each claim to the types with which all of them together stay below a budget at worst.
func (d *Disruptor) affordTypes(claims []Claim, list []*Candidate, budget float64) (worst float64, ok bool) {
	allSpot := !slices.ContainsFunc(list, func(c *Candidate) bool { return c.CapacityType != cloudprovider.Spot })
	least := make([]float64, len(claims))
	sum := 0.0
	for i := range claims {
		c := &claims[i]
		spot, onDemand := allows(c.Requirements, LabelCapacityType, cloudprovider.Spot), allows(c.Requirements, LabelCapacityType, cloudprovider.OnDemand)
		if allSpot && spot {
			return 0, false // spot for spot chases prices
		}
		if spot && onDemand && d.offersSpot(c) {
			narrowToSpot(c)
		}
		c.Types = slices.Clone(c.Types)
		d.sortByPrice(c)
		l := d.launchOf(c.Requirements)
		least[i] = math.MaxFloat64
		for _, it := range c.Types {
			least[i] = min(least[i], l.of(it).worst)
		}
		if sum += least[i]; !(sum < budget-savingsDust) {
			return 0, false
		}
	}
	share := (budget - savingsDust - sum) / float64(len(claims))
	for i := range claims {
		c := &claims[i]
		l := d.launchOf(c.Requirements)
		dearest := 0.0
		kept := c.Types[:0]
		for _, it := range c.Types {
			if w := l.of(it).worst; w <= least[i] || w < least[i]+share {
				kept = append(kept, it)
				dearest = max(dearest, w)
			}
		}
		c.Types = kept
		worst += dearest
		if c.Requirements.HasMinValues() {
			if _, ok := typesForMinValues(c); !ok {
				return 0, false
			}
		}
	}
	return worst, worst < budget
}
