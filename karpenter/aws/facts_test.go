package aws_test

import (
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/karpenter/aws"
)

// facts reads the shared table of all instance types, or skips the test where it is absent.
func facts(t *testing.T) ([]aws.InstanceTypeInfo, aws.Prices) {
	t.Helper()
	f, err := os.Open("../../../shared/data/ec2_facts.csv")
	if err != nil {
		t.Skipf("the shared table of instance types is not here, nothing is compared: %v", err)
	}
	defer f.Close()
	infos, prices, err := aws.ReadFacts(f)
	if err != nil {
		t.Fatal(err)
	}
	return infos, prices
}

// TestAllocatableOfAllKnownTypes holds R87 to R92 against types resolved elsewhere.
func TestAllocatableOfAllKnownTypes(t *testing.T) {
	infos, prices := facts(t)
	text, err := os.ReadFile("../../../shared/data/ec2_instance_types.json")
	if err != nil {
		t.Skipf("the shared resolved types are not here, nothing is compared: %v", err)
	}
	var want []struct {
		cloudprovider.InstanceType
		Price float64
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	byName := map[string]*aws.InstanceTypeInfo{}
	for i := range infos {
		byName[infos[i].InstanceType] = &infos[i]
	}
	compared := 0
	for i := range want {
		w := &want[i]
		info, ok := byName[w.Name]
		if !ok {
			t.Errorf("%s: no facts", w.Name)
			continue
		}
		got, err := aws.Resolve(info, nil, aws.Settings{})
		if err != nil {
			t.Errorf("%s: %v", w.Name, err)
			continue
		}
		have, wanted := got.Allocatable(), w.Allocatable()
		for name, q := range wanted {
			if g := have[name]; g.Cmp(q) != 0 {
				t.Errorf("%s: %s %s, want %s", w.Name, name, g.String(), q.String())
			}
		}
		for key, values := range w.Labels {
			if !slices.Equal(got.Labels[key], values) {
				t.Errorf("%s: label %s %q, want %q", w.Name, key, got.Labels[key], values)
			}
		}
		if p := prices["us-east-1"][w.Name]; p != w.Price {
			t.Errorf("%s: price %v, want %v", w.Name, p, w.Price)
		}
		compared++
	}
	if compared < 700 {
		t.Errorf("only %d types compared", compared)
	}
	t.Logf("%d of %d types", compared, len(want))
}

func TestMaxPodsOfAllTypes(t *testing.T) {
	infos, _ := facts(t)
	text, err := os.ReadFile("../../../shared/data/ec2_facts.csv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")[1:]
	for i := range infos {
		want := strings.Split(lines[i], ",")[10]
		if len(infos[i].NetworkInfo.NetworkCards) == 0 {
			continue
		}
		if got := aws.ENILimitedPods(&infos[i], 0); want != "" && strconv.FormatInt(got, 10) != want {
			t.Errorf("%s: %d pods, want %s", infos[i].InstanceType, got, want)
		}
	}
}
