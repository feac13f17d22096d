package proportional

import (
	"fmt"
	"io"
	"math"
	"strconv"
)

// Mode is how a policy computes.
type Mode uint8

// The modes. Their names are the keys of the ConfigMap's data.
const (
	ModeNone   Mode = iota // no config is in force
	ModeLinear             // quotients with a minimum and a maximum
	ModeLadder             // steps
)

// Decider says which share gave the answer: the larger one.
type Decider uint8

// The deciders.
const (
	DecidedByNodes Decider = iota + 1 // the nodes ask for more
	DecidedByCores                    // the cores ask for more
	DecidedByBoth                     // both ask for the same
)

// Bound says what made a share's replicas what they are.
type Bound uint8

// The bounds.
const (
	BoundNone        Bound = iota // the quotient, or the step, as it is
	BoundUnset                    // nothing configured: linear mode counts 1, ladder mode 0
	BoundMin                      // the quotient was raised to min
	BoundMax                      // the quotient was cut to max
	BoundSinglePoint              // raised to two by single point protection
	BoundFirstStep                // below the first threshold, where the first step holds all the same
)

// Defect names what a user would not expect of the answer, and what the switch of that name in [Profile] leaves out.
type Defect uint8

// The defects.
const (
	DefectNone        Defect = iota // nothing unexpected
	DefectPastMax                   // single point protection went above max (C15, MaxIsFinal)
	DefectOverflow                  // the answer did not fit 32 bits and wrapped (C17, RefuseOverflow)
	DefectEmptyLadder               // a ladder without steps scales to zero (C22, StrictConfig)
)

// Share is what the nodes, or the cores, ask for.
type Share struct {
	// Replicas is the number asked for, before it is narrowed to 32 bits.
	Replicas int64 `json:"replicas"`
	// Per is linear mode's number of nodes or cores for one replica, 0 if there is none.
	Per float64 `json:"per,omitempty"`
	// Threshold is that of ladder mode's step that holds.
	Threshold int64 `json:"threshold,omitempty"`
	// Count is the number of nodes or cores that counted.
	Count int32 `json:"count"`
	// Bound says what made Replicas what it is.
	Bound Bound `json:"bound"`
}

// Quotient is linear mode's count over per, before rounding up and before any bound; 0 where there is none.
func (s Share) Quotient() float64 {
	if s.Per == 0 {
		return 0
	}
	return float64(s.Count) / s.Per
}

// Outcome is a policy's answer for one cluster size, with what decided. It holds plain values only; text is made when
// asked for.
type Outcome struct {
	// Nodes is what the nodes ask for.
	Nodes Share `json:"nodes"`
	// Cores is what the cores ask for.
	Cores Share `json:"cores"`
	// Size is the cluster size in question.
	Size ClusterSize `json:"size"`
	// Replicas is the answer: the larger share (C16, C22).
	Replicas int32 `json:"replicas"`
	// Mode is the policy's mode.
	Mode Mode `json:"mode"`
	// Decider says whose share it is.
	Decider Decider `json:"decider"`
	// Everything tells that unschedulable nodes and their cores counted too.
	Everything bool `json:"everything,omitempty"`
	// Defect names what is unexpected about the answer, if anything.
	Defect Defect `json:"defect,omitzero"`
}

// String gives the answer and its reason in one line.
func (o Outcome) String() string {
	text := replicas(o.Replicas) + " (" + o.Mode.String() + "): "
	switch o.Decider {
	case DecidedByNodes:
		text += o.Nodes.text("nodes")
	case DecidedByCores:
		text += o.Cores.text("cores")
	default:
		text += o.sides()
	}
	if o.Defect != DefectNone {
		text += "; " + o.Defect.text()
	}
	return text
}

func replicas(n int32) string {
	if n == 1 {
		return "1 replica"
	}
	return strconv.Itoa(int(n)) + " replicas"
}

func (o *Outcome) sides() string { return o.Nodes.text("nodes") + "; " + o.Cores.text("cores") }

// Explain writes which quotient or step decided and which bound cut.
func (o Outcome) Explain(w io.Writer) error {
	counted := "schedulable ones count"
	if o.Everything {
		counted = "unschedulable ones count too"
	}
	if _, err := fmt.Fprintf(w, "%s, decided by %s (%s mode; %s)\n", replicas(o.Replicas), o.Decider, o.Mode, counted); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "  %s\n  %s\n", o.Nodes.text("nodes"), o.Cores.text("cores")); err != nil {
		return err
	}
	if o.Defect != DefectNone {
		_, err := fmt.Fprintf(w, "  beware: %s\n", o.Defect.text())
		return err
	}
	return nil
}

// text says what a share asks for and why; what is "nodes" or "cores".
func (s Share) text(what string) string {
	ask := ask(s.Replicas)
	switch {
	case s.Bound == BoundUnset:
		return fmt.Sprintf("%s are not configured and ask for %s", what, ask)
	case s.Bound == BoundFirstStep:
		return fmt.Sprintf("%d %s, below the first step [%d, %d], which holds all the same, ask for %s", s.Count, what, s.Threshold, s.Replicas, ask)
	case s.Per == 0:
		return fmt.Sprintf("%d %s, at or above step [%d, %d], ask for %s", s.Count, what, s.Threshold, s.Replicas, ask)
	}
	text := fmt.Sprintf("%d %s / %v per replica = %.6g", s.Count, what, s.Per, s.Quotient())
	switch s.Bound {
	case BoundMin:
		return text + ", raised to min " + ask
	case BoundMax:
		return text + ", cut to max " + ask
	case BoundSinglePoint:
		return text + ", raised to " + ask + " to avoid a single point of failure"
	}
	return text + ", rounded up to " + ask
}

func ask(replicas int64) string {
	if replicas == math.MinInt64 {
		return "more than 64 bits hold"
	}
	return strconv.FormatInt(replicas, 10)
}

// String names the mode as the ConfigMap does; it is empty where no config is in force.
func (m Mode) String() string { return name(m, "", linearKey, ladderKey) }

// MarshalText is the mode's name.
func (m Mode) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// String names the decider.
func (d Decider) String() string { return name(d, "nobody", "nodes", "cores", "nodes and cores alike") }

// MarshalText is the decider's name.
func (d Decider) MarshalText() ([]byte, error) {
	return []byte(name(d, "", "nodes", "cores", "both")), nil
}

// String names the bound.
func (b Bound) String() string {
	return name(b, "none", "unset", "min", "max", "singlePointOfFailure", "firstStep")
}

// MarshalText is the bound's name.
func (b Bound) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// String names the defect.
func (d Defect) String() string { return name(d, "none", "pastMax", "overflow", "emptyLadder") }

// MarshalText is the defect's name.
func (d Defect) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (d Defect) text() string {
	return name(d, "", "protection against a single point of failure goes above max",
		"a number beyond 32 bits has wrapped", "a ladder without steps scales to zero")
}

func name[T ~uint8](v T, names ...string) string {
	if int(v) < len(names) {
		return names[v]
	}
	return strconv.Itoa(int(v))
}
