package clusterautoscaler_test

import (
	"fmt"
	"math"
	"sort"
	"testing"

	"pgregory.net/rapid"

	ca "github.com/scalemath/scalemath/clusterautoscaler"
)

// sweep gives out the nodes one by one, as R58 reads.
func sweep(groups []ca.GroupSize, nodes int) string {
	var open []ca.GroupSize
	start, room := map[string]int{}, 0
	for _, g := range groups {
		if start[g.ID] = g.Size; g.Size != g.Max {
			open = append(open, g)
			room += max(0, g.Max-g.Size)
		}
	}
	sort.SliceStable(open, func(i, j int) bool { return open[i].Size < open[j].Size })
	first, at := 0, 0
	for nodes = min(nodes, room); nodes > 0; {
		if open[at].Size < open[at].Max {
			open[at].Size++
			nodes--
		} else {
			open[first], open[at] = open[at], open[first]
			first++
		}
		if at+1 < len(open) && open[at].Size > open[at+1].Size {
			at++
		} else {
			at = first
		}
	}
	var out []ca.Increase
	for _, g := range open {
		if g.Size != start[g.ID] {
			out = append(out, ca.Increase{ID: g.ID, From: start[g.ID], To: g.Size})
		}
	}
	return fmt.Sprint(out)
}

func TestBalanceIsTheSweep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var groups []ca.GroupSize
		for i := range rapid.IntRange(1, 8).Draw(t, "groups") {
			groups = append(groups, ca.GroupSize{ID: fmt.Sprint("g", i), Size: rapid.IntRange(0, 12).Draw(t, "size"), Max: rapid.IntRange(0, 20).Draw(t, "max")})
		}
		nodes := rapid.IntRange(0, 100).Draw(t, "nodes")
		if got, want := fmt.Sprint(ca.Balance(groups, nodes)), sweep(groups, nodes); got != want {
			t.Fatalf("%v and %d nodes: %s, want %s", groups, nodes, got, want)
		}
	})
}

func TestBalanceTakesNoStepPerNode(t *testing.T) {
	got := ca.Balance([]ca.GroupSize{{ID: "a", Max: math.MaxInt / 4}, {ID: "b", Size: 7, Max: math.MaxInt / 4}}, math.MaxInt/4)
	if len(got) != 2 || got[0].To+got[1].To != math.MaxInt/4+7 || got[0].To-got[1].To > 1 || got[1].To-got[0].To > 1 {
		t.Errorf("%v", got)
	}
}
