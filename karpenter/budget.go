package karpenter

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Unlimited is the limit of a pool that no budget limits now.
const Unlimited = math.MaxInt32

// Allowance is how many nodes of a pool may be disrupted for one reason now, and why so many.
type Allowance struct {
	NodePool    string `json:"nodePool"`    // the pool's name
	Reason      Reason `json:"reason"`      // what for
	Allowed     int    `json:"allowed"`     // Limit less Unavailable, never below 0
	Limit       int    `json:"limit"`       // what the budgets allow; Unlimited where none holds now
	Nodes       int    `json:"nodes"`       // of the pool that shares are taken of: initialized ones whose instance still runs
	Unavailable int    `json:"unavailable"` // of these, not ready or marked for deletion
	Budget      int    `json:"budget"`      // index of the budget that sets Limit; -1 where none does
	// Broken says which budget makes no sense; nothing is allowed then, whatever the reason. Empty where all do.
	Broken string `json:"broken,omitempty"`
	// Next is when the budgets' windows change Limit next; the zero time: not as far as can be seen.
	Next time.Time `json:"next,omitzero"`
}

// String says it in one line.
func (a Allowance) String() string {
	text := fmt.Sprintf("%s: %d more %s", a.NodePool, a.Allowed, a.Reason)
	switch {
	case a.Broken != "":
		text += ": " + a.Broken
	case a.Budget < 0:
		text += ": no budget holds now"
	default:
		text += fmt.Sprintf(": budgets[%d] allows %d of %d, %d unavailable", a.Budget, a.Limit, a.Nodes, a.Unavailable)
	}
	if !a.Next.IsZero() {
		text += "; changes " + a.Next.Format(time.RFC3339)
	}
	return text
}

// AllowedDisruptions is the arithmetic of budgets alone: how many nodes of a pool may be disrupted for a reason (rules 79
// and 80). Of the nodes, only those of the pool count. All budgets that hold now and name the reason, or none at all,
// apply, and the smallest wins; a share is rounded up. A budget that makes no sense allows nothing, even where it is for
// other reasons.
//
// A pool read from YAML has the budgets that stand there: none means that nothing limits it, where the API server would
// have filled in one of 10%.
func AllowedDisruptions(pool *NodePool, reason Reason, nodes []*Node, now time.Time, p Profile) Allowance {
	total, unavailable := countNodes(pool.Name, nodes)
	return allowance(pool, compileBudgets(pool), reason, total, unavailable, now, p)
}

// countNodes is rule 80: of the nodes of a pool, how many count and how many of these are unavailable already.
func countNodes(pool string, nodes []*Node) (total, unavailable int) {
	for _, n := range nodes {
		if n == nil || n.NodePool != pool || n.Uninitialized || n.InstanceTerminating {
			continue
		}
		total++
		if n.Deleting || !nodeReady(n.Object) {
			unavailable++
		}
	}
	return total, unavailable
}

func nodeReady(object *corev1.Node) bool {
	if object == nil {
		return false
	}
	for i := range object.Status.Conditions {
		if c := &object.Status.Conditions[i]; c.Type == corev1.NodeReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// budget is one budget made ready.
type budget struct {
	reasons []Reason // nil: all
	window  *window  // nil: always
	count   int
	percent bool
	broken  string // why it makes no sense, ever
	amount  string // why it makes no sense while it holds: how many nodes is looked at only then
}

func compileBudgets(pool *NodePool) []budget {
	list := make([]budget, len(pool.Spec.Disruption.Budgets))
	for i := range pool.Spec.Disruption.Budgets {
		from := &pool.Spec.Disruption.Budgets[i]
		b := budget{reasons: from.Reasons}
		var err error
		if from.Schedule != nil || from.Duration != nil {
			if b.window, err = newWindow(from); err != nil {
				b.broken = fmt.Sprintf("budgets[%d].%v", i, err)
			}
		}
		if b.count, b.percent, err = parseShare(from.Nodes); err != nil {
			b.amount = fmt.Sprintf("budgets[%d].nodes: %v", i, err)
		}
		list[i] = b
	}
	return list
}

// parseShare reads a count or a share such as "10%".
func parseShare(text string) (n int, percent bool, err error) {
	if n, err := strconv.Atoi(text); err == nil {
		return n, false, nil
	}
	digits, ok := strings.CutSuffix(text, "%")
	if !ok {
		return 0, false, fmt.Errorf("%q is neither a count nor a share", text)
	}
	if n, err = strconv.Atoi(digits); err != nil {
		return 0, false, fmt.Errorf("%q is neither a count nor a share", text)
	}
	return n, true, nil
}

// limit is what a budget allows of so many nodes while it holds.
func (b *budget) limit(nodes int) int {
	if !b.percent {
		return int(int32(b.count))
	}
	// The library's own rounding, so that large and negative shares agree too.
	share := intstr.FromString(strconv.Itoa(b.count) + "%")
	n, err := intstr.GetScaledValueFromIntOrPercent(&share, nodes, true)
	if err != nil {
		return 0
	}
	return n
}

// applies tells whether a budget is for a reason. A list that is there and empty is for none.
func (b *budget) applies(reason Reason) bool {
	return b.reasons == nil || slices.Contains(b.reasons, reason)
}

// allowance is AllowedDisruptions on counts.
func allowance(pool *NodePool, budgets []budget, reason Reason, nodes, unavailable int, now time.Time, p Profile) Allowance {
	a := Allowance{NodePool: pool.Name, Reason: reason, Nodes: nodes, Unavailable: unavailable}
	a.Limit, a.Budget, a.Broken = limitAt(budgets, reason, nodes, now, p)
	a.Allowed = max(0, a.Limit-unavailable)
	a.Next = nextLimit(budgets, reason, nodes, now, a.Limit, p)
	return a
}

// limitAt is the smallest budget that holds at an instant; nothing, and which one is broken, where one makes no sense.
func limitAt(budgets []budget, reason Reason, nodes int, now time.Time, p Profile) (limit, by int, broken string) {
	return limitOf(budgets, reason, nodes, p, func(i int) bool { return budgets[i].window.holds(now, p) })
}

// limitOf is limitAt where it is known which windows are open.
func limitOf(budgets []budget, reason Reason, nodes int, p Profile, open func(i int) bool) (limit, by int, broken string) {
	limit, by = Unlimited, -1
	for i := range budgets {
		b := &budgets[i]
		applies := b.applies(reason)
		if p.BrokenBudgetsByReason && !applies {
			continue
		}
		if b.broken != "" {
			return 0, i, b.broken
		}
		if !applies && b.amount == "" || b.window != nil && !open(i) {
			continue
		}
		if b.amount != "" {
			return 0, i, b.amount
		}
		if n := b.limit(nodes); n < limit {
			limit, by = n, i
		}
	}
	return limit, by, ""
}

// nextLimit finds when the limit becomes another one. It looks at a limited number of window edges, so that windows which
// open and close without end, hidden by a smaller budget, are given up on. Between edges no schedule is asked.
func nextLimit(budgets []budget, reason Reason, nodes int, now time.Time, limit int, p Profile) time.Time {
	const edges = 256
	var open []bool
	var next []time.Time
	for i := range budgets {
		if w := budgets[i].window; w != nil {
			if open == nil {
				open, next = make([]bool, len(budgets)), make([]time.Time, len(budgets))
			}
			open[i], next[i] = w.holds(now, p), w.edge(now, p)
		}
	}
	for range edges {
		var at time.Time
		for _, edge := range next {
			if !edge.IsZero() && (at.IsZero() || edge.Before(at)) {
				at = edge
			}
		}
		if at.IsZero() {
			break
		}
		for i := range next {
			if next[i].Equal(at) {
				open[i], next[i] = budgets[i].window.holds(at, p), budgets[i].window.edge(at, p)
			}
		}
		if n, _, _ := limitOf(budgets, reason, nodes, p, func(i int) bool { return open[i] }); n != limit {
			return at
		}
	}
	return time.Time{}
}
