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

func ExampleEmptyNodes() {
	command, ok, err := karpenter.EmptyNodes(underused(), karpenter.Options{})
	fmt.Println(command, ok, err)
	// Output:
	// delete Empty (emptiness): [c], saves 0.384 true <nil>
}

func ExampleDriftedNodes() {
	s := underused()
	verdict, err := karpenter.HasDrifted(s.Nodes[1], s.NodePools[0], s.InstanceTypes[""][:1], lunch)
	fmt.Println(verdict, err)
	s.Nodes[1] = karpenter.AfterDrift(s.Nodes[1], verdict, lunch)
	command, ok, err := karpenter.DriftedNodes(s, karpenter.Options{})
	fmt.Println(command, ok, err)
	// Output:
	// b: InstanceTypeNotFound: instance type "c5.2xlarge" is not offered <nil>
	// delete Drifted (drift): [b], saves 0.384 true <nil>
}

func ExampleAllowedDisruptions() {
	s := underused()
	hours, office := "0 9 * * mon-fri", metav1.Duration{Duration: 8 * time.Hour}
	s.NodePools[0].Spec.Disruption.Budgets = []karpenter.Budget{
		{Nodes: "10%"},
		{Nodes: "0", Schedule: &hours, Duration: &office, Reasons: []karpenter.Reason{karpenter.Underutilized}},
	}
	for _, reason := range []karpenter.Reason{karpenter.Empty, karpenter.Underutilized} {
		fmt.Println(karpenter.AllowedDisruptions(s.NodePools[0], reason, s.Nodes, lunch, karpenter.Profile{}))
	}
	// Output:
	// default: 1 more Empty: budgets[0] allows 1 of 3, 0 unavailable
	// default: 0 more Underutilized: budgets[1] allows 0 of 3, 0 unavailable; changes 2026-06-01T17:00:00Z
}

func ExampleCandidates() {
	s := underused()
	s.Nodes[0].Pods[0].Annotations = map[string]string{karpenter.AnnotationDoNotDisrupt: "true"}
	s.PDBs = []*policyv1.PodDisruptionBudget{{
		ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "default"},
		Spec:       policyv1.PodDisruptionBudgetSpec{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}}},
	}}
	s.Nodes[1].NominatedUntil = karpenter.NominatedUntil(lunch, karpenter.DefaultBatchMax)
	verdicts, err := karpenter.Candidates(s, karpenter.SingleNode, karpenter.Options{})
	if err != nil {
		fmt.Println(err)
	}
	for _, v := range verdicts {
		fmt.Println(v)
	}
	// Output:
	// a: no candidate for single: PodDoNotDisrupt default/web-0; PDBExhausted default/web-1 [default/web]
	// b: no candidate for single: Nominated until 2026-06-01T12:00:20Z; PDBExhausted default/web-2 [default/web]
	// c: no candidate for single: NodeEmpty
}

func ExampleWhy() {
	s := underused()
	s.NodePools[0].Spec.Disruption.ConsolidateAfter = karpenter.After(time.Hour)
	s.Nodes[1].LastPodEvent = lunch.Add(-10 * time.Minute)
	s.Nodes[1].ExpireAfter = karpenter.After(720 * time.Hour)
	reports, err := karpenter.Why(s, karpenter.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = reports[1].Explain(os.Stdout)
	// Output:
	// b stays in this round, which ends with: delete Empty (emptiness): [c], saves 0.384
	//   emptiness:
	//     NodeNotEmpty
	//     ConsolidateAfter until 2026-06-01T12:50:00Z
	//   drift:
	//     NotDrifted
	//   single:
	//     ConsolidateAfter until 2026-06-01T12:50:00Z
	//   b expires at 2026-06-29T12:00:00Z
	//   next change known: 2026-06-01T12:50:00Z
}

func ExampleWhatIf() {
	removal, err := karpenter.WhatIf(underused(), karpenter.Options{}, "a", "b", "c")
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = removal.Explain(os.Stdout)
	// Output:
	// 3 nodes, 3 pods move to 1 new nodes and others, saves 1.056
	//   new node 1     c5.large on-demand in ap-northeast-2a  0.096
	//   default/web-0  from a                                 to new node 1
	//   default/web-1  from a                                 to new node 1
	//   default/web-2  from b                                 to new node 1
}

func ExampleValidate() {
	s := underused()
	command, _, err := karpenter.Consolidate(s, karpenter.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	s.Now = s.Now.Add(karpenter.ValidationDelay)
	s.Nodes[0].Pods[1].Annotations = map[string]string{karpenter.AnnotationDoNotDisrupt: "true"}
	fmt.Println(karpenter.Validate(s, karpenter.Options{}, command))
	// Output:
	// invalid (churn): no candidates any more: [a] <nil>
}

func ExampleExpire() {
	s := underused()
	s.Nodes[0].ExpireAfter = karpenter.After(48 * time.Hour)
	s.Nodes[1].ExpireAfter = karpenter.After(72 * time.Hour)
	s.Nodes[2].ExpireAfter = karpenter.Never()
	for _, e := range karpenter.Expire(s) {
		fmt.Println(e)
	}
	// Output:
	// a has expired at 2026-06-01T12:00:00Z
	// b expires at 2026-06-02T12:00:00Z
	// c does not expire: expireAfter is Never
}

func ExampleTerminate() {
	n := underused().Nodes[0]
	agent := pod("agent", "100m", "64Mi")
	agent.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "DaemonSet", Name: "agent"}}
	n.Pods = append(n.Pods, agent)
	drain := karpenter.Terminate(n, lunch, time.Time{}, lunch)
	fmt.Println(drain)
	for _, p := range drain.Pods {
		fmt.Println(p.Name, p.Step)
	}
	n.Pods = nil
	fmt.Println(karpenter.Terminate(n, lunch, time.Time{}, lunch))
	// Output:
	// group 1 of 4, waiting for 3 pods
	// default/web-0 Evict
	// default/web-1 Evict
	// default/agent Wait
	// no pods left, waiting for late ones until 2026-06-01T12:00:05Z
}

func ExampleRepair() {
	s := underused()
	s.Nodes[1].Object.Status.Conditions[0] = corev1.NodeCondition{
		Type: corev1.NodeReady, Status: corev1.ConditionUnknown, LastTransitionTime: metav1.NewTime(lunch.Add(-29 * time.Minute)),
	}
	for _, now := range []time.Time{lunch, lunch.Add(time.Minute)} {
		s.Now = now
		fmt.Println(karpenter.Repair(s, karpenter.AWSRepairPolicies())[0])
	}
	// Output:
	// b: Ready is tolerated until 2026-06-01T12:01:00Z
	// b: Ready: delete
}

func ExampleParseInterruption() {
	m, err := karpenter.ParseInterruption([]byte(`{
		"source": "aws.ec2", "detail-type": "EC2 Spot Instance Interruption Warning",
		"time": "2026-06-01T12:00:00Z", "detail": {"instance-id": "i-0123456789", "instance-action": "terminate"}}`))
	fmt.Println(m.Kind, m.Instances, err)
	fmt.Println(karpenter.Interrupt(m.Kind))
	// Output:
	// SpotInterruption [i-0123456789] <nil>
	// cordon and drain, offering unavailable
}

func ExampleLiveness() {
	for _, minutes := range []time.Duration{14, 15} {
		p := karpenter.ClaimProgress{Launched: true, LaunchSince: lunch, RegisterSince: lunch}
		fmt.Println(karpenter.Liveness(p, lunch.Add(minutes*time.Minute)))
	}
	// Output:
	// registration_timeout at 2026-06-01T12:15:00Z
	// delete: registration_timeout
}

func ExampleInitialize() {
	n := underused().Nodes[0]
	cilium := corev1.Taint{Key: "node.cilium.io/agent-not-ready", Value: "true", Effect: corev1.TaintEffectNoExecute}
	n.StartupTaints = []corev1.Taint{cilium}
	n.Object.Spec.Taints = []corev1.Taint{cilium}
	fmt.Println(karpenter.Initialize(n, nil))
	n.Object.Spec.Taints = nil
	fmt.Println(karpenter.Initialize(n, nil))
	// Output:
	// StartupTaintsExist: node.cilium.io/agent-not-ready=true:NoExecute
	// initialized
}

func ExampleAfterLaunch() {
	outcome := karpenter.AfterLaunch([]karpenter.LaunchError{
		{InstanceType: "c5.large", Zone: "ap-northeast-2a", CapacityType: cloudprovider.Spot, Capacity: true},
	}, karpenter.Unavailable{}, lunch)
	fmt.Println("give the claim up:", outcome.Delete)
	for _, u := range outcome.Unavailable.Offerings {
		fmt.Println(u)
	}
	types := outcome.Unavailable.Mark(catalogue()[""], lunch.Add(time.Minute))
	fmt.Println(types[0].Offerings[1].Unavailable, types[1].Offerings[1].Unavailable)
	// Output:
	// give the claim up: true
	// spot/c5.large/ap-northeast-2a until 2026-06-01T12:03:00Z
	// true false
}

func ExampleScoreMove() {
	fmt.Println(karpenter.ScoreMove(0.2, 5, 2, 100)) // a tenth of the cost for a twentieth of the disruption
	fmt.Println(karpenter.ScoreMove(0.02, 5, 2, 100))
	// Output:
	// : saves 10% of the cost for 5% of the disruption, score 2 of 0.5: approved
	// : saves 1% of the cost for 5% of the disruption, score 0.2 of 0.5: rejected
}

func ExampleEvictionCost() {
	p := pod("batch", "1", "1Gi")
	fmt.Println(karpenter.EvictionCost(p))
	p.Annotations = map[string]string{corev1.PodDeletionCost: "-134217728"}
	fmt.Println(karpenter.EvictionCost(p), karpenter.RescheduleCost([]*corev1.Pod{p}))
	// Output:
	// 1
	// 0 1
}

func ExampleDoNotDisrupt() {
	p := pod("batch", "1", "1Gi")
	p.Annotations = map[string]string{karpenter.AnnotationDoNotDisrupt: "4h"}
	started := metav1.NewTime(lunch.Add(-time.Hour))
	p.Status.StartTime = &started
	fmt.Println(karpenter.DoNotDisrupt(p, lunch))
	fmt.Println(karpenter.DoNotDisrupt(p, lunch.Add(3*time.Hour)))
	// Output:
	// do-not-disrupt until 2026-06-01T15:00:00Z
	// do-not-disrupt is over
}

func ExampleNominate() {
	s := underused()
	s.Pending = []*corev1.Pod{pod("new", "1", "512Mi")}
	s.Pending[0].Status = corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{
		{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable},
	}}
	plan, err := karpenter.Provision(s, karpenter.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, n := range karpenter.Nominate(s.Nodes, plan, s.Now, karpenter.DefaultBatchMax) {
		if !n.NominatedUntil.IsZero() {
			fmt.Println(n.Object.Name, "is expected to be needed until", n.NominatedUntil.Format(time.TimeOnly))
		}
	}
	// Output:
	// a is expected to be needed until 12:00:20
}
