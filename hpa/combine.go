package hpa

// Combine chooses among the proposals of the metrics that have one, in the object's order, and returns the index of its
// choice. It must be a pure function of its arguments. An index out of range counts as no choice, and so the object asks
// for nothing: 0 replicas before bounds.
type Combine func(current int32, proposals []Proposal) int

// Largest chooses the proposal with the most replicas, the first one of several. This is what upstream does (M1).
func Largest(_ int32, proposals []Proposal) int {
	best, replicas := -1, int32(0)
	for i := range proposals {
		// While the best is 0, a later one replaces it, even a negative one.
		if p := proposals[i].Replicas; replicas == 0 || p > replicas {
			best, replicas = i, p
		}
	}
	return best
}

// Smallest chooses the proposal with the fewest replicas, the first one of several: an object scales up only if all its
// metrics ask for it.
func Smallest(_ int32, proposals []Proposal) int {
	best := -1
	for i := range proposals {
		if best < 0 || proposals[i].Replicas < proposals[best].Replicas {
			best = i
		}
	}
	return best
}

// combine chooses the metric that decides, -1 for none, and the size it asks for.
func (d *Decider) combine(current int32, results []MetricResult) (winner int, replicas int32) {
	d.proposals, d.proposers = d.proposals[:0], d.proposers[:0]
	for i := range results {
		if results[i].Err == nil {
			d.proposals, d.proposers = append(d.proposals, results[i].Proposal), append(d.proposers, i)
		}
	}
	choose := d.cfg.Combine
	if choose == nil {
		choose = Largest
	}
	if best := choose(current, d.proposals); best >= 0 && best < len(d.proposals) {
		return d.proposers[best], d.proposals[best].Replicas
	}
	return -1, 0
}
