package karpenter

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"
)

func windowed(nodes, schedule string, d time.Duration, reasons ...Reason) Budget {
	return Budget{Nodes: nodes, Schedule: &schedule, Duration: &metav1.Duration{Duration: d}, Reasons: reasons}
}

// Rule 79: noon is a Monday, 12:00 UTC.
func TestRule79Budgets(t *testing.T) {
	hour := time.Hour
	for _, c := range []struct {
		name    string
		budgets []Budget
		reason  Reason
		nodes   int
		want    int
		by      int
		next    time.Duration // after noon; 0: none
		broken  bool
	}{
		{"none", nil, Empty, 10, Unlimited, -1, 0, false},
		{"count", []Budget{{Nodes: "3"}}, Empty, 10, 3, 0, 0, false},
		{"share rounds up", []Budget{{Nodes: "10%"}}, Empty, 11, 2, 0, 0, false},
		{"share of nothing", []Budget{{Nodes: "10%"}}, Empty, 0, 0, 0, 0, false},
		{"smallest wins", []Budget{{Nodes: "50%"}, {Nodes: "2"}, {Nodes: "9"}}, Empty, 10, 2, 1, 0, false},
		{"other reason", []Budget{{Nodes: "0", Reasons: []Reason{Drifted}}, {Nodes: "4"}}, Empty, 10, 4, 1, 0, false},
		{"own reason", []Budget{{Nodes: "0", Reasons: []Reason{Drifted, Empty}}, {Nodes: "4"}}, Empty, 10, 0, 0, 0, false},
		{"empty list of reasons is for none", []Budget{{Nodes: "0", Reasons: []Reason{}}}, Empty, 10, Unlimited, -1, 0, false},
		{"opens at its hit", []Budget{windowed("0", "0 12 * * *", hour)}, Empty, 10, 0, 0, hour, false},
		{"over exactly at its end", []Budget{windowed("0", "0 11 * * *", hour)}, Empty, 10, Unlimited, -1, 23 * hour, false},
		{"still open", []Budget{windowed("0", "0 9 * * mon-fri", 8*hour)}, Empty, 10, 0, 0, 5 * hour, false},
		{"opens later", []Budget{windowed("0", "0 22 * * *", hour)}, Empty, 10, Unlimited, -1, 10 * hour, false},
		{"hits prolong each other", []Budget{windowed("0", "0 10-14 * * *", 90*time.Minute)}, Empty, 10, 0, 0, 210 * time.Minute, false},
		{"never closes", []Budget{windowed("1", "@hourly", 2*hour)}, Empty, 10, 1, 0, 0, false},
		{"hidden by a smaller one", []Budget{{Nodes: "1"}, windowed("5", "0 13 * * *", hour)}, Empty, 10, 1, 0, 0, false},
		{"no duration never holds", []Budget{windowed("0", "0 12 * * *", 0)}, Empty, 10, Unlimited, -1, 0, false},
		{"a date that never comes holds always", []Budget{windowed("0", "0 0 30 2 *", hour)}, Empty, 10, 0, 0, 0, false},
		{"broken schedule", []Budget{windowed("5", "every noon", hour)}, Empty, 10, 0, 0, 0, true},
		{"broken schedule of another reason", []Budget{{Nodes: "7"}, windowed("5", "61 * * * *", hour, Drifted)}, Empty, 10, 0, 1, 0, true},
		{"zone in the schedule", []Budget{windowed("5", "TZ=Asia/Seoul 0 0 * * *", hour)}, Empty, 10, 0, 0, 0, true},
		{"duration alone", []Budget{{Nodes: "5", Duration: &metav1.Duration{Duration: hour}}}, Empty, 10, 0, 0, 0, true},
		{"an amount is not looked at before its window opens", []Budget{windowed("some", "0 13 * * *", hour)}, Empty, 10, Unlimited, -1, hour, false},
		{"and then blocks every reason", []Budget{windowed("some", "0 12 * * *", hour, Drifted)}, Empty, 10, 0, 0, hour, true},
		{"half a percent is no share", []Budget{{Nodes: "0.5%"}}, Empty, 10, 0, 0, 0, true},
		{"neither count nor share", []Budget{{Nodes: "some"}}, Empty, 10, 0, 0, 0, true},
	} {
		pool := &NodePool{ObjectMeta: metav1.ObjectMeta{Name: "p"}}
		pool.Spec.Disruption.Budgets = c.budgets
		var nodes []*Node
		for i := range c.nodes {
			nodes = append(nodes, machine(fmt.Sprint(i), "p", shop(1)[0]))
		}
		a := AllowedDisruptions(pool, c.reason, nodes, noon, Profile{})
		if a.Allowed != c.want || a.Budget != c.by || (a.Broken != "") != c.broken {
			t.Errorf("%s: %v", c.name, a)
		}
		if want := noon.Add(c.next); c.next == 0 && !a.Next.IsZero() || c.next != 0 && !a.Next.Equal(want) {
			t.Errorf("%s: next change %v, not %v after noon", c.name, a.Next, c.next)
		}
	}
}

// The defects of rule 79 that the fixed profile leaves out.
func TestFixedBudgets(t *testing.T) {
	pool := anyPool("p")
	pool.Spec.Disruption.Budgets = []Budget{windowed("5", "nonsense", time.Hour, Drifted), windowed("0", "0 0 31 4 *", time.Hour)}
	if a := AllowedDisruptions(pool, Empty, nil, noon, Profile{}); a.Allowed != 0 || a.Broken == "" {
		t.Error(a)
	}
	if a := AllowedDisruptions(pool, Empty, nil, noon, Fixed()); a.Allowed != Unlimited {
		t.Error(a)
	}
	if a := AllowedDisruptions(pool, Drifted, nil, noon, Fixed()); a.Allowed != 0 || a.Broken == "" {
		t.Error(a)
	}
}

// Rule 80: what counts, and what eats the budget.
func TestRule80Nodes(t *testing.T) {
	it := shop(1)[0]
	pool := anyPool("p")
	pool.Spec.Disruption.Budgets = []Budget{{Nodes: "50%"}}
	list := []*Node{
		machine("a", "p", it), machine("b", "p", it), machine("c", "p", it), machine("d", "p", it), machine("e", "p", it),
		machine("joining", "p", it), machine("ending", "p", it), machine("other", "q", it), machine("alien", "", it), nil,
	}
	list[0].Deleting = true
	list[1].Object.Status.Conditions[0].Status = corev1.ConditionUnknown
	list[5].Uninitialized = true
	list[6].InstanceTerminating = true
	a := AllowedDisruptions(pool, Empty, list, noon, Profile{})
	if a.Nodes != 5 || a.Unavailable != 2 || a.Limit != 3 || a.Allowed != 1 {
		t.Error(a)
	}
	list[2].Object.Status.Conditions = nil
	list[3].Deleting = true
	if a := AllowedDisruptions(pool, Empty, list, noon, Profile{}); a.Allowed != 0 {
		t.Errorf("never below zero: %v", a)
	}
}

// The next change is right: the limit is the same until then, and another one from then on.
func TestNextLimitProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pool := anyPool("p")
		pool.Spec.Disruption.Budgets = nil
		for range rapid.IntRange(1, 3).Draw(t, "budgets") {
			text := fmt.Sprintf("%d %d * * %d", rapid.IntRange(0, 59).Draw(t, "minute"), rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 6).Draw(t, "day"))
			pool.Spec.Disruption.Budgets = append(pool.Spec.Disruption.Budgets,
				windowed(fmt.Sprint(rapid.IntRange(0, 5).Draw(t, "nodes")), text, time.Duration(rapid.IntRange(1, 3000).Draw(t, "minutes"))*time.Minute))
		}
		now := noon.Add(time.Duration(rapid.IntRange(0, 7*86400).Draw(t, "now")) * time.Second)
		a := AllowedDisruptions(pool, Empty, nil, now, Profile{})
		if a.Next.IsZero() {
			return
		}
		if b := AllowedDisruptions(pool, Empty, nil, a.Next, Profile{}); b.Limit == a.Limit || !a.Next.After(now) {
			t.Fatalf("no change at %v: %v, %v", a.Next, a, b)
		}
		for i := 1; i < 20; i++ {
			at := now.Add(a.Next.Sub(now) * time.Duration(i) / 20)
			if at.Before(a.Next) && AllowedDisruptions(pool, Empty, nil, at, Profile{}).Limit != a.Limit {
				t.Fatalf("changes before %v, at %v", a.Next, at)
			}
		}
	})
}

func FuzzBudget(f *testing.F) {
	f.Add("10%", "0 9 * * mon-fri", int64(3600), 7)
	f.Add("5", "@daily", int64(-1), 0)
	f.Add("-3%", "TZ=0", int64(1)<<62, -1)
	f.Add("%", "CRON_TZ=Local * * * * *", int64(0), 1)
	f.Fuzz(func(t *testing.T, nodes, schedule string, seconds int64, count int) {
		pool := anyPool("p")
		pool.Spec.Disruption.Budgets = []Budget{windowed(nodes, schedule, time.Duration(seconds)*time.Second), {Nodes: nodes}}
		var list []*Node
		for i := range max(0, min(count, 50)) {
			list = append(list, machine(fmt.Sprint(i), "p", &shopOne))
		}
		for _, p := range []Profile{{}, Fixed()} {
			if a := AllowedDisruptions(pool, Empty, list, noon, p); a.Allowed < 0 || a.Broken != "" && a.Allowed != 0 || a.String() == "" {
				t.Fatal(a)
			}
		}
	})
}

var shopOne = *shop(1)[0]
