package aws

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// LabelPrefix begins the labels that instance types have on AWS, such as karpenter.k8s.aws/instance-category.
const LabelPrefix = "karpenter.k8s.aws/instance-"

// category, and generation: u-6tb1.metal is of category u and generation 1.
var nameScheme = regexp.MustCompile(`^([a-z]+)(?:-[0-9]+tb)?([0-9]+).*\.`)

// labels are the values that nodes of the type may have (R95). A label that is not here is one that they do not have; zone
// and capacity type are those of the offerings.
func (r *resolver) labels() map[string][]string {
	info := r.info
	labels := map[string][]string{corev1.LabelArchStable: {r.architecture()}, corev1.LabelOSStable: {"linux"}}
	set := func(name, value string) { labels[LabelPrefix+name] = []string{value} }
	number := func(name string, n int64) {
		if n > 0 {
			set(name, itoa(n))
		}
	}
	if r.settings.Region != "" {
		labels[corev1.LabelTopologyRegion] = []string{r.settings.Region}
	}
	if r.family.windows() {
		labels[corev1.LabelOSStable], labels[corev1.LabelWindowsBuild] = []string{}, []string{r.family.windowsBuild()}
		if r.architecture() == "amd64" {
			labels[corev1.LabelOSStable] = []string{"windows"}
		}
	}
	set("cpu", itoa(info.VCpuInfo.DefaultVCpus))
	set("memory", itoa(info.MemoryInfo.SizeInMiB))
	if parts := nameScheme.FindStringSubmatch(info.InstanceType); parts != nil {
		set("category", parts[1])
		set("generation", parts[2])
	}
	family, size, ok := strings.Cut(info.InstanceType, ".")
	if ok && !strings.Contains(size, ".") {
		set("family", family)
		set("size", size)
	}
	set("capability-flex", fmt.Sprint(strings.Contains(family, "-flex")))
	if info.Hypervisor != "" || info.BareMetal {
		set("hypervisor", info.Hypervisor)
	}
	if e := info.NetworkInfo.EncryptionInTransitSupported; e != nil {
		set("encryption-in-transit-supported", fmt.Sprint(*e))
	}
	labels[LabelPrefix+"tenancy"] = []string{"default", "dedicated"}
	number("network-bandwidth", int64(info.NetworkBandwidthMegabits))
	if s := info.InstanceStorageInfo; s != nil && s.NvmeSupport != "unsupported" {
		number("local-nvme", s.TotalSizeInGB)
	}
	if m := info.ProcessorInfo.Manufacturer; m != "" {
		set("cpu-manufacturer", hyphenated(m))
	}
	number("cpu-sustained-clock-speed-mhz", int64(math.Round(min(max(info.ProcessorInfo.SustainedClockSpeedInGhz, 0), 1e6)*1000)))
	if e := info.EbsInfo; e != nil && e.EbsOptimizedSupport == "default" {
		number("ebs-bandwidth", e.EbsOptimizedInfo.MaximumBandwidthInMbps)
	}
	r.deviceLabels(set, number)
	return labels
}

// deviceLabels are those of GPUs and accelerators, which a machine with several kinds does not have.
func (r *resolver) deviceLabels(set func(name, value string), number func(name string, n int64)) {
	name := func(label, value string) {
		if value != "" {
			set(label, hyphenated(value))
		}
	}
	if g := r.info.GpuInfo; g != nil && len(g.Gpus) == 1 {
		name("gpu-name", g.Gpus[0].Name)
		name("gpu-manufacturer", g.Gpus[0].Manufacturer)
		number("gpu-count", g.Gpus[0].Count)
		number("gpu-memory", g.Gpus[0].MemoryInfo.SizeInMiB)
	}
	switch n, a := r.info.NeuronInfo, r.info.InferenceAcceleratorInfo; {
	case n != nil && len(n.NeuronDevices) == 1:
		name("accelerator-name", n.NeuronDevices[0].Name)
		set("accelerator-manufacturer", "aws")
		number("accelerator-count", n.NeuronDevices[0].Count)
	case n == nil && a != nil && len(a.Accelerators) == 1:
		name("accelerator-name", a.Accelerators[0].Name)
		name("accelerator-manufacturer", a.Accelerators[0].Manufacturer)
		number("accelerator-count", a.Accelerators[0].Count)
	}
}

func hyphenated(s string) string { return strings.ToLower(strings.ReplaceAll(s, " ", "-")) }

// architecture is the first that Kubernetes knows.
func (r *resolver) architecture() string {
	for _, a := range r.info.ProcessorInfo.SupportedArchitectures {
		switch a {
		case "x86_64":
			return "amd64"
		case "arm64":
			return "arm64"
		}
	}
	return strings.Join(r.info.ProcessorInfo.SupportedArchitectures, "_")
}
