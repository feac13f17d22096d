package aws

import (
	"maps"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/cloudprovider"
)

// Subnet is a subnet that nodes may be in.
type Subnet struct {
	ID           string // of the subnet
	Zone         string // it lies in
	AvailableIPs int64  // free addresses as EC2 told
}

// ChooseSubnets takes for each zone the subnet with the most free addresses, the first of equals, and says how many will be
// left once the launch is through: as many go as the smallest type pods may have (R101). Left is what earlier launches left,
// by subnet; it counts instead of what EC2 told, and is not modified. Forget an entry once EC2 was asked again.
func ChooseSubnets(subnets []Subnet, types []*cloudprovider.InstanceType, capacityType string, left map[string]int64) (map[string]Subnet, map[string]int64) {
	free := func(s Subnet) int64 {
		if n, ok := left[s.ID]; ok {
			return n
		}
		return s.AvailableIPs
	}
	chosen := map[string]Subnet{}
	for _, s := range subnets {
		if before, ok := chosen[s.Zone]; !ok || free(s) > free(before) {
			chosen[s.Zone] = s
		}
	}
	after := make(map[string]int64, len(left)+len(chosen))
	maps.Copy(after, left)
	for zone, s := range chosen {
		after[s.ID] = free(s) - fewestPods(types, zone, capacityType)
	}
	return chosen, after
}

func fewestPods(types []*cloudprovider.InstanceType, zone, capacityType string) int64 {
	fewest, found := int64(0), false
	for _, t := range types {
		for i := range t.Offerings {
			if o := &t.Offerings[i]; o.Unavailable || o.Zone != zone || o.CapacityType != capacityType {
				continue
			}
			pods := t.Capacity[corev1.ResourcePods]
			if n := pods.Value(); !found || n < fewest {
				fewest, found = n, true
			}
			break
		}
	}
	return fewest
}
