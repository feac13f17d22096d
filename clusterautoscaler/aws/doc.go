// Package aws is what the Cluster Autoscaler makes of Auto Scaling groups: which groups it looks after, what a new node of
// a group would be like, which flags a group sets for itself by tags, and the arithmetic of growing and shrinking one.
//
// Nothing here calls the API. A [Group] has the field names of the API's answers, so that a describe call decodes into it:
//
//	group := aws.Group{AutoScalingGroupName: "spot", AvailabilityZones: []string{"eu-west-1a"}, ...}
//	template, err := aws.TemplateFor(&group, catalog) // the node that scale-up packs pods on
//	node := aws.NodeGroup(&group, template)           // what clusterautoscaler.Plan wants
//
// The results are those of the provider of the release that package clusterautoscaler reproduces, defects included; each
// known defect has a switch in [Profile].
package aws
