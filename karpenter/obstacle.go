package karpenter

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// ObstacleKind is a reason why a node is not disrupted.
type ObstacleKind string

// The obstacles, in the order in which they are looked for.
const (
	AlreadyDisrupting   ObstacleKind = "AlreadyDisrupting"   // a command for it is under way
	Unmanaged           ObstacleKind = "Unmanaged"           // no NodePool manages it
	NotInitialized      ObstacleKind = "NotInitialized"      // it is not ready for pods yet
	MarkedForDeletion   ObstacleKind = "MarkedForDeletion"   // it goes already
	Nominated           ObstacleKind = "Nominated"           // a pending pod is expected on it
	NodeDoNotDisrupt    ObstacleKind = "NodeDoNotDisrupt"    // its annotation says so
	NodePoolNotFound    ObstacleKind = "NodePoolNotFound"    // its pool is gone, or has no instance types
	PodDoNotDisrupt     ObstacleKind = "PodDoNotDisrupt"     // the annotation of a pod says so
	PDBExhausted        ObstacleKind = "PDBExhausted"        // a PodDisruptionBudget allows no disruption now
	PDBsOverlap         ObstacleKind = "PDBsOverlap"         // two PodDisruptionBudgets are about one pod
	StaticNodePool      ObstacleKind = "StaticNodePool"      // its pool holds a number of nodes
	ConsolidationOff    ObstacleKind = "ConsolidationOff"    // consolidateAfter is Never
	InstanceTypeUnknown ObstacleKind = "InstanceTypeUnknown" // its pool does not offer its type any more
	LabelMissing        ObstacleKind = "LabelMissing"        // its zone or capacity type is not known
	NodeEmpty           ObstacleKind = "NodeEmpty"           // it is a matter of emptiness
	NodeNotEmpty        ObstacleKind = "NodeNotEmpty"        // pods would have to move
	OnlyWhenEmpty       ObstacleKind = "OnlyWhenEmpty"       // its pool's policy is WhenEmpty
	Quiet               ObstacleKind = "ConsolidateAfter"    // it has been busy within consolidateAfter
	NotDrifted          ObstacleKind = "NotDrifted"          // it is what its pool asks for
	BudgetExhausted     ObstacleKind = "BudgetExhausted"     // its pool's budgets allow no more now
	PodsWithoutPlace    ObstacleKind = "PodsWithoutPlace"    // a pod of it would find no place
	ManyReplacements    ObstacleKind = "ManyReplacements"    // it would take several new nodes
	NotCheaper          ObstacleKind = "NotCheaper"          // no instance type that is cheaper would do
	SameType            ObstacleKind = "SameType"            // a node of the type that remains would do as well
	SpotToSpotOff       ObstacleKind = "SpotToSpotOff"       // spot is not replaced by spot
	TooFewSpotTypes     ObstacleKind = "TooFewSpotTypes"     // fewer than 15 cheaper spot types
	MinValuesUnmet      ObstacleKind = "MinValuesUnmet"      // too few types are left for minValues
	Unbalanced          ObstacleKind = "Unbalanced"          // the saving does not outweigh the disruption
	BelowThreshold      ObstacleKind = "BelowThreshold"      // the saving is below what Thrift asks for
	TooYoung            ObstacleKind = "TooYoung"            // younger than the lifetime that Thrift asks for
)

// Obstacle is one reason why a node is not disrupted now, and when that may change.
type Obstacle struct {
	Kind ObstacleKind `json:"kind"`           // what it is
	Pod  string       `json:"pod,omitempty"`  // namespace/name of the pod, where it is about one
	PDBs []string     `json:"pdbs,omitempty"` // namespace/name of the PodDisruptionBudgets, where it is about such
	// Until is when it goes away by itself; the zero time: it does not, or nobody knows.
	Until time.Time `json:"until,omitzero"`
	// Have and Want are the numbers that decided, where there are such: price against price, types against types.
	Have   float64 `json:"have,omitempty"`
	Want   float64 `json:"want,omitempty"`   // see Have
	Detail string  `json:"detail,omitempty"` // more, in words
	// Allowance is the arithmetic behind BudgetExhausted.
	Allowance *Allowance `json:"allowance,omitempty"`
	failures  []Placement
}

// String says it in one line.
func (o Obstacle) String() string {
	var b strings.Builder
	b.WriteString(string(o.Kind))
	if o.Pod != "" {
		b.WriteString(" " + o.Pod)
	}
	if len(o.PDBs) > 0 {
		fmt.Fprintf(&b, " %v", o.PDBs)
	}
	if d := o.detail(); d != "" {
		b.WriteString(": " + d)
	}
	if !o.Until.IsZero() {
		b.WriteString(" until " + o.Until.UTC().Format(time.RFC3339))
	}
	return b.String()
}

// detail puts the numbers into words only when asked.
func (o *Obstacle) detail() string {
	switch {
	case o.Detail != "":
		return o.Detail
	case o.Allowance != nil:
		return o.Allowance.String()
	case len(o.failures) > 0:
		return fmt.Sprintf("%d pods, first %s", len(o.failures), placementText(&o.failures[0]))
	}
	switch o.Kind {
	case NotCheaper:
		return fmt.Sprintf("the cheapest that would do costs %.6g, at most below %.6g is wanted", o.Have, o.Want)
	case ManyReplacements:
		return fmt.Sprintf("%.0f nodes", o.Have)
	case TooFewSpotTypes:
		return fmt.Sprintf("%.0f cheaper types, %.0f needed", o.Have, o.Want)
	case Unbalanced:
		return fmt.Sprintf("score %.4g, %.4g needed", o.Have, o.Want)
	case BelowThreshold:
		return fmt.Sprintf("saves %.6g, %.6g needed", o.Have, o.Want)
	}
	return ""
}

// MarshalJSON writes the numbers, and the words that String would have.
func (o Obstacle) MarshalJSON() ([]byte, error) {
	type plain Obstacle
	o.Detail = o.detail()
	return json.Marshal(plain(o))
}

// placementText says why a pod has no place.
func placementText(p *Placement) string {
	name := ""
	if p.Pod != nil {
		name = podName(p.Pod.Namespace, p.Pod.Name)
	}
	if p.Failure == nil {
		return name
	}
	return fmt.Sprintf("%s: %v", name, p.Failure)
}

func podName(namespace, name string) string { return namespace + "/" + name }
