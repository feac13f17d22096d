package binpack_test

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/scalemath/scalemath/binpack"
)

// mix is forty classes of pods, in milli-cores and MiB, and three families of six machine types whose price grows with their size.
func mix(items int) binpack.Problem {
	random := rand.New(rand.NewSource(42))
	var p binpack.Problem
	for i := range 18 {
		cpu, perCPU := int64(2000)<<(i%6), int64(2)<<(i/6)
		p.Bins = append(p.Bins, binpack.BinType{Capacity: []int64{cpu - 80, cpu*perCPU - 1000, 110}, Price: cpu*45 + cpu*perCPU*6})
	}
	for i := range 40 {
		cpu := int64(50 + random.Intn(1900))
		count := items / 40
		if i < items%40 {
			count++
		}
		p.Items = append(p.Items, binpack.Item{Size: []int64{cpu, cpu * int64(1+random.Intn(8)), 1}, Count: count})
	}
	return p
}

func BenchmarkPack(b *testing.B) {
	for _, r := range rules {
		for _, n := range []int{1000, 100000} {
			b.Run(fmt.Sprintf("%s/%d", r, n), func(b *testing.B) {
				p := mix(n)
				o := binpack.Options{Rules: []binpack.Rule{r}}
				var packer binpack.Packer
				var plan binpack.Plan
				for range 2 {
					if err := packer.Pack(&p, o, &plan); err != nil {
						b.Fatal(err)
					}
				}
				bound, err := binpack.LowerBound(p)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				for b.Loop() {
					if err := packer.Pack(&p, o, &plan); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "items/s")
				b.ReportMetric(float64(plan.Price)/float64(bound.Price), "price/bound")
			})
		}
	}
}

func BenchmarkLowerBound(b *testing.B) {
	p := mix(100000)
	for b.Loop() {
		if _, err := binpack.LowerBound(p); err != nil {
			b.Fatal(err)
		}
	}
}

func TestPackingAgainAllocatesNothing(t *testing.T) {
	p := mix(2000)
	var packer binpack.Packer
	var plan binpack.Plan
	pack := func() {
		if err := packer.Pack(&p, binpack.Options{}, &plan); err != nil {
			t.Fatal(err)
		}
	}
	for range 8 {
		pack() // both plans that take turns grow
	}
	if n := testing.AllocsPerRun(20, pack); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
