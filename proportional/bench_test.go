package proportional_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/proportional"
)

const (
	linearJSON = `{"coresPerReplica":256,"nodesPerReplica":16,"min":2,"max":100,"preventSinglePointFailure":true}`
	ladderJSON = `{"coresToReplicas":[[1,1],[64,3],[512,5],[1024,7],[2048,10],[4096,15]],"nodesToReplicas":[[1,1],[2,2],[8,3],[64,4],[512,6]]}`
)

// sizes are clusters of up to 5,000 nodes, always the same ones, so that no branch is learnt by heart.
func sizes() []proportional.ClusterSize {
	random := rand.New(rand.NewPCG(1, 2))
	out := make([]proportional.ClusterSize, 1024)
	for i := range out {
		nodes := random.Int32N(5000)
		out[i] = proportional.ClusterSize{Nodes: nodes + 3, SchedulableNodes: nodes, Cores: 8*nodes + 24, SchedulableCores: 8 * nodes}
	}
	return out
}

func policies(tb testing.TB) map[string]*proportional.Policy {
	out := map[string]*proportional.Policy{}
	for mode, text := range map[string]string{"linear": linearJSON, "ladder": ladderJSON} {
		policy, err := proportional.ParseConfig(map[string]string{mode: text}, proportional.Upstream())
		if err != nil {
			tb.Fatal(err)
		}
		out[mode] = policy
	}
	return out
}

func BenchmarkReplicas(b *testing.B) {
	for mode, policy := range policies(b) {
		many := sizes()
		b.Run(mode+"/many", func(b *testing.B) {
			b.ReportAllocs()
			var o proportional.Outcome
			for i := 0; b.Loop(); i++ {
				_ = policy.ReplicasInto(&o, many[i&1023])
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
		})
		one := proportional.ClusterSize{Nodes: 100, SchedulableNodes: 97, Cores: 800, SchedulableCores: 776}
		b.Run(mode+"/one", func(b *testing.B) {
			b.ReportAllocs()
			var o proportional.Outcome
			for b.Loop() {
				_ = policy.ReplicasInto(&o, one)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
		})
	}
}

func BenchmarkDecide(b *testing.B) {
	in := proportional.Input{ConfigMap: &corev1.ConfigMap{Data: map[string]string{"linear": linearJSON}}}
	var st proportional.State
	many := sizes()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		in.Size = many[i&1023]
		_, st, _ = proportional.Decide(proportional.Defaults(), in, st)
	}
}

func BenchmarkChanges(b *testing.B) {
	for mode, policy := range policies(b) {
		b.Run(mode, func(b *testing.B) {
			for b.Loop() {
				policy.Changes(proportional.ClusterSize{SchedulableNodes: 97, SchedulableCores: 776})
			}
		})
	}
}

func BenchmarkParseConfig(b *testing.B) {
	for mode, text := range map[string]string{"linear": linearJSON, "ladder": ladderJSON} {
		data := map[string]string{mode: text}
		b.Run(mode, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := proportional.ParseConfig(data, proportional.Upstream()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSize compares the full sum with the change of one node, for a cluster of 5,000.
func BenchmarkSize(b *testing.B) {
	nodes := make([]*corev1.Node, 5000)
	census := proportional.NewCensus(nil)
	for i := range nodes {
		nodes[i] = node(fmt.Sprintf("n%d", i), "3920m", true)
		census.Set(nodes[i])
	}
	b.Run("full", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			proportional.SizeOf(nodes)
		}
		b.ReportMetric(float64(b.N)*float64(len(nodes))/b.Elapsed().Seconds(), "nodes/s")
	})
	b.Run("incremental", func(b *testing.B) {
		b.ReportAllocs()
		changed := node("n7", "7910m", true)
		for i := 0; b.Loop(); i++ {
			if i%2 == 0 {
				census.Set(changed)
			} else {
				census.Set(nodes[7])
			}
			census.Size()
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "nodes/s")
	})
}

func BenchmarkVertical(b *testing.B) {
	policy := compile(b, `{"base":"100m","step":"10m","coresPerStep":16,"nodesPerStep":2,"max":"4"}`)
	b.ReportAllocs()
	for i := int64(0); b.Loop(); i++ {
		_, _ = policy.Milli(proportional.VerticalSize{Nodes: i % 5000, Cores: i % 40000})
	}
}

func TestDecisionsDoNotAllocate(t *testing.T) {
	many := sizes()
	for mode, policy := range policies(t) {
		var sum int64
		i := 0
		if n := testing.AllocsPerRun(1000, func() {
			o, _ := policy.Replicas(many[i&1023])
			sum += int64(o.Replicas)
			i++
		}); n != 0 {
			t.Errorf("%s: %v allocations per decision", mode, n)
		}
		if sum == 0 {
			t.Errorf("%s: nothing was decided", mode)
		}
	}
	in := proportional.Input{Size: many[0], ConfigMap: &corev1.ConfigMap{Data: map[string]string{"ladder": ladderJSON}}}
	_, st, err := proportional.Decide(proportional.Defaults(), in, proportional.State{})
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(1000, func() { _, st, _ = proportional.Decide(proportional.Defaults(), in, st) }); n != 0 {
		t.Errorf("%v allocations per poll", n)
	}
}
