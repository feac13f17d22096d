package karpenter

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/cloudprovider"
)

func TestExpiration(t *testing.T) {
	s := &Snapshot{Now: noon}
	for _, c := range []struct {
		name  string
		after NillableDuration
	}{{"late", After(48 * time.Hour)}, {"due", After(24 * time.Hour)}, {"never", Never()}, {"unset", NillableDuration{}}, {"over", After(time.Hour)}} {
		n := machine(c.name, "p", &shopOne)
		n.ExpireAfter = c.after
		s.Nodes = append(s.Nodes, n)
	}
	list := Expire(s)
	order := []string{"over", "due", "late", "never", "unset"}
	for i, e := range list {
		if e.Node != order[i] || e.Expired != (i < 2) {
			t.Errorf("%d: %v", i, e)
		}
	}
	if !list[1].At.Equal(noon) {
		t.Errorf("expires to the instant: %v", list[1])
	}
	early := *s.Nodes[1]
	if e := early.Expiry(noon.Add(-1)); e.Expired {
		t.Error("expired a nanosecond early")
	}
}

// Rule 84, in the order of the checks.
func TestRule84Drift(t *testing.T) {
	types := shop(1)
	fresh := func() (*Node, *NodePool) {
		n, p := machine("n", "p", types[0]), anyPool("p")
		n.Object.Annotations = map[string]string{AnnotationNodePoolHash: "1", AnnotationNodePoolHashVersion: "v3"}
		p.Annotations = map[string]string{AnnotationNodePoolHash: "1", AnnotationNodePoolHashVersion: "v3"}
		return n, p
	}
	for _, c := range []struct {
		name   string
		change func(*Node, *NodePool)
		types  []*cloudprovider.InstanceType
		want   DriftReason
	}{
		{"none", func(*Node, *NodePool) {}, types, ""},
		{"hash", func(_ *Node, p *NodePool) { p.Annotations[AnnotationNodePoolHash] = "2" }, types, NodePoolDrifted},
		{"hash of another version", func(_ *Node, p *NodePool) {
			p.Annotations[AnnotationNodePoolHash], p.Annotations[AnnotationNodePoolHashVersion] = "2", "v4"
		}, types, ""},
		{"no hash on the node", func(n *Node, p *NodePool) { n.Object.Annotations, p.Annotations[AnnotationNodePoolHash] = nil, "2" }, types, ""},
		{"requirements", func(_ *Node, p *NodePool) { p.Spec.Template.Spec.Requirements[0].Values = []string{"spot"} }, types, RequirementsDrifted},
		{"a label that the node lacks", func(_ *Node, p *NodePool) {
			p.Spec.Template.Spec.Requirements = []RequirementSpec{{Key: "team", Operator: corev1.NodeSelectorOpExists}}
		}, types, RequirementsDrifted},
		{"a label that may be absent", func(_ *Node, p *NodePool) {
			p.Spec.Template.Spec.Requirements = []RequirementSpec{{Key: "team", Operator: corev1.NodeSelectorOpNotIn, Values: []string{"x"}}}
		}, types, ""},
		{"type gone", func(*Node, *NodePool) {}, nil, InstanceTypeNotFound},
		{"type gone, too young to look", func(n *Node, _ *NodePool) { n.Created = noon.Add(-time.Hour) }, nil, ""},
		{"offering gone", func(n *Node, _ *NodePool) { n.Object.Labels[corev1.LabelTopologyZone] = "z" }, types, InstanceTypeNotFound},
		{"reserved may be on demand by now", func(n *Node, p *NodePool) {
			n.Object.Labels[LabelCapacityType] = "reserved"
			p.Spec.Template.Spec.Requirements = nil
		}, types, ""},
	} {
		n, p := fresh()
		c.change(n, p)
		v, err := HasDrifted(n, p, c.types, noon)
		if err != nil || v.Reason != c.want {
			t.Errorf("%s: %v, %v", c.name, v, err)
		}
	}
	n, p := fresh()
	p.Spec.Template.Spec.Requirements[0].Operator = "Near"
	if _, err := HasDrifted(n, p, types, noon); err == nil {
		t.Error("an operator that does not exist is no error")
	}
	first := AfterDrift(n, DriftVerdict{Reason: NodePoolDrifted}, noon)
	if again := AfterDrift(first, DriftVerdict{Reason: NodePoolDrifted}, noon.Add(1)); !again.Drifted.Equal(noon) {
		t.Error("the time of the drift moved")
	}
	if back := AfterDrift(first, DriftVerdict{}, noon); !back.Drifted.IsZero() || !n.Drifted.IsZero() {
		t.Error("the drift was not cleared, or the node changed")
	}
}

// Rules 104 to 106.
func TestTermination(t *testing.T) {
	grace := int64(60)
	with := func(p *corev1.Pod, change func(*corev1.Pod)) *corev1.Pod { change(p); return p }
	plain := func(name string) *corev1.Pod { return pod(name, 100, 100) }
	n := machine("n", "p", &shopOne,
		plain("a"), daemonPod("daemon", 1, 1),
		with(plain("critical"), func(p *corev1.Pod) { p.Spec.PriorityClassName = "system-cluster-critical" }),
		with(daemonPod("critical-daemon", 1, 1), func(p *corev1.Pod) { p.Spec.PriorityClassName = "system-node-critical" }),
		with(plain("tolerates"), func(p *corev1.Pod) {
			p.Spec.Tolerations = []corev1.Toleration{{Operator: corev1.TolerationOpExists}}
		}),
		with(plain("mirror"), func(p *corev1.Pod) { p.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "Node"}} }),
		with(plain("stuck"), func(p *corev1.Pod) { at := metav1.NewTime(noon.Add(-61 * time.Second)); p.DeletionTimestamp = &at }),
		with(plain("guarded"), func(p *corev1.Pod) { p.Annotations = map[string]string{AnnotationDoNotDisrupt: "true"} }),
	)
	n.Pods = append(n.Pods, with(plain("done"), func(p *corev1.Pod) { p.Status.Phase = corev1.PodSucceeded }))
	want := map[string]DrainStep{
		"a": Evict, "daemon": Waits, "critical": Waits, "critical-daemon": Waits, "tolerates": Ignored, "mirror": Ignored,
		"stuck": Ignored, "guarded": Protected, "done": Ended,
	}
	d := Terminate(n, noon, time.Time{}, noon)
	for _, p := range d.Pods {
		if p.Step != want[p.Pod.Name] {
			t.Errorf("%s: %s", p.Name, p.Step)
		}
	}
	if d.Waiting != 5 || d.Group != 0 || d.Done {
		t.Error(d)
	}
	// The groups follow one another.
	n.Pods = n.Pods[1:4]
	for group := 1; group <= 3; group++ {
		if d := Terminate(n, noon, time.Time{}, noon); d.Group != group || d.Pods[0].Step != Evict {
			t.Errorf("group %d: %v", group, d)
		}
		n.Pods = n.Pods[1:]
	}
	if d := Terminate(n, noon, time.Time{}, noon.Add(4*time.Second)); d.Done || !d.Next.Equal(noon.Add(5*time.Second)) {
		t.Errorf("late pods are not waited for: %v", d)
	}
	if d := Terminate(n, noon, time.Time{}, noon.Add(5*time.Second)); !d.Done {
		t.Error(d)
	}
	// With a deadline a minute and a half away, a pod with a minute to end is deleted after half a minute, protected or not.
	p := with(plain("guarded"), func(p *corev1.Pod) {
		p.Annotations = map[string]string{AnnotationDoNotDisrupt: "true"}
		p.Spec.TerminationGracePeriodSeconds = &grace
	})
	n.Pods = []*corev1.Pod{p}
	deadline := noon.Add(90 * time.Second)
	for _, c := range []struct {
		after time.Duration
		step  DrainStep
		grace int64
	}{{30 * time.Second, Protected, 0}, {30*time.Second + 1, ForceGone, 59}, {89500 * time.Millisecond, ForceGone, 1}, {time.Hour, ForceGone, 1}} {
		d := Terminate(n, noon, deadline, noon.Add(c.after))
		if d.Pods[0].Step != c.step || d.Pods[0].GraceSeconds != c.grace {
			t.Errorf("%v: %+v", c.after, d.Pods[0])
		}
	}
}

func TestTerminationDeadline(t *testing.T) {
	n := machine("n", "p", &shopOne)
	if at := TerminationDeadline(n, noon, time.Time{}); !at.IsZero() {
		t.Error(at)
	}
	hour := time.Hour
	n.TerminationGracePeriod = &hour
	if at := TerminationDeadline(n, noon, noon.Add(2*time.Hour)); !at.Equal(noon.Add(hour)) {
		t.Error(at)
	}
	if at := TerminationDeadline(n, noon, noon); !at.Equal(noon) {
		t.Error(at)
	}
}

// Rule 108.
func TestRule108Repair(t *testing.T) {
	sick := func(name string, since time.Duration, kind corev1.NodeConditionType, status corev1.ConditionStatus) *Node {
		n := machine(name, "p", &shopOne)
		n.Object.Status.Conditions = append(n.Object.Status.Conditions[:0], corev1.NodeCondition{Type: kind, Status: status, LastTransitionTime: metav1.NewTime(noon.Add(-since))})
		return n
	}
	s := &Snapshot{Now: noon, Nodes: []*Node{sick("ready-30", 30*time.Minute, corev1.NodeReady, corev1.ConditionFalse)}}
	for _, name := range []string{"a", "b", "c", "d"} {
		s.Nodes = append(s.Nodes, machine(name, "p", &shopOne))
	}
	v := Repair(s, AWSRepairPolicies())
	if len(v) != 1 || !v[0].Delete || v[0].Allowed != 1 {
		t.Fatal(v)
	}
	// A second sick node is one too many of five, but not of six.
	s.Nodes[1] = sick("gpu-9", 9*time.Minute, "AcceleratedHardwareReady", corev1.ConditionFalse)
	v = Repair(s, AWSRepairPolicies())
	if len(v) != 2 || v[0].Delete || !v[0].Next.Equal(noon.Add(5*time.Minute)) || !v[1].Next.Equal(noon.Add(time.Minute)) {
		t.Error(v)
	}
	s.Nodes = append(s.Nodes, machine("e", "p", &shopOne))
	if v = Repair(s, AWSRepairPolicies()); !v[0].Delete || v[0].Allowed != 2 {
		t.Error(v)
	}
}

// Rule 107.
func TestRule107Interruption(t *testing.T) {
	for _, c := range []struct {
		message string
		kind    InterruptionKind
		action  InterruptionAction
	}{
		{`{"source":"aws.ec2","detail-type":"EC2 Spot Instance Interruption Warning","detail":{"instance-id":"i-1","instance-action":"terminate"}}`,
			SpotInterruption, InterruptionAction{Delete: true, MarkUnavailable: true, Notify: true}},
		{`{"source":"aws.ec2","detail-type":"EC2 Instance Rebalance Recommendation","detail":{"instance-id":"i-1"}}`,
			RebalanceRecommendation, InterruptionAction{Notify: true}},
		{`{"source":"aws.ec2","detail-type":"EC2 Instance State-change Notification","detail":{"instance-id":"i-1","state":"stopped"}}`,
			InstanceStopping, InterruptionAction{Delete: true, Notify: true}},
		{`{"source":"aws.ec2","detail-type":"EC2 Instance State-change Notification","detail":{"instance-id":"i-1","state":"running"}}`,
			NoInterruption, InterruptionAction{}},
		{`{"source":"aws.health","detail-type":"AWS Health Event","detail":{"service":"EC2","eventTypeCategory":"scheduledChange","affectedEntities":[{"entityValue":"i-1"}]}}`,
			ScheduledChange, InterruptionAction{Delete: true, Notify: true}},
		{`{"source":"aws.s3","detail-type":"Object Created"}`, NoInterruption, InterruptionAction{}},
	} {
		m, err := ParseInterruption([]byte(c.message))
		if err != nil || m.Kind != c.kind || Interrupt(m.Kind) != c.action {
			t.Errorf("%s: %v %v %v", c.message, m, Interrupt(m.Kind), err)
		}
		if c.kind != NoInterruption && (len(m.Instances) != 1 || m.Instances[0] != "i-1") {
			t.Errorf("%s: %v", c.message, m.Instances)
		}
	}
	for _, kind := range []InterruptionKind{InstanceStatusFailed, SystemStatusFailed} {
		if a := Interrupt(kind); !a.Delete || !a.Force {
			t.Errorf("%s: %v", kind, a)
		}
	}
	for _, bad := range []string{``, `[]`, `{"source":"aws.ec2","detail-type":"EC2 Spot Instance Interruption Warning","detail":{}}`} {
		if _, err := ParseInterruption([]byte(bad)); err == nil {
			t.Errorf("%q is no error", bad)
		}
	}
}

func TestLiveness(t *testing.T) {
	for _, c := range []struct {
		p      ClaimProgress
		after  time.Duration
		delete bool
		reason string
	}{
		{ClaimProgress{}, 5*time.Minute - 1, false, "launch_timeout"},
		{ClaimProgress{}, 5 * time.Minute, true, "launch_timeout"},
		{ClaimProgress{Launched: true}, 15*time.Minute - 1, false, "registration_timeout"},
		{ClaimProgress{Launched: true}, 15 * time.Minute, true, "registration_timeout"},
		{ClaimProgress{Launched: true, Registered: true}, time.Hour, false, ""},
	} {
		c.p.LaunchSince, c.p.RegisterSince = noon, noon
		if v := Liveness(c.p, noon.Add(c.after)); v.Delete != c.delete || v.Reason != c.reason {
			t.Errorf("%+v after %v: %v", c.p, c.after, v)
		}
	}
}

func TestInitialization(t *testing.T) {
	n := machine("n", "p", &shopOne)
	gpus := corev1.ResourceList{"nvidia.com/gpu": resource.MustParse("1"), "example.com/none": resource.MustParse("0")}
	n.StartupTaints = []corev1.Taint{{Key: "cni", Effect: corev1.TaintEffectNoSchedule, Value: "x"}}
	n.Object.Spec.Taints = []corev1.Taint{{Key: "node.kubernetes.io/not-ready", Effect: corev1.TaintEffectNoSchedule}, {Key: "cni", Effect: corev1.TaintEffectNoSchedule}}
	n.Object.Status.Conditions[0].Status = corev1.ConditionFalse
	for _, c := range []struct {
		want   InitializationBlock
		remedy func()
	}{
		{NodeNotReady, func() { n.Object.Status.Conditions[0].Status = corev1.ConditionTrue }},
		{StartupTaintsExist, func() { n.Object.Spec.Taints = n.Object.Spec.Taints[:1] }},
		{KnownEphemeralTaintsExist, func() { n.Object.Spec.Taints = nil }},
		{ResourceNotRegistered, func() { n.Object.Status.Allocatable = gpus }},
		{"", func() {}},
	} {
		if i := Initialize(n, gpus); i.Block != c.want || i.Initialized != (c.want == "") {
			t.Errorf("want %s: %v", c.want, i)
		}
		c.remedy()
	}
}

// Rules 102 and 103.
func TestLaunchRetries(t *testing.T) {
	types := shop(1)
	ice := func(capacityType string) LaunchError {
		return LaunchError{InstanceType: types[0].Name, Zone: "a", CapacityType: capacityType, Capacity: true}
	}
	out := AfterLaunch([]LaunchError{ice("spot"), ice("on-demand")}, Unavailable{}, noon)
	if !out.Delete || len(out.Unavailable.Offerings) != 2 {
		t.Fatal(out)
	}
	if mixed := AfterLaunch([]LaunchError{ice("spot"), {Message: "throttled"}}, Unavailable{}, noon); mixed.Delete || len(mixed.Unavailable.Offerings) != 1 {
		t.Error(mixed)
	}
	count := func(list []*cloudprovider.InstanceType) (n int) {
		for _, it := range list {
			for _, o := range it.Offerings {
				if o.Unavailable {
					n++
				}
			}
		}
		return n
	}
	marked := out.Unavailable.Mark(types, noon.Add(UnavailableTTL-1))
	if count(marked) != 2 || count(types) != 0 || marked[1] != types[1] {
		t.Errorf("%d marked, %d of the original", count(marked), count(types))
	}
	if n := count(out.Unavailable.Mark(types, noon.Add(UnavailableTTL))); n != 0 {
		t.Errorf("%d marked after the time to live", n)
	}
	if u := out.Unavailable.Expire(noon.Add(UnavailableTTL)); len(u.Offerings) != 0 {
		t.Error(u)
	}
	text, err := json.Marshal(out.Unavailable)
	var read Unavailable
	if err != nil || json.Unmarshal(text, &read) != nil || !slices.Equal(read.Offerings, out.Unavailable.Offerings) {
		t.Errorf("%s %v", text, err)
	}
	all := Unavailable{}.Fail("", "", "spot", noon, time.Hour)
	if n := count(all.Mark(types, noon)); n != 2*len(types) {
		t.Errorf("all spot: %d", n)
	}
	again := out.Unavailable.Fail(types[0].Name, "a", "spot", noon.Add(time.Minute), 0)
	if len(again.Offerings) != 2 || !again.Next(noon).Equal(noon.Add(UnavailableTTL)) || !out.Unavailable.Offerings[1].Until.Equal(noon.Add(UnavailableTTL)) {
		t.Error(again, out.Unavailable)
	}
}
