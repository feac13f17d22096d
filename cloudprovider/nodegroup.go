package cloudprovider

import corev1 "k8s.io/api/core/v1"

// NodeGroup is a set of equal machines whose number can be set: an Auto Scaling group, a managed instance group.
type NodeGroup struct {
	ID     string `json:"id"`     // its name
	Min    int    `json:"min"`    // the least size that may be set
	Max    int    `json:"max"`    // the largest size that may be set
	Target int    `json:"target"` // the size wanted
	// InstanceType, Zones and CapacityType say what its machines are. With several zones it launches where it has fewest.
	InstanceType string   `json:"instanceType"`
	Zones        []string `json:"zones"`        // see InstanceType
	CapacityType string   `json:"capacityType"` // see InstanceType; default on-demand
	// Template is what its nodes will be like; nil: as the instance type says. Name and provider id are those of the
	// instance.
	Template *corev1.Node `json:"template,omitempty"`
	// Instances are its machines, oldest first. Fewer than Target means that the cloud has run out of capacity.
	Instances []Instance `json:"instances,omitempty"`
	// Failure is why the last launch did not succeed; nil if it did.
	Failure *InsufficientCapacityError `json:"failure,omitempty"`
}

// Validate tells what makes no sense: an empty name, bounds or a target below zero or out of order, no instance type or
// zone, an unknown capacity type.
func (g *NodeGroup) Validate() error {
	field := func(name string) string { return "group " + g.ID + ": " + name }
	switch {
	case g.ID == "":
		return invalid("group: id", "is empty")
	case g.Min < 0:
		return invalid(field("min"), "%d is negative", g.Min)
	case g.Max < g.Min:
		return invalid(field("max"), "%d is less than min, %d", g.Max, g.Min)
	case g.Target < 0:
		return invalid(field("target"), "%d is negative", g.Target)
	case g.InstanceType == "":
		return invalid(field("instanceType"), "is empty")
	case len(g.Zones) == 0:
		return invalid(field("zones"), "is empty")
	case g.CapacityType != "" && g.CapacityType != Reserved && g.CapacityType != Spot && g.CapacityType != OnDemand:
		return invalid(field("capacityType"), "%q is none of reserved, spot and on-demand", g.CapacityType)
	}
	return nil
}

// NodeOf makes the node of an instance of the group, from its template where there is one and else from its type.
func (g *NodeGroup) NodeOf(t *InstanceType, i *Instance) *corev1.Node {
	if g.Template == nil {
		return t.Node(i)
	}
	n := g.Template.DeepCopy()
	i.name(n)
	return n
}
