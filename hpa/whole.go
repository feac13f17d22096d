package hpa

import "math"

// TotalValue is the size that the whole of an Object or External metric asks for with a Value target (rules V1 to V5):
// of current replicas, of which ready are running and ready. Total and target are in thousandths.
func TotalValue(cfg Config, t Tolerance, current int32, total, target int64, ready int32) Proposal {
	fixes := cfg.fixes()
	return fixes.totalValue(t, current, total, target, ready)
}

// PerPodValue is the size that the whole of an Object or External metric asks for with an AverageValue target (rules P1
// to P5): of observed replicas, which is scale.status.replicas, while spec is scale.spec.replicas. External metrics stop
// at the largest int32, Object metrics do not. Total and target are in thousandths.
func PerPodValue(cfg Config, t Tolerance, observed, spec int32, total, target int64, external bool) Proposal {
	fixes := cfg.fixes()
	return fixes.perPodValue(t, observed, spec, total, target, external)
}

func (f *Fixes) totalValue(t Tolerance, current int32, total, target int64, ready int32) Proposal {
	ratio := float64(total) / float64(target)
	p := Proposal{Value: total, Ratio: ratio, Exact: ratio, Final: ratio}
	if current == 0 { // V5: neither tolerance nor pods count
		p.Replicas, p.Outcome = f.toInt32(math.Ceil(ratio)), FromZero
		return p
	}
	p.settle(f, t, current, ratio, int(ready))
	if p.Outcome == Scaled && ratio*float64(ready) > math.MaxInt32 {
		p.Replicas = math.MaxInt32
	}
	return p
}

func (f *Fixes) perPodValue(t Tolerance, observed, spec int32, total, target int64, external bool) Proposal {
	ratio := float64(total) / (float64(target) * float64(observed))
	p := Proposal{Value: f.perReplica(total, observed, external), Ratio: ratio, Exact: ratio, Final: ratio}
	if t.Within(ratio) {
		p.Replicas, p.Outcome = observed, WithinTolerance // P2: the status, not the spec
		if f.KeepSpecWithinTolerance {
			p.Replicas = spec
		}
		return p
	}
	p.Outcome = DividedByTarget
	size := math.Ceil(float64(total) / float64(target))
	p.Replicas = f.toInt32(size)
	if external && size > math.MaxInt32 {
		p.Replicas = math.MaxInt32
	}
	return p
}

// perReplica is the average that status shows (P5).
func (f *Fixes) perReplica(total int64, observed int32, external bool) int64 {
	if observed == 0 && f.TotalAtZeroReplicas {
		return total
	}
	if external && float64(total) >= math.MaxInt64 {
		return math.MaxInt64
	}
	return f.toInt64(math.Ceil(float64(total) / float64(observed)))
}

// SumSeries adds the series of an External metric up for a Value target: a positive series that would overflow makes it
// the largest int64 (V4).
func SumSeries(cfg Config, series []int64) int64 {
	fixes := cfg.fixes()
	return fixes.sumForValue(series)
}

// SumSeriesPerPod adds the series of an External metric up for an AverageValue target: a sum that becomes negative on
// the way is taken for an overflow and makes it the largest int64, so that the order of the series counts (P4).
func SumSeriesPerPod(cfg Config, series []int64) int64 {
	fixes := cfg.fixes()
	return fixes.sumForAverage(series)
}

func (f *Fixes) sumForValue(series []int64) int64 {
	var sum int64
	for _, v := range series {
		if v > 0 && sum > math.MaxInt64-v {
			return math.MaxInt64
		}
		sum = f.add(sum, v)
	}
	return sum
}

func (f *Fixes) sumForAverage(series []int64) int64 {
	if f.NegativeSeries {
		return f.sumForValue(series)
	}
	var sum int64
	for _, v := range series {
		if sum += v; sum < 0 {
			return math.MaxInt64
		}
	}
	return sum
}
