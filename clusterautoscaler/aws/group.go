package aws

import "time"

// Group is an Auto Scaling group as DescribeAutoScalingGroups answers, with what the calls about its launch template add.
type Group struct {
	AutoScalingGroupName string     // unique in account and region
	MinSize              int        // the group's own minimum; an explicit [GroupSpec] replaces it
	MaxSize              int        // the group's own maximum; an explicit [GroupSpec] replaces it
	DesiredCapacity      int        // how many instances were asked for
	AvailabilityZones    []string   // where its instances are; the first stands for all
	Instances            []Instance // its machines
	Tags                 []Tag      // in the order of the API: where two say the same, the last wins

	// LaunchConfiguration, LaunchTemplate and MixedInstancesPolicy say what is launched; one of them is there. The first
	// that is there decides.
	LaunchConfiguration  *LaunchConfiguration
	LaunchTemplate       *LaunchTemplate       // what every instance is launched from
	MixedInstancesPolicy *MixedInstancesPolicy // several types

	// ManagedNodegroup is the EKS node group that the group belongs to; nil for none. It counts where the tags name it.
	ManagedNodegroup *ManagedNodegroup
}

// Tag is a tag of a group.
type Tag struct {
	Key   string // its name
	Value string // may be empty
}

// Instance is a machine of a group.
type Instance struct {
	InstanceId       string // such as i-0123456789abcdef0
	AvailabilityZone string // where it is
	LifecycleState   string // such as InService or Terminating
}

// LaunchConfiguration is what DescribeLaunchConfigurations says.
type LaunchConfiguration struct {
	InstanceType string // such as m5.large
}

// LaunchTemplate is what DescribeLaunchTemplateVersions says of the version that the group names; no version means
// [DefaultVersion].
type LaunchTemplate struct {
	LaunchTemplateName   string                // its name
	Version              string                // a number, or $Latest or $Default; empty: $Default
	InstanceType         string                // empty where the template has requirements instead
	InstanceRequirements *InstanceRequirements // attribute-based selection
	ImageArchitecture    string                // of the template's image, such as x86_64; the requirements are asked with it
	// MatchingTypes is what GetInstanceTypesFromInstanceRequirements answered to [Query]; the first is taken.
	MatchingTypes []string
}

// DefaultVersion is the version of a launch template that names none (A20).
const DefaultVersion = "$Default"

// VersionOrDefault is the version to ask for.
func (t *LaunchTemplate) VersionOrDefault() string {
	if t.Version == "" {
		return DefaultVersion
	}
	return t.Version
}

// MixedInstancesPolicy is several types in one group.
type MixedInstancesPolicy struct {
	LaunchTemplate *LaunchTemplate // what the overrides do not say
	Overrides      []Override      // in order of priority
}

// Override is a type of a mixed group, or the attributes that its types must have.
type Override struct {
	InstanceType         string                // such as m5.large
	InstanceRequirements *InstanceRequirements // attribute-based selection
}

// InstanceRequirements are the attributes that count for the template of a group.
type InstanceRequirements struct {
	VCpuCount                *Range   // cores
	MemoryMiB                *Range   // memory in MiB
	AcceleratorCount         *Range   // accelerators
	AcceleratorManufacturers []string // such as nvidia
	AcceleratorTypes         []string // such as gpu
}

// Range is from a minimum to a maximum, either of which may be open.
type Range struct {
	Min *int32 // nil: none
	Max *int32 // nil: none
}

// ManagedNodegroup is an EKS node group as DescribeNodegroup answers.
type ManagedNodegroup struct {
	NodegroupName string            // its name
	AmiType       string            // such as AL2023_x86_64_STANDARD
	CapacityType  string            // ON_DEMAND or SPOT
	DiskSize      *int32            // GiB; nil where a launch template says
	Version       string            // of Kubernetes
	Labels        map[string]string // of its nodes
	Taints        []NodegroupTaint  // of its nodes
	Tags          map[string]string // of the node group, not of the Auto Scaling group
}

// NodegroupTaint is a taint in the words of EKS.
type NodegroupTaint struct {
	Key    string // its name
	Value  string // may be empty
	Effect string // NO_SCHEDULE, NO_EXECUTE or PREFER_NO_SCHEDULE
}

// Activity is a scaling activity as DescribeScalingActivities answers.
type Activity struct {
	StartTime     time.Time // when it began
	StatusCode    string    // Failed is the one that counts
	StatusMessage string    // why
}
