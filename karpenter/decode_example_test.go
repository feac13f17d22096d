package karpenter_test

import (
	"fmt"

	"github.com/scalemath/scalemath/karpenter"
)

func ExampleDecode() {
	all, err := karpenter.Decode([]byte(`
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: default}
spec:
  template:
    spec:
      requirements: [{key: karpenter.sh/capacity-type, operator: In, values: [spot]}]
  limits: {cpu: 1000}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	pool := all.NodePools[0].Defaulted()
	d := pool.Spec.Disruption
	fmt.Println(pool.Name, d.ConsolidationPolicy, d.ConsolidateAfter, d.Budgets[0].Nodes, pool.Spec.Template.Spec.ExpireAfter)
	// Output:
	// default WhenEmptyOrUnderutilized 0s 10% 720h0m0s
}

func ExampleNodePool_Validate() {
	pool, err := karpenter.DecodeNodePool([]byte(`
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: default}
spec:
  template:
    spec:
      requirements:
      - {key: karpenter.k8s.aws/instance-generation, operator: Gt, values: [four]}
      - {key: topology.kubernetes.io/zone, operator: In, values: [us-east-1a]}
      - {key: topology.kubernetes.io/zone, operator: NotIn, values: [us-east-1a]}
  disruption:
    budgets: [{nodes: 10 percent}]
`))
	if err == nil {
		err = pool.Validate()
	}
	fmt.Println(err)
	// Output:
	// invalid input: NodePool "default": spec.template.spec.requirements[0].values: Gt takes an integer of 0 or more, not "four"
	// invalid input: NodePool "default": spec.template.spec.requirements: no value of "topology.kubernetes.io/zone" meets all of: In us-east-1a; NotIn us-east-1a
	// invalid input: NodePool "default": spec.disruption.budgets[0].nodes: "10 percent" is neither a count such as 5 nor a share such as 10%, of at most 100%
}
