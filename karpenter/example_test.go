package karpenter_test

import (
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/karpenter"
)

func quantities(pairs ...string) corev1.ResourceList {
	list := corev1.ResourceList{}
	for i := 0; i < len(pairs); i += 2 {
		list[corev1.ResourceName(pairs[i])] = resource.MustParse(pairs[i+1])
	}
	return list
}

// machine is a type with an offering on demand and a spot one in each of two zones.
func machine(name, cpu, memory string, price float64) *cloudprovider.InstanceType {
	return &cloudprovider.InstanceType{
		Name:     name,
		Capacity: quantities("cpu", cpu, "memory", memory, "pods", "58"),
		Overhead: quantities("cpu", "100m", "memory", "1Gi"),
		Offerings: []cloudprovider.Offering{
			{Zone: "ap-northeast-2a", CapacityType: cloudprovider.OnDemand, Price: price},
			{Zone: "ap-northeast-2a", CapacityType: cloudprovider.Spot, Price: price * 0.4},
			{Zone: "ap-northeast-2c", CapacityType: cloudprovider.OnDemand, Price: price},
			{Zone: "ap-northeast-2c", CapacityType: cloudprovider.Spot, Price: price * 0.3},
		},
	}
}

func pod(name, cpu, memory string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default", UID: types.UID(name), Labels: map[string]string{"app": "web"}},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: "web", Resources: corev1.ResourceRequirements{Requests: quantities("cpu", cpu, "memory", memory)},
		}}},
	}
}

// spotPool takes spot capacity up to 1000 cores.
func spotPool() *karpenter.NodePool {
	p := &karpenter.NodePool{ObjectMeta: metav1.ObjectMeta{Name: "default"}}
	p.Spec.Template.Spec.Requirements = []karpenter.RequirementSpec{
		{Key: karpenter.LabelCapacityType, Operator: "In", Values: []string{cloudprovider.Spot}},
	}
	p.Spec.Limits = quantities("cpu", "1000")
	return p
}

func catalogue() map[string][]*cloudprovider.InstanceType {
	return map[string][]*cloudprovider.InstanceType{"": {
		machine("c5.large", "2", "4Gi", 0.096), machine("c5.2xlarge", "8", "16Gi", 0.384), machine("c5.4xlarge", "16", "32Gi", 0.768),
	}}
}

// Five pods of one CPU each get one node: claims are packed as full as some type allows.
func ExampleProvision() {
	s := &karpenter.Snapshot{NodePools: []*karpenter.NodePool{spotPool()}, InstanceTypes: catalogue()}
	for i := range 5 {
		s.Pending = append(s.Pending, pod(fmt.Sprintf("inflate-%d", i), "1", "512Mi"))
	}
	plan, err := karpenter.Provision(s, karpenter.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plan)
	fmt.Println(&plan.Claims[0])
	// Output:
	// 5 pods on 1 new nodes for $0.1152/h, 0 on nodes that exist, 0 without a place
	// NodePool default, 5 pods, 2 instance types, cheapest c5.2xlarge spot in ap-northeast-2c for $0.1152/h
}

// A pod without a place is told why, by every kind of place.
func ExamplePlan_Explain() {
	big := pod("big", "1", "64Gi")
	elsewhere := pod("elsewhere", "1", "1Gi")
	elsewhere.Spec.NodeSelector = map[string]string{"topology.kubernetes.io/zone": "ap-northeast-2b"}
	s := &karpenter.Snapshot{
		NodePools: []*karpenter.NodePool{spotPool()}, InstanceTypes: catalogue(),
		Pending: []*corev1.Pod{big, elsewhere, pod("small", "1", "1Gi")},
	}
	plan, err := karpenter.Provision(s, karpenter.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := plan.Explain(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 1 pods on 1 new nodes for $0.0288/h, 0 on nodes that exist, 2 without a place
	// claim 0: NodePool default, 1 pods, 3 instance types, cheapest c5.large spot in ap-northeast-2c for $0.0288/h
	// pod default/big: no place: claim 0: memory 65Gi > 31Gi. NodePool default: 3 types: memory 64Gi > 31Gi
	// pod default/elsewhere: no place: claim 0: none of its instance types goes with topology.kubernetes.io/zone In [ap-northeast-2b]. NodePool default: 3 types: topology.kubernetes.io/zone In [ap-northeast-2b]
	// pod default/small: claim 0
}

// Without node b its pods go to node a, as far as there is room.
func ExampleSimulate() {
	node := func(name string, pods ...*corev1.Pod) *karpenter.Node {
		return &karpenter.Node{NodePool: "default", Pods: pods, Object: &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{karpenter.LabelNodePool: "default"}},
			Status: corev1.NodeStatus{
				Capacity: quantities("cpu", "4", "memory", "8Gi", "pods", "58"), Allocatable: quantities("cpu", "3900m", "memory", "7Gi", "pods", "58"),
			},
		}}
	}
	s := &karpenter.Snapshot{
		NodePools: []*karpenter.NodePool{spotPool()}, InstanceTypes: catalogue(),
		Nodes: []*karpenter.Node{node("a", pod("a-0", "2", "1Gi")), node("b", pod("b-0", "1500m", "1Gi"), pod("b-1", "1500m", "1Gi"))},
	}
	plan, err := karpenter.Simulate(s, []string{"b"}, karpenter.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range plan.Placements {
		fmt.Println(&plan.Placements[i])
	}
	// Output:
	// pod default/b-0: node a
	// pod default/b-1: claim 0
}
