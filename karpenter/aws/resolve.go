package aws

import (
	"fmt"
	"math"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/cloudprovider"
)

// Settings are those of the provider that change what an instance type has. The zero value is the release's defaults.
type Settings struct {
	// VMMemoryOverheadPercent is the share of memory that the hypervisor keeps, as a fraction; nil: 0.075.
	VMMemoryOverheadPercent *float64
	// ReservedENIs are network interfaces that pods do not get; default 0.
	ReservedENIs int
	// Region is the label of the region; default: none.
	Region string
	// DiscoveredMemory is what nodes of a type were seen to have, by type, in place of what is estimated (R87).
	DiscoveredMemory map[string]resource.Quantity
}

// The extended resources of EC2 (R94).
const (
	ResourceNVIDIAGPU          corev1.ResourceName = "nvidia.com/gpu"                       // GPUs
	ResourceAMDGPU             corev1.ResourceName = "amd.com/gpu"                          // GPUs
	ResourceGaudi              corev1.ResourceName = "habana.ai/gaudi"                      // accelerators
	ResourceNeuron             corev1.ResourceName = "aws.amazon.com/neuron"                // accelerators
	ResourceNeuronCore         corev1.ResourceName = "aws.amazon.com/neuroncore"            // their cores
	ResourceEFA                corev1.ResourceName = "vpc.amazonaws.com/efa"                // Elastic Fabric Adapters
	ResourcePodENI             corev1.ResourceName = "vpc.amazonaws.com/pod-eni"            // network interfaces of single pods
	ResourcePrivateIPv4Address corev1.ResourceName = "vpc.amazonaws.com/PrivateIPv4Address" // addresses of pods on Windows
)

const (
	mib                     = 1 << 20
	defaultVMMemoryOverhead = 0.075
	podsWithoutENIs         = 110
)

// resolver is one type under one class.
type resolver struct {
	info     *InstanceTypeInfo
	class    *EC2NodeClass
	kubelet  Kubelet
	family   Family
	settings *Settings
}

// Resolve says what an instance type has under a node class, what pods do not get of it, and its labels; it has no offerings
// yet. A nil class is Amazon Linux 2023 without any setting.
func Resolve(info *InstanceTypeInfo, class *EC2NodeClass, s Settings) (*cloudprovider.InstanceType, error) {
	if err := info.Validate(); err != nil {
		return nil, err
	}
	r := resolver{info: info, class: class, family: AL2023, settings: &s}
	if class == nil {
		r.class = &EC2NodeClass{}
	} else {
		var err error
		if r.family, err = class.Family(); err != nil {
			return nil, err
		}
	}
	if r.class.Spec.Kubelet != nil {
		r.kubelet = *r.class.Spec.Kubelet
	}
	if o := s.VMMemoryOverheadPercent; o != nil && !(*o >= 0 && *o < 1) {
		return nil, fmt.Errorf("%w: settings: VMMemoryOverheadPercent: %v is no fraction below 1", ErrInvalid, *o)
	}
	if s.ReservedENIs < 0 {
		return nil, fmt.Errorf("%w: settings: ReservedENIs: %d is negative", ErrInvalid, s.ReservedENIs)
	}
	if (r.family.memoryByENI() || r.family.podsByENI() && r.kubelet.MaxPods == nil) && !r.hasDefaultCard() {
		return nil, fmt.Errorf("%w: instance type %s: NetworkInfo: has no default network card with addresses", ErrInvalid, info.InstanceType)
	}
	if n := r.kubelet.MaxPods; n != nil && *n < 0 {
		return nil, fmt.Errorf("%w: kubelet: maxPods: %d is negative", ErrInvalid, *n)
	}
	t := &cloudprovider.InstanceType{Name: info.InstanceType, Labels: r.labels(), Capacity: r.capacity()}
	var err error
	t.Overhead, err = r.overhead(t.Capacity)
	if err != nil {
		return nil, err
	}
	return t, nil
}

func count(n int64) resource.Quantity { return *resource.NewQuantity(n, resource.DecimalSI) }

func (r *resolver) capacity() corev1.ResourceList {
	list := corev1.ResourceList{
		corev1.ResourceCPU:              count(r.info.VCpuInfo.DefaultVCpus),
		corev1.ResourceMemory:           r.memory(),
		corev1.ResourceEphemeralStorage: r.storage(),
		corev1.ResourcePods:             count(r.pods()),
	}
	r.extended(list)
	return list
}

// memory is what the operating system will see (R87): Graviton sets 64 MiB aside before the hypervisor takes its share, which
// is rounded up to MiB.
func (r *resolver) memory() resource.Quantity {
	if seen, ok := r.settings.DiscoveredMemory[r.info.InstanceType]; ok {
		return seen.DeepCopy()
	}
	share := defaultVMMemoryOverhead
	if o := r.settings.VMMemoryOverheadPercent; o != nil {
		share = *o
	}
	size := r.info.MemoryInfo.SizeInMiB
	if a := r.info.ProcessorInfo.SupportedArchitectures; len(a) > 0 && a[0] == "arm64" {
		size -= 64
	}
	size -= int64(math.Ceil(float64(size*mib) * share / 1024 / 1024))
	return *resource.NewQuantity(max(size, 0)*mib, resource.BinarySI)
}

// storage is where the pods' files are (R93).
func (r *resolver) storage() resource.Quantity {
	spec := &r.class.Spec
	if p := spec.InstanceStorePolicy; p != nil && *p == "RAID0" && r.info.InstanceStorageInfo != nil {
		return *resource.NewScaledQuantity(r.info.InstanceStorageInfo.TotalSizeInGB, resource.Giga)
	}
	for i := range spec.BlockDeviceMappings {
		if m := &spec.BlockDeviceMappings[i]; m.RootVolume {
			if size := m.size(); size != nil {
				return size.DeepCopy()
			}
			break
		}
	}
	if n := len(spec.BlockDeviceMappings); n > 0 && r.family == Custom {
		if size := spec.BlockDeviceMappings[n-1].size(); size != nil {
			return size.DeepCopy()
		}
	}
	for i := range spec.BlockDeviceMappings {
		if m := &spec.BlockDeviceMappings[i]; r.family != Custom && m.DeviceName != nil && *m.DeviceName == r.family.ephemeralDevice() {
			if size := m.size(); size != nil {
				return size.DeepCopy()
			}
			break
		}
	}
	return r.family.ephemeralDefault()
}

func (m *BlockDeviceMapping) size() *resource.Quantity {
	if m.EBS == nil {
		return nil
	}
	return m.EBS.VolumeSize
}

// pods is how many pods the kubelet admits (R89).
func (r *resolver) pods() int64 {
	var n int64
	switch {
	case r.kubelet.MaxPods != nil:
		n = int64(*r.kubelet.MaxPods)
	case r.family.podsByENI():
		n = r.eniPods(r.settings.ReservedENIs)
	default:
		n = podsWithoutENIs
	}
	if per := r.kubelet.PodsPerCore; per != nil && *per > 0 && r.family.podsPerCore() {
		n = min(n, int64(*per)*r.info.VCpuInfo.DefaultVCpus)
	}
	return n
}

// ENILimitedPods is how many pods the addresses of a type's default network card suffice for, two of them on the host's
// network, with some interfaces set aside (R88).
func ENILimitedPods(info *InstanceTypeInfo, reservedENIs int) int64 {
	r := resolver{info: info, class: &EC2NodeClass{}}
	return r.eniPods(reservedENIs)
}

func (r *resolver) hasDefaultCard() bool {
	n := &r.info.NetworkInfo
	return n.DefaultNetworkCardIndex >= 0 && n.DefaultNetworkCardIndex < len(n.NetworkCards) && n.Ipv4AddressesPerInterface > 0
}

func (r *resolver) eniPods(reserved int) int64 {
	n := &r.info.NetworkInfo
	if !r.hasDefaultCard() {
		return 0
	}
	usable := n.NetworkCards[n.DefaultNetworkCardIndex].MaximumNetworkInterfaces - int64(reserved)
	for _, i := range r.class.Spec.NetworkInterfaces {
		if i.NetworkCardIndex == 0 && i.InterfaceType == efaOnly {
			usable--
		}
	}
	if usable <= 0 {
		return 0
	}
	return usable*(n.Ipv4AddressesPerInterface-1) + 2
}

const efaOnly = "efa-only"

// extended adds the resources that not every machine has (R94); those it has none of are left out, which is the same to
// pods.
func (r *resolver) extended(list corev1.ResourceList) {
	add := func(name corev1.ResourceName, n int64) {
		if n > 0 {
			list[name] = count(n)
		}
	}
	add(ResourcePodENI, int64(r.info.BranchInterfaces))
	if r.info.GpuInfo != nil {
		by := map[string]int64{}
		for _, g := range r.info.GpuInfo.Gpus {
			by[g.Manufacturer] += g.Count
		}
		add(ResourceNVIDIAGPU, by["NVIDIA"])
		add(ResourceAMDGPU, by["AMD"])
		add(ResourceGaudi, by["Habana"])
	}
	if n := r.info.NeuronInfo; n != nil && len(n.NeuronDevices) > 0 {
		var devices int64
		for _, d := range n.NeuronDevices {
			devices += d.Count
		}
		add(ResourceNeuron, devices)
		add(ResourceNeuronCore, n.NeuronDevices[0].Count*n.NeuronDevices[0].CoreInfo.Count)
	}
	switch interfaces := r.class.Spec.NetworkInterfaces; {
	case interfaces != nil:
		var n int64
		for _, i := range interfaces {
			if i.InterfaceType == efaOnly {
				n++
			}
		}
		add(ResourceEFA, n)
	case r.info.NetworkInfo.EfaInfo != nil:
		add(ResourceEFA, r.info.NetworkInfo.EfaInfo.MaximumEfaInterfaces)
	}
	if r.family.windows() && r.architecture() == "amd64" {
		add(ResourcePrivateIPv4Address, r.info.NetworkInfo.Ipv4AddressesPerInterface-1)
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
