package karpenter

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/scalemath/scalemath/cloudprovider"
)

// noon is when everything in these tests happens.
var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// shop is a catalogue of families and sizes in two zones, on demand and spot.
func shop(families int) []*cloudprovider.InstanceType {
	var out []*cloudprovider.InstanceType
	for f := range families {
		memory := []int64{2, 4, 8}[f%3]
		for size, cpu := range []int64{1, 2, 4, 8, 16, 32, 64} {
			per := 0.02 + 0.005*float64(memory) + 0.0007*float64(f)
			it := &cloudprovider.InstanceType{
				Name:   fmt.Sprintf("f%d.s%d", f, size),
				Labels: map[string][]string{"karpenter.k8s.aws/instance-family": {fmt.Sprintf("f%d", f)}},
				Capacity: corev1.ResourceList{
					corev1.ResourceCPU: *resource.NewQuantity(cpu, resource.DecimalSI), corev1.ResourcePods: resource.MustParse("110"),
					corev1.ResourceMemory: *resource.NewQuantity(cpu*memory<<30, resource.BinarySI),
				},
			}
			for _, zone := range []string{"a", "b"} {
				it.Offerings = append(it.Offerings,
					cloudprovider.Offering{Zone: zone, CapacityType: cloudprovider.OnDemand, Price: per * float64(cpu)},
					cloudprovider.Offering{Zone: zone, CapacityType: cloudprovider.Spot, Price: per * float64(cpu) * 0.4})
			}
			out = append(out, it)
		}
	}
	return out
}

// anyPool is a pool without rules that may be consolidated at once and as a whole.
func anyPool(name string) *NodePool {
	p := &NodePool{ObjectMeta: metav1.ObjectMeta{Name: name}}
	p.Spec.Disruption = Disruption{ConsolidateAfter: After(0), ConsolidationPolicy: WhenEmptyOrUnderutilized, Budgets: []Budget{{Nodes: "100%"}}}
	p.Spec.Template.Spec.Requirements = []RequirementSpec{{Key: LabelCapacityType, Operator: corev1.NodeSelectorOpIn, Values: []string{"on-demand"}}}
	return p
}

// machine is an initialized node of a pool, on demand in zone a.
func machine(name, pool string, it *cloudprovider.InstanceType, pods ...*corev1.Pod) *Node {
	for _, p := range pods {
		p.Spec.NodeName = name
		p.Status.Phase = corev1.PodRunning
	}
	return &Node{
		Object: &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(noon.Add(-24 * time.Hour)), Labels: map[string]string{
				corev1.LabelHostname: name, corev1.LabelOSStable: "linux", corev1.LabelArchStable: "amd64",
				corev1.LabelInstanceTypeStable: it.Name, corev1.LabelTopologyZone: "a", LabelCapacityType: "on-demand",
				LabelNodePool: pool, LabelRegistered: "true", LabelInitialized: "true",
			}},
			Status: corev1.NodeStatus{
				Capacity: it.Capacity, Allocatable: it.Allocatable(),
				Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
			},
		},
		Pods: pods, NodePool: pool, Initialized: noon.Add(-24 * time.Hour),
	}
}

// pod asks for milli CPUs and MiB.
func pod(name string, milli, mebi int64) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default", UID: types.UID(name)},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{
			corev1.ResourceCPU: *resource.NewMilliQuantity(milli, resource.DecimalSI), corev1.ResourceMemory: *resource.NewQuantity(mebi<<20, resource.BinarySI),
		}}}}},
	}
}

// daemonPod is a pod of a DaemonSet.
func daemonPod(name string, milli, mebi int64) *corev1.Pod {
	p := pod(name, milli, mebi)
	p.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "DaemonSet", Name: "agent"}}
	return p
}

// fleet is a cluster of so many nodes of 8 cores with so many pods each, which leave the share of the cores free that is
// said, in thousandths.
func fleet(nodes, podsEach, freePerMille int) *Snapshot {
	s := &Snapshot{Now: noon, NodePools: []*NodePool{anyPool("default")}, InstanceTypes: map[string][]*cloudprovider.InstanceType{"": shop(30)}}
	it := s.InstanceTypes[""][1*7+3]
	seed := uint64(1)
	for n := range nodes {
		total := 8000 * (1000 - int64(freePerMille)) / 1000
		var pods []*corev1.Pod
		for i := range podsEach {
			seed = seed*6364136223846793005 + 1442695040888963407
			share := total / int64(podsEach)
			milli := share
			if freePerMille >= 100 { // a fuller fleet is packed evenly, so that there is no way to do better
				milli += int64(seed>>33)%(share/2+1)/50*50 - share/4
			}
			pods = append(pods, pod(fmt.Sprintf("p-%04d-%02d", n, i), milli, milli*3))
		}
		s.Nodes = append(s.Nodes, machine(fmt.Sprintf("n-%04d", n), "default", it, pods...))
	}
	return s
}
