package hpa

import (
	"errors"
	"math"
)

// Failures of a metric, in upstream's words.
var (
	// ErrNoPods means that the selector matches no pod.
	ErrNoPods = errors.New("no pods returned by selector while calculating replica count")
	// ErrNoReadings means that no pod has a reading that counts.
	ErrNoReadings = errors.New("did not receive metrics for targeted pods (pods might be unready)")
	// ErrNoRequests means that the pods with readings request nothing (U2).
	ErrNoRequests = errors.New("no metrics returned matched known pods")
)

// Utilization is the size that usage in percent of the requests asks for (rules U1 to U8): of current replicas, with a
// target in percent. The readings come from [GroupRequests].
func Utilization(cfg Config, t Tolerance, current, target int32, r Readings) (Proposal, error) {
	fixes := cfg.fixes()
	return fixes.utilization(t, current, target, &r)
}

// AverageValue is the size that the mean reading of the pods asks for (rules A1 to A5): of current replicas, with a
// target in thousandths. The readings come from [Group].
func AverageValue(cfg Config, t Tolerance, current int32, target int64, r Readings) (Proposal, error) {
	fixes := cfg.fixes()
	return fixes.averageValue(t, current, target, &r)
}

func (f *Fixes) utilization(t Tolerance, current, target int32, r *Readings) (Proposal, error) {
	if r.Samples() == 0 {
		return Proposal{}, ErrNoReadings
	}
	if r.Requests == 0 {
		return Proposal{}, ErrNoRequests
	}
	p := Proposal{
		Utilization: f.percent(f.mulDiv(r.Usage, 100, r.Requests)),
		Value:       r.Usage / int64(r.Ready), // U1: gone samples are left out here
		Exact:       float64(r.Usage) / float64(r.Requests) / (float64(target) / 100),
	}
	p.Ratio = float64(p.Utilization) / float64(target)

	if p.plain(r) {
		p.settle(f, t, current, p.Ratio, r.Ready)
		return p, nil
	}
	filled, usage, requests := p.fill(r), r.Usage, r.Requests
	if p.Filled&MissingAsFull != 0 {
		usage = f.add(usage, r.MissingFill)
	}
	if p.Filled&(MissingAsFull|MissingAsZero) != 0 {
		requests = f.add(requests, r.MissingRequests)
	}
	if p.Filled&UnreadyAsZero != 0 {
		requests = f.add(requests, r.UnreadyRequests)
	}
	if requests == 0 {
		return Proposal{Utilization: p.Utilization, Value: p.Value}, ErrNoRequests
	}
	final := float64(f.percent(f.mulDiv(usage, 100, requests))) / float64(target)
	p.settleFilled(f, t, current, final, r.Samples()+filled)
	return p, nil
}

func (f *Fixes) averageValue(t Tolerance, current int32, target int64, r *Readings) (Proposal, error) {
	samples := int64(r.Samples())
	if samples == 0 {
		return Proposal{}, ErrNoReadings
	}
	usage := f.add(r.Usage, r.GoneUsage)
	p := Proposal{Value: usage / samples}
	p.Exact = float64(usage) / float64(samples) / float64(target)
	p.Ratio = float64(p.Value) / float64(target)

	if p.plain(r) {
		p.settle(f, t, current, p.Ratio, r.Ready)
		return p, nil
	}
	filled := p.fill(r)
	if p.Filled&MissingAsFull != 0 {
		usage = f.add(usage, f.mulDiv(target, int64(r.Missing), 1)) // A4: down fills with the target
	}
	count := samples + int64(filled)
	p.settleFilled(f, t, current, float64(usage/count)/float64(target), int(count))
	return p, nil
}

// plain tells whether the readings are taken as they are (U4): none is missing, and unready pods do not hold a scale-up
// back.
func (p *Proposal) plain(r *Readings) bool {
	return r.Missing == 0 && !(r.Unready > 0 && p.Ratio > 1)
}

// fill decides what is assumed for pods without a reading (U5, U6) and returns how many readings that adds. A ratio of
// exactly 1 fills nothing.
func (p *Proposal) fill(r *Readings) (count int) {
	if r.Missing > 0 && p.Ratio < 1 {
		p.Filled |= MissingAsFull
		count += r.Missing
	} else if r.Missing > 0 && p.Ratio > 1 {
		p.Filled |= MissingAsZero
		count += r.Missing
	}
	if r.Unready > 0 && p.Ratio > 1 {
		p.Filled |= UnreadyAsZero
		count += r.Unready
	}
	return count
}

// settle turns a ratio into a size where nothing had to be assumed.
func (p *Proposal) settle(f *Fixes, t Tolerance, current int32, ratio float64, pods int) {
	p.Final, p.Pods = ratio, pods
	if t.Within(ratio) {
		p.Replicas, p.Outcome = current, WithinTolerance
		return
	}
	p.Replicas = f.toInt32(math.Ceil(ratio * float64(pods)))
}

// settleFilled turns the ratio with assumed readings into a size, unless it no longer points where the real ones did.
func (p *Proposal) settleFilled(f *Fixes, t Tolerance, current int32, final float64, pods int) {
	p.settle(f, t, current, final, pods)
	switch {
	case p.Outcome == WithinTolerance:
	case p.Ratio < 1 && final > 1 || p.Ratio > 1 && final < 1:
		p.Replicas, p.Outcome = current, DirectionReversed
	case final < 1 && p.Replicas > current || final > 1 && p.Replicas < current:
		p.Replicas, p.Outcome = current, CountReversed
	}
}
