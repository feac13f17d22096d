// Package histogram holds weighted histograms that forget: exponential buckets, and weights that halve with age.
//
// It is the memory of the Vertical Pod Autoscaler's recommender, equal to it bit for bit: bucket edges, the epsilon below
// which a bucket counts as empty, the shifts of the decay's reference time, merging, subtracting and checkpoints. It
// needs the standard library only and knows nothing of Kubernetes. The layout in memory is its own: only the range of
// buckets that was ever touched is kept.
//
//	layout, err := histogram.Exponential(1000, 0.01, 1.05, histogram.Epsilon) // CPU: up to 1000 cores from 10 millicores on
//	if err != nil {
//		return err
//	}
//	usage, err := histogram.New(layout, 24*time.Hour)
//	if err != nil {
//		return err
//	}
//	if err := usage.Add(0.25, 1, sampled); err != nil { // a quarter of a core, with weight 1
//		return err
//	}
//	p90 := usage.Percentile(0.9)
//
// A [Layout] is immutable and may be shared by everybody. A [Histogram] is for one goroutine at a time.
package histogram
