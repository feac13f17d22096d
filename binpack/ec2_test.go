package binpack_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/scalemath/scalemath/binpack"
)

const ec2Types = "../../shared/data/ec2_instance_types.json"

// machine is a type of machine as the data has it: what it has, less what the system takes, and dollars per hour.
type machine struct {
	Name     string              `json:"name"`
	Labels   map[string][]string `json:"labels"`
	Capacity map[string]string   `json:"capacity"`
	Overhead map[string]string   `json:"overhead"`
	Price    float64             `json:"price"`
}

func machines(t testing.TB) []machine {
	data, err := os.ReadFile(ec2Types)
	if err != nil {
		t.Skipf("the EC2 instance types are absent: %v", err)
	}
	var out []machine
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// amount reads the few forms of quantity in the data, in milli-cores or MiB.
func amount(text string, cpu bool) int64 {
	scale := 1.0
	switch {
	case strings.HasSuffix(text, "m"):
		scale, text = 0.001, strings.TrimSuffix(text, "m")
	case strings.HasSuffix(text, "Gi"):
		scale, text = 1024, strings.TrimSuffix(text, "Gi")
	case strings.HasSuffix(text, "Mi"):
		text = strings.TrimSuffix(text, "Mi")
	}
	if cpu {
		scale *= 1000
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0
	}
	return int64(math.Round(x * scale))
}

// bin is a machine as a bin: milli-cores, MiB, pods; priced in millionths of a dollar per hour.
func (m machine) bin() binpack.BinType {
	room := func(name string) int64 {
		return amount(m.Capacity[name], name == "cpu") - amount(m.Overhead[name], name == "cpu")
	}
	return binpack.BinType{Capacity: []int64{room("cpu"), room("memory"), room("pods")}, Price: int64(math.Round(m.Price * 1e6))}
}

func (m machine) in(families ...string) bool {
	family, _, _ := strings.Cut(m.Name, ".")
	return slices.Contains(families, family)
}

func (m machine) upTo4xlarge() bool {
	_, size, _ := strings.Cut(m.Name, ".")
	return slices.Contains([]string{"medium", "large", "xlarge", "2xlarge", "4xlarge"}, size)
}

// deployments is a mix of forty: 50m to 8 cores, more of the small, and 0.5 to 12 GiB per core.
func deployments(pods int, seed int64) []binpack.Item {
	random := rand.New(rand.NewSource(seed))
	between := func(low, high float64) float64 { return low * math.Pow(high/low, random.Float64()) }
	var out []binpack.Item
	for i := range 40 {
		cpu, perCore := between(50, 8000), between(512, 12288)
		count := pods / 40
		if i < pods%40 {
			count++
		}
		out = append(out, binpack.Item{Size: []int64{int64(cpu), int64(cpu * perCore / 1000), 1}, Count: count})
	}
	return out
}

type catalogue struct {
	name  string
	keeps func(machine) bool
	// over is what a dual-guided greedy of sixty lines needs above the bound, as measured elsewhere on a like mix of 1,000 pods.
	over float64
}

var catalogues = []catalogue{
	{"all", func(machine) bool { return true }, 1.080},
	{"amd64", func(m machine) bool { return slices.Contains(m.Labels["kubernetes.io/arch"], "amd64") }, 1.078},
	{"m5,c5,r5", func(m machine) bool { return m.in("m5", "c5", "r5") }, 1.054},
	{"m5,c5,r5 to 4xlarge", func(m machine) bool { return m.in("m5", "c5", "r5") && m.upTo4xlarge() }, 1.033},
}

func (c catalogue) problem(all []machine, pods int, seed int64) binpack.Problem {
	p := binpack.Problem{Items: deployments(pods, seed)}
	for _, m := range all {
		if c.keeps(m) {
			p.Bins = append(p.Bins, m.bin())
		}
	}
	return p
}

// What a packing on real machines costs, against the bound: the best of all rules on five mixes.
func TestDollarsOnRealMachines(t *testing.T) {
	all := machines(t)
	text := "catalogue             types  pods   bound $/h  plan $/h   over  nodes (mean of five mixes)"
	for _, c := range catalogues {
		for _, pods := range []int{20, 100, 500, 1000} {
			var bound, price, nodes float64
			types := 0
			for seed := range int64(5) {
				p := c.problem(all, pods, seed)
				types = len(p.Bins)
				plan, err := binpack.Pack(p, binpack.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if err := binpack.Verify(&p, &plan); err != nil || plan.Unplaced > 0 {
					t.Fatalf("%s: %v", plan.String(), err)
				}
				b, err := binpack.LowerBound(p)
				if err != nil {
					t.Fatal(err)
				}
				bound, price, nodes = bound+float64(b.Price)/5e6, price+float64(plan.Price)/5e6, nodes+float64(plan.Opened)/5
			}
			text += fmt.Sprintf("\n%-20s %6d %5d %11.3f %9.3f %5.1f%% %6.1f", c.name, types, pods, bound, price, 100*(price/bound-1), nodes)
			if pods == 1000 && price > c.over*bound {
				t.Errorf("%s: %.3f, more than %.3f times the bound of %.3f", c.name, price, c.over, bound)
			}
		}
	}
	t.Log(text)
}

func BenchmarkRealMachines(b *testing.B) {
	all := machines(b)
	for _, c := range catalogues {
		b.Run(c.name, func(b *testing.B) {
			p := c.problem(all, 1000, 0)
			bound, err := binpack.LowerBound(p)
			if err != nil {
				b.Fatal(err)
			}
			var packer binpack.Packer
			var plan binpack.Plan
			for b.Loop() {
				if err := packer.Pack(&p, binpack.Options{}, &plan); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "items/s")
			b.ReportMetric(float64(plan.Price)/1e6, "$/h")
			b.ReportMetric(float64(bound.Price)/1e6, "bound-$/h")
			b.ReportMetric(float64(plan.Opened), "nodes")
		})
	}
}
