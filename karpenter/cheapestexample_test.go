package karpenter_test

import (
	"fmt"
	"os"

	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/karpenter"
)

// Karpenter puts pods together until only the largest machine holds them, whatever it costs. Small ones are cheaper here.
func ExamplePacking() {
	s := &karpenter.Snapshot{
		NodePools: []*karpenter.NodePool{spotPool()},
		InstanceTypes: map[string][]*cloudprovider.InstanceType{"": {
			machine("c7i.large", "2", "4Gi", 0.09), machine("c7i.xlarge", "4", "8Gi", 0.18), machine("u7i.8xlarge", "32", "64Gi", 3),
		}},
	}
	for i := range 4 {
		s.Pending = append(s.Pending, pod(fmt.Sprintf("web-%d", i), "1500m", "1Gi"))
	}
	plan, err := karpenter.Provision(s, karpenter.Options{Packing: karpenter.Cheapest})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := plan.Explain(os.Stdout); err != nil {
		fmt.Println(err)
	}

	// Where a node costs a cent beside its price, fewer and larger ones are preferred.
	plan, err = karpenter.Provision(s, karpenter.Options{Packing: karpenter.Cheapest, PerNode: 0.01})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plan)
	fmt.Printf("%.0f%% above the bound\n", 100*plan.Gap())
	// Output:
	// 4 pods on 4 new nodes for $0.1080/h, 0 on nodes that exist, 0 without a place
	// Karpenter's own plan: $0.9000/h, $0.7920/h saved (88.0%); no plan can cost less than $0.0831/h, 23.1% below this one
	// claim 0: NodePool default, 1 pods, 1 instance types, cheapest c7i.large spot in ap-northeast-2c for $0.0270/h
	// claim 1: NodePool default, 1 pods, 1 instance types, cheapest c7i.large spot in ap-northeast-2c for $0.0270/h
	// claim 2: NodePool default, 1 pods, 1 instance types, cheapest c7i.large spot in ap-northeast-2c for $0.0270/h
	// claim 3: NodePool default, 1 pods, 1 instance types, cheapest c7i.large spot in ap-northeast-2c for $0.0270/h
	// pod default/web-0: claim 0
	// pod default/web-1: claim 1
	// pod default/web-2: claim 2
	// pod default/web-3: claim 3
	// 4 pods on 2 new nodes for $0.1080/h, 0 on nodes that exist, 0 without a place
	// 30% above the bound
}
