package clusterautoscaler_test

import (
	"errors"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	ca "github.com/scalemath/scalemath/clusterautoscaler"
)

func TestValidate(t *testing.T) {
	negative := -time.Second
	for want, edit := range map[string]func(o *ca.Options, in *ca.Input){
		`groups[1]: group "workers" is there twice`:            func(_ *ca.Options, in *ca.Input) { in.Groups = append(in.Groups, in.Groups[0]) },
		"groups: a group has no ID":                            func(_ *ca.Options, in *ca.Input) { in.Groups[0].ID = "" },
		"group workers: min: -1 is negative":                   func(_ *ca.Options, in *ca.Input) { in.Groups[0].Min = -1 },
		"group workers: max: 2 is below min 3":                 func(_ *ca.Options, in *ca.Input) { in.Groups[0].Max = 2 },
		"group workers: target: -1 is negative":                func(_ *ca.Options, in *ca.Input) { in.Groups[0].Target = -1 },
		"group workers: options.unneededTime: -1s is negative": func(_ *ca.Options, in *ca.Input) { in.Groups[0].Options.UnneededTime = &negative },
		"group workers: template.node: is missing":             func(_ *ca.Options, in *ca.Input) { in.Groups[0].Template = &ca.Template{} },
		"group workers: template.pods[0]: none": func(_ *ca.Options, in *ca.Input) {
			in.Groups[0].Template = &ca.Template{Node: readyNode("t"), Pods: []*corev1.Pod{nil}}
		},
		"group workers: template.node.status.allocatable.cpu: 0 is no room for pods": func(_ *ca.Options, in *ca.Input) {
			in.Groups[0].Template = &ca.Template{Node: readyNode("t", "cpu", "0", "memory", "1")}
		},
		"group workers: template.node.status.allocatable.cpu: is missing": func(_ *ca.Options, in *ca.Input) {
			in.Groups[0].Template = &ca.Template{Node: readyNode("t", "memory", "1")}
		},
		"cluster.nodes[0]: none":                                           func(_ *ca.Options, in *ca.Input) { in.Cluster.Nodes[0] = nil },
		"cluster.nodes[3]: node node-0 is there twice":                     func(_ *ca.Options, in *ca.Input) { in.Cluster.Nodes = append(in.Cluster.Nodes, in.Cluster.Nodes[0]) },
		"cluster.pods[1]: none":                                            func(_ *ca.Options, in *ca.Input) { in.Cluster.Pods[1] = nil },
		"cluster.daemonSets[0]: none":                                      func(_ *ca.Options, in *ca.Input) { in.Cluster.DaemonSets = []*corev1.Pod{nil} },
		"options.maxNodesTotal: -1 is negative":                            func(o *ca.Options, _ *ca.Input) { o.MaxNodesTotal = -1 },
		"options.backoff.initial: -1s is negative":                         func(o *ca.Options, _ *ca.Input) { o.Backoff.Initial = negative },
		`pod default/kube-proxy-0: spec.nodeName: there is no node "gone"`: func(_ *ca.Options, in *ca.Input) { in.Cluster.Pods[1].Spec.NodeName = "gone" },
	} {
		o, in := ca.DefaultOptions(), study(1)
		edit(&o, &in)
		_, _, err := ca.Plan(o, in, ca.State{})
		if !errors.Is(err, ca.ErrInvalid) || err.Error() != "invalid input: "+want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	in := study(1)
	in.Cluster.Pods[0].Spec.NodeName, in.Cluster.Pods[0].Status.Phase = "gone", corev1.PodSucceeded
	if err := ca.Validate(ca.DefaultOptions(), in); err != nil {
		t.Errorf("a pod that has ended may outlive its node: %v", err)
	}
}
