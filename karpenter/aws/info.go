package aws

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ErrInvalid is what every error of this package wraps: the input makes no sense, and the text names object, field and
// value.
var ErrInvalid = errors.New("invalid input")

// InstanceTypeInfo is what EC2 tells of an instance type, with the names of DescribeInstanceTypes, as far as it matters here;
// at the end stand two facts that EC2 does not tell there.
type InstanceTypeInfo struct {
	InstanceType             string                    // such as m5.large
	VCpuInfo                 VCpuInfo                  // its processors
	MemoryInfo               MemoryInfo                // its memory
	ProcessorInfo            ProcessorInfo             // their make
	NetworkInfo              NetworkInfo               // its network interfaces
	GpuInfo                  *GpuInfo                  `json:",omitempty"` // nil: none
	InferenceAcceleratorInfo *InferenceAcceleratorInfo `json:",omitempty"` // nil: none
	NeuronInfo               *NeuronInfo               `json:",omitempty"` // nil: none
	InstanceStorageInfo      *InstanceStorageInfo      `json:",omitempty"` // its own disks; nil: none
	EbsInfo                  *EbsInfo                  `json:",omitempty"` // nil: unknown
	PlacementGroupInfo       PlacementGroupInfo        // which placement groups it may be in
	Hypervisor               string                    // nitro or xen; empty: unknown, or bare metal
	BareMetal                bool                      // there is no hypervisor
	SupportedUsageClasses    []string                  // on-demand, spot; others do not count
	// BranchInterfaces is how many pods may have a network interface of their own; 0 where interfaces cannot be trunked.
	BranchInterfaces         int
	NetworkBandwidthMegabits int // 0: unknown
}

// VCpuInfo is about processors.
type VCpuInfo struct {
	DefaultVCpus int64 // hardware threads
}

// MemoryInfo is about memory.
type MemoryInfo struct {
	SizeInMiB int64 // as advertised
}

// ProcessorInfo is about the make of processors.
type ProcessorInfo struct {
	Manufacturer             string   // such as Intel; empty: unknown
	SupportedArchitectures   []string // x86_64, arm64 and others; the first that Kubernetes knows counts
	SupportedFeatures        []string // such as nested-virtualization
	SustainedClockSpeedInGhz float64  // 0: unknown
}

// NetworkInfo is about network interfaces.
type NetworkInfo struct {
	DefaultNetworkCardIndex      int               // the card that pods' addresses are on
	NetworkCards                 []NetworkCardInfo // by index
	Ipv4AddressesPerInterface    int64             // one of them is the interface's own
	EnaSupport                   string            // unsupported, supported or required
	EfaInfo                      *EfaInfo          `json:",omitempty"` // nil: no such interfaces
	EncryptionInTransitSupported *bool             `json:",omitempty"` // between instances; nil: unknown
}

// NetworkCardInfo is one network card.
type NetworkCardInfo struct {
	NetworkCardIndex         int   // its number
	MaximumNetworkInterfaces int64 // how many it carries
}

// EfaInfo is about Elastic Fabric Adapters.
type EfaInfo struct {
	MaximumEfaInterfaces int64 // how many there may be
}

// GpuInfo is about GPUs.
type GpuInfo struct {
	Gpus []GpuDeviceInfo // by kind
}

// GpuDeviceInfo is one kind of GPU.
type GpuDeviceInfo struct {
	Name         string     // such as T4
	Manufacturer string     // NVIDIA, AMD or Habana
	Count        int64      // how many of the kind
	MemoryInfo   MemoryInfo // of each
}

// InferenceAcceleratorInfo is about accelerators that are not Neuron.
type InferenceAcceleratorInfo struct {
	Accelerators []InferenceDeviceInfo // by kind
}

// InferenceDeviceInfo is one kind of accelerator.
type InferenceDeviceInfo struct {
	Name         string // such as Gaudi
	Manufacturer string // such as Habana
	Count        int64  // how many of the kind
}

// NeuronInfo is about AWS's own accelerators.
type NeuronInfo struct {
	NeuronDevices []NeuronDeviceInfo // by kind
}

// NeuronDeviceInfo is one kind of Neuron device.
type NeuronDeviceInfo struct {
	Name     string         // such as Inferentia2
	Count    int64          // how many of the kind
	CoreInfo NeuronCoreInfo // of each
}

// NeuronCoreInfo is about the cores of a Neuron device.
type NeuronCoreInfo struct {
	Count int64 // of one device
}

// InstanceStorageInfo is about disks that are part of the machine.
type InstanceStorageInfo struct {
	TotalSizeInGB int64  // of all together
	NvmeSupport   string // unsupported, supported or required
}

// EbsInfo is about attached volumes.
type EbsInfo struct {
	EbsOptimizedSupport string           // default where it counts
	EbsOptimizedInfo    EbsOptimizedInfo // how fast they are
}

// EbsOptimizedInfo is how fast attached volumes are.
type EbsOptimizedInfo struct {
	MaximumBandwidthInMbps int64 // of all together
}

// PlacementGroupInfo is about placement groups.
type PlacementGroupInfo struct {
	SupportedStrategies []string // cluster, partition, spread
}

// ReadInstanceTypes reads the answer of DescribeInstanceTypes as `aws ec2 describe-instance-types` prints it: JSON with a
// field InstanceTypes. Fields that are not used are passed over.
func ReadInstanceTypes(r io.Reader) ([]InstanceTypeInfo, error) {
	var answer struct{ InstanceTypes []InstanceTypeInfo }
	if err := json.NewDecoder(r).Decode(&answer); err != nil {
		return nil, fmt.Errorf("%w: instance types: %w", ErrInvalid, err)
	}
	for i := range answer.InstanceTypes {
		if err := answer.InstanceTypes[i].Validate(); err != nil {
			return nil, err
		}
	}
	return answer.InstanceTypes, nil
}

// Bounds of facts far beyond all machines, so that neither products of two of them nor sizes in bytes overflow.
const (
	maxCount      = 1<<31 - 1
	maxInterfaces = 1 << 16 // and of addresses on one
)

// Validate tells what makes no sense: no name, or a count that is negative or beyond all machines.
func (i *InstanceTypeInfo) Validate() error {
	if i.InstanceType == "" {
		return fmt.Errorf("%w: InstanceType: is empty", ErrInvalid)
	}
	within := func(most int64, field string, n int64) error {
		if n < 0 || n > most {
			return fmt.Errorf("%w: instance type %s: %s: %d is out of range", ErrInvalid, i.InstanceType, field, n)
		}
		return nil
	}
	check := func(field string, n int64) error { return within(maxCount, field, n) }
	errs := []error{
		check("VCpuInfo.DefaultVCpus", i.VCpuInfo.DefaultVCpus), check("MemoryInfo.SizeInMiB", i.MemoryInfo.SizeInMiB),
		within(maxInterfaces, "NetworkInfo.Ipv4AddressesPerInterface", i.NetworkInfo.Ipv4AddressesPerInterface),
		check("BranchInterfaces", int64(i.BranchInterfaces)),
	}
	for _, c := range i.NetworkInfo.NetworkCards {
		errs = append(errs, within(maxInterfaces, "NetworkInfo.NetworkCards.MaximumNetworkInterfaces", c.MaximumNetworkInterfaces))
	}
	if s := i.InstanceStorageInfo; s != nil {
		errs = append(errs, check("InstanceStorageInfo.TotalSizeInGB", s.TotalSizeInGB))
	}
	if e := i.NetworkInfo.EfaInfo; e != nil {
		errs = append(errs, check("NetworkInfo.EfaInfo.MaximumEfaInterfaces", e.MaximumEfaInterfaces))
	}
	if g := i.GpuInfo; g != nil {
		for _, d := range g.Gpus {
			errs = append(errs, check("GpuInfo.Gpus.Count", d.Count))
		}
	}
	if n := i.NeuronInfo; n != nil {
		for _, d := range n.NeuronDevices {
			errs = append(errs, check("NeuronInfo.NeuronDevices.Count", d.Count), check("NeuronInfo.NeuronDevices.CoreInfo.Count", d.CoreInfo.Count))
		}
	}
	return errors.Join(errs...)
}
