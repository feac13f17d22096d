package binpack_test

import (
	"encoding/json"
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

func ExampleCheapest() {
	problem := binpack.Problem{
		Items: []binpack.Item{{Size: []int64{250, 2000}, Count: 160}, {Size: []int64{1000, 1500}, Count: 100}}, // milli-cores, MiB
		Bins: []binpack.BinType{ // compute, general and memory, in millionths of a dollar an hour
			{Capacity: []int64{8000, 16384}, Price: 340000},
			{Capacity: []int64{8000, 32768}, Price: 384000},
			{Capacity: []int64{8000, 65536}, Price: 504000},
		},
	}
	quote, err := binpack.Cheapest(problem, binpack.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Println(quote.String())
	fmt.Printf("at most %.1f %% above the best\n", 100*quote.Gap())
	// Output:
	// 260 items placed, 18 bins opened for 6940000 (FirstFit); no plan costs less than 6442208 or opens fewer than 18 bins
	// at most 7.7 % above the best
}

func ExampleQuote_Explain() {
	quote, err := binpack.Cheapest(binpack.Problem{
		Items: []binpack.Item{{Size: []int64{3}, Count: 4}, {Size: []int64{11}, Count: 1}},
		Bins:  []binpack.BinType{{Capacity: []int64{4}, Price: 5}, {Capacity: []int64{10}, Price: 12}},
	}, binpack.Options{})
	if err != nil {
		panic(err)
	}
	if err := quote.Explain(os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// 4 items placed, 2 bins opened for 17 (FirstFit), 1 left over
	//   new bin of type 1: 3 of item 0, free [1]
	//   new bin of type 0: 1 of item 0, free [1]
	//   left over, 1 of item 1: too large: wants 11 in dimension 0, the nearest bin type 1 has 10
	//   no plan costs less than 15 or opens fewer than 2 bins: the plan is 13.3 % above
}

func ExampleLowerBound() {
	bound, err := binpack.LowerBound(binpack.Problem{
		Items: []binpack.Item{{Size: []int64{6}, Count: 10}},
		Bins:  []binpack.BinType{{Capacity: []int64{10}, Price: 3}},
	})
	fmt.Println(bound, err) // 60 units would go into six bins, but no two of these share one
	// Output: no plan costs less than 30 or opens fewer than 10 bins <nil>
}

func ExampleVerify() {
	problem := binpack.Problem{
		Items: []binpack.Item{{Size: []int64{3}, Count: 3}},
		Bins:  []binpack.BinType{{Capacity: []int64{6}, Price: 1}},
	}
	plan, err := binpack.Pack(problem, binpack.Options{})
	fmt.Println(err, binpack.Verify(&problem, &plan))
	plan.Price--
	fmt.Println(binpack.Verify(&problem, &plan))
	// Output:
	// <nil> <nil>
	// broken plan: price 2, not 1
}

func ExamplePacker() {
	problem := binpack.Problem{
		Items: []binpack.Item{{Size: []int64{2}, Count: 5}},
		Bins:  []binpack.BinType{{Capacity: []int64{4}, Price: 1}},
	}
	var packer binpack.Packer // keeps its memory, and so does the plan
	var plan binpack.Plan
	for count := 5; count <= 7; count++ {
		problem.Items[0].Count = count
		if err := packer.Pack(&problem, binpack.Options{}, &plan); err != nil {
			panic(err)
		}
		fmt.Println(plan.String())
	}
	text, err := json.Marshal(plan)
	fmt.Println(string(text), err)
	// Output:
	// 5 items placed, 3 bins opened for 3 (FirstFit)
	// 6 items placed, 3 bins opened for 3 (FirstFit)
	// 7 items placed, 4 bins opened for 4 (FirstFit)
	// {"rule":"FirstFit","placements":[{"bin":0,"item":0,"count":2},{"bin":1,"item":0,"count":2},{"bin":2,"item":0,"count":2},{"bin":3,"item":0,"count":1}],"price":4,"opened":4,"placed":7,"unplaced":0,"bins":[{"type":0,"open":-1,"from":0,"to":1,"free":[0]},{"type":0,"open":-1,"from":1,"to":2,"free":[0]},{"type":0,"open":-1,"from":2,"to":3,"free":[0]},{"type":0,"open":-1,"from":3,"to":4,"free":[2]}]} <nil>
}
