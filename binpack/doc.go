// Package binpack packs vectors of integers into bins that cost something: items of a few classes, each with a count, into
// bins of a few types, each with a capacity, a price and a limit. It knows nothing of Kubernetes and needs the standard
// library alone.
//
//	problem := binpack.Problem{
//		Items: []binpack.Item{{Size: []int64{500, 1024}, Count: 40}, {Size: []int64{2000, 2048}, Count: 5}},
//		Bins:  []binpack.BinType{{Capacity: []int64{4000, 8192}, Price: 10}, {Capacity: []int64{16000, 32768}, Price: 38}},
//	}
//	plan, err := binpack.Pack(problem, binpack.Options{})
//	if err != nil {
//		return err // the problem makes no sense: binpack.ErrInvalid
//	}
//	bound, err := binpack.LowerBound(problem) // no packing is cheaper
//	fmt.Println(plan.String(), bound.Price)
//
// [Pack] follows one [Rule], or several and keeps the cheapest plan. A [Plan] says what went where, what is left over, and
// why. Equal items are handled together, so the cost grows with classes and bins rather than with items; a [Packer] keeps
// its memory, so that packing again allocates nothing. The same problem always gives the same plan.
//
// [LowerBound] is proven: it rests on integer arithmetic only, whatever the quality of the floating-point search that
// suggested it.
package binpack
