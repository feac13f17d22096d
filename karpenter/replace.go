package karpenter

import (
	"math"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
)

// spotTypes is how many cheaper types one spot node must have to be replaced by spot, and how many of them the replacement
// may be: fewer would chase the cheapest type from launch to launch.
const spotTypes = 15

// consolidate says what to do about some nodes at once: rules 70 to 73. Without an obstacle, the command is good.
func (d *Disruptor) consolidate(m Method, candidates []*Candidate) (Command, *Obstacle) {
	plan, err := d.try(candidates)
	if err != nil {
		return Command{}, &Obstacle{Kind: PodsWithoutPlace, Detail: err.Error()}
	}
	if o := misplaced(plan); o != nil {
		return Command{}, o
	}
	switch len(plan.Claims) {
	case 0:
		return d.newCommand(m, candidates, plan, nil), nil
	case 1:
	default:
		return Command{}, &Obstacle{Kind: ManyReplacements, Have: float64(len(plan.Claims)), Want: 1}
	}
	claim := plan.Claims[0]
	if o := d.cheaper(&claim, candidates); o != nil {
		return Command{}, o
	}
	if m == MultiNode {
		if o := d.otherType(&claim, candidates); o != nil {
			return Command{}, o
		}
	}
	command := d.newCommand(m, candidates, plan, []Claim{claim})
	d.settle(&command.Replacements[0])
	return command, nil
}

// misplaced is why a move is off: a pod that runs would have no place, or none that is sure (rule 70). Pods that were
// pending before do not matter.
func misplaced(plan *Plan) *Obstacle {
	var o *Obstacle
	for i := range plan.Placements {
		if p := &plan.Placements[i]; p.From != "" && p.Failure != nil {
			if o == nil {
				o = &Obstacle{Kind: PodsWithoutPlace}
				if p.Pod != nil {
					o.Pod = podName(p.Pod.Namespace, p.Pod.Name)
				}
			}
			o.failures = append(o.failures, *p)
		}
	}
	return o
}

// cheaper narrows a claim to what is sure to cost less than the candidates: rules 72 and 73.
func (d *Disruptor) cheaper(c *Claim, candidates []*Candidate) *Obstacle {
	price, allSpot := 0.0, true
	for _, n := range candidates {
		price += n.Price
		allSpot = allSpot && n.CapacityType == cloudprovider.Spot
	}
	c.Types = append([]*cloudprovider.InstanceType(nil), c.Types...)
	d.sortByPrice(c)
	if allSpot && allows(c.Requirements, LabelCapacityType, cloudprovider.Spot) {
		return d.spotToSpot(c, price, len(candidates) == 1)
	}
	if o := d.below(c, price); o != nil {
		return o
	}
	if allows(c.Requirements, LabelCapacityType, cloudprovider.Spot) && allows(c.Requirements, LabelCapacityType, cloudprovider.OnDemand) &&
		(!d.options.Profile.SpotOnlyWhereOffered || d.offersSpot(c)) {
		narrowToSpot(c)
	}
	return nil
}

// spotToSpot is rule 73.
func (d *Disruptor) spotToSpot(c *Claim, price float64, single bool) *Obstacle {
	if !d.options.SpotToSpot {
		return &Obstacle{Kind: SpotToSpotOff}
	}
	narrowToSpot(c)
	l := d.launchOf(c.Requirements)
	kept := c.Types[:0]
	for _, it := range c.Types {
		if l.of(it).choice >= 0 {
			kept = append(kept, it)
		}
	}
	c.Types = kept
	if o := d.below(c, price); o != nil {
		return o
	}
	if !single {
		return nil
	}
	if len(c.Types) < spotTypes {
		return &Obstacle{Kind: TooFewSpotTypes, Have: float64(len(c.Types)), Want: spotTypes}
	}
	most := spotTypes
	if c.Requirements.HasMinValues() {
		needed, _ := typesForMinValues(c)
		most = max(most, needed)
	}
	c.Types = c.Types[:min(most, len(c.Types))]
	return nil
}

// below keeps the types whose launch costs less than a price even at worst.
func (d *Disruptor) below(c *Claim, price float64) *Obstacle {
	l := d.launchOf(c.Requirements)
	least := 0.0
	kept := c.Types[:0]
	for i, it := range c.Types {
		worst := l.of(it).worst
		if i == 0 || worst < least {
			least = worst
		}
		if worst < price {
			kept = append(kept, it)
		}
	}
	c.Types = kept
	if c.Requirements.HasMinValues() {
		if _, ok := typesForMinValues(c); !ok {
			return &Obstacle{Kind: MinValuesUnmet, Have: float64(len(kept))}
		}
	}
	if len(kept) == 0 {
		return &Obstacle{Kind: NotCheaper, Have: least, Want: price}
	}
	return nil
}

func narrowToSpot(c *Claim) {
	c.Requirements = c.Requirements.With(kube.LabelRequirement(LabelCapacityType, cloudprovider.Spot))
}

// offersSpot tells whether spot can be had of a type that is left.
func (d *Disruptor) offersSpot(c *Claim) bool {
	narrowed := *c
	narrowToSpot(&narrowed)
	l := d.launchOf(narrowed.Requirements)
	for _, it := range c.Types {
		if l.of(it).choice >= 0 {
			return true
		}
	}
	return false
}

// otherType is rule 75: where the replacement might be of a type that is being removed, keeping that node and deleting
// the others would be better, so it must be cheaper than the cheapest such node.
func (d *Disruptor) otherType(c *Claim, candidates []*Candidate) *Obstacle {
	prices := make(map[string]float64, len(candidates))
	for _, n := range candidates {
		// A type without an offering that goes with the node's labels caps the price at nothing.
		best, known := prices[n.instanceType.Name]
		if price, ok := cheapestOf(n.node.Object, n.instanceType); ok && (!known || best == 0 || price < best) {
			prices[n.instanceType.Name] = price
		} else if !known {
			prices[n.instanceType.Name] = 0
		}
	}
	// Without such a type there is no limit, but types that are not to be had under the requirements as they are now go.
	limit := math.MaxFloat64
	for _, it := range c.Types {
		if price, ok := prices[it.Name]; ok {
			limit = min(limit, price)
		}
	}
	if o := d.below(c, limit); o != nil {
		if o.Kind == NotCheaper {
			o.Kind = SameType
		}
		return o
	}
	return nil
}

// typesForMinValues walks a claim's types until minValues holds (rule 13).
func typesForMinValues(c *Claim) (needed int, ok bool) {
	needed, ok, _ = c.Requirements.MinValues(len(c.Types), func(i int, key string) []string { return typeValues(c.Types[i], key) })
	return needed, ok
}

// typeValues are the values that a type may have under a label, by what can be had of it now.
func typeValues(it *cloudprovider.InstanceType, key string) []string {
	var of func(*cloudprovider.Offering) string
	switch key {
	case corev1.LabelInstanceTypeStable:
		return []string{it.Name}
	case corev1.LabelTopologyZone:
		of = func(o *cloudprovider.Offering) string { return o.Zone }
	case LabelCapacityType:
		of = func(o *cloudprovider.Offering) string { return o.CapacityType }
	case LabelReservationID:
		of = func(o *cloudprovider.Offering) string { return o.ReservationID }
	default:
		if values, ok := it.Labels[key]; ok {
			return values
		}
		switch key {
		case corev1.LabelArchStable:
			return []string{"amd64"}
		case corev1.LabelOSStable:
			return []string{"linux"}
		}
		return nil
	}
	var values []string
	for i := range it.Offerings {
		if o := &it.Offerings[i]; !o.Unavailable && of(o) != "" {
			values = append(values, of(o))
		}
	}
	return values
}
