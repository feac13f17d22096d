package proportional_test

import (
	"errors"
	"math"
	"math/big"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/proportional"
)

// TestLinear goes through the rules one by one.
func TestLinear(t *testing.T) {
	for _, c := range []struct {
		rule, text   string
		nodes, cores int32
		want         int32
		bound        proportional.Bound // of the nodes
	}{
		{"C11 min 0 is 1", `{"nodesPerReplica":4,"min":0}`, 0, 0, 1, proportional.BoundMin},
		{"C13 ceil", `{"nodesPerReplica":4}`, 9, 0, 3, proportional.BoundNone},
		{"C13 max", `{"nodesPerReplica":1,"max":5}`, 9, 0, 5, proportional.BoundMax},
		{"C13 min", `{"nodesPerReplica":4,"min":7}`, 9, 0, 7, proportional.BoundMin},
		{"C13 no ratio", `{"coresPerReplica":4,"min":7}`, 9, 36, 9, proportional.BoundUnset},
		{"C15 two", `{"nodesPerReplica":4,"preventSinglePointFailure":true}`, 2, 0, 2, proportional.BoundSinglePoint},
		{"C15 one node", `{"nodesPerReplica":4,"preventSinglePointFailure":true}`, 1, 0, 1, proportional.BoundNone},
		{"C15 past max", `{"nodesPerReplica":4,"max":1,"preventSinglePointFailure":true}`, 9, 0, 2, proportional.BoundSinglePoint},
		{"C15 cores only", `{"coresPerReplica":400,"preventSinglePointFailure":true}`, 9, 36, 2, proportional.BoundSinglePoint},
		{"C16 larger", `{"coresPerReplica":4,"nodesPerReplica":2}`, 9, 36, 9, proportional.BoundNone},
		{"C17 empty cluster", `{"coresPerReplica":4,"nodesPerReplica":2,"min":3}`, 0, 0, 3, proportional.BoundMin},
		{"C17 wraps", `{"nodesPerReplica":0.1,"min":3000000000}`, 15, 0, -1294967296, proportional.BoundMin},
		{"C17 quotient out of range", `{"coresPerReplica":1e-300,"min":8}`, 186, 12276, 1, proportional.BoundUnset},
		{"C17 both out of range", `{"coresPerReplica":1e-300,"nodesPerReplica":1e-300}`, 186, 12276, 0, proportional.BoundNone},
		{"C17 out of range, then two", `{"nodesPerReplica":1e-300,"preventSinglePointFailure":true}`, 186, 12276, 2, proportional.BoundSinglePoint},
		{"C17 max holds", `{"nodesPerReplica":1e-300,"max":6}`, 186, 12276, 6, proportional.BoundMax},
		{"C18 division", `{"nodesPerReplica":0.7}`, 21, 0, 31, proportional.BoundNone},
		{"C4 wrapped size", `{"nodesPerReplica":2,"min":3,"preventSinglePointFailure":true}`, -5, -5, 3, proportional.BoundMin},
	} {
		o, err := parse(t, "linear", c.text, proportional.Upstream()).Replicas(size(c.nodes, c.cores))
		if err != nil || o.Replicas != c.want || o.Nodes.Bound != c.bound {
			t.Errorf("%s: %s at %d nodes, %d cores: %v (%v), %v; want %d (%v)", c.rule, c.text, c.nodes, c.cores, o, o.Nodes.Bound, err, c.want, c.bound)
		}
	}
}

// TestLadder goes through C20 to C23.
func TestLadder(t *testing.T) {
	for _, c := range []struct {
		rule, text   string
		nodes, cores int32
		want         int32
	}{
		{"C20 sorted", `{"nodesToReplicas":[[8,3],[1,1],[4,2]]}`, 5, 0, 2},
		{"C21 at the threshold", `{"nodesToReplicas":[[1,1],[4,2]]}`, 4, 0, 2},
		{"C21 below the first", `{"nodesToReplicas":[[4,2],[9,5]]}`, 3, 0, 2},
		{"C21 equal, last wins", `{"nodesToReplicas":[[4,2],[4,5]]}`, 4, 0, 5},
		{"C21 equal, below the first the first", `{"nodesToReplicas":[[4,2],[4,5]]}`, 3, 0, 2},
		{"C21 beyond 32 bits", `{"nodesToReplicas":[[4,2],[4294967296,9]]}`, math.MaxInt32, 0, 2},
		{"C21 all beyond 32 bits", `{"nodesToReplicas":[[4294967296,9],[4294967297,8]]}`, 5, 0, 9},
		{"C22 larger", `{"nodesToReplicas":[[1,2]],"coresToReplicas":[[1,4]]}`, 3, 3, 4},
		{"C22 zero", `{"nodesToReplicas":[[1,0],[2,3]]}`, 1, 0, 0},
		{"C22 empty", `{}`, 100, 100, 0},
		{"C23 down", `{"nodesToReplicas":[[1,9],[100,2]]}`, 100, 0, 2},
		{"C17 wraps", `{"nodesToReplicas":[[1,3000000000]]}`, 1, 0, -1294967296},
	} {
		o, err := parse(t, "ladder", c.text, proportional.Upstream()).Replicas(size(c.nodes, c.cores))
		if err != nil || o.Replicas != c.want {
			t.Errorf("%s: %s at %d nodes, %d cores: %v, %v; want %d", c.rule, c.text, c.nodes, c.cores, o, err, c.want)
		}
	}
}

// TestC12Unschedulable counts the schedulable ones, or all.
func TestC12Unschedulable(t *testing.T) {
	of := proportional.ClusterSize{SchedulableNodes: 3, Nodes: 8, SchedulableCores: 12, Cores: 40}
	for text, want := range map[string]int32{
		`{"nodesPerReplica":1}`: 3, `{"nodesPerReplica":1,"includeUnschedulableNodes":true}`: 8,
		`{"coresPerReplica":1}`: 12, `{"coresPerReplica":1,"includeUnschedulableNodes":true}`: 40,
	} {
		if o, err := parse(t, "linear", text, proportional.Upstream()).Replicas(of); err != nil || o.Replicas != want {
			t.Errorf("%s: %v, %v", text, o, err)
		}
	}
	for text, want := range map[string]int32{
		`{"nodesToReplicas":[[1,1],[4,2]]}`: 1, `{"nodesToReplicas":[[1,1],[4,2]],"includeUnschedulableNodes":true}`: 2,
	} {
		if o, err := parse(t, "ladder", text, proportional.Upstream()).Replicas(of); err != nil || o.Replicas != want {
			t.Errorf("%s: %v, %v", text, o, err)
		}
	}
}

// TestFixed leaves each defect out by its own switch.
func TestFixed(t *testing.T) {
	past := `{"nodesPerReplica":4,"max":1,"preventSinglePointFailure":true}`
	o, err := parse(t, "linear", past, proportional.Profile{MaxIsFinal: true}).Replicas(size(9, 0))
	if err != nil || o.Replicas != 1 || o.Defect != proportional.DefectNone {
		t.Errorf("MaxIsFinal: %v, %v", o, err)
	}
	if o, _ = parse(t, "linear", past, proportional.Upstream()).Replicas(size(9, 0)); o.Defect != proportional.DefectPastMax {
		t.Errorf("the defect is not named: %v", o)
	}
	for _, text := range []string{
		`{"coresPerReplica":1e-300,"min":8}`, `{"nodesPerReplica":1e-9}`,
		`{"nodesPerReplica":1e-300,"preventSinglePointFailure":true}`,
	} {
		if o, err = parse(t, "linear", text, proportional.Profile{RefuseOverflow: true}).Replicas(size(9, 36)); !errors.Is(err, proportional.ErrOutOfRange) {
			t.Errorf("RefuseOverflow: %v, %v", o, err)
		}
		if o, err = parse(t, "linear", text, proportional.Upstream()).Replicas(size(9, 36)); err != nil || o.Defect != proportional.DefectOverflow {
			t.Errorf("the defect is not named: %v, %v", o, err)
		}
	}
	if _, err = parse(t, "linear", `{"nodesPerReplica":1}`, proportional.Fixed()).Replicas(size(1, -3)); !errors.Is(err, proportional.ErrInvalid) || !strings.Contains(err.Error(), "schedulableCores: -3") {
		t.Errorf("a negative size: %v", err)
	}
	if o, _ = parse(t, "ladder", `{}`, proportional.Upstream()).Replicas(size(1, 1)); o.Defect != proportional.DefectEmptyLadder {
		t.Errorf("the defect is not named: %v", o)
	}
	for _, none := range []*proportional.Policy{nil, {}} {
		if _, err := none.Replicas(size(1, 1)); !errors.Is(err, proportional.ErrInvalid) {
			t.Errorf("no policy: %v", err)
		}
	}
}

// plainLinear is rule C13 to C16 as it reads, for sane configs.
func plainLinear(c proportional.Linear, nodes, cores int32) int64 {
	f := func(x int32, per float64) int64 {
		if per == 0 {
			return 1
		}
		r := math.Ceil(float64(x) / per)
		if c.Max != 0 {
			r = math.Min(float64(c.Max), r)
		}
		return int64(math.Max(float64(max(c.Min, 1)), r))
	}
	byNodes, byCores := f(nodes, c.NodesPerReplica), f(cores, c.CoresPerReplica)
	if c.PreventSinglePointFailure && nodes > 1 && byNodes < 2 {
		byNodes = 2
	}
	return max(byNodes, byCores)
}

// plainLadder is rule C20 to C22 as it reads.
func plainLadder(c proportional.Ladder, nodes, cores int32) int64 {
	f := func(x int32, steps []proportional.Step) int64 {
		sorted := append([]proportional.Step(nil), steps...)
		sort.SliceStable(sorted, func(i, j int) bool { return sorted[i].Threshold() < sorted[j].Threshold() })
		if len(sorted) == 0 {
			return 0
		}
		replicas := sorted[0].Replicas()
		for _, s := range sorted {
			if s.Threshold() <= int64(x) {
				replicas = s.Replicas()
			}
		}
		return replicas
	}
	return max(f(nodes, c.NodesToReplicas), f(cores, c.CoresToReplicas))
}

func linears() *rapid.Generator[proportional.Linear] {
	ratio := rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(0.01, 500), rapid.Map(rapid.IntRange(1, 400), func(n int) float64 { return float64(n) / 10 }))
	return rapid.Custom(func(t *rapid.T) proportional.Linear {
		c := proportional.Linear{
			CoresPerReplica: ratio.Draw(t, "coresPerReplica"), NodesPerReplica: ratio.Draw(t, "nodesPerReplica"),
			Min: rapid.Int64Range(0, 20).Draw(t, "min"), PreventSinglePointFailure: rapid.Bool().Draw(t, "spread"),
		}
		if c.CoresPerReplica == 0 && c.NodesPerReplica == 0 {
			c.NodesPerReplica = 1
		}
		if rapid.Bool().Draw(t, "bounded") {
			c.Max = max(c.Min, 1) + rapid.Int64Range(0, 50).Draw(t, "room")
		}
		return c
	})
}

// ladders have unequal thresholds, or few steps: beyond twelve, the order of equal ones is up to the sorting (C20).
func ladders() *rapid.Generator[proportional.Ladder] {
	step := rapid.Custom(func(t *rapid.T) proportional.Step {
		return proportional.Step{rapid.Int64Range(0, 60).Draw(t, "threshold"), rapid.Int64Range(0, 9).Draw(t, "replicas")}
	})
	list := rapid.OneOf(
		rapid.SliceOfN(step, 0, 12),
		rapid.SliceOfNDistinct(step, 0, 40, func(s proportional.Step) int64 { return s.Threshold() }),
	)
	return rapid.Custom(func(t *rapid.T) proportional.Ladder {
		return proportional.Ladder{CoresToReplicas: list.Draw(t, "cores"), NodesToReplicas: list.Draw(t, "nodes")}
	})
}

func TestAgainstTheRulesAsTheyRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes, cores := rapid.Int32Range(-2, 500).Draw(t, "nodes"), rapid.Int32Range(-2, 4000).Draw(t, "cores")
		var policy *proportional.Policy
		var err error
		var want int64
		if rapid.Bool().Draw(t, "linear") {
			config := linears().Draw(t, "config")
			policy, err = proportional.NewLinear(config, proportional.Upstream())
			want = plainLinear(config, nodes, cores)
		} else {
			config := ladders().Draw(t, "config")
			policy, err = proportional.NewLadder(config, proportional.Upstream())
			want = plainLadder(config, nodes, cores)
		}
		if err != nil {
			t.Fatal(err)
		}
		o, err := policy.Replicas(size(nodes, cores))
		if err != nil || int64(o.Replicas) != want {
			t.Fatalf("%v, %v; the rules say %d", o, err, want)
		}
		if int64(o.Replicas) != max(o.Nodes.Replicas, o.Cores.Replicas) {
			t.Fatalf("%v: the answer is not the larger share", o)
		}
	})
}

// TestC18DivisionIsFloat64 shows that the test above can tell: exact arithmetic answers differently where a ratio with one
// decimal meets a few hundred nodes.
func TestC18DivisionIsFloat64(t *testing.T) {
	differ := 0
	for tenths := int64(1); tenths <= 100; tenths++ {
		ratio := float64(tenths) / 10
		policy, err := proportional.NewLinear(proportional.Linear{NodesPerReplica: ratio}, proportional.Upstream())
		if err != nil {
			t.Fatal(err)
		}
		for nodes := int64(1); nodes <= 400; nodes++ {
			o, _ := policy.Replicas(size(int32(nodes), 0))
			if want := int32(math.Ceil(float64(nodes) / ratio)); o.Replicas != want {
				t.Fatalf("%d nodes at %v: %v, not %d", nodes, ratio, o, want)
			}
			exact := new(big.Int).Div(big.NewInt(nodes*10+tenths-1), big.NewInt(tenths)).Int64()
			if int64(o.Replicas) != exact {
				differ++
			}
		}
	}
	if differ == 0 {
		t.Error("no pair tells float64 division from exact arithmetic")
	}
}

// TestC20SortsLikeUpstream pins a ladder of more than twelve steps with equal thresholds. Which of them
// comes last is up to sort.Sort, and a stable sort would disagree.
func TestC20SortsLikeUpstream(t *testing.T) {
	var config proportional.Ladder
	for i := int64(0); i < 30; i++ {
		config.NodesToReplicas = append(config.NodesToReplicas, proportional.Step{i * 7 % 5, i})
	}
	before := append([]proportional.Step(nil), config.NodesToReplicas...)
	policy, err := proportional.NewLadder(config, proportional.Upstream())
	if err != nil {
		t.Fatal(err)
	}
	sorted := append(byThreshold(nil), before...)
	sort.Sort(sorted)
	stable := append(byThreshold(nil), before...)
	sort.Stable(stable)
	differ := false
	for i := range sorted {
		if i+1 < len(sorted) && sorted[i][0] == sorted[i+1][0] {
			continue // not the last of its threshold
		}
		differ = differ || sorted[i] != stable[i]
		if o, _ := policy.Replicas(size(int32(sorted[i].Threshold()), 0)); int64(o.Replicas) != sorted[i].Replicas() {
			t.Errorf("%v, not %d", o, sorted[i].Replicas())
		}
	}
	if !differ {
		t.Error("this ladder does not tell a stable sort from sort.Sort")
	}
	for i := range before {
		if config.NodesToReplicas[i] != before[i] {
			t.Fatal("the config was modified")
		}
	}
}

type byThreshold []proportional.Step

func (s byThreshold) Len() int           { return len(s) }
func (s byThreshold) Less(i, j int) bool { return s[i][0] < s[j][0] }
func (s byThreshold) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
