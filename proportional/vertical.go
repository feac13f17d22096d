package proportional

import (
	"fmt"
	"math"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// VerticalProfile says which surprises of cluster-proportional-vertical-autoscaler v0.8.9 are left out; the zero value
// leaves out none.
type VerticalProfile struct {
	// RoundUpCores sums CPU exactly and rounds up once. Upstream fails as soon as one node reports thousandths of a core,
	// even where the sum is whole (V1).
	RoundUpCores bool `json:"roundUpCores,omitempty"`
	// RefuseOverflow refuses arithmetic beyond 64 bits, which upstream wraps silently (V4).
	RefuseOverflow bool `json:"refuseOverflow,omitempty"`
	// UsualFormat prints memory and storage in binary and everything else in decimal units. Upstream has it the other
	// way round (V5).
	UsualFormat bool `json:"usualFormat,omitempty"`
	// StrictConfig refuses configs that upstream takes without a look: negative numbers, base above max, and a step that
	// neither cores nor nodes take (V9).
	StrictConfig bool `json:"strictConfig,omitempty"`
}

// UpstreamVertical is the profile of cluster-proportional-vertical-autoscaler v0.8.9: no surprise is left out.
func UpstreamVertical() VerticalProfile { return VerticalProfile{} }

// FixedVertical is the profile without any of the known surprises.
func FixedVertical() VerticalProfile {
	return VerticalProfile{RoundUpCores: true, RefuseOverflow: true, UsualFormat: true, StrictConfig: true}
}

// VerticalSize is the cluster size that the vertical sibling looks at: all nodes, cordoned and unready ones too.
type VerticalSize struct {
	// Nodes is the number of nodes.
	Nodes int64 `json:"nodes"`
	// Cores is the sum of their CPU capacity.
	Cores int64 `json:"cores"`
}

// VerticalSizeOf counts all nodes and their capacity, which is not what is allocatable. The error wraps [ErrInvalid]: the
// sum must be a whole number as upstream's quantities represent it, without a part in thousandths (V1).
func VerticalSizeOf(nodes []*corev1.Node, profile VerticalProfile) (VerticalSize, error) {
	var size VerticalSize
	var cores resource.Quantity
	first := ""
	for _, node := range nodes {
		if node == nil {
			continue
		}
		size.Nodes++
		cpu := node.Status.Capacity[corev1.ResourceCPU]
		if _, whole := cpu.AsInt64(); !whole {
			// The API server hands out quantities in their shortest form, 4000m as 4; a manifest need not be so kind.
			if short, err := resource.ParseQuantity(cpu.String()); err == nil {
				cpu = short
			}
			if _, whole = cpu.AsInt64(); !whole && first == "" {
				first = fmt.Sprintf(": node %q has status.capacity.cpu %s", node.Name, cpu.String())
			}
		}
		cores.Add(cpu)
	}
	whole, ok := cores.AsInt64()
	if !ok && profile.RoundUpCores {
		if whole, ok = cores.Value(), cores.CmpInt64(math.MaxInt64) <= 0; !ok {
			first = ""
		}
	}
	if !ok {
		return VerticalSize{}, fmt.Errorf("%w size: the sum of cores, %s, is not a plain integer%s", ErrInvalid, cores.String(), first)
	}
	size.Cores = whole
	return size, nil
}

// Scale is how one request or limit grows with the cluster. The JSON names are upstream's.
type Scale struct {
	// Base is what every cluster gets; default 0.
	Base resource.Quantity `json:"base,omitzero"`
	// Max bounds the result; 0, the default, means no bound.
	Max resource.Quantity `json:"max,omitzero"`
	// Step is what each step adds; default 0.
	Step resource.Quantity `json:"step,omitzero"`
	// CoresPerStep is how many cores make a step, begun ones counted; 0, the default, leaves cores out.
	CoresPerStep int64 `json:"coresPerStep,omitempty"`
	// NodesPerStep is how many nodes make a step, begun ones counted; 0, the default, leaves nodes out.
	NodesPerStep int64 `json:"nodesPerStep,omitempty"`
}

// VerticalPolicy is a [Scale] compiled to thousandths. It does not change, so it may be shared.
type VerticalPolicy struct {
	base, max, step            int64
	coresPerStep, nodesPerStep int64
	refuse                     bool
}

// VerticalOutcome is what a scale asks for, with what decided.
type VerticalOutcome struct {
	// Milli is the answer in thousandths of the resource's unit: the larger of the two.
	Milli int64 `json:"milli"`
	// ByNodes is what the nodes ask for, in thousandths.
	ByNodes int64 `json:"byNodes"`
	// ByCores is what the cores ask for, in thousandths.
	ByCores int64 `json:"byCores"`
	// NodeSteps are the steps that the nodes take.
	NodeSteps int64 `json:"nodeSteps"`
	// CoreSteps are the steps that the cores take.
	CoreSteps int64 `json:"coreSteps"`
	// Max is the bound in thousandths, where it cut the answer; else 0.
	Max int64 `json:"max,omitempty"`
	// Decider says which of the two is larger.
	Decider Decider `json:"decider"`
	// Wrapped tells that the arithmetic went beyond 64 bits and wrapped (V4).
	Wrapped bool `json:"wrapped,omitempty"`
}

// Compile checks and compiles a scale. The error is [ErrOutOfRange] where a quantity does not fit 64 bits in thousandths,
// at which upstream crashes (V4), and [ErrInvalid] where the profile is strict.
func (s Scale) Compile(profile VerticalProfile) (VerticalPolicy, error) {
	p := VerticalPolicy{coresPerStep: s.CoresPerStep, nodesPerStep: s.NodesPerStep, refuse: profile.RefuseOverflow}
	for _, q := range []struct {
		name string
		from *resource.Quantity
		to   *int64
	}{{"base", &s.Base, &p.base}, {"max", &s.Max, &p.max}, {"step", &s.Step, &p.step}} {
		if q.from.CmpInt64(math.MaxInt64/1000) > 0 || profile.RefuseOverflow && q.from.CmpInt64(math.MinInt64/1000) < 0 {
			return VerticalPolicy{}, fmt.Errorf("%s: %s is %w: does not fit 64 bits in thousandths", q.name, q.from, ErrOutOfRange)
		}
		*q.to = q.from.MilliValue()
		if profile.StrictConfig && *q.to < 0 {
			return VerticalPolicy{}, fmt.Errorf("%w scale: %s: %s is negative", ErrInvalid, q.name, q.from)
		}
	}
	if !profile.StrictConfig {
		return p, nil
	}
	switch {
	case s.CoresPerStep < 0:
		return VerticalPolicy{}, fmt.Errorf("%w scale: coresPerStep: %d is negative", ErrInvalid, s.CoresPerStep)
	case s.NodesPerStep < 0:
		return VerticalPolicy{}, fmt.Errorf("%w scale: nodesPerStep: %d is negative", ErrInvalid, s.NodesPerStep)
	case p.max > 0 && p.base > p.max:
		return VerticalPolicy{}, fmt.Errorf("%w scale: base: %s is above max %s", ErrInvalid, &s.Base, &s.Max)
	case p.step > 0 && s.CoresPerStep == 0 && s.NodesPerStep == 0:
		return VerticalPolicy{}, fmt.Errorf("%w scale: step: %s is never taken, since coresPerStep and nodesPerStep are 0", ErrInvalid, &s.Step)
	}
	return p, nil
}

// Milli decides for a cluster of that size (V2, V3). The error is [ErrOutOfRange], only where the profile refuses to wrap.
func (p *VerticalPolicy) Milli(size VerticalSize) (VerticalOutcome, error) {
	var o VerticalOutcome
	var cut [2]bool
	o.CoreSteps, o.ByCores, cut[0] = p.share(size.Cores, p.coresPerStep, &o.Wrapped)
	o.NodeSteps, o.ByNodes, cut[1] = p.share(size.Nodes, p.nodesPerStep, &o.Wrapped)
	o.Milli, o.Decider = o.ByNodes, DecidedByNodes
	capped := cut[1]
	switch {
	case o.ByCores > o.ByNodes:
		o.Milli, o.Decider, capped = o.ByCores, DecidedByCores, cut[0]
	case o.ByCores == o.ByNodes:
		o.Decider, capped = DecidedByBoth, cut[0] || cut[1]
	}
	if capped {
		o.Max = p.max
	}
	if o.Wrapped && p.refuse {
		return o, fmt.Errorf("%w: base + step times %d steps of cores or %d of nodes does not fit 64 bits in thousandths", ErrOutOfRange, o.CoreSteps, o.NodeSteps)
	}
	return o, nil
}

// share is what nodes or cores ask for. Go's division truncates, so a negative per follows the formula into smaller
// numbers of steps, which may be negative (V4).
func (p *VerticalPolicy) share(n, per int64, wrapped *bool) (steps, milli int64, capped bool) {
	switch per {
	case 0:
	case 1:
		steps = n
	default:
		up := n + (per - 1)
		*wrapped = *wrapped || per > 0 && up < n || per < 0 && up > n
		steps = up / per
	}
	grown := p.step * steps
	*wrapped = *wrapped || p.step != 0 && (grown/p.step != steps || p.step == -1 && steps == math.MinInt64)
	milli = p.base + grown
	*wrapped = *wrapped || (milli < p.base) != (grown < 0)
	if p.max > 0 && milli > p.max {
		return steps, p.max, true
	}
	return steps, milli, false
}
