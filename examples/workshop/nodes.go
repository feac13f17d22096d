package main

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/internal/sim"
)

// groupCloud is the workshop's cloud: one node group. A machine takes 40 seconds to run and 30 more to join.
func groupCloud() (cloudprovider.MemoryConfig, error) {
	var of struct {
		InstanceType cloudprovider.InstanceType `json:"instanceType"`
		NodeGroup    cloudprovider.NodeGroup    `json:"nodeGroup"`
	}
	manifest, err := text("nodegroup.yaml")
	if err == nil {
		err = yaml.UnmarshalStrict(manifest, &of)
	}
	return cloudprovider.MemoryConfig{
		Types: []*cloudprovider.InstanceType{&of.InstanceType}, Groups: []cloudprovider.NodeGroup{of.NodeGroup},
		StartDelay: 40 * time.Second, JoinDelay: 30 * time.Second,
	}, err
}

// nodeBars are the shares of their CPU that pods request of the nodes, and the shares that they use.
func nodeBars(v *sim.View) (requested, used []Bar) {
	usage := map[string]int64{}
	for _, key := range v.Workloads() {
		for _, s := range v.Samples(key, corev1.ResourceCPU, "", &sim.Samples{}) {
			usage[s.Pod] = s.Value
		}
	}
	for _, n := range v.NodesWithPods() {
		all := n.Object.Status.Allocatable.Cpu().MilliValue()
		var asked, took int64
		for _, p := range n.Pods {
			for i := range p.Spec.Containers {
				asked += p.Spec.Containers[i].Resources.Requests.Cpu().MilliValue()
			}
			took += usage[p.Name]
		}
		requested = append(requested, bar(n.Object.Name, asked, all))
		used = append(used, bar(n.Object.Name, took, all))
	}
	return requested, used
}

func bar(name string, part, all int64) Bar {
	share := float64(part) / float64(all)
	return Bar{Name: name, Part: share, Label: fmt.Sprintf("%3.0f %%  %dm of %dm", 100*share, part, all)}
}

// above counts the bars with more than a share.
func above(bars []Bar, share float64) int {
	n := 0
	for _, b := range bars {
		if b.Part > share {
			n++
		}
	}
	return n
}
