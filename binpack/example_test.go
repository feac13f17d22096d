package binpack_test

import (
	"fmt"
	"os"

	"github.com/scalemath/scalemath/binpack"
)

func ExamplePack() {
	problem := binpack.Problem{
		Items: []binpack.Item{
			{Size: []int64{500, 1024}, Count: 20},               // milli-cores, MiB
			{Size: []int64{2000, 2048}, Count: 3, MaxPerBin: 1}, // one per machine
			{Size: []int64{40000, 1024}, Count: 1},              // larger than any machine
		},
		Bins: []binpack.BinType{
			{Capacity: []int64{4000, 8192}, Price: 192},
			{Capacity: []int64{8000, 16384}, Price: 384},
		},
		Open: []binpack.OpenBin{{Free: []int64{1000, 4096}}},
	}
	plan, err := binpack.Pack(problem, binpack.Options{})
	if err != nil {
		panic(err)
	}
	if err := plan.Explain(os.Stdout); err != nil {
		panic(err)
	}
	bound, err := binpack.LowerBound(problem)
	if err != nil {
		panic(err)
	}
	fmt.Printf("no plan costs less than %d or opens fewer than %d bins\n", bound.Price, bound.Bins)
	// Output:
	// 23 items placed, 3 bins opened for 768 (DotProduct), 1 left over
	//   open bin 0: 2 of item 0, free [0 2048]
	//   new bin of type 1: 12 of item 0, 1 of item 1, free [0 2048]
	//   new bin of type 0: 4 of item 0, 1 of item 1, free [0 2048]
	//   new bin of type 0: 2 of item 0, 1 of item 1, free [1000 4096]
	//   left over, 1 of item 2: too large: wants 40000 in dimension 0, the nearest bin type 1 has 8000
	// no plan costs less than 720 or opens fewer than 2 bins
}
