package karpenter

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/cloudprovider"
)

// Candidate is a node that may be disrupted, with what is weighed.
type Candidate struct {
	Node           string  `json:"node"`                     // its name
	NodePool       string  `json:"nodePool"`                 // whose node it is
	InstanceType   string  `json:"instanceType,omitempty"`   // of its label
	Zone           string  `json:"zone,omitempty"`           // of its label
	CapacityType   string  `json:"capacityType,omitempty"`   // of its label
	Price          float64 `json:"price"`                    // per hour; 0 where not known
	RescheduleCost float64 `json:"rescheduleCost"`           // RescheduleCost of its pods
	DisruptionCost float64 `json:"disruptionCost,omitempty"` // eviction cost of all its pods times LifetimeRemaining
	// Pods are those that have to move.
	Pods []*corev1.Pod `json:"-"`

	node         *Node
	pool         *poolFacts
	instanceType *cloudprovider.InstanceType
	drifted      time.Time
}

// Verdict is whether one method may disrupt a node.
type Verdict struct {
	Node   string `json:"node"`   // its name
	Method Method `json:"method"` // the method asked about
	// Candidate is set where nothing stands in the way; what the method does with it is another question.
	Candidate *Candidate `json:"candidate,omitempty"`
	// Obstacles are all that stands in the way. It is not in the way alone: when one goes, the next counts.
	Obstacles []Obstacle `json:"obstacles,omitempty"`
}

// String says it in one line.
func (v Verdict) String() string {
	if v.Candidate != nil {
		return fmt.Sprintf("%s: candidate for %s", v.Node, v.Method)
	}
	text := fmt.Sprintf("%s: no candidate for %s", v.Node, v.Method)
	for i, o := range v.Obstacles {
		sep := ": "
		if i > 0 {
			sep = "; "
		}
		text += sep + o.String()
	}
	return text
}

// Candidates says of every node whether a method may disrupt it, and if not, everything that stands in the way (rules 60,
// 61 and 68), in the order of the snapshot. It simulates nothing: whether the pods fit elsewhere is asked later.
func Candidates(s *Snapshot, m Method, o Options) ([]Verdict, error) {
	if !m.valid() {
		return nil, fmt.Errorf("%w: method: %q is none of %v", ErrInvalid, m, Methods())
	}
	d, err := newSurvey(s, o)
	if err != nil {
		return nil, err
	}
	list := make([]Verdict, len(d.nodes))
	for i := range d.nodes {
		list[i] = d.verdict(i, m)
	}
	return list, nil
}

// nodeFacts is what is known of a node whatever the method.
type nodeFacts struct {
	Candidate
	node []Obstacle // of the node itself (rule 60)
	pods []Obstacle // of its pods (rule 61)
}

// verdict adds what only one method asks.
func (d *survey) verdict(i int, m Method) Verdict {
	n := &d.nodes[i]
	v := Verdict{Node: n.Node, Method: m}
	v.Obstacles = append(v.Obstacles, n.node...)
	if !n.pardoned(m) {
		v.Obstacles = append(v.Obstacles, n.pods...)
	}
	if n.pool != nil {
		v.Obstacles = d.unsuited(v.Obstacles, n, m)
	}
	if len(v.Obstacles) == 0 {
		v.Candidate = &n.Candidate
	}
	return v
}

// suits is verdict without the reasons.
func (d *survey) suits(i int, m Method) bool {
	n := &d.nodes[i]
	if len(n.node) > 0 || len(n.pods) > 0 && !n.pardoned(m) {
		return false
	}
	var none [4]Obstacle
	return len(d.unsuited(none[:0], n, m)) == 0
}

// pardoned tells that pods do not stand in the way: a drifted node whose claim limits how long draining may take.
func (n *nodeFacts) pardoned(m Method) bool {
	return m.Reason() == Drifted && n.Candidate.node.TerminationGracePeriod != nil
}

// unsuited appends what keeps a method from a node (rules 68 and 82).
func (d *survey) unsuited(list []Obstacle, n *nodeFacts, m Method) []Obstacle {
	pool := n.pool.object
	static := pool.Spec.Replicas != nil
	if m == StaticDrift != static {
		list = append(list, Obstacle{Kind: StaticNodePool})
	}
	if m.Reason() == Drifted {
		if n.drifted.IsZero() {
			list = append(list, Obstacle{Kind: NotDrifted})
		}
		return list
	}
	empty := d.empty(&n.Candidate)
	if m == Emptiness {
		if !empty {
			list = append(list, Obstacle{Kind: NodeNotEmpty})
		}
		return d.busy(list, n)
	}
	if until, young := d.options.Thrift.young(n.Candidate.node, d.snapshot.Now); young {
		list = append(list, Obstacle{Kind: TooYoung, Until: until})
	}
	if n.instanceType == nil {
		list = append(list, Obstacle{Kind: InstanceTypeUnknown})
	}
	for _, key := range [...]string{LabelCapacityType, corev1.LabelTopologyZone} {
		if _, ok := n.Candidate.node.Object.Labels[key]; !ok {
			list = append(list, Obstacle{Kind: LabelMissing, Detail: key})
		}
	}
	if empty {
		list = append(list, Obstacle{Kind: NodeEmpty})
	}
	if pool.Spec.Disruption.ConsolidationPolicy == WhenEmpty {
		list = append(list, Obstacle{Kind: OnlyWhenEmpty})
	}
	return d.busy(list, n)
}

// busy is rule 69.
func (d *survey) busy(list []Obstacle, n *nodeFacts) []Obstacle {
	quiet, ends := quietUntil(n.Candidate.node, n.pool.object)
	switch {
	case !ends:
		list = append(list, Obstacle{Kind: ConsolidationOff})
	case d.snapshot.Now.Before(quiet):
		list = append(list, Obstacle{Kind: Quiet, Until: quiet})
	}
	return list
}

// quietUntil is when consolidateAfter is over for a node, and whether it ever is: counted from the last pod event or, where
// there was none, from initialization.
func quietUntil(n *Node, pool *NodePool) (time.Time, bool) {
	after := pool.Spec.Disruption.ConsolidateAfter
	if after.Never || !after.Set {
		return time.Time{}, false
	}
	since := n.LastPodEvent
	if since.IsZero() {
		since = n.Initialized
	}
	return since.Add(after.Duration), true
}

// empty is rule 65.
func (d *survey) empty(c *Candidate) bool {
	if d.options.Profile.V1_13.EmptyWithoutPods {
		return len(c.Pods) == 0
	}
	return c.RescheduleCost <= nodeCost
}
