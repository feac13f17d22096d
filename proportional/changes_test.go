package proportional_test

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/proportional"
)

// nearest tries one count after the other.
func nearest(t *rapid.T, policy *proportional.Policy, from, step, to int32, at func(int32) proportional.ClusterSize) *proportional.Change {
	here, err := policy.Replicas(at(from))
	if err != nil {
		t.Fatal(err)
	}
	for x := from; x != to; {
		x += step
		if o, _ := policy.Replicas(at(x)); o.Replicas != here.Replicas {
			return &proportional.Change{Count: x, Replicas: o.Replicas}
		}
	}
	return nil
}

func TestChangesAgainstTryingEverySize(t *testing.T) {
	const far = 20000
	rapid.Check(t, func(t *rapid.T) {
		nodes, cores := rapid.Int32Range(0, 300).Draw(t, "nodes"), rapid.Int32Range(0, 300).Draw(t, "cores")
		var policy *proportional.Policy
		var err error
		if rapid.Bool().Draw(t, "linear") {
			policy, err = proportional.NewLinear(linears().Draw(t, "config"), proportional.Upstream())
		} else {
			policy, err = proportional.NewLadder(ladders().Draw(t, "config"), proportional.Upstream())
		}
		if err != nil {
			t.Fatal(err)
		}
		got := policy.Changes(size(nodes, cores))
		byNodes := func(x int32) proportional.ClusterSize { return size(x, cores) }
		byCores := func(x int32) proportional.ClusterSize { return size(nodes, x) }
		for _, c := range []struct {
			name string
			got  *proportional.Change
			want *proportional.Change
		}{
			{"more nodes", got.MoreNodes, nearest(t, policy, nodes, 1, far, byNodes)},
			{"fewer nodes", got.FewerNodes, nearest(t, policy, nodes, -1, 0, byNodes)},
			{"more cores", got.MoreCores, nearest(t, policy, cores, 1, far, byCores)},
			{"fewer cores", got.FewerCores, nearest(t, policy, cores, -1, 0, byCores)},
		} {
			if c.got != nil && c.got.Count > far {
				c.got = nil // further than was tried
			}
			if (c.got == nil) != (c.want == nil) || c.got != nil && *c.got != *c.want {
				t.Fatalf("%s: %+v, trying finds %+v", c.name, c.got, c.want)
			}
		}
	})
}

func TestChangesBeyond32Bits(t *testing.T) {
	policy := parse(t, "linear", `{"nodesPerReplica":1e-9}`, proportional.Upstream())
	c := policy.Changes(size(2, 0))
	if c.MoreNodes == nil || c.MoreNodes.Count != 3 || !c.MoreNodes.OutOfRange {
		t.Errorf("%+v", c.MoreNodes)
	}
	if c.FewerNodes == nil || c.FewerNodes.Count != 1 || c.FewerNodes.Replicas != 1_000_000_000 || c.FewerNodes.OutOfRange {
		t.Errorf("%+v", c.FewerNodes)
	}
	var out bytes.Buffer
	if err := c.Explain(&out); err != nil || !strings.Contains(out.String(), "more replicas than 32 bits hold at nodes >= 3") {
		t.Errorf("%s, %v", out.String(), err)
	}
	if none := (*proportional.Policy)(nil).Changes(size(1, 1)); none != (proportional.Changes{}) {
		t.Errorf("%+v", none)
	}
}

// TestTable lists exactly the sizes at which the answer differs from the one before.
func TestTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy, err := proportional.NewLadder(ladders().Draw(t, "config"), proportional.Upstream())
		if err != nil {
			t.Fatal(err)
		}
		milli := rapid.Int64Range(-1000, 9000).Draw(t, "milli")
		rows, err := proportional.Table(policy, milli, 60)
		if err != nil || len(rows) == 0 || rows[0].Size.Nodes != 0 {
			t.Fatalf("%v, %v", rows, err)
		}
		for n, row := int32(0), 0; n <= 60; n++ {
			if row+1 < len(rows) && rows[row+1].Size.Nodes == n {
				row++
				if rows[row].Replicas == rows[row-1].Replicas {
					t.Fatalf("row %d repeats the one before", row)
				}
			}
			cores := int32(max(0, (int64(n)*milli+999)/1000))
			if o, _ := policy.Replicas(size(n, cores)); o.Replicas != rows[row].Replicas {
				t.Fatalf("%d nodes: %v, the table says %v", n, o, rows[row])
			}
		}
	})
}
