package proportional_test

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/proportional"
)

func TestC3Schedulable(t *testing.T) {
	cordoned := node("a", "1", true)
	cordoned.Spec.Unschedulable = true
	silent := node("a", "1", true)
	silent.Status.Conditions = nil
	unknown := node("a", "1", true)
	unknown.Status.Conditions[0].Status = corev1.ConditionUnknown
	tainted := node("a", "1", true)
	tainted.Spec.Taints = []corev1.Taint{{Key: "a", Effect: corev1.TaintEffectNoExecute}}
	for _, c := range []struct {
		name string
		node *corev1.Node
		want bool
	}{
		{"ready", node("a", "1", true), true}, {"not ready", node("a", "1", false), false}, {"cordoned", cordoned, false},
		{"no condition", silent, false}, {"unknown", unknown, false}, {"tainted", tainted, true}, {"nil", nil, false},
	} {
		if got := proportional.Schedulable(c.node); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// TestC2RoundsOnce adds exactly and rounds the sum up.
func TestC2RoundsOnce(t *testing.T) {
	got := proportional.SizeOf([]*corev1.Node{node("a", "1500u", true), node("b", "500m", true), nil, node("c", "3500m", false)})
	if want := (proportional.ClusterSize{SchedulableNodes: 2, Nodes: 3, SchedulableCores: 1, Cores: 5}); got != want {
		t.Errorf("%+v", got)
	}
}

func TestC4Wraps(t *testing.T) {
	got := proportional.SizeOf([]*corev1.Node{node("a", "3000000000", true)})
	if got.Cores != -1294967296 {
		t.Errorf("%+v", got)
	}
}

func TestC1Selector(t *testing.T) {
	a, b := node("a", "1", true), node("b", "2", true)
	a.Labels = map[string]string{"pool": "x"}
	for text, want := range map[string]int32{"": 2, "pool=x": 1, "pool!=x": 1, "pool in (x,y)": 1, "!pool": 1, "pool notin (x)": 1, "pool=y": 0} {
		selector, err := labels.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := proportional.SizeOfSelected([]*corev1.Node{a, b}, selector); got.Nodes != want {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

// TestCensusAgreesWithTheFullSum adds, changes and removes nodes at random.
func TestCensusAgreesWithTheFullSum(t *testing.T) {
	cpus := []string{"0", "1", "3920m", "1500u", "7", "1n", "0.5", "16Ki", "9Ei"}
	rapid.Check(t, func(t *rapid.T) {
		var selector labels.Selector
		if rapid.Bool().Draw(t, "selected") {
			selector = labels.SelectorFromSet(labels.Set{"pool": "x"})
		}
		census := proportional.NewCensus(selector)
		nodes := map[string]*corev1.Node{}
		for range rapid.IntRange(1, 40).Draw(t, "changes") {
			name := fmt.Sprintf("n%d", rapid.IntRange(0, 5).Draw(t, "node"))
			before := census.Size()
			changed := false
			if rapid.IntRange(0, 3).Draw(t, "what") == 0 {
				delete(nodes, name)
				changed = census.Remove(name)
			} else {
				n := node(name, rapid.SampledFrom(cpus).Draw(t, "cpu"), rapid.Bool().Draw(t, "ready"))
				n.Labels = map[string]string{"pool": rapid.SampledFrom([]string{"x", "y"}).Draw(t, "pool")}
				nodes[name] = n
				changed = census.Set(n)
			}
			var list []*corev1.Node
			for _, n := range nodes {
				list = append(list, n)
			}
			if want := proportional.SizeOfSelected(list, selector); census.Size() != want {
				t.Fatalf("%v, the full sum is %v", census.Size(), want)
			}
			if !changed && census.Size() != before {
				t.Fatalf("the size changed unannounced")
			}
		}
		if census.Set(nil) || census.Remove("unknown") {
			t.Fatal("nothing changed the census")
		}
	})
}
