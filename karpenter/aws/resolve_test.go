package aws_test

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/karpenter/aws"
)

func quantity(s string) resource.Quantity { return resource.MustParse(s) }

func ptr[T any](v T) *T { return &v }

func large(arch string) aws.InstanceTypeInfo {
	return aws.InstanceTypeInfo{
		InstanceType: "m5.large", VCpuInfo: aws.VCpuInfo{DefaultVCpus: 2}, MemoryInfo: aws.MemoryInfo{SizeInMiB: 8192},
		ProcessorInfo:         aws.ProcessorInfo{SupportedArchitectures: []string{arch}},
		NetworkInfo:           aws.NetworkInfo{Ipv4AddressesPerInterface: 10, NetworkCards: []aws.NetworkCardInfo{{MaximumNetworkInterfaces: 3}}},
		SupportedUsageClasses: []string{"on-demand", "spot"},
	}
}

func class(change func(*aws.EC2NodeClassSpec)) *aws.EC2NodeClass {
	c := &aws.EC2NodeClass{}
	c.Spec.AMISelectorTerms = []aws.AMISelectorTerm{{Alias: "al2023@latest"}}
	change(&c.Spec)
	return c
}

func TestResolve(t *testing.T) {
	kubelet := func(k aws.Kubelet) *aws.EC2NodeClass {
		return class(func(s *aws.EC2NodeClassSpec) { s.Kubelet = &k })
	}
	alias := func(a string) *aws.EC2NodeClass {
		return class(func(s *aws.EC2NodeClassSpec) { s.AMISelectorTerms[0].Alias = a })
	}
	for _, c := range []struct {
		name     string
		arch     string
		class    *aws.EC2NodeClass
		settings aws.Settings
		capacity string // cpu memory pods storage
		overhead string // cpu memory storage
	}{
		{"R87 amd64", "x86_64", nil, aws.Settings{}, "2 7577Mi 29 20Gi", "70m 674Mi 3Gi"},
		{"R87 arm64 first loses 64 MiB", "arm64", nil, aws.Settings{}, "2 7518Mi 29 20Gi", "70m 674Mi 3Gi"},
		{"R87 no overhead", "x86_64", nil, aws.Settings{VMMemoryOverheadPercent: ptr(0.0)}, "2 8Gi 29 20Gi", "70m 674Mi 3Gi"},
		{"R87 discovered", "x86_64", nil, aws.Settings{DiscoveredMemory: map[string]resource.Quantity{"m5.large": quantity("7700Mi")}}, "2 7700Mi 29 20Gi", "70m 674Mi 3Gi"},
		{"R88 R91 reserved ENIs change pods, not memory", "x86_64", nil, aws.Settings{ReservedENIs: 1}, "2 7577Mi 20 20Gi", "70m 674Mi 3Gi"},
		{"R88 all ENIs reserved", "x86_64", nil, aws.Settings{ReservedENIs: 5}, "2 7577Mi 0 20Gi", "70m 674Mi 3Gi"},
		{"R89 maxPods, R91 memory by ENI", "x86_64", kubelet(aws.Kubelet{MaxPods: ptr[int32](110)}), aws.Settings{}, "2 7577Mi 110 20Gi", "70m 674Mi 3Gi"},
		{"R89 podsPerCore", "x86_64", kubelet(aws.Kubelet{PodsPerCore: ptr[int32](5)}), aws.Settings{}, "2 7577Mi 10 20Gi", "70m 674Mi 3Gi"},
		{"R89 Bottlerocket ignores podsPerCore, R91 memory by pods", "x86_64", class(func(s *aws.EC2NodeClassSpec) {
			s.AMISelectorTerms[0].Alias = "bottlerocket@latest"
			s.Kubelet = &aws.Kubelet{PodsPerCore: ptr[int32](5), MaxPods: ptr[int32](50)}
		}), aws.Settings{}, "2 7577Mi 50 20Gi", "70m 905Mi 3Gi"},
		{"R89 R93 Windows", "x86_64", alias("windows2022@latest"), aws.Settings{}, "2 7577Mi 110 50Gi", "70m 1565Mi 6Gi"},
		{"R91 kubeReserved overrides one resource", "x86_64", kubelet(aws.Kubelet{KubeReserved: map[string]string{"cpu": "1"}, SystemReserved: map[string]string{"memory": "100Mi"}}),
			aws.Settings{}, "2 7577Mi 29 20Gi", "1 774Mi 3Gi"},
		{"R92 evictionHard", "x86_64", kubelet(aws.Kubelet{EvictionHard: map[string]string{"memory.available": "1Gi", "nodefs.available": "100%"}}),
			aws.Settings{}, "2 7577Mi 29 20Gi", "70m 1598Mi 1Gi"},
		{"R92 evictionSoft does not count", "x86_64", kubelet(aws.Kubelet{EvictionSoft: map[string]string{"memory.available": "1Gi"}}),
			aws.Settings{}, "2 7577Mi 29 20Gi", "70m 674Mi 3Gi"},
		{"R93 root volume", "x86_64", class(func(s *aws.EC2NodeClassSpec) {
			s.BlockDeviceMappings = []aws.BlockDeviceMapping{{DeviceName: ptr("/dev/xvda"), EBS: &aws.BlockDevice{VolumeSize: ptr(quantity("40Gi"))}}}
		}), aws.Settings{}, "2 7577Mi 29 40Gi", "70m 674Mi 5Gi"},
		{"R93 marked root volume wins", "x86_64", class(func(s *aws.EC2NodeClassSpec) {
			s.BlockDeviceMappings = []aws.BlockDeviceMapping{{DeviceName: ptr("/dev/xvda"), EBS: &aws.BlockDevice{VolumeSize: ptr(quantity("40Gi"))}},
				{DeviceName: ptr("/dev/xvdz"), RootVolume: true, EBS: &aws.BlockDevice{VolumeSize: ptr(quantity("60Gi"))}}}
		}), aws.Settings{}, "2 7577Mi 29 60Gi", "70m 674Mi 7Gi"},
		{"R93 RAID0 without disks", "x86_64", class(func(s *aws.EC2NodeClassSpec) { s.InstanceStorePolicy = ptr("RAID0") }), aws.Settings{}, "2 7577Mi 29 20Gi", "70m 674Mi 3Gi"},
		{"R88 EFA-only interfaces carry no pods", "x86_64", class(func(s *aws.EC2NodeClassSpec) {
			s.NetworkInterfaces = []aws.NetworkInterface{{InterfaceType: "interface"}, {DeviceIndex: 1, InterfaceType: "efa-only"}}
		}), aws.Settings{}, "2 7577Mi 20 20Gi", "70m 575Mi 3Gi"},
	} {
		t.Run(c.name, func(t *testing.T) {
			info := large(c.arch)
			got, err := aws.Resolve(&info, c.class, c.settings)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, "capacity", got.Capacity, c.capacity, corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourcePods, corev1.ResourceEphemeralStorage)
			compare(t, "overhead", got.Overhead, c.overhead, corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage)
		})
	}
}

func compare(t *testing.T, what string, got corev1.ResourceList, want string, names ...corev1.ResourceName) {
	t.Helper()
	for i, text := range strings.Fields(want) {
		if g := got[names[i]]; g.Cmp(quantity(text)) != 0 {
			t.Errorf("%s: %s %s, want %s", what, names[i], g.String(), text)
		}
	}
}

// R90: whole numbers give what fractions would, rounded down part by part.
func TestKubeReservedCPU(t *testing.T) {
	for cores := int64(0); cores <= 2048; cores++ {
		want := int64(0)
		for _, part := range []struct {
			from, upto int64
			share      float64
		}{{0, 1000, 0.06}, {1000, 2000, 0.01}, {2000, 4000, 0.005}, {4000, 1 << 31, 0.0025}} {
			if milli := cores * 1000; milli > part.from {
				want += int64(float64(min(milli, part.upto)-part.from) * part.share)
			}
		}
		if got := aws.KubeReservedCPU(cores); got != want {
			t.Errorf("%d cores: %d, want %d", cores, got, want)
		}
	}
	for cores, want := range map[int64]int64{2: 70, 4: 80, 8: 90} {
		if got := aws.KubeReservedCPU(cores); got != want {
			t.Errorf("%d cores: %d, want %d", cores, got, want)
		}
	}
}

func TestResolveRefuses(t *testing.T) {
	for want, c := range map[string]struct {
		change func(*aws.InstanceTypeInfo)
		class  func(*aws.EC2NodeClassSpec)
	}{
		`SizeInMiB: -1 is out of range`: {change: func(i *aws.InstanceTypeInfo) { i.MemoryInfo.SizeInMiB = -1 }},
		`has no default network card`:   {change: func(i *aws.InstanceTypeInfo) { i.NetworkInfo.DefaultNetworkCardIndex = 7 }},
		`evictionHard.memory.available: "five"`: {class: func(s *aws.EC2NodeClassSpec) {
			s.Kubelet = &aws.Kubelet{EvictionHard: map[string]string{"memory.available": "five"}}
		}},
		`evictionHard.memory.available: "-5%"`: {class: func(s *aws.EC2NodeClassSpec) {
			s.Kubelet = &aws.Kubelet{EvictionHard: map[string]string{"memory.available": "-5%"}}
		}},
		`kubeReserved.cpu: "much" is no quantity`: {class: func(s *aws.EC2NodeClassSpec) {
			s.Kubelet = &aws.Kubelet{KubeReserved: map[string]string{"cpu": "much"}}
		}},
		`alias: "al2024@latest" is no family@version`: {class: func(s *aws.EC2NodeClassSpec) { s.AMISelectorTerms[0].Alias = "al2024@latest" }},
		`amiFamily: "Ubuntu" is none of`:              {class: func(s *aws.EC2NodeClassSpec) { s.AMIFamily = ptr("Ubuntu") }},
	} {
		info, spec := large("x86_64"), func(*aws.EC2NodeClassSpec) {}
		if c.change != nil {
			c.change(&info)
		}
		if c.class != nil {
			spec = c.class
		}
		if _, err := aws.Resolve(&info, class(spec), aws.Settings{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
}

func TestLabels(t *testing.T) {
	info := large("x86_64")
	info.InstanceType, info.GpuInfo = "u-6tb1.metal", &aws.GpuInfo{Gpus: []aws.GpuDeviceInfo{{Name: "Radeon Pro V520", Manufacturer: "AMD", Count: 2, MemoryInfo: aws.MemoryInfo{SizeInMiB: 8192}}}}
	info.InstanceStorageInfo = &aws.InstanceStorageInfo{TotalSizeInGB: 300, NvmeSupport: "required"}
	info.ProcessorInfo.Manufacturer, info.ProcessorInfo.SustainedClockSpeedInGhz = "Intel", 3.1
	got, err := aws.Resolve(&info, class(func(s *aws.EC2NodeClassSpec) { s.InstanceStorePolicy = ptr("RAID0") }), aws.Settings{Region: "eu-west-1"})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"category": "u", "generation": "1", "family": "u-6tb1", "size": "metal", "cpu": "2", "memory": "8192", "gpu-name": "radeon-pro-v520",
		"gpu-manufacturer": "amd", "gpu-count": "2", "gpu-memory": "8192", "local-nvme": "300", "cpu-manufacturer": "intel",
		"cpu-sustained-clock-speed-mhz": "3100", "capability-flex": "false", "accelerator-name": "",
	} {
		if g := strings.Join(got.Labels[aws.LabelPrefix+key], ","); g != want {
			t.Errorf("%s %q, want %q", key, g, want)
		}
	}
	if q := got.Capacity[corev1.ResourceEphemeralStorage]; q.Cmp(quantity("300G")) != 0 {
		t.Errorf("storage %s", q.String())
	}
	if q := got.Capacity[aws.ResourceAMDGPU]; q.Cmp(quantity("2")) != 0 {
		t.Errorf("gpus %s", q.String())
	}
}

func TestOfferings(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	market := func(change func(*aws.Market)) aws.Market {
		m := aws.Market{Now: now, Zones: []aws.Zone{{Name: "a", Subnets: []string{"s1", "s2"}}}, OnDemand: map[string]float64{"m5.large": 0.1}}
		change(&m)
		return m
	}
	for _, c := range []struct {
		name   string
		market aws.Market
		class  *aws.EC2NodeClass
		want   string
	}{
		{"R98 spot at the on-demand price before the first update", market(func(*aws.Market) {}), nil, "on-demand 0.1, spot 0.1"},
		{"R98 no history", market(func(m *aws.Market) { m.Spot = map[string]map[string]float64{} }), nil, "on-demand 0.1, -spot 0"},
		{"R96 not priced", market(func(m *aws.Market) { m.OnDemand = nil }), nil, "-on-demand 0, -spot 0"},
		{"R96 not sold", market(func(m *aws.Market) { m.Sold = map[string][]string{"m5.large": {"b"}} }), nil, "-on-demand 0.1, -spot 0.1"},
		{"R96 no subnet", market(func(m *aws.Market) { m.Zones[0].Subnets = nil }), nil, "-on-demand 0.1, -spot 0.1"},
		{"R96 shifted", market(func(m *aws.Market) { m.Zones[0].Shifted = true }), nil, "-on-demand 0.1, -spot 0.1"},
		{"R102 offering", market(func(m *aws.Market) { m.Unavailable = m.Unavailable.WithOffering(now, "m5.large", "a", "spot", "") }), nil, "on-demand 0.1, -spot 0.1"},
		{"R102 three minutes later", market(func(m *aws.Market) {
			m.Unavailable = m.Unavailable.WithOffering(now.Add(-3*time.Minute), "m5.large", "a", "spot", "")
		}), nil, "on-demand 0.1, spot 0.1"},
		{"R102 another placement group", market(func(m *aws.Market) { m.Unavailable = m.Unavailable.WithOffering(now, "m5.large", "a", "spot", "pg") }), nil, "on-demand 0.1, spot 0.1"},
		{"R102 capacity type", market(func(m *aws.Market) { m.Unavailable = m.Unavailable.WithCapacityType(now, "spot") }), nil, "on-demand 0.1, -spot 0.1"},
		{"R102 one of two subnets", market(func(m *aws.Market) { m.Unavailable = m.Unavailable.WithSubnet(now, "s1") }), nil, "on-demand 0.1, spot 0.1"},
		{"R102 all subnets", market(func(m *aws.Market) { m.Unavailable = m.Unavailable.WithSubnet(now, "s1").WithSubnet(now, "s2") }), nil, "-on-demand 0.1, -spot 0.1"},
		{"R97 reservation", market(func(m *aws.Market) {
			m.Reservations = []aws.CapacityReservation{{ID: "cr-1", InstanceType: "m5.large", AvailabilityZone: "a", Available: 3}, {ID: "cr-2", InstanceType: "m5.large", AvailabilityZone: "a"}}
		}), nil, "on-demand 0.1, spot 0.1, reserved 1e-08, -reserved 1e-08"},
		{"connection tracking needs nitro", market(func(*aws.Market) {}), class(func(s *aws.EC2NodeClassSpec) { s.ConnectionTracking = &aws.ConnectionTrackingOptions{} }), "-on-demand 0.1, -spot 0.1"},
	} {
		info := large("x86_64")
		list, err := aws.Offerings(&info, c.class, c.market)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range list {
			got = append(got, map[bool]string{true: "-"}[o.Unavailable]+o.CapacityType+" "+float(o.Price))
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s: %s; want %s", c.name, text, c.want)
		}
	}
}

func TestA1IsNotForAL2023(t *testing.T) {
	info := large("arm64")
	info.InstanceType = "a1.large"
	for alias, want := range map[string]bool{"al2023@latest": false, "al2@latest": true} {
		got, err := aws.Compatible(&info, class(func(s *aws.EC2NodeClassSpec) { s.AMISelectorTerms[0].Alias = alias }), nil)
		if err != nil || got != want {
			t.Errorf("%s: %v %v", alias, got, err)
		}
	}
}

func TestChooseSubnets(t *testing.T) {
	types := []*cloudprovider.InstanceType{
		{Name: "big", Capacity: corev1.ResourceList{"pods": quantity("58")}, Offerings: []cloudprovider.Offering{{Zone: "a", CapacityType: "spot"}}},
		{Name: "small", Capacity: corev1.ResourceList{"pods": quantity("29")}, Offerings: []cloudprovider.Offering{{Zone: "a", CapacityType: "spot"}}},
		{Name: "tiny", Capacity: corev1.ResourceList{"pods": quantity("4")}, Offerings: []cloudprovider.Offering{{Zone: "a", CapacityType: "on-demand"}}},
	}
	subnets := []aws.Subnet{{ID: "s1", Zone: "a", AvailableIPs: 100}, {ID: "s2", Zone: "a", AvailableIPs: 110}, {ID: "s3", Zone: "b", AvailableIPs: 5}}
	var left map[string]int64
	var order []string
	for range 4 {
		var chosen map[string]aws.Subnet
		chosen, left = aws.ChooseSubnets(subnets, types, "spot", left)
		order = append(order, chosen["a"].ID)
	}
	if got := strings.Join(order, " "); got != "s2 s1 s2 s1" || left["s1"] != 42 || left["s2"] != 52 || left["s3"] != 5 {
		t.Errorf("%s, %v left", got, left)
	}
}
