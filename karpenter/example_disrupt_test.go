package karpenter_test

import (
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/karpenter"
)

var lunch = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// running is a node of the pool "default", on demand in the first zone.
func running(name string, it *cloudprovider.InstanceType, pods ...*corev1.Pod) *karpenter.Node {
	for _, p := range pods {
		p.Spec.NodeName, p.Status.Phase = name, corev1.PodRunning
	}
	n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(lunch.Add(-48 * time.Hour)), Labels: map[string]string{
		corev1.LabelHostname: name, corev1.LabelOSStable: "linux", corev1.LabelArchStable: "amd64",
		corev1.LabelInstanceTypeStable: it.Name, corev1.LabelTopologyZone: "ap-northeast-2a",
		karpenter.LabelCapacityType: cloudprovider.OnDemand, karpenter.LabelNodePool: "default",
	}}}
	n.Status.Capacity, n.Status.Allocatable = it.Capacity, it.Allocatable()
	n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	return &karpenter.Node{Object: n, Pods: pods, NodePool: "default", Initialized: lunch.Add(-48 * time.Hour)}
}

// underused is a cluster of three machines with 8 cores each, of which two have little to do and one nothing.
func underused() *karpenter.Snapshot {
	p := &karpenter.NodePool{ObjectMeta: metav1.ObjectMeta{Name: "default"}}
	p.Spec.Disruption = karpenter.Disruption{
		ConsolidateAfter: karpenter.After(0), ConsolidationPolicy: karpenter.WhenEmptyOrUnderutilized,
		Budgets: []karpenter.Budget{{Nodes: "100%"}},
	}
	p.Spec.Template.Spec.Requirements = []karpenter.RequirementSpec{
		{Key: karpenter.LabelCapacityType, Operator: "In", Values: []string{cloudprovider.OnDemand}},
	}
	types := catalogue()
	return &karpenter.Snapshot{
		Now: lunch, NodePools: []*karpenter.NodePool{p}, InstanceTypes: types,
		Nodes: []*karpenter.Node{
			running("a", types[""][1], pod("web-0", "1", "512Mi"), pod("web-1", "500m", "512Mi")),
			running("b", types[""][1], pod("web-2", "250m", "256Mi")),
			running("c", types[""][1]),
		},
	}
}

func ExampleDisrupt() {
	s := underused()
	for range 3 {
		round, err := karpenter.Disrupt(s, karpenter.Options{})
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, c := range round.Commands {
			fmt.Println(c)
		}
		s.Nodes = s.Nodes[:len(s.Nodes)-1] // as if the last node had gone
	}
	// Output:
	// delete Empty (emptiness): [c], saves 0.384
	// replace Underutilized (multi): [b a] -> c5.large on-demand ap-northeast-2a at 0.096, saves 0.672
	// replace Underutilized (single): [a] -> c5.large on-demand ap-northeast-2a at 0.096, saves 0.288
}

func ExampleConsolidate() {
	command, ok, err := karpenter.Consolidate(underused(), karpenter.Options{})
	fmt.Println(ok, err)
	_ = command.Explain(os.Stdout)
	// Output:
	// true <nil>
	// delete Underutilized (multi): [b a], saves 0.768
	//   b: c5.2xlarge on-demand in ap-northeast-2a at 0.384, 1 pods to move, reschedule cost 2
	//   a: c5.2xlarge on-demand in ap-northeast-2a at 0.384, 2 pods to move, reschedule cost 3
	//   default/web-2: to c
	//   default/web-0: to c
	//   default/web-1: to c
}

// A full machine that is dear per core: Karpenter replaces one node by one, which would not be cheaper.
func ExampleThrift() {
	s := underused()
	large := machine("x1.large", "16", "32Gi", 2)
	s.InstanceTypes[""] = append(s.InstanceTypes[""][:2], large)
	s.Nodes = []*karpenter.Node{running("big", large, pod("a", "5", "8Gi"), pod("b", "5", "8Gi"))}
	for _, most := range []int{1, 2} {
		command, _, err := karpenter.Consolidate(s, karpenter.Options{Thrift: karpenter.Thrift{MostReplacements: most}})
		fmt.Println(command, err)
		if command.Thrift != nil {
			fmt.Printf("at worst %.3g an hour, and no new nodes cost less than %.3g\n", command.Thrift.Worst, command.Thrift.Bound)
		}
	}
	// Output:
	// nothing to disrupt <nil>
	// replace Underutilized (single): [big] -> c5.2xlarge on-demand ap-northeast-2a at 0.384, c5.2xlarge on-demand ap-northeast-2a at 0.384, saves 1.232 <nil>
	// at worst 0.768 an hour, and no new nodes cost less than 0.486
}
