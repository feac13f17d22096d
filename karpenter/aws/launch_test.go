package aws_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/karpenter/aws"
)

func float(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

func machine(name string, offerings ...cloudprovider.Offering) *cloudprovider.InstanceType {
	return &cloudprovider.InstanceType{Name: name, Capacity: corev1.ResourceList{"cpu": quantity("4")}, Offerings: offerings}
}

func reserved(id, zone string, left int, price float64) cloudprovider.Offering {
	return cloudprovider.Offering{Zone: zone, CapacityType: "reserved", ReservationID: id, ReservationCapacity: left, Price: price}
}

func TestLaunch(t *testing.T) {
	must := func(key string, op kube.Operator, values ...string) kube.Requirement {
		r, err := kube.NewRequirement(key, op, values...)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	onDemand := func(price float64) cloudprovider.Offering {
		return cloudprovider.Offering{Zone: "a", CapacityType: "on-demand", Price: price}
	}
	spot := func(price float64) cloudprovider.Offering {
		return cloudprovider.Offering{Zone: "a", CapacityType: "spot", Price: price}
	}
	gone := spot(0.01)
	gone.Unavailable = true
	metal := machine("m5.metal", onDemand(0.1))
	metal.Labels = map[string][]string{aws.LabelPrefix + "size": {"metal"}}
	for _, c := range []struct {
		name         string
		types        []*cloudprovider.InstanceType
		requirements []kube.Requirement
		reservations []aws.CapacityReservation
		max          int
		want         string
	}{
		{"R99a unavailable", []*cloudprovider.InstanceType{machine("x", gone)}, nil, nil, 0, "Available"},
		{"R100 spot before on-demand", []*cloudprovider.InstanceType{machine("x", onDemand(0.2), spot(0.1))}, nil, nil, 0, "spot: x/a/0.1"},
		{"R100 on-demand where spot is gone", []*cloudprovider.InstanceType{machine("x", onDemand(0.2), gone)}, nil, nil, 0, "on-demand: x/a/0.2"},
		{"R99f dear spot is dropped", []*cloudprovider.InstanceType{machine("x", onDemand(0.2)), machine("y", spot(0.3))}, nil, nil, 0, "on-demand: x/a/0.2"},
		{"R99f equal spot stays", []*cloudprovider.InstanceType{machine("x", onDemand(0.2)), machine("y", spot(0.2))}, nil, nil, 0, "spot: y/a/0.2"},
		{"R99f not with minValues", []*cloudprovider.InstanceType{machine("x", onDemand(0.2)), machine("y", spot(0.3))},
			[]kube.Requirement{must("node.kubernetes.io/instance-type", kube.Exists).WithMinValues(2)}, nil, 0, "spot: y/a/0.3"},
		{"R99e metal only where nothing else is", []*cloudprovider.InstanceType{metal, machine("x", onDemand(0.2))}, nil, nil, 0, "on-demand: x/a/0.2"},
		{"R99e metal alone", []*cloudprovider.InstanceType{metal}, nil, nil, 0, "on-demand: m5.metal/a/0.1"},
		{"R99 cut keeps the cheapest", []*cloudprovider.InstanceType{machine("x", onDemand(0.3)), machine("y", onDemand(0.1)), machine("z", onDemand(0.2))}, nil, nil, 2,
			"on-demand: y/a/0.1 z/a/0.2"},
		{"R99 cut below minValues", []*cloudprovider.InstanceType{machine("x", onDemand(0.3)), machine("y", onDemand(0.1))},
			[]kube.Requirement{must("node.kubernetes.io/instance-type", kube.Exists).WithMinValues(2)}, nil, 1, "MinValues"},
		{"R99b the cheaper kind", []*cloudprovider.InstanceType{machine("x", reserved("block", "a", 1, 2e-8)), machine("y", reserved("cr", "a", 1, 1e-8), onDemand(0.1))}, nil,
			[]aws.CapacityReservation{{ID: "block", Type: aws.ReservationCapacityBlock}}, 0, "reserved: y/a/1e-08"},
		{"R99b equal price: the default kind", []*cloudprovider.InstanceType{machine("x", reserved("block", "a", 1, 1e-8)), machine("y", reserved("cr", "a", 1, 1e-8))}, nil,
			[]aws.CapacityReservation{{ID: "block", Type: aws.ReservationCapacityBlock}}, 0, "reserved: y/a/1e-08"},
		{"R99c one block", []*cloudprovider.InstanceType{machine("x", reserved("b1", "a", 1, 2e-8), reserved("b2", "b", 1, 1e-8)), machine("y", reserved("b3", "a", 1, 3e-8))}, nil,
			[]aws.CapacityReservation{{ID: "b1", Type: aws.ReservationCapacityBlock}, {ID: "b2", Type: aws.ReservationCapacityBlock}, {ID: "b3", Type: aws.ReservationCapacityBlock}},
			0, "reserved: x/b/1e-08"},
		{"R99d the fullest of a zone", []*cloudprovider.InstanceType{machine("x", reserved("r1", "a", 1, 1e-8), reserved("r2", "a", 5, 2e-8), reserved("r3", "b", 1, 3e-8))}, nil, nil,
			0, "reserved: x/a/2e-08 x/b/3e-08"},
		{"not reserved where the claim says so", []*cloudprovider.InstanceType{machine("x", reserved("r1", "a", 1, 1e-8), onDemand(0.1))},
			[]kube.Requirement{must("karpenter.sh/capacity-type", kube.In, "on-demand")}, nil, 0, "on-demand: x/a/0.1"},
	} {
		plan := aws.Launch(aws.LaunchRequest{Requirements: kube.NewRequirements(c.requirements...), Types: c.types, Reservations: c.reservations, MaxTypes: c.max})
		got := string(plan.Insufficient)
		if got == "" {
			var all []string
			for _, o := range plan.Overrides {
				all = append(all, o.InstanceType+"/"+o.Zone+"/"+float(o.Priority))
			}
			got = plan.CapacityType + ": " + strings.Join(all, " ")
		}
		if got != c.want {
			t.Errorf("%s: %s; want %s", c.name, got, c.want)
		}
	}
}

func TestClassify(t *testing.T) {
	for code, want := range map[string]aws.ErrorClass{
		"InsufficientInstanceCapacity": aws.ErrorUnfulfillable, "VcpuLimitExceeded": aws.ErrorUnfulfillable, "Unsupported": aws.ErrorUnfulfillable,
		"InsufficientFreeAddressesInSubnet": aws.ErrorSubnetExhausted, "ReservationCapacityExceeded": aws.ErrorReservationExceeded,
		"AuthFailure.ServiceLinkedRoleCreationNotPermitted": aws.ErrorSpotRoleMissing, "RequestLimitExceeded": aws.ErrorRateLimited,
		"InvalidInstanceID.NotFound": aws.ErrorNotFound, "SomethingElse": aws.ErrorOther, "": aws.ErrorOther,
	} {
		if got := aws.Classify(code, ""); got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
	}
}

func TestFailedLaunchIsRemembered(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	errs := []aws.FleetError{
		{Code: "InsufficientInstanceCapacity", InstanceType: "x", Zone: "a"},
		{Code: "InsufficientFreeAddressesInSubnet", InstanceType: "y", Zone: "b", Subnet: "s1"},
		{Code: "AuthFailure.ServiceLinkedRoleCreationNotPermitted"},
	}
	u, reservations := aws.Unavailable{}.WithErrors(now, "spot", errs, nil, "")
	if len(reservations) > 0 || len(u.Offerings) != 2 || len(u.Subnets) != 1 || len(u.CapacityTypes) != 1 || !aws.ScheduleAgain(errs) {
		t.Errorf("%+v %v", u, reservations)
	}
	full := aws.FleetError{Code: "InsufficientInstanceCapacity", Message: "You've reached the limit of instances in this spread placement group.", InstanceType: "x", Zone: "a"}
	u, _ = aws.Unavailable{}.WithErrors(now, "spot", []aws.FleetError{full}, []*cloudprovider.InstanceType{machine("x"), machine("y")}, "pg")
	if !u.Contains(now, "y", "a", "spot", nil, "pg") || u.Contains(now, "y", "a", "spot", nil, "") {
		t.Errorf("%+v", u)
	}
	types := []*cloudprovider.InstanceType{machine("x", reserved("r1", "a", 1, 0))}
	u, reservations = aws.Unavailable{}.WithErrors(now, "reserved", errs[:1], types, "")
	if len(u.Offerings) != 0 || strings.Join(reservations, " ") != "r1" {
		t.Errorf("%+v %v", u, reservations)
	}
	if aws.ScheduleAgain(append(errs, aws.FleetError{Code: "UnauthorizedOperation"})) {
		t.Error("a launch that is not allowed is tried again itself")
	}
	if p := u.WithSubnet(now, "s").Pruned(now.Add(aws.UnavailableTTL)); len(p.Subnets) != 0 {
		t.Errorf("%+v", p)
	}
}

// What is left of a launch was offered, allowed, and fits; filters only take away.
func TestLaunchOnlyNarrows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		offering := rapid.Custom(func(t *rapid.T) cloudprovider.Offering {
			return cloudprovider.Offering{
				Zone: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "zone"), CapacityType: rapid.SampledFrom([]string{"spot", "on-demand", "reserved"}).Draw(t, "type"),
				Price: float64(rapid.IntRange(1, 9).Draw(t, "price")), Unavailable: rapid.Bool().Draw(t, "unavailable"),
				ReservationID: rapid.SampledFrom([]string{"r1", "r2"}).Draw(t, "reservation"), ReservationCapacity: rapid.IntRange(0, 3).Draw(t, "left"),
			}
		})
		var types []*cloudprovider.InstanceType
		for i := range rapid.IntRange(0, 6).Draw(t, "types") {
			types = append(types, machine("t"+strconv.Itoa(i), rapid.SliceOfN(offering, 0, 5).Draw(t, "offerings")...))
		}
		plan := aws.Launch(aws.LaunchRequest{Types: types, Reservations: []aws.CapacityReservation{{ID: "r2", Type: aws.ReservationCapacityBlock}}})
		usable := 0
		for _, it := range types {
			for _, o := range it.Offerings {
				if !o.Unavailable {
					usable++
				}
			}
		}
		if (plan.Insufficient != "") != (usable == 0) {
			t.Fatalf("%d usable offerings, but %s", usable, plan)
		}
		for _, o := range plan.Overrides {
			found := false
			for _, it := range types {
				for _, of := range it.Offerings {
					found = found || it.Name == o.InstanceType && of.Zone == o.Zone && of.Price == o.Priority && !of.Unavailable && of.CapacityType == plan.CapacityType
				}
			}
			if !found {
				t.Fatalf("%+v was not offered", o)
			}
		}
		if plan.Insufficient == "" && len(plan.Overrides) == 0 {
			t.Fatal("a launch without overrides")
		}
	})
}

func FuzzReadFacts(f *testing.F) {
	f.Add(table)
	f.Add("name,vcpu,memory_mib,arch\nx,-1,9999999999999999999,\n")
	f.Add("name,vcpu,memory_mib,arch,enis,ips_per_eni\nx,1,1,amd64,7,0\ny,1,1,amd64,65536,65536\n")
	f.Add("name,vcpu,memory_mib,arch,usd_x\n\"x,1,1,a,NaN\n")
	f.Fuzz(func(t *testing.T, text string) {
		infos, prices, err := aws.ReadFacts(strings.NewReader(text))
		if err != nil {
			return
		}
		for i := range infos {
			if it, err := aws.Resolve(&infos[i], nil, aws.Settings{}); err == nil {
				if err := it.Validate(); err != nil {
					t.Error(err)
				}
			}
		}
		for region := range prices {
			if _, err := aws.Catalog(infos[:0], nil, aws.Settings{}, aws.Market{OnDemand: prices[region]}); err != nil {
				t.Error(err)
			}
		}
	})
}

func FuzzReadInstanceTypes(f *testing.F) {
	f.Add(`{"InstanceTypes":[{"InstanceType":"m5.large","VCpuInfo":{"DefaultVCpus":2},"MemoryInfo":{"SizeInMiB":8192},"ProcessorInfo":{"SupportedArchitectures":["x86_64"]},
		"NetworkInfo":{"Ipv4AddressesPerInterface":10,"NetworkCards":[{"MaximumNetworkInterfaces":3}]}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		infos, err := aws.ReadInstanceTypes(strings.NewReader(text))
		if err != nil {
			return
		}
		for i := range infos {
			if _, err := aws.Resolve(&infos[i], nil, aws.Settings{}); err == nil {
				if _, err := aws.Offerings(&infos[i], nil, aws.Market{Zones: []aws.Zone{{Name: "a"}}}); err != nil {
					t.Error(err)
				}
			}
		}
	})
}
