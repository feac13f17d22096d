package karpenter_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/karpenter"
)

func sampleTypes() map[string][]*cloudprovider.InstanceType {
	make := func(name, arch string, price float64) *cloudprovider.InstanceType {
		return &cloudprovider.InstanceType{Name: name, Labels: map[string][]string{corev1.LabelArchStable: {arch}},
			Capacity: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("2")},
			Offerings: []cloudprovider.Offering{
				{Zone: "a", CapacityType: cloudprovider.OnDemand, Price: price}, {Zone: "a", CapacityType: cloudprovider.Spot, Price: price / 2},
			}}
	}
	return map[string][]*cloudprovider.InstanceType{"": {make("m5.large", "amd64", 0.5), make("m7g.large", "arm64", 0.25)}}
}

func samplePools(names ...string) []*karpenter.NodePool {
	var pools []*karpenter.NodePool
	for _, name := range names {
		p := &karpenter.NodePool{}
		p.Name = name
		p.Spec.Template.Metadata.Labels = map[string]string{"pool": name}
		pools = append(pools, p)
	}
	return pools
}

func overlays(t testing.TB, specs ...string) []*karpenter.NodeOverlay {
	var all []*karpenter.NodeOverlay
	for i, spec := range specs {
		o, err := karpenter.DecodeNodeOverlay([]byte(fmt.Sprintf("apiVersion: karpenter.sh/v1alpha1\nkind: NodeOverlay\nmetadata: {name: o%d}\nspec: {%s}", i, spec)))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
	return all
}

func ExampleApplyOverlays() {
	manifest := `
apiVersion: karpenter.sh/v1alpha1
kind: NodeOverlay
metadata: {name: agreement}
spec:
  requirements: [{key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}]
  priceAdjustment: "-20%"
---
apiVersion: karpenter.sh/v1alpha1
kind: NodeOverlay
metadata: {name: devices}
spec:
  weight: 10
  requirements: [{key: kubernetes.io/arch, operator: In, values: [arm64]}]
  capacity: {smarter-devices/fuse: 1}
`
	all, err := karpenter.Decode([]byte(manifest))
	if err != nil {
		fmt.Println(err)
		return
	}
	got := karpenter.ApplyOverlays(samplePools("default"), sampleTypes(), all.NodeOverlays)
	if err := got.Explain(os.Stdout); err != nil {
		fmt.Println(err)
	}
	price, _ := got.InstanceTypes["default"][0].Price("a", cloudprovider.OnDemand)
	fmt.Println(price)
	// Output:
	// devices: sets 0 prices and 1 resources, 0 are set by heavier overlays
	//   default: m7g.large: smarter-devices/fuse 1
	// agreement: sets 2 prices and 0 resources, 0 are set by heavier overlays
	//   default: m5.large on-demand in a: 0.5 -> 0.4
	//   default: m7g.large on-demand in a: 0.25 -> 0.2
	// 0.4
}

func TestApplyOverlays(t *testing.T) {
	const all = `requirements: []`
	arm := `requirements: [{key: kubernetes.io/arch, operator: In, values: [arm64]}]`
	for _, c := range []struct {
		name   string
		specs  []string
		states string
		prices string // of both types on demand, for the pool x
	}{
		{"price", []string{all + `, price: "0.1"`}, "o0 Applied", "0.1 0.1"},
		{"share", []string{all + `, priceAdjustment: "+100%"`}, "o0 Applied", "1 0.5"},
		{"amount", []string{all + `, priceAdjustment: "-0.25"`}, "o0 Applied", "0.25 0"},
		{"never below zero", []string{all + `, priceAdjustment: "-3"`}, "o0 Applied", "0 0"},
		{"by type", []string{arm + `, price: "9"`}, "o0 Applied", "0.5 9"},
		{"by pool", []string{`requirements: [{key: karpenter.sh/nodepool, operator: In, values: [z]}], price: "9"`}, "o0 Applied", "0.5 0.25"},
		{"by a label of the pool", []string{`requirements: [{key: pool, operator: In, values: [x]}], price: "9"`}, "o0 Applied", "9 9"},
		{"by capacity type", []string{`requirements: [{key: karpenter.sh/capacity-type, operator: In, values: [spot]}], price: "9"`}, "o0 Applied", "0.5 0.25"},
		{"by a label that nothing has", []string{`requirements: [{key: team, operator: Exists}], price: "9"`}, "o0 Unused", "0.5 0.25"},
		{"by the absence of a label", []string{`requirements: [{key: team, operator: DoesNotExist}], price: "9"`}, "o0 Applied", "9 9"},
		{"by a reservation that nothing has", []string{`requirements: [{key: karpenter.k8s.aws/capacity-reservation-id, operator: In, values: [cr-1]}], price: "9"`}, "o0 Unused", "0.5 0.25"},
		{"the heavier wins", []string{all + `, price: "1"`, all + `, price: "2", weight: 5`}, "o1 Applied, o0 Applied", "2 2"},
		{"the lighter fills in", []string{all + `, price: "1"`, arm + `, price: "2", weight: 5`}, "o1 Applied, o0 Applied", "1 2"},
		{"equal weights conflict, later names first", []string{all + `, price: "1"`, arm + `, price: "2"`}, "o1 Applied, o0 Conflict", "0.5 2"},
		{"a shadowed one still conflicts with its equal", []string{all + `, price: "1"`, all + `, price: "2"`, all + `, price: "3", weight: 5`},
			"o2 Applied, o1 Applied, o0 Conflict", "3 3"},
		{"invalid", []string{all + `, price: "-1"`}, "o0 Validation", "0.5 0.25"},
		{"price and capacity do not conflict", []string{all + `, price: "1"`, all + `, capacity: {a/b: 1}`}, "o1 Applied, o0 Applied", "1 1"},
		{"capacity of equal weight conflicts", []string{all + `, capacity: {a/b: 1}`, all + `, capacity: {a/b: 2}`}, "o1 Applied, o0 Conflict", "0.5 0.25"},
	} {
		got := karpenter.ApplyOverlays(samplePools("x", "z"), sampleTypes(), overlays(t, c.specs...))
		var states, prices []string
		for _, r := range got.Overlays {
			states = append(states, r.Name+" "+string(r.State))
		}
		for _, it := range got.InstanceTypes["x"] {
			p, _ := it.Price("a", cloudprovider.OnDemand)
			prices = append(prices, fmt.Sprint(p))
		}
		if s, p := strings.Join(states, ", "), strings.Join(prices, " "); s != c.states || p != c.prices {
			t.Errorf("%s: %s: %s; want %s: %s", c.name, s, p, c.states, c.prices)
		}
	}
}

func TestOverlayValidate(t *testing.T) {
	for spec, want := range map[string]string{
		`requirements: [], price: "1", priceAdjustment: "+1"`:                      `stands beside spec.price`,
		`requirements: [], priceAdjustment: "5%"`:                                  `is neither an amount`,
		`requirements: [], priceAdjustment: "-101%"`:                               `is neither an amount`,
		`requirements: [], capacity: {cpu: 1}`:                                     `only extended resources`,
		`requirements: [], weight: 10001`:                                          `is not within 1 to 10000`,
		`requirements: [{key: a, operator: NotIn}]`:                                `NotIn needs a value`,
		`requirements: [{key: kubernetes.io/hostname, operator: In, values: [x]}]`: `not known before`,
	} {
		if err := overlays(t, spec)[0].Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %s", spec, err, want)
		}
	}
}

// The order in which overlays are listed does not matter, and what is given stays as it is.
func TestOverlaysDoNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		specs := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) string {
			requirement := rapid.SampledFrom([]string{"", `{key: kubernetes.io/arch, operator: In, values: [arm64]}`, `{key: karpenter.sh/capacity-type, operator: In, values: [spot]}`}).Draw(r, "requirement")
			effect := rapid.SampledFrom([]string{`price: "1"`, `priceAdjustment: "+10%"`, `capacity: {a/b: 1}`, `capacity: {a/c: 1}`}).Draw(r, "effect")
			return fmt.Sprintf("requirements: [%s], %s, weight: %d", requirement, effect, rapid.IntRange(1, 3).Draw(r, "weight"))
		}), 0, 5).Draw(r, "specs")
		list := overlays(t, specs...)
		types := sampleTypes()
		a := karpenter.ApplyOverlays(samplePools("x"), types, list)
		b := karpenter.ApplyOverlays(samplePools("x"), types, rapid.Permutation(list).Draw(r, "order"))
		if fmt.Sprintf("%+v", a.Overlays) != fmt.Sprintf("%+v", b.Overlays) {
			r.Fatalf("%v\n%v", a.Overlays, b.Overlays)
		}
		if fmt.Sprintf("%+v", *types[""][0]) != fmt.Sprintf("%+v", *sampleTypes()[""][0]) {
			r.Fatal("the types given were changed")
		}
	})
}
