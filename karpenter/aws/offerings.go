package aws

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/scalemath/scalemath/cloudprovider"
)

// Market is where instances can be had and for how much.
type Market struct {
	// Now is when; offerings in Unavailable come back with time.
	Now time.Time
	// Zones are all zones of the region; offerings stand in this order.
	Zones []Zone
	// Sold are the zones that sell a type, by type; a type that is missing is sold in all.
	Sold map[string][]string
	// OnDemand is the price per hour by type.
	OnDemand map[string]float64
	// Spot is the price per hour by type and zone. Nil means that no history was read yet: every zone has the on-demand price
	// then. After that a zone without a price is not available (R98).
	Spot map[string]map[string]float64
	// Reservations are the capacity reservations that the node class selects.
	Reservations []CapacityReservation
	// Unavailable is what could not be had lately.
	Unavailable Unavailable
	// PlacementGroup is the one that the node class uses; nil: none.
	PlacementGroup *PlacementGroup
}

// Zone is a zone of the region.
type Zone struct {
	Name    string   // such as us-east-1a
	Subnets []string // of the node class, by ID; a zone without any cannot be used
	Shifted bool     // traffic was moved away from it
}

// PlacementGroup is where nodes stand to each other.
type PlacementGroup struct {
	ID       string // of the group
	Strategy string // cluster, partition or spread
}

// CapacityReservation is capacity that was reserved.
type CapacityReservation struct {
	ID               string          // of the reservation
	InstanceType     string          // that it is for
	AvailabilityZone string          // that it is in
	Type             ReservationType // default ReservationDefault
	Interruptible    bool            // it may be taken back
	Expiring         bool            // it is about to end; nothing new is launched into it
	Available        int             // how many instances it has left
}

// ReservationType is the kind of a reservation.
type ReservationType string

// The kinds of reservations.
const (
	ReservationDefault       ReservationType = "default"        // on demand, for as long as one likes
	ReservationCapacityBlock ReservationType = "capacity-block" // for a time that was bought
)

// reservedPriceDivisor makes reserved capacity all but free, in the order of its on-demand price (R97).
const reservedPriceDivisor = 10_000_000

// Offerings are where and how a type can be had: for each zone of the region and each usage class one, available or not, and
// one for each reservation (R96). A nil class is as in [Resolve].
func Offerings(info *InstanceTypeInfo, class *EC2NodeClass, m Market) ([]cloudprovider.Offering, error) {
	compatible, err := Compatible(info, class, m.PlacementGroup)
	if err != nil {
		return nil, err
	}
	group := ""
	if m.PlacementGroup != nil {
		group = m.PlacementGroup.ID
	}
	var all []cloudprovider.Offering
	for i := range m.Zones {
		z := &m.Zones[i]
		for _, use := range info.SupportedUsageClasses {
			if use != cloudprovider.OnDemand && use != cloudprovider.Spot {
				continue
			}
			price, priced, err := m.price(info.InstanceType, z.Name, use)
			if err != nil {
				return nil, err
			}
			failed := m.Unavailable.Contains(m.Now, info.InstanceType, z.Name, use, z.Subnets, "") ||
				group != "" && m.Unavailable.Contains(m.Now, info.InstanceType, z.Name, use, z.Subnets, group)
			all = append(all, cloudprovider.Offering{Zone: z.Name, CapacityType: use, Price: price,
				Unavailable: !compatible || failed || !priced || z.Shifted || !m.sold(info.InstanceType, z)})
		}
	}
	for i := range m.Reservations {
		r := &m.Reservations[i]
		if r.InstanceType != info.InstanceType {
			continue
		}
		o := cloudprovider.Offering{Zone: r.AvailabilityZone, CapacityType: cloudprovider.Reserved, ReservationID: r.ID,
			ReservationCapacity: max(r.Available, 0), Price: m.OnDemand[info.InstanceType] / reservedPriceDivisor, Unavailable: true}
		if z := slices.IndexFunc(m.Zones, func(z Zone) bool { return z.Name == r.AvailabilityZone }); z >= 0 {
			o.Unavailable = !compatible || r.Available <= 0 || r.Expiring || m.Zones[z].Shifted || !m.sold(info.InstanceType, &m.Zones[z])
		}
		all = append(all, o)
	}
	return all, nil
}

// sold tells whether a zone sells the type and has a subnet to put it in.
func (m *Market) sold(instanceType string, z *Zone) bool {
	zones, limited := m.Sold[instanceType]
	return len(z.Subnets) > 0 && (!limited || slices.Contains(zones, z.Name))
}

func (m *Market) price(instanceType, zone, use string) (float64, bool, error) {
	price, ok := m.OnDemand[instanceType]
	if use == cloudprovider.Spot && m.Spot != nil {
		price, ok = m.Spot[instanceType][zone]
	}
	if math.IsNaN(price) || math.IsInf(price, 0) || price < 0 {
		return 0, false, fmt.Errorf("%w: price of %s %s in %s: %v is no price", ErrInvalid, instanceType, use, zone, price)
	}
	return price, ok, nil
}

// Compatible tells whether a type can be used under a node class and in a placement group (nil: none).
func Compatible(info *InstanceTypeInfo, class *EC2NodeClass, group *PlacementGroup) (bool, error) {
	family, spec := AL2023, &EC2NodeClassSpec{}
	if class != nil {
		var err error
		if family, err = class.Family(); err != nil {
			return false, err
		}
		spec = &class.Spec
	}
	if family == AL2023 && strings.HasPrefix(info.InstanceType, "a1.") {
		return false, nil
	}
	if o := spec.CPUOptions; o != nil && o.NestedVirtualization != nil && *o.NestedVirtualization == "enabled" &&
		!slices.Contains(info.ProcessorInfo.SupportedFeatures, "nested-virtualization") {
		return false, nil
	}
	if group != nil && !slices.Contains(info.PlacementGroupInfo.SupportedStrategies, group.Strategy) {
		return false, nil
	}
	// Timeouts of connections are a feature of Nitro; a hypervisor that is not known is none.
	if spec.ConnectionTracking != nil && info.Hypervisor != "nitro" {
		return false, nil
	}
	return interfacesFit(info, spec.NetworkInterfaces), nil
}

// interfacesFit tells whether a type has room for the interfaces that a class asks for.
func interfacesFit(info *InstanceTypeInfo, wanted []NetworkInterface) bool {
	if wanted == nil {
		return true
	}
	network := &info.NetworkInfo
	if len(network.NetworkCards) == 0 || network.EnaSupport == "unsupported" {
		return false
	}
	var efas int64
	for _, w := range wanted {
		card := slices.IndexFunc(network.NetworkCards, func(c NetworkCardInfo) bool { return c.NetworkCardIndex == int(w.NetworkCardIndex) })
		if card < 0 || network.NetworkCards[card].MaximumNetworkInterfaces <= int64(w.DeviceIndex) {
			return false
		}
		if w.InterfaceType == efaOnly {
			efas++
		}
	}
	return efas == 0 || network.EfaInfo != nil && efas <= network.EfaInfo.MaximumEfaInterfaces
}

// Catalog resolves types and their offerings, in the order given.
func Catalog(infos []InstanceTypeInfo, class *EC2NodeClass, s Settings, m Market) ([]*cloudprovider.InstanceType, error) {
	all := make([]*cloudprovider.InstanceType, 0, len(infos))
	for i := range infos {
		t, err := Resolve(&infos[i], class, s)
		if err == nil {
			t.Offerings, err = Offerings(&infos[i], class, m)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}
