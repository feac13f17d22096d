package histogram

// Percentile is the value below which a share p (0 to 1) of the weight lies: the end of the bucket in which the sum of
// weights reaches p times the total, or 0 on an empty histogram (H12).
func (h *Histogram) Percentile(p float64) float64 {
	if h.Empty() {
		return 0
	}
	return h.layout.End(h.PercentileBucket(p))
}

// PercentileBucket is the bucket whose end [Histogram.Percentile] is; -1 on an empty histogram. A p above 1 means the
// highest bucket, one below 0 the lowest.
func (h *Histogram) PercentileBucket(p float64) int {
	ps, buckets := [1]float64{p}, [1]int{}
	h.PercentileBuckets(ps[:], buckets[:])
	return buckets[0]
}

// PercentileBuckets finds the buckets of several percentiles in one walk where they come in ascending order. Buckets
// must be as long as ps.
func (h *Histogram) PercentileBuckets(ps []float64, buckets []int) {
	if h.Empty() {
		for i := range ps {
			buckets[i] = -1
		}
		return
	}
	for from := 0; from < len(ps); {
		to := from + 1
		for to < len(ps) && ps[to] >= ps[to-1] {
			to++
		}
		h.walk(ps[from:to], buckets[from:to])
		from = to
	}
}

// walk finds the buckets of ascending percentiles on a histogram that is not empty. The highest bucket is where it ends,
// whatever the sum is by then.
func (h *Histogram) walk(ps []float64, buckets []int) {
	b, highest := int(h.lowest), int(h.highest)
	sum, next := 0.0, 0
	threshold := ps[0] * h.total
	// Buckets of an empty range and of a non-empty histogram all lie in what is kept.
	for ; b < highest; b++ {
		sum += h.weights[b-int(h.low)]
		for sum >= threshold {
			buckets[next] = b
			if next++; next == len(ps) {
				return
			}
			threshold = ps[next] * h.total
		}
	}
	for ; next < len(ps); next++ {
		buckets[next] = b
	}
}
