package aws_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/clusterautoscaler"
	"github.com/scalemath/scalemath/clusterautoscaler/aws"
)

func TestA1SpecsThatMakeNoSense(t *testing.T) {
	for _, text := range []string{"", "1", "1:2", "a:2:g", "1:b:g", "-1:2:g", "3:2:g", "1:2:"} {
		if s, err := aws.ParseGroupSpec(text); !errors.Is(err, aws.ErrInvalid) || !strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v, %v", text, s, err)
		}
	}
	if s, err := aws.ParseGroupSpec("0:0:a:b"); err != nil || s.Name != "a:b" || s.String() != "0:0:a:b" {
		t.Errorf("a name with a colon: %v, %v", s, err)
	}
}

func TestA2DiscoveryThatMakesNoSense(t *testing.T) {
	for _, text := range []string{"", "asg", "mig:tag=a", "asg:label=a", "asg:tag", "asg:tag=", "asg:tag=a,,b", "asg:tag==v"} {
		if d, err := aws.ParseDiscovery(text); !errors.Is(err, aws.ErrInvalid) {
			t.Errorf("%q: %v, %v", text, d, err)
		}
	}
	d, err := aws.ParseDiscovery("asg:tag=a=1,b", "asg:tag=a=2=3")
	if err != nil || d["a"] != "2=3" || len(d) != 2 {
		t.Errorf("of a key given twice the last counts, and a value may hold an equals sign: %v, %v", d, err)
	}
}

func TestA3DiscoveryNeedsEveryTag(t *testing.T) {
	tags := []aws.Tag{{Key: "a", Value: "1"}, {Key: "b", Value: "2"}}
	for _, c := range []struct {
		d    aws.Discovery
		want bool
	}{
		{nil, false}, {aws.Discovery{"a": ""}, true}, {aws.Discovery{"a": "1", "b": ""}, true},
		{aws.Discovery{"a": "2"}, false}, {aws.Discovery{"a": "", "c": ""}, false},
	} {
		if got := c.d.Matches(tags); got != c.want {
			t.Errorf("%v: %v", c.d, got)
		}
	}
}

func TestA4ExplicitGroupsStay(t *testing.T) {
	got := aws.Select(nil, []aws.GroupSpec{{Min: 1, Max: 2, Name: "gone"}}, aws.Discovery{"x": ""})
	if len(got) != 1 || !got[0].Unavailable || got[0].AutoScalingGroupName != "gone" || got[0].MaxSize != 2 {
		t.Errorf("%+v", got)
	}
}

func TestA6ProviderIDs(t *testing.T) {
	for _, id := range []string{"", "aws:///", "aws:///z/", "aws:///z", "gce:///z/i", "aws:///z/i/x"} {
		if _, _, err := aws.ParseProviderID(id); !errors.Is(err, aws.ErrInvalid) {
			t.Errorf("%q is valid", id)
		}
	}
	if zone, i, err := aws.ParseProviderID(aws.ProviderID("eu-west-1a", "i-1")); zone != "eu-west-1a" || i != "i-1" || err != nil {
		t.Error(zone, i, err)
	}
}

func TestA9AnyFailureCountsAfterARestart(t *testing.T) {
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	g := &aws.Group{AutoScalingGroupName: "g", DesiredCapacity: 1, AvailabilityZones: []string{"z"}}
	failed := []aws.Activity{{StartTime: at, StatusCode: "Successful"}, {StartTime: at.Add(-time.Hour), StatusCode: "Failed"}}
	for _, c := range []struct {
		name string
		h    aws.History
		want bool
	}{
		{"nothing known", aws.History{}, false},
		{"after a restart", aws.History{Activities: failed}, true},
		{"our own resize is newer", aws.History{Activities: failed, LastResize: at.Add(-time.Minute)}, false},
		{"our own resize is older", aws.History{Activities: failed, LastResize: at.Add(-2 * time.Hour)}, true},
	} {
		m := aws.Machines(g, c.h)
		if i := m[0].Instance(); m[0].Unfulfillable != c.want || i.OutOfResources != c.want || (i.State == clusterautoscaler.InstanceCreating) != c.want {
			t.Errorf("%s: %+v", c.name, m)
		}
	}
}

func TestA11Presence(t *testing.T) {
	ids := map[string]bool{"aws:///z/i-1": true}
	for _, c := range []struct {
		node aws.Presence
		n    corev1.Node
	}{
		{aws.Unknown, corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "fargate-1"}}},
		{aws.Absent, corev1.Node{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{aws.AnnotationEnabled: "false"}}, Spec: corev1.NodeSpec{ProviderID: "aws:///z/i-1"}}},
		{aws.Present, corev1.Node{Spec: corev1.NodeSpec{ProviderID: "aws:///z/i-1"}}},
		{aws.Absent, corev1.Node{Spec: corev1.NodeSpec{ProviderID: "aws:///z/i-2"}}},
	} {
		if got := aws.PresenceOf(&c.n, ids); got != c.node {
			t.Errorf("%s %s: %s, want %s", c.n.Name, c.n.Spec.ProviderID, got, c.node)
		}
	}
}

func TestA12ToA14Refusals(t *testing.T) {
	g := &aws.Group{AutoScalingGroupName: "g", MinSize: 1, MaxSize: 3, DesiredCapacity: 2, AvailabilityZones: []string{"z"}, Instances: []aws.Instance{
		{InstanceId: "i-1", AvailabilityZone: "z", LifecycleState: "Terminating:Wait"}, {InstanceId: "i-2", AvailabilityZone: "z"}}}
	refused := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, aws.ErrRefused) || !errors.Is(err, aws.ErrInvalid) || !strings.Contains(err.Error(), "group g") {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := aws.Increase(g, 0)
	refused("an increase by nothing", err)
	_, err = aws.Increase(g, 2)
	refused("beyond the maximum", err)
	_, err = aws.DecreaseTarget(g, 2, 1)
	refused("a decrease that grows", err)
	_, err = aws.DecreaseTarget(g, 2, -1)
	refused("fewer than machines", err)
	if size, err := aws.DecreaseTarget(g, 1, -1); size != 1 || err != nil {
		t.Error("an increase that is not listed yet can be given up:", size, err)
	}
	_, err = aws.Delete(g, []string{"aws:///z/other"})
	refused("a machine of another group", err)
	d, err := aws.Delete(g, []string{"aws:///z/i-1", "aws:///z/i-2"})
	if err != nil || len(d.Skipped) != 1 || len(d.Terminate) != 1 || d.Desired != 1 || d.SetDesired != nil {
		t.Errorf("%+v, %v", d, err)
	}
	g.DesiredCapacity = 1
	_, err = aws.Delete(g, []string{"aws:///z/i-2"})
	refused("at the minimum", err)
}

func TestA5Refresh(t *testing.T) {
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	if aws.RefreshDue(at, at.Add(59*time.Second), false) || !aws.RefreshDue(at, at.Add(time.Minute), false) || !aws.RefreshDue(at, at, true) {
		t.Error("once a minute, and at once after a deletion")
	}
}

func TestA16Regions(t *testing.T) {
	for _, c := range [][3]string{
		{"eu-west-1a", "eu-west-1", "eu-west-1"},
		{"us-west-2-lax-1a", "us-west-2-lax-1", "us-west-2"},
		{"us-gov-east-1b", "us-gov-east-1", "us-gov-east-1"},
		{"x", "", ""}, {"", "", ""},
	} {
		if got, fixed := (aws.Profile{}).Region(c[0]), aws.Fixed().Region(c[0]); got != c[1] || fixed != c[2] {
			t.Errorf("%s: %q and %q", c[0], got, fixed)
		}
	}
}

// TestProfileSwitches shows the defects that the switches leave out: A18, A21, A24.
func TestProfileSwitches(t *testing.T) {
	least := int32(3072)
	g := &aws.Group{AutoScalingGroupName: "g", AvailabilityZones: []string{"eu-west-1a"}, MixedInstancesPolicy: &aws.MixedInstancesPolicy{
		LaunchTemplate: &aws.LaunchTemplate{InstanceRequirements: &aws.InstanceRequirements{MemoryMiB: &aws.Range{Min: &least}}, MatchingTypes: []string{"t"}},
	}, Tags: []aws.Tag{
		{Key: "x-" + aws.TagLabel + "odd", Value: "1"}, {Key: aws.TagTaint + "a", Value: "b:c:NoScheduleX"}, {Key: "x" + aws.TagResource + "r", Value: "1"},
	}}
	catalog := aws.Catalog{"t": {InstanceType: "t", VCPU: 1, MemoryMb: 1, Architecture: "arm64"}}
	is, err := aws.TemplateFor(g, catalog)
	if err != nil {
		t.Fatal(err)
	}
	fixed, err := aws.Fixed().TemplateFor(g, catalog)
	if err != nil {
		t.Fatal(err)
	}
	if m := is.Node.Status.Capacity.Memory().Value(); m != math.MinInt32/2 {
		t.Errorf("memory %d", m)
	}
	if m := fixed.Node.Status.Capacity.Memory().Value(); m != 3<<30 {
		t.Errorf("fixed memory %d", m)
	}
	if is.Node.Labels["odd"] != "1" || fixed.Node.Labels["odd"] != "" {
		t.Error("labels", is.Node.Labels, fixed.Node.Labels)
	}
	if len(is.Node.Spec.Taints) != 1 || is.Node.Spec.Taints[0].Effect != "c:NoScheduleX" || len(fixed.Node.Spec.Taints) != 0 || len(fixed.Ignored) != 1 {
		t.Error("taints", is.Node.Spec.Taints, fixed.Node.Spec.Taints, fixed.Ignored)
	}
	if _, ok := fixed.Node.Status.Capacity["r"]; ok || is.Node.Status.Capacity["r"] != is.Node.Status.Allocatable["r"] {
		t.Error("resources", is.Node.Status.Capacity, fixed.Node.Status.Capacity)
	}
}

func TestA20WhichType(t *testing.T) {
	requirements := &aws.InstanceRequirements{}
	template := func(name string) *aws.LaunchTemplate { return &aws.LaunchTemplate{InstanceType: name} }
	for _, c := range []struct {
		name       string
		g          aws.Group
		want, from string
	}{
		{"launch configuration wins", aws.Group{LaunchConfiguration: &aws.LaunchConfiguration{InstanceType: "a"}, LaunchTemplate: template("b")}, "a", "launch configuration"},
		{"launch template", aws.Group{LaunchTemplate: template("b"), MixedInstancesPolicy: &aws.MixedInstancesPolicy{LaunchTemplate: template("c")}}, "b", "launch template"},
		{"first override", aws.Group{MixedInstancesPolicy: &aws.MixedInstancesPolicy{LaunchTemplate: template("c"), Overrides: []aws.Override{{InstanceType: "d"}, {InstanceType: "e"}}}}, "d", "override"},
		{"the policy's template", aws.Group{MixedInstancesPolicy: &aws.MixedInstancesPolicy{LaunchTemplate: template("c")}}, "c", "launch template"},
		{"requirements", aws.Group{LaunchTemplate: &aws.LaunchTemplate{InstanceRequirements: requirements, MatchingTypes: []string{"f", "g"}}}, "f", "requirements"},
	} {
		if r, err := aws.Resolve(&c.g); err != nil || r.InstanceType != c.want || r.From != c.from {
			t.Errorf("%s: %+v, %v", c.name, r, err)
		}
	}
	for _, g := range []aws.Group{{}, {LaunchTemplate: template("")}, {MixedInstancesPolicy: &aws.MixedInstancesPolicy{}}} {
		if r, err := aws.Resolve(&g); !errors.Is(err, aws.ErrInvalid) {
			t.Errorf("%+v", r)
		}
	}
}

func TestA22NoTemplate(t *testing.T) {
	g := &aws.Group{AutoScalingGroupName: "g", LaunchTemplate: &aws.LaunchTemplate{InstanceType: "no.such"}}
	if _, err := aws.TemplateFor(g, nil); !errors.Is(err, aws.ErrNoZone) || !errors.Is(err, aws.ErrInvalid) {
		t.Error(err)
	}
	g.AvailabilityZones = []string{"eu-west-1a"}
	if _, err := aws.TemplateFor(g, nil); !errors.Is(err, aws.ErrUnknownType) || !strings.Contains(err.Error(), "no.such") {
		t.Error(err)
	}
	g.LaunchTemplate = &aws.LaunchTemplate{InstanceRequirements: &aws.InstanceRequirements{}}
	if _, err := aws.TemplateFor(g, nil); !errors.Is(err, aws.ErrInvalid) {
		t.Error(err)
	}
}

func TestA25ManagedNodeGroup(t *testing.T) {
	disk := int32(20)
	g := &aws.Group{AutoScalingGroupName: "g", AvailabilityZones: []string{"eu-west-1a"}, LaunchTemplate: &aws.LaunchTemplate{InstanceType: "t"},
		Tags: []aws.Tag{{Key: "eks:nodegroup-name", Value: "ng"}, {Key: "eks:cluster-name", Value: "c"}, {Key: aws.TagTaint + "a", Value: "b:NoExecute"}, {Key: aws.TagLabel + "team", Value: "blue"}},
		ManagedNodegroup: &aws.ManagedNodegroup{NodegroupName: "ng", CapacityType: "SPOT", DiskSize: &disk, Labels: map[string]string{"team": "red"},
			Taints: []aws.NodegroupTaint{{Key: "x", Value: "y", Effect: "PREFER_NO_SCHEDULE"}}, Tags: map[string]string{aws.TagResource + "cpu": "3"}},
	}
	catalog := aws.Catalog{"t": {InstanceType: "t", VCPU: 1, MemoryMb: 1, Architecture: "arm64"}}
	tmpl, err := aws.TemplateFor(g, catalog)
	if err != nil {
		t.Fatal(err)
	}
	l := tmpl.Node.Labels
	if l["team"] != "red" || l["diskSize"] != "20" || l["eks.amazonaws.com/capacityType"] != "SPOT" || l["eks.amazonaws.com/nodegroup"] != "ng" {
		t.Error(l)
	}
	if taints := tmpl.Node.Spec.Taints; len(taints) != 2 || taints[1].Effect != corev1.TaintEffectPreferNoSchedule {
		t.Error(taints)
	}
	if c := tmpl.Node.Status.Allocatable.Cpu().Value(); c != 3 {
		t.Error(c)
	}
	g.ManagedNodegroup.Taints[0].Effect = "NEVER"
	if _, err := aws.TemplateFor(g, catalog); !errors.Is(err, aws.ErrInvalid) || !strings.Contains(err.Error(), "NEVER") {
		t.Error(err)
	}
	g.Tags = nil // nothing names the node group, so it does not count
	if tmpl, err := aws.TemplateFor(g, catalog); err != nil || len(tmpl.Node.Spec.Taints) != 0 {
		t.Error(err)
	}
}

func TestA28StaticList(t *testing.T) {
	got := aws.Merge(aws.Catalog{"a": {VCPU: 1}}, aws.Catalog{"a": {VCPU: 2}, "b": {VCPU: 3}})
	if got["a"].VCPU != 1 || got["b"].VCPU != 3 || len(aws.Merge(nil, nil)) != 0 {
		t.Error(got)
	}
	for ec2, want := range map[string]string{"i386": "amd64", "x86_64": "amd64", "x86_64_mac": "amd64", "arm64": "arm64"} {
		if got := aws.Architecture(ec2); got != want {
			t.Errorf("%s: %s", ec2, got)
		}
	}
}

func TestNodeGroupTellsTheLoop(t *testing.T) {
	g := &aws.Group{AutoScalingGroupName: "g", MinSize: 1, MaxSize: 5, DesiredCapacity: 3, AvailabilityZones: []string{"z"}, Instances: []aws.Instance{{InstanceId: "i-1", AvailabilityZone: "z"}},
		Tags: []aws.Tag{{Key: aws.TagOption + aws.OptionIgnoreDaemonSets, Value: "true"}}}
	n := aws.NodeGroup(g, nil)
	if n.ID != "g" || n.Min != 1 || n.Max != 5 || n.Target != 3 || len(n.Instances) != 3 || n.Template != nil || !*n.Options.IgnoreDaemonSets {
		t.Errorf("%+v", n)
	}
	if err := clusterautoscaler.Validate(clusterautoscaler.DefaultOptions(), clusterautoscaler.Input{Groups: []clusterautoscaler.NodeGroup{n}}); err != nil {
		t.Error(err)
	}
}

func FuzzTags(f *testing.F) {
	f.Add(aws.TagLabel+"a", "b", aws.TagTaint+"c", "d:NoSchedule")
	f.Add(aws.TagResource+"cpu", "1", aws.TagOption+aws.OptionUnneededTime, "1m")
	f.Add("x"+aws.TagLabel+aws.TagLabel, "", "eks:", ":NoExecute")
	f.Fuzz(func(t *testing.T, k1, v1, k2, v2 string) {
		tags := []aws.Tag{{Key: k1, Value: v1}, {Key: k2, Value: v2}}
		for _, p := range []aws.Profile{{}, aws.Fixed()} {
			if _, bad := p.LabelsFromTags(tags)[""]; bad {
				t.Error("a label without a name")
			}
			resources, _ := p.ResourcesFromTags(tags)
			if _, bad := resources[""]; bad {
				t.Error("a resource without a name")
			}
			taints, _ := p.TaintsFromTags(tags)
			for _, taint := range taints {
				if taint.Effect == "" {
					t.Error("a taint without an effect")
				}
			}
		}
		if _, ignored := aws.OptionsFromTags(tags); len(ignored) > 2 {
			t.Error(ignored)
		}
	})
}

func FuzzSpecs(f *testing.F) {
	f.Add("1:2:g", "asg:tag=a=b,c")
	f.Add("-1:2:g:h", "asg:tag==")
	f.Fuzz(func(t *testing.T, group, discovery string) {
		if s, err := aws.ParseGroupSpec(group); err == nil {
			if again, err := aws.ParseGroupSpec(s.String()); err != nil || again != s {
				t.Errorf("%q reads back as %v, %v", group, again, err)
			}
		}
		if d, err := aws.ParseDiscovery(discovery); err == nil {
			if again, err := aws.ParseDiscovery(d.String()); err != nil || again.String() != d.String() {
				t.Errorf("%q reads back as %v, %v", discovery, again, err)
			}
		}
		aws.ParseProviderID(group)
	})
}
