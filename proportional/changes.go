package proportional

import (
	"fmt"
	"io"
	"math"
)

// Change is the nearest count of nodes or cores at which the answer is another.
type Change struct {
	// Count is the number of nodes or cores.
	Count int32 `json:"count"`
	// Replicas is the answer there.
	Replicas int32 `json:"replicas"`
	// OutOfRange tells that the answer there does not fit 32 bits: it wraps, or is refused.
	OutOfRange bool `json:"outOfRange,omitempty"`
}

// Changes says what would change an answer: more or fewer nodes while the cores stay, more or fewer cores while the nodes
// stay. Those count that the policy counts, schedulable ones or all. Nil means that no count that fits 32 bits would.
type Changes struct {
	// MoreNodes is the smallest larger number of nodes with another answer.
	MoreNodes *Change `json:"moreNodes,omitempty"`
	// FewerNodes is the largest smaller number of nodes with another answer.
	FewerNodes *Change `json:"fewerNodes,omitempty"`
	// MoreCores is the smallest larger number of cores with another answer.
	MoreCores *Change `json:"moreCores,omitempty"`
	// FewerCores is the largest smaller number of cores with another answer.
	FewerCores *Change `json:"fewerCores,omitempty"`
}

// Changes finds the nearest sizes at which the answer is another. It takes a few hundred nanoseconds, so [Decide] leaves
// it to those who ask.
func (p *Policy) Changes(size ClusterSize) Changes {
	if p.Mode() == ModeNone {
		return Changes{}
	}
	nodes, cores := &size.SchedulableNodes, &size.SchedulableCores
	if p.everything {
		nodes, cores = &size.Nodes, &size.Cores
	}
	var c Changes
	c.MoreNodes, c.FewerNodes = p.nearest(&size, nodes, p.nodes.steps)
	c.MoreCores, c.FewerCores = p.nearest(&size, cores, p.cores.steps)
	return c
}

// nearest varies one count of the size, which it leaves as it was.
func (p *Policy) nearest(size *ClusterSize, count *int32, steps []Step) (more, fewer *Change) {
	now := *count
	defer func() { *count = now }()
	here := p.asked(*size)
	probe := func(x int64) (asked int64) {
		*count = int32(x)
		return p.asked(*size)
	}
	change := func(x int64) *Change {
		asked := probe(x)
		return &Change{Count: int32(x), Replicas: narrow(asked), OutOfRange: asked > math.MaxInt32}
	}
	if p.mode == ModeLadder {
		// Only thresholds change anything, and a ladder may go down as well as up (C23).
		for _, s := range steps {
			if t := s.Threshold(); t > int64(now) && t <= math.MaxInt32 && probe(t) != here {
				more = change(t)
				break
			}
		}
		for i := len(steps) - 1; i >= 0; i-- {
			if t := steps[i].Threshold(); t <= int64(now) && t > 0 && probe(t-1) != here {
				fewer = change(t - 1)
				break
			}
		}
		return more, fewer
	}
	// A linear answer never falls when a count grows, so that halving finds where it differs. Computing the count from
	// the ratio would have to undo the rounding of the division (C18).
	if probe(math.MaxInt32) != here {
		same, other := int64(now), int64(math.MaxInt32)
		for other-same > 1 {
			if mid := same + (other-same)/2; probe(mid) == here {
				same = mid
			} else {
				other = mid
			}
		}
		more = change(other)
	}
	if now > 0 && probe(0) != here {
		other, same := int64(0), int64(now)
		for same-other > 1 {
			if mid := other + (same-other)/2; probe(mid) == here {
				same = mid
			} else {
				other = mid
			}
		}
		fewer = change(other)
	}
	return more, fewer
}

// asked is the larger share before it is narrowed, with what does not even fit 64 bits as the largest number.
func (p *Policy) asked(size ClusterSize) int64 {
	var o Outcome
	_ = p.ReplicasInto(&o, size) // a refusal still tells what was asked for
	larger := max(o.Nodes.Replicas, o.Cores.Replicas)
	if o.Nodes.Replicas|o.Cores.Replicas < 0 || o.Defect == DefectOverflow && larger <= math.MaxInt32 {
		return math.MaxInt64
	}
	return larger
}

func narrow(asked int64) int32 {
	if asked == math.MaxInt64 {
		return 0
	}
	return int32(asked)
}

// Explain writes a line for each change there is.
func (c Changes) Explain(w io.Writer) error {
	lines := 0
	for _, l := range []struct {
		change *Change
		where  string
	}{
		{c.MoreNodes, "nodes >= %d, with the cores as they are"}, {c.FewerNodes, "nodes <= %d, with the cores as they are"},
		{c.MoreCores, "cores >= %d, with the nodes as they are"}, {c.FewerCores, "cores <= %d, with the nodes as they are"},
	} {
		if l.change == nil {
			continue
		}
		lines++
		answer := replicas(l.change.Replicas)
		if l.change.OutOfRange {
			answer = "more replicas than 32 bits hold"
		}
		if _, err := fmt.Fprintf(w, "  next: %s at "+l.where+"\n", answer, l.change.Count); err != nil {
			return err
		}
	}
	if lines == 0 {
		_, err := fmt.Fprintln(w, "  next: no other number of nodes alone, or of cores alone, changes the answer")
		return err
	}
	return nil
}

// Table lists the replicas over the size of a cluster that grows from no node to upTo nodes, all schedulable and with so
// many thousandths of a core each: one outcome for every size at which the answer differs from the one before. It tries
// each size. The error is that of [Policy.Replicas] at the first size that has none; the outcomes before it are given.
func Table(p *Policy, milliCoresPerNode int64, upTo int32) ([]Outcome, error) {
	var rows []Outcome
	for n := int64(0); n <= int64(upTo); n++ {
		nodes, cores := int32(n), cores(n, milliCoresPerNode)
		o, err := p.Replicas(ClusterSize{SchedulableNodes: nodes, Nodes: nodes, SchedulableCores: cores, Cores: cores})
		if err != nil {
			return rows, err
		}
		if len(rows) == 0 || rows[len(rows)-1].Replicas != o.Replicas {
			rows = append(rows, o)
		}
	}
	return rows, nil
}

// cores rounds up, and stops at what fits 32 bits.
func cores(nodes, milli int64) int32 {
	if milli <= 0 || nodes <= 0 {
		return 0
	}
	if milli > math.MaxInt64/(2*nodes) {
		return math.MaxInt32
	}
	return int32(min((nodes*milli+999)/1000, math.MaxInt32))
}
