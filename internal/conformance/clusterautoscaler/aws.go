package clusterautoscaler

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/clusterautoscaler/aws"
	"github.com/scalemath/scalemath/internal/conformance"
)

var awsKind = conformance.Kind{Name: "aws", Answer: answerAWS, Compare: conformance.Comparison{
	Fields:  []string{"kind", "id", "result", "node", "error"},
	Present: []string{"error"},
	Sets:    []string{"node.status.conditions"},
	Adjust: func(_, want, got map[string]any) {
		for _, answer := range []map[string]any{want, got} {
			dropClock(answer)
		}
	},
}}

// dropClock leaves out what the recording took from the wall clock, and the empty objects that API types print.
func dropClock(answer map[string]any) {
	node, _ := answer["node"].(map[string]any)
	status, _ := node["status"].(map[string]any)
	delete(status, "nodeInfo")
	delete(status, "daemonEndpoints")
	conditions, _ := status["conditions"].([]any)
	for _, c := range conditions {
		if c, ok := c.(map[string]any); ok {
			delete(c, "lastTransitionTime")
		}
	}
}

func answerAWS(line []byte) (conformance.Answer, error) {
	var q head
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	switch q.Kind {
	case "awsTemplate":
		return answerAWSTemplate(line)
	case "awsOptions":
		return answerAWSOptions(line)
	}
	return conformance.Answer{}, fmt.Errorf("kind: %q is neither awsTemplate nor awsOptions", q.Kind)
}

func answerAWSTemplate(line []byte) (conformance.Answer, error) {
	var q struct {
		head
		InstanceType string                    `json:"instanceType"`
		Instance     *aws.InstanceType         `json:"instance"`
		Zones        []string                  `json:"zones"`
		Tags         map[string]string         `json:"tags"`
		TagOrder     []string                  `json:"tagOrder"`
		Requirements *aws.InstanceRequirements `json:"requirements"`
		Overrides    []string                  `json:"overrides"`
	}
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	group := aws.Group{AutoScalingGroupName: "asg", AvailabilityZones: q.Zones, Tags: ordered(q.Tags, q.TagOrder)}
	catalog := aws.Catalog{}
	if q.Instance != nil {
		for _, name := range append(q.Overrides, q.InstanceType) {
			catalog[name] = *q.Instance // the facts are those of the type that the group resolved to
		}
	}
	policy := &aws.MixedInstancesPolicy{LaunchTemplate: &aws.LaunchTemplate{InstanceType: q.InstanceType}}
	if group.MixedInstancesPolicy = policy; q.Requirements != nil {
		policy.LaunchTemplate = &aws.LaunchTemplate{InstanceRequirements: q.Requirements, MatchingTypes: []string{q.InstanceType}}
	}
	for _, o := range q.Overrides {
		policy.Overrides = append(policy.Overrides, aws.Override{InstanceType: o})
	}
	type answer struct {
		head
		Node  *corev1.Node `json:"node,omitempty"`
		Error string       `json:"error,omitempty"`
	}
	t, err := aws.TemplateFor(&group, catalog)
	if err != nil {
		return conformance.Answer{Line: answer{head: q.head, Error: err.Error()}}, nil
	}
	t.Node.Name, t.Node.Labels[corev1.LabelHostname] = "", "" // blanked in the record
	return conformance.Answer{Line: answer{head: q.head, Node: t.Node}}, nil
}

// ordered are tags in the order of the API: those that it names, then the rest by name.
func ordered(tags map[string]string, order []string) []aws.Tag {
	left := maps.Clone(tags)
	out := make([]aws.Tag, 0, len(tags))
	for _, key := range order {
		if value, ok := left[key]; ok {
			out = append(out, aws.Tag{Key: key, Value: value})
			delete(left, key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(left)) {
		out = append(out, aws.Tag{Key: key, Value: left[key]})
	}
	return out
}

func answerAWSOptions(line []byte) (conformance.Answer, error) {
	var q struct {
		head
		Tags map[string]string `json:"tags"`
	}
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	o, _ := aws.OptionsFromTags(ordered(q.Tags, nil))
	type result struct {
		ScaleDownUtilizationThreshold    any
		ScaleDownGpuUtilizationThreshold any
		ScaleDownUnneededTime            time.Duration
		ScaleDownUnreadyTime             time.Duration
		MaxNodeProvisionTime             time.Duration
		MaxNodeStartupTime               time.Duration
		ZeroOrMaxNodeScaling             bool
		AllowNonAtomicScaleUpToMax       bool
		IgnoreDaemonSetsUtilization      bool
	}
	return conformance.Answer{Line: struct {
		head
		Result result `json:"result"`
	}{q.head, result{
		ScaleDownUtilizationThreshold:    float(or(o.UtilizationThreshold, 0.5)),
		ScaleDownGpuUtilizationThreshold: float(or(o.GPUUtilizationThreshold, 0.5)),
		ScaleDownUnneededTime:            or(o.UnneededTime, 10*time.Minute),
		ScaleDownUnreadyTime:             or(o.UnreadyTime, 20*time.Minute),
		MaxNodeProvisionTime:             or(o.MaxNodeProvisionTime, 15*time.Minute),
		MaxNodeStartupTime:               or(o.MaxNodeStartupTime, 0),
		ZeroOrMaxNodeScaling:             o.ZeroOrMax,
		AllowNonAtomicScaleUpToMax:       o.AllowNonAtomicScaleUpToMax,
		IgnoreDaemonSetsUtilization:      or(o.IgnoreDaemonSets, false),
	}}}, nil
}

// or is a value, or what stands for one that is not set.
func or[T any](value *T, unset T) T {
	if value == nil {
		return unset
	}
	return *value
}
