package aws

import (
	"fmt"
	"maps"
)

// InstanceType are the facts of an instance type.
type InstanceType struct {
	InstanceType string // such as m5.large
	VCPU         int64  // cores
	MemoryMb     int64  // memory in MiB
	GPU          int64  // accelerators, of whatever maker
	Architecture string // of its nodes: amd64 or arm64
}

// Catalog are the instance types that are known, by name.
type Catalog map[string]InstanceType

// Merge is the types of the API, and of the static list those that the API does not know (A28).
func Merge(api, static Catalog) Catalog {
	out := maps.Clone(static)
	if out == nil {
		out = Catalog{}
	}
	maps.Copy(out, api)
	return out
}

// Architecture is the architecture of nodes whose processor the API names so: i386 and mac machines are amd64 (A28).
func Architecture(ec2 string) string {
	switch ec2 {
	case "arm64", "arm64_mac":
		return "arm64"
	}
	return "amd64"
}

// Query is what GetInstanceTypesFromInstanceRequirements must be asked before a group's type is known (A20).
type Query struct {
	ArchitectureType     string                // of the launch template's image
	InstanceRequirements *InstanceRequirements // what the types must have
}

// Resolution is which instance type stands for a group.
type Resolution struct {
	InstanceType string // empty where Ask must be answered first
	From         string // launch configuration, launch template, override, or requirements
	Ask          *Query // its answer belongs into the launch template's MatchingTypes
}

// Resolve says which instance type stands for a group: that of its launch configuration, of its launch template, or of the
// first override; else the first that matches its requirements (A20).
func Resolve(g *Group) (Resolution, error) {
	switch p := g.MixedInstancesPolicy; {
	case g.LaunchConfiguration != nil:
		return Resolution{InstanceType: g.LaunchConfiguration.InstanceType, From: "launch configuration"}, nil
	case g.LaunchTemplate != nil:
		return ofTemplate(g, g.LaunchTemplate)
	case p == nil:
	case p.firstType() != "":
		return Resolution{InstanceType: p.firstType(), From: "override"}, nil
	case p.LaunchTemplate != nil:
		if r := p.overrideRequirements(); r != nil {
			return ofRequirements(p.LaunchTemplate, r), nil
		}
		return ofTemplate(g, p.LaunchTemplate)
	}
	return Resolution{}, fmt.Errorf("%w: group %s: neither launch configuration nor launch template", ErrInvalid, g.AutoScalingGroupName)
}

func ofTemplate(g *Group, t *LaunchTemplate) (Resolution, error) {
	switch {
	case t.InstanceType != "":
		return Resolution{InstanceType: t.InstanceType, From: "launch template"}, nil
	case t.InstanceRequirements != nil:
		return ofRequirements(t, t.InstanceRequirements), nil
	}
	return Resolution{}, fmt.Errorf("%w: group %s: launchTemplate %s: neither instanceType nor instanceRequirements",
		ErrInvalid, g.AutoScalingGroupName, t.LaunchTemplateName)
}

func ofRequirements(t *LaunchTemplate, r *InstanceRequirements) Resolution {
	if len(t.MatchingTypes) == 0 {
		return Resolution{From: "requirements", Ask: &Query{t.ImageArchitecture, r}}
	}
	return Resolution{InstanceType: t.MatchingTypes[0], From: "requirements"}
}

func (p *MixedInstancesPolicy) firstType() string {
	for i := range p.Overrides {
		if t := p.Overrides[i].InstanceType; t != "" {
			return t
		}
	}
	return ""
}

func (p *MixedInstancesPolicy) overrideRequirements() *InstanceRequirements {
	for i := range p.Overrides {
		if r := p.Overrides[i].InstanceRequirements; r != nil {
			return r
		}
	}
	return nil
}

// requirements are those whose minimum is the node's capacity: of a mixed group without types (A21).
func (p *MixedInstancesPolicy) requirements() *InstanceRequirements {
	if p == nil || p.firstType() != "" {
		return nil
	}
	if r := p.overrideRequirements(); r != nil || p.LaunchTemplate == nil {
		return r
	}
	return p.LaunchTemplate.InstanceRequirements
}
