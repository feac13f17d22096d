package aws

import (
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/clusterautoscaler"
)

const (
	gpu        = corev1.ResourceName("nvidia.com/gpu")
	zoneOfEBS  = "topology.ebs.csi.aws.com/zone"
	podsOfNode = 110
)

// Template is what a new node of a group would be like, and where that comes from.
type Template struct {
	clusterautoscaler.Template
	InstanceType string    // whose facts it has
	From         string    // where the type comes from: launch configuration, launch template, override, or requirements
	Ignored      []Ignored // tags of labels, taints and resources without effect
}

// TemplateFor is what a new node of a group would be like, as upstream has it (A16 to A25).
//
// It fails with [ErrNoZone] or [ErrUnknownType] where no node can be imagined, and where [Resolve] leaves a question to
// be asked first.
func TemplateFor(g *Group, c Catalog) (*Template, error) { return Profile{}.TemplateFor(g, c) }

// TemplateFor is [TemplateFor] without the defects that the profile leaves out.
func (p Profile) TemplateFor(g *Group, c Catalog) (*Template, error) {
	if len(g.AvailabilityZones) == 0 || g.AvailabilityZones[0] == "" {
		return nil, fmt.Errorf("%w: group %s: availabilityZones: %w", ErrInvalid, g.AutoScalingGroupName, ErrNoZone)
	}
	found, err := Resolve(g)
	if err != nil {
		return nil, err
	}
	if found.Ask != nil {
		return nil, fmt.Errorf("%w: group %s: launchTemplate.matchingTypes: no answer yet to its requirements", ErrInvalid, g.AutoScalingGroupName)
	}
	facts, ok := c[found.InstanceType]
	if !ok {
		return nil, fmt.Errorf("%w: group %s: instanceType %q: %w", ErrInvalid, g.AutoScalingGroupName, found.InstanceType, ErrUnknownType)
	}
	t := &Template{InstanceType: facts.InstanceType, From: found.From}
	t.Node = &corev1.Node{}
	t.Node.Name = g.AutoScalingGroupName + "-template"
	t.Node.Labels = p.labels(g, facts, t.Node.Name)
	t.Node.Status.Capacity, t.Ignored = p.capacity(g, facts)
	var ignored []Ignored
	t.Node.Spec.Taints, ignored = p.TaintsFromTags(g.Tags)
	t.Ignored = append(t.Ignored, ignored...)
	if err := p.applyManaged(g, t); err != nil {
		return nil, err
	}
	t.Node.Status.Allocatable = maps.Clone(t.Node.Status.Capacity) // A19: nothing is kept for the kubelet
	t.Node.Status.Conditions = readyConditions()
	t.Pods = []*corev1.Pod{kubeProxy(t.Node.Name)}
	return t, nil
}

// capacity is A17, A18 and A21, in upstream's order: facts, requirements, tags.
func (p Profile) capacity(g *Group, facts InstanceType) (corev1.ResourceList, []Ignored) {
	c := corev1.ResourceList{
		corev1.ResourcePods:   *resource.NewQuantity(podsOfNode, resource.DecimalSI),
		corev1.ResourceCPU:    *resource.NewQuantity(facts.VCPU, resource.DecimalSI),
		corev1.ResourceMemory: *resource.NewQuantity(facts.MemoryMb*1024*1024, resource.DecimalSI),
		gpu:                   *resource.NewQuantity(facts.GPU, resource.DecimalSI), // A17: of whatever maker, and also 0
	}
	if r := g.MixedInstancesPolicy.requirements(); r != nil {
		if least, ok := r.VCpuCount.min(); ok {
			c[corev1.ResourceCPU] = *resource.NewQuantity(int64(least), resource.DecimalSI)
		}
		if least, ok := r.MemoryMiB.min(); ok {
			c[corev1.ResourceMemory] = *resource.NewQuantity(p.bytes(least), resource.DecimalSI)
		}
		if least, ok := r.AcceleratorCount.min(); ok && slices.Contains(r.AcceleratorManufacturers, "nvidia") && slices.Contains(r.AcceleratorTypes, "gpu") {
			c[gpu] = *resource.NewQuantity(int64(least), resource.DecimalSI)
		}
	}
	tagged, ignored := p.ResourcesFromTags(g.Tags)
	maps.Copy(c, tagged)
	return c, ignored
}

// bytes is a requirement's memory. The release multiplies in 32 bits.
func (p Profile) bytes(mib int32) int64 {
	if p.WideMemory {
		return int64(mib) << 20
	}
	return int64(mib << 20)
}

func (r *Range) min() (int32, bool) {
	if r == nil || r.Min == nil {
		return 0, false
	}
	return *r.Min, true
}

func (p Profile) labels(g *Group, facts InstanceType, name string) map[string]string {
	zone := g.AvailabilityZones[0]
	labels := map[string]string{
		corev1.LabelArchStable: facts.Architecture, corev1.LabelOSStable: "linux", corev1.LabelInstanceTypeStable: facts.InstanceType,
		corev1.LabelTopologyRegion: p.Region(zone), corev1.LabelTopologyZone: zone, zoneOfEBS: zone, corev1.LabelHostname: name,
	}
	maps.Copy(labels, p.LabelsFromTags(g.Tags))
	return labels
}

// Region is the region of a zone: the zone without its last character, which is wrong for local zones (A16).
func (p Profile) Region(zone string) string {
	if zone == "" {
		return ""
	}
	if !p.RegionOfLocalZones {
		return zone[:len(zone)-1]
	}
	// A region ends in the first number that follows a dash: us-west-2 of us-west-2-lax-1a.
	for i := 1; i < len(zone); i++ {
		if zone[i-1] != '-' || !digit(zone[i]) {
			continue
		}
		for i < len(zone) && digit(zone[i]) {
			i++
		}
		return zone[:i]
	}
	return zone[:len(zone)-1]
}

func digit(b byte) bool { return '0' <= b && b <= '9' }

// readyConditions are those of a node that works. Their times are left empty, so that nothing depends on a clock.
func readyConditions() []corev1.NodeCondition {
	return []corev1.NodeCondition{
		{Type: corev1.NodeReady, Status: corev1.ConditionTrue},
		{Type: corev1.NodeNetworkUnavailable, Status: corev1.ConditionFalse},
		{Type: corev1.NodeDiskPressure, Status: corev1.ConditionFalse},
		{Type: corev1.NodeMemoryPressure, Status: corev1.ConditionFalse},
	}
}

// kubeProxy is the one pod that every node of the provider is given (A25).
func kubeProxy(node string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: "kube-proxy-" + node, Namespace: metav1.NamespaceSystem,
			Labels:      map[string]string{"component": "kube-proxy"},
			Annotations: map[string]string{corev1.MirrorPodAnnotationKey: "1", "kubernetes.io/config.source": "file"},
		},
		Spec: corev1.PodSpec{NodeName: node, Containers: []corev1.Container{{
			Name: "kube-proxy", Image: "kube-proxy",
			Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("100m")}},
		}}},
		Status: corev1.PodStatus{Phase: corev1.PodRunning},
	}
}

// NodeGroup is what package clusterautoscaler wants to know of a group: bounds, size, machines, template and options. A
// template that is nil is left out. Where the scaling activities of the group are known, replace Instances by those that
// [Machines] gives for them.
func NodeGroup(g *Group, t *Template) clusterautoscaler.NodeGroup {
	out := clusterautoscaler.NodeGroup{ID: g.AutoScalingGroupName, Min: g.MinSize, Max: g.MaxSize, Target: g.DesiredCapacity}
	out.Options, _ = OptionsFromTags(g.Tags)
	if t != nil {
		out.Template = &t.Template
	}
	for _, m := range Machines(g, History{}) {
		out.Instances = append(out.Instances, m.Instance())
	}
	return out
}
