package aws_test

import (
	"fmt"
	"time"

	"github.com/scalemath/scalemath/clusterautoscaler/aws"
)

func ExampleParseGroupSpec() {
	spec, err := aws.ParseGroupSpec("1:10:workers")
	fmt.Println(spec.Min, spec.Max, spec.Name, err)
	_, err = aws.ParseGroupSpec("5:3:workers")
	fmt.Println(err)
	// Output:
	// 1 10 workers <nil>
	// invalid input: nodes: "5:3:workers": max: 3 is below min 5
}

func ExampleParseDiscovery() {
	found, err := aws.ParseDiscovery("asg:tag=k8s.io/cluster-autoscaler/enabled,team=blue", "asg:tag=env=prod")
	fmt.Println(found, err)
	fmt.Println(found.Matches([]aws.Tag{{Key: "k8s.io/cluster-autoscaler/enabled"}, {Key: "team", Value: "blue"}}))
	// Output:
	// asg:tag=env=prod,k8s.io/cluster-autoscaler/enabled,team=blue <nil>
	// false
}

func ExampleSelect() {
	groups := []aws.Group{
		{AutoScalingGroupName: "a", MinSize: 1, MaxSize: 9, Tags: []aws.Tag{{Key: "managed"}}},
		{AutoScalingGroupName: "b", MinSize: 1, MaxSize: 9, Tags: []aws.Tag{{Key: "managed"}}},
	}
	for _, m := range aws.Select(groups, []aws.GroupSpec{{Min: 2, Max: 4, Name: "b"}}, aws.Discovery{"managed": ""}) {
		fmt.Println(m.AutoScalingGroupName, m.MinSize, m.MaxSize, m.Explicit)
	}
	// Output:
	// b 2 4 true
	// a 1 9 false
}

func ExampleOptionsFromTags() {
	options, ignored := aws.OptionsFromTags([]aws.Tag{
		{Key: aws.TagOption + aws.OptionUnneededTime, Value: "5m30s"},
		{Key: aws.TagOption + aws.OptionUtilizationThreshold, Value: "most"},
	})
	fmt.Println(*options.UnneededTime, options.UtilizationThreshold == nil)
	fmt.Println(ignored[0].Value, "-", ignored[0].Why)
	// Output:
	// 5m30s true
	// most - its value is no number
}

func ExampleTemplateFor() {
	catalog := aws.Catalog{"g5.xlarge": {InstanceType: "g5.xlarge", VCPU: 4, MemoryMb: 16384, GPU: 1, Architecture: "amd64"}}
	template, err := aws.TemplateFor(&aws.Group{
		AutoScalingGroupName: "gpu",
		AvailabilityZones:    []string{"eu-west-1a"},
		LaunchTemplate:       &aws.LaunchTemplate{InstanceType: "g5.xlarge"},
		Tags: []aws.Tag{
			{Key: aws.TagTaint + "nvidia.com/gpu", Value: "true:NoSchedule"},
			{Key: aws.TagResource + "ephemeral-storage", Value: "50Gi"},
		},
	}, catalog)
	if err != nil {
		fmt.Println(err)
		return
	}
	node := template.Node
	fmt.Println(node.Labels["topology.kubernetes.io/region"], node.Spec.Taints[0].ToString())
	gpus, storage := node.Status.Allocatable["nvidia.com/gpu"], node.Status.Allocatable["ephemeral-storage"]
	fmt.Println(gpus.String(), storage.String(), template.From)
	// Output:
	// eu-west-1 nvidia.com/gpu=true:NoSchedule
	// 1 50Gi launch template
}

func ExampleResolve() {
	group := aws.Group{AutoScalingGroupName: "any", MixedInstancesPolicy: &aws.MixedInstancesPolicy{
		LaunchTemplate: &aws.LaunchTemplate{ImageArchitecture: "arm64"},
		Overrides:      []aws.Override{{InstanceRequirements: &aws.InstanceRequirements{}}},
	}}
	first, _ := aws.Resolve(&group)
	fmt.Println("ask for", first.Ask.ArchitectureType)
	group.MixedInstancesPolicy.LaunchTemplate.MatchingTypes = []string{"m7g.large"}
	second, _ := aws.Resolve(&group)
	fmt.Println(second.InstanceType, "by", second.From)
	// Output:
	// ask for arm64
	// m7g.large by requirements
}

func ExampleMachines() {
	group := aws.Group{
		AutoScalingGroupName: "spot", DesiredCapacity: 2, AvailabilityZones: []string{"eu-west-1a"},
		Instances: []aws.Instance{{InstanceId: "i-1", AvailabilityZone: "eu-west-1b"}},
	}
	resize := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for _, m := range aws.Machines(&group, aws.History{LastResize: resize, Activities: []aws.Activity{
		{StartTime: resize.Add(time.Minute), StatusCode: "Failed", StatusMessage: "no capacity"},
	}}) {
		fmt.Printf("%s %q\n", m.ID, m.Message)
	}
	// Output:
	// aws:///eu-west-1b/i-1 ""
	// aws:///eu-west-1a/i-placeholder-spot-1 "no capacity"
}

func ExampleDelete() {
	group := aws.Group{
		AutoScalingGroupName: "spot", MinSize: 1, DesiredCapacity: 3, AvailabilityZones: []string{"eu-west-1a"},
		Instances: []aws.Instance{{InstanceId: "i-1", AvailabilityZone: "eu-west-1a"}, {InstanceId: "i-2", AvailabilityZone: "eu-west-1a"}},
	}
	d, err := aws.Delete(&group, []string{"aws:///eu-west-1a/i-placeholder-spot-2", "aws:///eu-west-1a/i-2"})
	fmt.Println("set", *d.SetDesired, "then terminate", d.Terminate, "leaves", d.Desired, err)
	// Output:
	// set 2 then terminate [i-2] leaves 1 <nil>
}

func ExampleIncrease() {
	size, err := aws.Increase(&aws.Group{AutoScalingGroupName: "spot", DesiredCapacity: 3, MaxSize: 5}, 2)
	fmt.Println(size, err)
	_, err = aws.Increase(&aws.Group{AutoScalingGroupName: "spot", DesiredCapacity: 3, MaxSize: 5}, 3)
	fmt.Println(err)
	// Output:
	// 5 <nil>
	// invalid input: group spot: refused: desired 3 and 3 more are above its maximum 5
}
