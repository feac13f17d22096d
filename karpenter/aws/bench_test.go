package aws_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/scalemath/scalemath/karpenter/aws"
)

// A launch fails for lack of capacity: its offering is not tried again for three minutes.
func ExampleUnavailable() {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	errs := []aws.FleetError{{Code: "InsufficientInstanceCapacity", InstanceType: "m5.large", Zone: "us-east-1a"}}
	fmt.Println(aws.Classify(errs[0].Code, ""), aws.ScheduleAgain(errs))
	out, _ := aws.Unavailable{}.WithErrors(now, "spot", errs, nil, "")
	for _, after := range []time.Duration{0, 2 * time.Minute, 3 * time.Minute} {
		fmt.Println(after, out.Contains(now.Add(after), "m5.large", "us-east-1a", "spot", nil, ""))
	}
	// Output:
	// Unfulfillable true
	// 0s true
	// 2m0s true
	// 3m0s false
}

func ExampleChooseSubnets() {
	subnets := []aws.Subnet{{ID: "subnet-1", Zone: "a", AvailableIPs: 100}, {ID: "subnet-2", Zone: "a", AvailableIPs: 250}}
	chosen, left := aws.ChooseSubnets(subnets, nil, "spot", nil)
	fmt.Println(chosen["a"].ID, left)
	// Output:
	// subnet-2 map[subnet-2:250]
}

func BenchmarkCatalog(b *testing.B) {
	const types = 800
	infos := make([]aws.InstanceTypeInfo, types)
	prices := map[string]float64{}
	for i := range infos {
		infos[i] = large("x86_64")
		infos[i].InstanceType = fmt.Sprintf("m%d.%dxlarge", i%9+1, i)
		prices[infos[i].InstanceType] = float64(i) / 100
	}
	market := aws.Market{Zones: []aws.Zone{{Name: "a", Subnets: []string{"s"}}, {Name: "b", Subnets: []string{"t"}}, {Name: "c", Subnets: []string{"u"}}}, OnDemand: prices}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := aws.Catalog(infos, nil, aws.Settings{}, market); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*types/b.Elapsed().Seconds(), "types/s")
}
