package aws

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/karpenter/internal/document"
)

// EC2NodeClass is the object of karpenter.k8s.aws/v1: how nodes are made on EC2. Its status is read as far as capacity
// depends on it, which is not at all.
type EC2NodeClass struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              EC2NodeClassSpec `json:"spec,omitempty"` // what is wanted
}

// EC2NodeClassSpec is what an EC2NodeClass wants.
type EC2NodeClassSpec struct {
	SubnetSelectorTerms              []SelectorTerm             `json:"subnetSelectorTerms,omitempty"`              // subnets; any term will do
	SecurityGroupSelectorTerms       []SelectorTerm             `json:"securityGroupSelectorTerms,omitempty"`       // security groups; any term will do
	CapacityReservationSelectorTerms []ReservationSelectorTerm  `json:"capacityReservationSelectorTerms,omitempty"` // reservations; any term will do
	PlacementGroupSelector           *PlacementGroupSelector    `json:"placementGroupSelector,omitempty"`           // where nodes stand to each other
	AssociatePublicIPAddress         *bool                      `json:"associatePublicIPAddress,omitempty"`         // default: the subnet's setting
	AMISelectorTerms                 []AMISelectorTerm          `json:"amiSelectorTerms,omitempty"`                 // images; any term will do
	AMIFamily                        *string                    `json:"amiFamily,omitempty"`                        // default: that of the alias, else Custom
	UserData                         *string                    `json:"userData,omitempty"`                         // for the image's start
	Role                             string                     `json:"role,omitempty"`                             // of the nodes; or InstanceProfile
	InstanceProfile                  *string                    `json:"instanceProfile,omitempty"`                  // of the nodes; or Role
	Tags                             map[string]string          `json:"tags,omitempty"`                             // of what is created
	Kubelet                          *Kubelet                   `json:"kubelet,omitempty"`                          // settings that change what pods get
	BlockDeviceMappings              []BlockDeviceMapping       `json:"blockDeviceMappings,omitempty"`              // volumes
	InstanceStorePolicy              *string                    `json:"instanceStorePolicy,omitempty"`              // RAID0: own disks hold pods' files
	NetworkInterfaces                []NetworkInterface         `json:"networkInterfaces,omitempty"`                // default: what fits the type
	DetailedMonitoring               *bool                      `json:"detailedMonitoring,omitempty"`               // metrics each minute
	MetadataOptions                  *MetadataOptions           `json:"metadataOptions,omitempty"`                  // access to instance metadata
	ConnectionTracking               *ConnectionTrackingOptions `json:"connectionTracking,omitempty"`               // idle timeouts
	Context                          *string                    `json:"context,omitempty"`                          // passed to EC2 as it is
	CPUOptions                       *CPUOptions                `json:"cpuOptions,omitempty"`                       // processor features
}

// SelectorTerm selects subnets or security groups: all that is given must hold.
type SelectorTerm struct {
	Tags map[string]string `json:"tags,omitempty"` // "*" is any value
	ID   string            `json:"id,omitempty"`   // stands alone
	Name string            `json:"name,omitempty"` // of security groups only
}

// ReservationSelectorTerm selects capacity reservations.
type ReservationSelectorTerm struct {
	Tags                  map[string]string `json:"tags,omitempty"`                  // "*" is any value
	ID                    string            `json:"id,omitempty"`                    // stands alone
	OwnerID               string            `json:"ownerID,omitempty"`               // the account
	InstanceMatchCriteria string            `json:"instanceMatchCriteria,omitempty"` // open or targeted
}

// PlacementGroupSelector names a placement group.
type PlacementGroupSelector struct {
	Name *string `json:"name,omitempty"` // or ID
	ID   *string `json:"id,omitempty"`   // or Name
}

// AMISelectorTerm selects machine images.
type AMISelectorTerm struct {
	Alias        string            `json:"alias,omitempty"`        // family@version, such as al2023@latest; stands alone
	Tags         map[string]string `json:"tags,omitempty"`         // "*" is any value
	ID           string            `json:"id,omitempty"`           // stands alone
	Name         string            `json:"name,omitempty"`         // with wildcards
	Owner        string            `json:"owner,omitempty"`        // an account, self or amazon
	SSMParameter string            `json:"ssmParameter,omitempty"` // that holds an image's ID
}

// Kubelet is the part of the kubelet's configuration that a node class may set. Quantities are texts, as in the API.
type Kubelet struct {
	ClusterDNS                  []string                   `json:"clusterDNS,omitempty"`                  // addresses of name servers
	MaxPods                     *int32                     `json:"maxPods,omitempty"`                     // default: what the network allows
	PodsPerCore                 *int32                     `json:"podsPerCore,omitempty"`                 // caps MaxPods; 0: no cap
	SystemReserved              map[string]string          `json:"systemReserved,omitempty"`              // for the operating system
	KubeReserved                map[string]string          `json:"kubeReserved,omitempty"`                // for Kubernetes itself
	EvictionHard                map[string]string          `json:"evictionHard,omitempty"`                // such as memory.available: 5%
	EvictionSoft                map[string]string          `json:"evictionSoft,omitempty"`                // does not change what pods get
	EvictionSoftGracePeriod     map[string]metav1.Duration `json:"evictionSoftGracePeriod,omitempty"`     // by signal
	EvictionMaxPodGracePeriod   *int32                     `json:"evictionMaxPodGracePeriod,omitempty"`   // seconds
	ImageGCHighThresholdPercent *int32                     `json:"imageGCHighThresholdPercent,omitempty"` // of the disk
	ImageGCLowThresholdPercent  *int32                     `json:"imageGCLowThresholdPercent,omitempty"`  // of the disk
	CPUCFSQuota                 *bool                      `json:"cpuCFSQuota,omitempty"`                 // enforce cpu limits
}

// BlockDeviceMapping is a volume.
type BlockDeviceMapping struct {
	DeviceName *string      `json:"deviceName,omitempty"` // such as /dev/xvda
	EBS        *BlockDevice `json:"ebs,omitempty"`        // what it is
	RootVolume bool         `json:"rootVolume,omitempty"` // holds the pods' files
}

// BlockDevice is what a volume is.
type BlockDevice struct {
	DeleteOnTermination      *bool              `json:"deleteOnTermination,omitempty"`      // goes with the node
	Encrypted                *bool              `json:"encrypted,omitempty"`                // at rest
	IOPS                     *int64             `json:"iops,omitempty"`                     // operations per second
	KMSKeyID                 *string            `json:"kmsKeyID,omitempty"`                 // to encrypt with
	SnapshotID               *string            `json:"snapshotID,omitempty"`               // to begin with
	Throughput               *int64             `json:"throughput,omitempty"`               // MiB/s
	VolumeInitializationRate *int32             `json:"volumeInitializationRate,omitempty"` // MiB/s
	VolumeSize               *resource.Quantity `json:"volumeSize,omitempty"`               // how large
	VolumeType               *string            `json:"volumeType,omitempty"`               // such as gp3
}

// NetworkInterface is an interface that nodes are to have.
type NetworkInterface struct {
	NetworkCardIndex int32  `json:"networkCardIndex"` // of the card
	DeviceIndex      int32  `json:"deviceIndex"`      // on the card
	InterfaceType    string `json:"interfaceType"`    // interface or efa-only
}

// MetadataOptions is access to instance metadata.
type MetadataOptions struct {
	HTTPEndpoint            *string `json:"httpEndpoint,omitempty"`            // enabled or disabled; default enabled
	HTTPProtocolIPv6        *string `json:"httpProtocolIPv6,omitempty"`        // enabled or disabled; default disabled
	HTTPPutResponseHopLimit *int64  `json:"httpPutResponseHopLimit,omitempty"` // default 1
	HTTPTokens              *string `json:"httpTokens,omitempty"`              // required or optional; default required
}

// ConnectionTrackingOptions are idle timeouts in seconds.
type ConnectionTrackingOptions struct {
	TCPEstablishedTimeout *int32 `json:"tcpEstablishedTimeout,omitempty"` // seconds
	UDPStreamTimeout      *int32 `json:"udpStreamTimeout,omitempty"`      // seconds
	UDPTimeout            *int32 `json:"udpTimeout,omitempty"`            // seconds
}

// CPUOptions are processor features.
type CPUOptions struct {
	NestedVirtualization *string `json:"nestedVirtualization,omitempty"` // enabled or disabled
}

// DecodeNodeClasses reads all EC2NodeClasses from YAML or JSON as kubectl prints it, strictly: an unknown field, or a value of
// the wrong type, is an error that names it. Objects of other kinds are passed over.
func DecodeNodeClasses(manifests []byte) ([]*EC2NodeClass, error) {
	objects, err := document.Split(manifests)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	var all []*EC2NodeClass
	for _, o := range objects {
		if o.Kind != "EC2NodeClass" {
			continue
		}
		if o.APIVersion != "karpenter.k8s.aws/v1" {
			return nil, fmt.Errorf("%w: %s: want an EC2NodeClass of karpenter.k8s.aws/v1, not of %q", ErrInvalid, o.Where, o.APIVersion)
		}
		class := &EC2NodeClass{}
		if err := o.Into(class); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		class.TypeMeta = o.TypeMeta
		all = append(all, class)
	}
	return all, nil
}

// Family is the family of the machine image: amiFamily, else that of an alias, else Custom. An alias of a family that does
// not exist is an error.
func (c *EC2NodeClass) Family() (Family, error) {
	if f := c.Spec.AMIFamily; f != nil {
		return familyNamed(*f)
	}
	for _, t := range c.Spec.AMISelectorTerms {
		if t.Alias == "" {
			continue
		}
		name, version, ok := strings.Cut(t.Alias, "@")
		if ok && version != "" && !strings.Contains(version, "@") {
			for _, f := range families {
				if f != Custom && strings.ToLower(string(f)) == name {
					return f, nil
				}
			}
		}
		return "", fmt.Errorf("%w: EC2NodeClass %s: spec.amiSelectorTerms.alias: %q is no family@version such as al2023@latest", ErrInvalid, c.Name, t.Alias)
	}
	return Custom, nil
}
