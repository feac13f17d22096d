package karpenter

import (
	"cmp"
	"math"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
)

// launch is what launching under some requirements on zone, capacity type and reservation costs, by type. Claims of one
// pool mostly ask for the same, so that the prices are worked out once.
type launch struct {
	asked  [3]kube.Requirement
	prices map[*cloudprovider.InstanceType]launchPrices
}

// launchPrices are prices of one type; the largest number where there is nothing to be had.
type launchPrices struct {
	worst    float64 // dearest offering of the capacity type that a launch would take (rule 72)
	cheapest float64 // cheapest offering of any capacity type
	choice   int     // index of the cheapest offering; -1 where there is none
}

var launchKeys = [3]string{corev1.LabelTopologyZone, LabelCapacityType, LabelReservationID}

// launchOf finds the prices under a claim's requirements.
func (d *Disruptor) launchOf(r kube.Requirements) *launch {
	var asked [3]kube.Requirement
	for i, key := range launchKeys {
		q, ok := r.Get(key)
		if !ok {
			q, _ = kube.NewRequirement(key, kube.Exists)
		}
		asked[i] = q
	}
	for _, l := range d.launches {
		if l.asked[0].Equal(asked[0]) && l.asked[1].Equal(asked[1]) && l.asked[2].Equal(asked[2]) {
			return l
		}
	}
	l := &launch{asked: asked, prices: map[*cloudprovider.InstanceType]launchPrices{}}
	d.launches = append(d.launches, l)
	return l
}

// of works out the prices of a type.
func (l *launch) of(it *cloudprovider.InstanceType) launchPrices {
	if p, ok := l.prices[it]; ok {
		return p
	}
	p := launchPrices{worst: math.MaxFloat64, cheapest: math.MaxFloat64, choice: -1}
	rank := 3
	for i := range it.Offerings {
		o := &it.Offerings[i]
		if o.Unavailable || !l.admits(o) {
			continue
		}
		if p.choice < 0 || o.Price < p.cheapest {
			p.cheapest, p.choice = o.Price, i
		}
		switch r := capacityRank(o.CapacityType); {
		case r < rank:
			rank, p.worst = r, o.Price
		case r == rank && r < 3:
			p.worst = max(p.worst, o.Price)
		}
	}
	l.prices[it] = p
	return p
}

// capacityRank is the order in which a launch takes capacity types.
func capacityRank(capacityType string) int {
	switch capacityType {
	case cloudprovider.Reserved:
		return 0
	case cloudprovider.Spot:
		return 1
	case cloudprovider.OnDemand:
		return 2
	}
	return 3
}

// admits tells whether the requirements admit an offering.
func (l *launch) admits(o *cloudprovider.Offering) bool {
	if !l.asked[0].Has(o.Zone) || !l.asked[1].Has(o.CapacityType) {
		return false
	}
	if o.CapacityType == cloudprovider.Reserved {
		return l.asked[2].Has(o.ReservationID)
	}
	// Without a reservation the label is absent: fine where any value would be, as nothing was asked.
	return l.asked[2].AllowsAbsent() || l.asked[2].Operator() == kube.Exists
}

// sortByPrice puts a claim's types in the order of their cheapest offering; equal ones keep theirs.
func (d *Disruptor) sortByPrice(c *Claim) {
	l := d.launchOf(c.Requirements)
	slices.SortStableFunc(c.Types, func(a, b *cloudprovider.InstanceType) int {
		return cmp.Compare(l.of(a).cheapest, l.of(b).cheapest)
	})
}

// launchPrice is what a claim is expected to cost: the cheapest offering of its first type. Nothing where there is none.
func (d *Disruptor) launchPrice(c *Claim) float64 {
	if len(c.Types) == 0 {
		return 0
	}
	p := d.launchOf(c.Requirements).of(c.Types[0])
	if p.choice < 0 {
		return 0
	}
	return p.cheapest
}

// settle puts a claim's types in order, and finds the cheapest offering, anew after types and requirements have narrowed.
func (d *Disruptor) settle(c *Claim) {
	d.sortByPrice(c)
	c.Cheapest = Choice{}
	if len(c.Types) == 0 {
		return
	}
	it := c.Types[0]
	c.Cheapest.InstanceType = it.Name
	if p := d.launchOf(c.Requirements).of(it); p.choice >= 0 {
		o := &it.Offerings[p.choice]
		c.Cheapest = Choice{InstanceType: it.Name, Zone: o.Zone, CapacityType: o.CapacityType, Price: o.Price}
	}
}
