// Package binpack packs vectors of integers into bins that cost something: items of a few classes, each with a count, into
// bins of a few types, each with a capacity, a price and a limit. It knows nothing of Kubernetes and needs the standard
// library alone.
//
//	problem := binpack.Problem{
//		Items: []binpack.Item{{Size: []int64{500, 1024}, Count: 40}, {Size: []int64{2000, 2048}, Count: 5}},
//		Bins:  []binpack.BinType{{Capacity: []int64{4000, 8192}, Price: 10}, {Capacity: []int64{16000, 32768}, Price: 38}},
//	}
//	quote, err := binpack.Cheapest(problem, binpack.Options{})
//	if err != nil {
//		return err // the problem makes no sense: binpack.ErrInvalid
//	}
//	fmt.Println(quote.String()) // the plan, and what no plan can beat
//	quote.Explain(os.Stdout)    // bin by bin, and what is left over, and why
//
// [Pack] follows one [Rule], or several and keeps the cheapest plan; [Cheapest] adds the bound. A [Plan] says what went
// where, what is left over, and why. Equal items are handled together, so the cost grows with classes and bins rather
// than with items; a [Packer] keeps its memory, so that packing again allocates nothing. The same problem always gives
// the same plan.
//
// Items may be kept to some bin types and open bins (a [Bitset]) and to so many per bin. Where fewer and larger bins are
// worth money, Options.PerBin says how much.
//
// [LowerBound] is proven: it rests on integer arithmetic only, whatever the quality of the floating-point search that
// suggested it. [Verify] checks any plan, from here or elsewhere.
//
// No input makes it panic or run for ever: numbers may be as large as they come, a plan has at most [DefaultMaxBins] bins
// unless more are asked for, and beyond a thousand different classes the rules that go bin by bin look at some of them at a
// time. Nothing is ever found out by a clock or a random number.
package binpack
