package aws_test

import (
	"fmt"
	"os"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/karpenter"
	"github.com/scalemath/scalemath/karpenter/aws"
)

const table = `name,vcpu,memory_mib,arch,enis,ips_per_eni,spot,usd_ap_northeast_2
c4.2xlarge,8,15360,amd64,4,15,1,0.454
c5.large,2,4096,amd64,3,10,1,0.096
m7g.large,2,8192,arm64,3,10,0,0.1003
`

// A c4.2xlarge is sold with 15360 MiB. The hypervisor keeps 7.5% of it, 1152 MiB, so that 14208 are left for the operating
// system; Kubernetes keeps 11 MiB for each of 58 pods and 255 more, and 100 MiB stay free.
func ExampleResolve() {
	infos, _, err := aws.ReadFacts(strings.NewReader(table))
	if err != nil {
		fmt.Println(err)
		return
	}
	t, err := aws.Resolve(&infos[0], nil, aws.Settings{})
	if err != nil {
		fmt.Println(err)
		return
	}
	print := func(what string, list corev1.ResourceList) {
		fmt.Printf("%s: cpu %s, memory %s, pods %s\n", what, list.Cpu(), list.Memory(), list.Pods())
	}
	print("capacity", t.Capacity)
	print("overhead", t.Overhead)
	print("allocatable", t.Allocatable())
	fmt.Println(t.Labels["karpenter.k8s.aws/instance-category"], t.Labels["karpenter.k8s.aws/instance-generation"])
	// Output:
	// capacity: cpu 8, memory 14208Mi, pods 58
	// overhead: cpu 90m, memory 993Mi, pods 0
	// allocatable: cpu 7910m, memory 13215Mi, pods 58
	// [c] [4]
}

func ExampleCatalog() {
	infos, prices, err := aws.ReadFacts(strings.NewReader(table))
	if err != nil {
		fmt.Println(err)
		return
	}
	types, err := aws.Catalog(infos, nil, aws.Settings{}, aws.Market{
		Zones:    []aws.Zone{{Name: "ap-northeast-2a", Subnets: []string{"subnet-1"}}, {Name: "ap-northeast-2b"}},
		OnDemand: prices["ap-northeast-2"],
		Spot:     map[string]map[string]float64{"c4.2xlarge": {"ap-northeast-2a": 0.1362}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range types {
		for _, o := range t.Offerings {
			fmt.Println(t.Name, o.Zone, o.CapacityType, o.Price, map[bool]string{true: "unavailable", false: "available"}[o.Unavailable])
		}
	}
	// Output:
	// c4.2xlarge ap-northeast-2a on-demand 0.454 available
	// c4.2xlarge ap-northeast-2a spot 0.1362 available
	// c4.2xlarge ap-northeast-2b on-demand 0.454 unavailable
	// c4.2xlarge ap-northeast-2b spot 0 unavailable
	// c5.large ap-northeast-2a on-demand 0.096 available
	// c5.large ap-northeast-2a spot 0 unavailable
	// c5.large ap-northeast-2b on-demand 0.096 unavailable
	// c5.large ap-northeast-2b spot 0 unavailable
	// m7g.large ap-northeast-2a on-demand 0.1003 available
	// m7g.large ap-northeast-2b on-demand 0.1003 unavailable
}

func ExampleLaunch() {
	both := func(onDemand, spot float64) []cloudprovider.Offering {
		return []cloudprovider.Offering{
			{Zone: "a", CapacityType: cloudprovider.OnDemand, Price: onDemand},
			{Zone: "a", CapacityType: cloudprovider.Spot, Price: spot},
		}
	}
	room := func(cpu, gpu string) corev1.ResourceList {
		return corev1.ResourceList{corev1.ResourceCPU: quantity(cpu), aws.ResourceNVIDIAGPU: quantity(gpu)}
	}
	zone, _ := kube.NewRequirement(karpenter.LabelCapacityType, kube.In, "spot", "on-demand")
	plan := aws.Launch(aws.LaunchRequest{
		Requirements: kube.NewRequirements(zone),
		Requests:     corev1.ResourceList{corev1.ResourceCPU: quantity("2")},
		Types: []*cloudprovider.InstanceType{
			{Name: "large", Capacity: room("4", "0"), Offerings: both(0.2, 0.08)},
			{Name: "dear", Capacity: room("64", "0"), Offerings: both(3, 0.9)},
			{Name: "gpu", Capacity: room("4", "1"), Offerings: both(0.1, 0.05)},
			{Name: "small", Capacity: room("1", "0"), Offerings: both(0.05, 0.02)},
		},
		Subnets: map[string]aws.Subnet{"a": {ID: "subnet-1", Zone: "a"}},
	})
	if err := plan.Explain(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// spot: 2 instance types, 1 overrides
	//   filter Available took out small
	//   filter Exotic took out gpu
	//   large in a subnet-1 at 0.08
}
