package cloudprovider_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/cloudprovider"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func large() *cloudprovider.InstanceType {
	return &cloudprovider.InstanceType{
		Name:     "m5.large",
		Capacity: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("2"), corev1.ResourcePods: resource.MustParse("29")},
		Offerings: []cloudprovider.Offering{
			{Zone: "a", CapacityType: cloudprovider.OnDemand, Price: 0.118},
			{Zone: "a", CapacityType: cloudprovider.Spot, Price: 0.041},
			{Zone: "b", CapacityType: cloudprovider.OnDemand, Price: 0.118},
		},
	}
}

// A group grows, and its machines come to run and join in virtual time.
func ExampleMemory() {
	ctx := context.Background()
	cloud, err := cloudprovider.NewMemory(cloudprovider.MemoryConfig{
		Start: start, StartDelay: 40 * time.Second, JoinDelay: 20 * time.Second,
		Types:  []*cloudprovider.InstanceType{large()},
		Groups: []cloudprovider.NodeGroup{{ID: "workers", Min: 1, Max: 3, Target: 1, InstanceType: "m5.large", Zones: []string{"a", "b"}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(cloud.SetTarget(ctx, "workers", 2))
	for _, e := range cloud.Advance(start.Add(time.Hour)) {
		fmt.Println(e)
	}
	fmt.Println(cloud.SetTarget(ctx, "workers", 9))
	fmt.Printf("%.3f\n", cloud.Cost())
	// Output:
	// <nil>
	// 2026-03-02T09:00:00Z Launched i-000002 m5.large/b/on-demand of workers
	// 2026-03-02T09:00:40Z Running i-000002 m5.large/b/on-demand of workers
	// 2026-03-02T09:01:00Z Joined i-000002 m5.large/b/on-demand of workers
	// node group "workers": size 9: size out of bounds 1 to 3
	// 0.236
}

// The cloud takes the first offering that it has; without one the error names what was tried.
func ExampleMemory_Launch() {
	ctx := context.Background()
	types := []*cloudprovider.InstanceType{large()}
	cloud, err := cloudprovider.NewMemory(cloudprovider.MemoryConfig{Start: start, Types: types, Capacity: []cloudprovider.CapacityLimit{
		{OfferingRef: cloudprovider.OfferingRef{InstanceType: "m5.large", Zone: "a", CapacityType: cloudprovider.Spot}, Count: 1},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	wanted := cloudprovider.LaunchRequest{Offerings: cloudprovider.Cheapest(types, nil)[:1]}
	for range 2 {
		i, err := cloud.Launch(ctx, wanted)
		var short *cloudprovider.InsufficientCapacityError
		fmt.Println(i.Offering, errors.As(err, &short), err)
	}
	// Output:
	// m5.large/a/spot false <nil>
	// // true insufficient capacity: m5.large/a/spot
}

// A spot machine is announced two minutes before it is taken back.
func ExampleInterruption() {
	spot := cloudprovider.NodeGroup{ID: "spot", Max: 1, Target: 1, InstanceType: "m5.large", Zones: []string{"a"}, CapacityType: cloudprovider.Spot}
	cloud, err := cloudprovider.NewMemory(cloudprovider.MemoryConfig{
		Start: start, Types: []*cloudprovider.InstanceType{large()}, Groups: []cloudprovider.NodeGroup{spot},
		Interruptions: []cloudprovider.Interruption{{At: start.Add(10 * time.Minute)}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range cloud.Advance(start.Add(12 * time.Minute)) {
		fmt.Println(e)
	}
	// Output:
	// 2026-03-02T09:10:00Z Interrupted i-000001 m5.large/a/spot of spot
	// 2026-03-02T09:12:00Z Terminated i-000001 m5.large/a/spot of spot
	// 2026-03-02T09:12:00Z Launched i-000002 m5.large/a/spot of spot
	// 2026-03-02T09:12:00Z Running i-000002 m5.large/a/spot of spot
	// 2026-03-02T09:12:00Z Joined i-000002 m5.large/a/spot of spot
}

func ExampleCheapest() {
	fmt.Println(cloudprovider.Cheapest([]*cloudprovider.InstanceType{large()}, nil))
	// Output: [m5.large/a/spot m5.large/a/on-demand m5.large/b/on-demand]
}
